use rsa::sha2::{Digest as _, Sha256};

use super::*;
use crate::algorithm::Transform as _;
use crate::hex::hex;

/// A private value, the public one that belongs to it, and another pair of private value and
/// result with that public value as base.
struct Vector {
    group: DhGroup,
    private: &'static str,
    public: &'static str,
    other: &'static str,
    secret: &'static str,
}

/// From the examples of RFC 4754, section 8: w, g^w, v, and the first coordinate of (g^w)^v.
const CURVES: [Vector; 3] = [
    Vector {
        group: DhGroup::Ecp256,
        private: "dc51d386 6a15bacd e33d96f9 92fca99d a7e6ef09 34e70975 59c27f16 14c88a7f",
        public: "2442a5cc 0ecd015f a3ca31dc 8e2bbc70 bf42d60c bca20085 e0822cb0 4235e970
                 6fc98bd7 e50211a4 a27102fa 3549df79 ebcb4bf2 46b80945 cddfe7d5 09bbfd7d",
        other: "3b4e49c4 fdbfc006 ff993c81 a50eae22 1149076d 6ec09ddd 9fb3b787 f85b6483",
        secret: "726e5684 964db8ea 341d8679 dfb70e04 eda404e9 94ba730f a43f1e78 ed81211b",
    },
    Vector {
        group: DhGroup::Ecp384,
        private: "0beb6466 34ba8773 5d77ae48 09a0ebea 865535de 4c1e1dcb 692e8470 8e81a5af
                  62e528c3 8b2a81b3 5309668d 73524d9f",
        public: "96281bf8 dd5e0525 ca049c04 8d345d30 82968d10 fedf5c5a ca0c64e6 465a97ea
                 5ce10c9d fec21797 41571072 1f437922
                 447688ba 94708eb6 e2e4d59f 6ab6d7ed ff9301d2 49fe49c3 3096655f 5d502fad
                 3d383b91 c5e7edaa 2b714cc9 9d5743ca",
        other: "1342c935 5f1a4563 5435899a c24aef06 3947ca47 951e89f6 83d73172 f964c359
                69e75ef9 06da2396 2c747c04 a01137b8",
        secret: "6a142ff2 b0b8c552 9b7f78e2 1b014764 440ed8c0 339b2187 13db9500 3d1a8ba5
                 0811c3b8 41b34ca6 e1785bc8 db9111f4",
    },
    Vector {
        group: DhGroup::Ecp521,
        private: "0065fda3 409451dc ab0a0ead 45495112 a3d813c1 7bfd34bd f8c1209d 7df58491
                  20597779 060a7ff9 d704adf7 8b570ffa d6f062e9 5c7e0c5d 5481c5b1 53b48b37
                  5fa1",
        public: "0151518f 1af0f563 517edd54 85190df9 5a4bf57b 5cba4cf2 a9a3f647 4725a35f
                 7afe0a6d deb8bedb cd6a197e 592d4018 8901cecd 650699c9 b5e456ae a5add190
                 52a8
                 006f3b14 2ea1bfff 7e2837ad 44c9e4ff 6d2d34c7 3184bbad 90026dd5 e6e85317
                 d9df45ca d7803c6c 20035b2f 3ff63aff 4e1ba64d 1c077577 da3f4286 c58f0aea
                 e643",
        other: "0069bb0c ba5a6fc8 8a08c0ad aa88f5a5 1ee60477 2d084d98 63df86fd 958ad9b3
                006e62c4 30ce545e 9c918f04 d852da13 47cc6a3e fa89bc2c 13b89124 25ba8d60
                bf03",
        secret: "00af23a7 7f50cc54 8cebc506 58fe4a0b a26ff9de 4e864de2 7fd059b6 3ae14b5f
                 87286bc7 7aaeba32 4ff675a1 ff7035b6 89af3835 95f8b5a8 67432ffe 8bf29cf6
                 0688",
    },
];

#[test]
fn the_curves_meet_the_examples_of_rfc_4754() {
    for vector in &CURVES {
        let pair = KeyPair::from_private(vector.group, &hex(vector.private)).unwrap();
        assert_eq!(pair.public(), hex(vector.public), "{}", vector.group);
        let other = KeyPair::from_private(vector.group, &hex(vector.other)).unwrap();
        let secret = other.agree(pair.public()).unwrap();
        assert_eq!(secret.as_bytes(), hex(vector.secret), "{}", vector.group);
        assert_eq!(pair.agree(other.public()).unwrap(), secret);
    }
}

#[test]
fn ecp_256_meets_the_example_of_rfc_5903() {
    let group = DhGroup::Ecp256;
    let i = hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
    let r = hex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
    let i = KeyPair::from_private(group, &i).unwrap();
    let r = KeyPair::from_private(group, &r).unwrap();
    assert_eq!(
        i.public(),
        hex(
            "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180
             5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
        )
    );
    let secret = hex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    assert_eq!(i.agree(r.public()).unwrap().as_bytes(), secret);
    assert_eq!(r.agree(i.public()).unwrap().as_bytes(), secret);
}

#[test]
fn curve25519_meets_the_example_of_rfc_8031() {
    let group = DhGroup::Curve25519;
    let i = hex("751fb4308655b476b6789b7325f9ea8cddd16a58533ff6d9e60009464a5f9d94");
    let r = hex("0a54645253290d60ddadd0e030bacd9e5501efdc220755a1e978f1b839a05688");
    let i = KeyPair::from_private(group, &i).unwrap();
    let r = KeyPair::from_private(group, &r).unwrap();
    assert_eq!(
        i.public(),
        hex("48d5ddd4061257ba166fa3f9bbdb74f1a4e81c089384fa77f790709f0dfbc766")
    );
    assert_eq!(
        r.public(),
        hex("0be7c1f5aad87d7e44866267 3298a443478b859745179eaf564c79c0ef6eee25")
    );
    let secret = hex("c74950607a12327f3204d94b6825bfb068b7f8319a9e3708ed3d43ce8130c950");
    assert_eq!(i.agree(r.public()).unwrap().as_bytes(), secret);
    assert_eq!(r.agree(i.public()).unwrap().as_bytes(), secret);
}

/// Public values and secret of two exponents of 256 bits, the SHA-256 of `initiator` and of
/// `responder`, hashed; worked out with Python's `pow` and primes made by the formula of RFC 3526.
const MODP: [(DhGroup, &str, &str, &str); 3] = [
    (
        DhGroup::Modp2048,
        "708e3669cc822f33744445e48c7c65ac0aa962ead4cb888d3435908f3ad38199",
        "393b3f23859229b3067ce7a17c879ec9245c5169a90d567724ebc75dc04ea016",
        "36aac3c3b985016850f02b311300ebf923e806a68bb79eb9b056b2efe9c763ba",
    ),
    (
        DhGroup::Modp3072,
        "cc4bf3545ae256cc37439448fb6cc96dd41b9d2b810f87d18343c1996e5ab380",
        "ebcf596c3f863e4f3666286a1c19d3925ac0fee6cba1b3bbe5126198fae5944f",
        "11e5ab72941480ac5ae821e586bf1a8c341b6ae2296ab733182817e073e72047",
    ),
    (
        DhGroup::Modp4096,
        "7738673a92d0eabf6deccdc721527ab122cf469081462b6b814fd1bd7940b00d",
        "2fbd756a74d2c4de95002fb0bd8fff61e6711135de68c03b450cc3bba45d3e09",
        "e706be8f4a34f9e0b06ce5d5906cffe39245d5da782424430487506f13444886",
    ),
];

#[test]
fn the_modp_groups_meet_results_of_another_implementation() {
    fn private(name: &[u8]) -> Vec<u8> {
        [&[0; 32], Sha256::digest(name).as_slice()].concat()
    }
    for (group, public_i, public_r, secret) in MODP {
        let i = KeyPair::from_private(group, &private(b"initiator")).unwrap();
        let r = KeyPair::from_private(group, &private(b"responder")).unwrap();
        assert_eq!(Sha256::digest(i.public()).as_slice(), hex(public_i));
        assert_eq!(Sha256::digest(r.public()).as_slice(), hex(public_r));
        let shared = i.agree(r.public()).unwrap();
        assert_eq!(Sha256::digest(shared.as_bytes()).as_slice(), hex(secret));
        assert_eq!(r.agree(i.public()).unwrap(), shared);
    }
}

#[test]
fn public_values_that_give_the_secret_away_are_refused() {
    for &group in DhGroup::ALL {
        let mut private = vec![0; private_octets(group)];
        private[1] = 77;
        let pair = KeyPair::from_private(group, &private).unwrap();
        let octets = public_octets(group);
        assert_eq!(pair.public().len(), octets);
        // Zero is no element of a MODP group, no point, and of order one on Curve25519.
        assert_eq!(
            pair.agree(&vec![0; octets]),
            Err(KeyExchangeError::Public { group })
        );
        let mut one = vec![0; octets];
        one[octets - 1] = 1;
        if group != DhGroup::Curve25519 {
            assert_eq!(pair.agree(&one), Err(KeyExchangeError::Public { group }));
            let all = vec![0xff; octets];
            assert_eq!(pair.agree(&all), Err(KeyExchangeError::Public { group }));
        }
        for have in [0, octets - 1, octets + 1] {
            assert_eq!(
                pair.agree(&vec![9; have]),
                Err(KeyExchangeError::Length {
                    group,
                    have,
                    need: octets
                })
            );
        }
    }
}

#[test]
fn a_private_value_of_another_length_or_range_is_refused() {
    for &group in DhGroup::ALL {
        let wrong = Some(KeyExchangeError::Private { group });
        let short = vec![1; private_octets(group) - 1];
        assert_eq!(KeyPair::from_private(group, &short).err(), wrong);
    }
    let group = DhGroup::Ecp256;
    for value in [[0; 32], [0xff; 32]] {
        assert_eq!(
            KeyPair::from_private(group, &value).err(),
            Some(KeyExchangeError::Private { group })
        );
    }
}
