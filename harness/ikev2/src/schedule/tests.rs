use proptest::prelude::*;

use super::*;
use crate::algorithm::{Encryption, Integrity, Transform as _};
use crate::hex::hex;

/// Inputs of a vector in the form of NIST's validation of SP 800-135 (CAVP, "IKEv2 KDF"), which the
/// test program of libreswan cites with its results for HMAC-SHA-1.
struct Inputs {
    shared: Vec<u8>,
    new_shared: Vec<u8>,
    ni: Vec<u8>,
    nr: Vec<u8>,
    spi_i: u64,
    spi_r: u64,
}

impl Inputs {
    fn new() -> Self {
        Self {
            shared: hex("4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52"),
            new_shared: hex("863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330"),
            ni: hex("32b50d5f4a3763f3"),
            nr: hex("9206a04b26564cb1"),
            spi_i: 0x34c9_e7c1_8886_8785,
            spi_r: 0x3ff7_7d76_0d2b_2199,
        }
    }

    fn nonces(&self) -> Nonces<'_> {
        Nonces {
            initiator: &self.ni,
            responder: &self.nr,
        }
    }
}

#[test]
fn the_vector_of_nist_is_met() {
    let inputs = Inputs::new();
    let prf = Prf::HmacSha1;
    let seed = skeyseed(prf, inputs.nonces(), &inputs.shared);
    assert_eq!(
        seed.as_bytes(),
        hex("a9a7b222b59f8f48645f28a1db5b5f5d7479cba7")
    );
    // Of 132 octets, HMAC-SHA-1 and AES-CBC-128 take the first 132: 20 for each of SK_d, SK_a* and
    // SK_p*, 16 for each SK_e*.
    let keys = sk_keys(
        Suite {
            encryption: Encryption::AesCbc128,
            integrity: Some(Integrity::HmacSha1Bits96),
            prf,
        },
        seed.as_bytes(),
        inputs.nonces(),
        inputs.spi_i,
        inputs.spi_r,
    );
    let all = [
        &keys.sk_d,
        &keys.sk_ai,
        &keys.sk_ar,
        &keys.sk_ei,
        &keys.sk_er,
        &keys.sk_pi,
        &keys.sk_pr,
    ];
    let all: Vec<u8> = all
        .iter()
        .flat_map(|key| key.as_ref().unwrap().as_bytes().to_vec())
        .collect();
    assert_eq!(
        all,
        hex(
            "a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002a2a63080e514a062
             768b76606f9fa5e992204fc5a670bde3f10d6b027113936a5c55b648a194ae587b0088d52204b702
             c979fa280870d2ed41efa9c549fd11198af1670b143d384bd275c5f594cf266b05ebadca855e4249
             520a441a81157435a7a56cc4"
        )
    );
    let sk_d = keys.sk_d.unwrap();
    let child = child_keymat(prf, sk_d.as_bytes(), inputs.nonces(), &[], 64).unwrap();
    assert_eq!(
        child.as_bytes(),
        hex(
            "8059e3ee8810e6c3a91bc8bcd2a7a41151b8d0e6ae239c7b38093ad85ef4c581
             1a8e7b5d1cdabd9560b2d5e092d1f24e2d4b85eccdf0ad0dc9abd94b51ee7181"
        )
    );
    let new: &[u8] = &inputs.new_shared;
    let child = child_keymat(prf, sk_d.as_bytes(), inputs.nonces(), &[new], 64).unwrap();
    assert_eq!(
        child.as_bytes(),
        hex(
            "bb43244c1860ad65ee1e211ffe8bb3661750c8f89cb9f547df7f4fa61d373016
             28190e38c66232eab4b3ab14c400a5197dd3730ed4820a8a10394d51e1c04000"
        )
    );
    let seed = skeyseed_from_sk_d(prf, sk_d.as_bytes(), inputs.nonces(), new, &[]);
    assert_eq!(
        seed.as_bytes(),
        hex("63e81194946ebd05df7df5ebf5d8750056bf1f1d")
    );
}

/// The same inputs with the other PRFs. The results come from the `hmac` module of Python, with
/// prf+ written there as a loop: `t = hmac.new(key, t + seed + bytes([i]), name).digest()`, and
/// agree with the vector above for SHA-1.
#[test]
fn vectors_of_an_independent_implementation_are_met_with_every_prf() {
    let vectors = [
        (
            Prf::HmacSha2Bits256,
            "2ce764425edae6bf459a41e4122c6b8429cc46b9ce14c76abc8b1467f5ca2159",
            "f8dbf251b031ebcda17fd4ed543ee0f1c478806bbc4b1117d04baa1cba23fa05
             285212dcb6737078a97fbbb08cd05d6877c602857b0aa412f6578aa1baaff831",
            "36a4790a0b6d8079ef93c022f1e723a4c5cf56e0a182bba12f910ceb6dbfd376
             b8dc51ab4d5690aef00a0d5309a09d2b65f166706bd231f3250304c835eb6d9f",
            "7ecfbdf17fc58b2500169942954689def2cbe31b2dc479bddae77fcc0cd4ee2b",
        ),
        (
            Prf::HmacSha2Bits384,
            "7d1ffafaca6d1158c9c976d62c9b2316caf485392d71ce057eb93fcb5ceb82ba
             701428b49e1d3dfba4e10a4bad80519b",
            "39638c183ed9afbfccd70c60b9cf1574995e8fcd8484819e87c50b37af636516
             ec91630ccc91f081e06411127679c5fd81dd252b8e5340087d36dfaaa0bdc32b",
            "cdaaa769e0fea7124c068c13010a2448e8b69a25ad660dc57566506470eda05d
             579828fdd94c51113bd0ca0bb39169f4ee71d936592b25091f1003c91d735239",
            "7643fcfcdb06edc085a5b34d4c498f7327fe04517917e9dc8c342f29dbebb073
             084e735f313c44e2c684c041d31b0d8e",
        ),
        (
            Prf::HmacSha2Bits512,
            "a795716b545c4efa4e2ed98011790f17be4663080a63116ad693eb6a0e0cdf5e
             ad659d75d677aaf29c53e758645b49ce9b676001f03f8e8366ff4cd21bea38cd",
            "d9bb85737b920ffa586db08c21cd4c04bbc2a418966eee340119b8519fe62ab9
             fc58de1c88ee0526a6ba5f82101547e74226a4a1aabad7815b96452167b3ea46",
            "e83f3e1dfcbd45a2c39bd36f9f65662823b674e524223f23c3d5b89d6c5d2fa3
             8ec0ba8cfe1428ade7850666d4d635124479894f972a553f6ee27a106e10a4a9",
            "7b0663f0766366ac855979bbd2fb0e37af02b62889e38d038445ddf230267bfb
             b519dd2b6a94b1e588a1d5f2372b9fb9856b264efa98df0676ce42646fb722ba",
        ),
    ];
    let inputs = Inputs::new();
    for (prf, seed_of, child_of, child_dh_of, rekeyed) in vectors {
        let seed = skeyseed(prf, inputs.nonces(), &inputs.shared);
        assert_eq!(seed.as_bytes(), hex(seed_of), "{prf}");
        let keys = sk_keys(
            Suite {
                encryption: Encryption::AesGcm16Bits256,
                integrity: None,
                prf,
            },
            seed.as_bytes(),
            inputs.nonces(),
            inputs.spi_i,
            inputs.spi_r,
        );
        assert_eq!(
            (keys.sk_ai, keys.sk_ar),
            (None, None),
            "an AEAD has no SK_a"
        );
        assert_eq!(keys.sk_ei.unwrap().len(), 36, "32 octets and the salt");
        let sk_d = keys.sk_d.unwrap();
        let child = child_keymat(prf, sk_d.as_bytes(), inputs.nonces(), &[], 64).unwrap();
        assert_eq!(child.as_bytes(), hex(child_of), "{prf}");
        let new: &[u8] = &inputs.new_shared;
        let child = child_keymat(prf, sk_d.as_bytes(), inputs.nonces(), &[new], 64).unwrap();
        assert_eq!(child.as_bytes(), hex(child_dh_of), "{prf}");
        let seed = skeyseed_from_sk_d(prf, sk_d.as_bytes(), inputs.nonces(), new, &[]);
        assert_eq!(seed.as_bytes(), hex(rekeyed), "{prf}");
    }
}

/// Results of Python: `hmac.new(hmac.new(psk, b"Key Pad for IKEv2", name).digest(), octets, name)`.
#[test]
fn a_shared_key_is_padded_before_it_makes_an_auth_payload() {
    for (prf, result) in [
        (Prf::HmacSha1, "f134557f772fb7b469033c65c98447172c42e715"),
        (
            Prf::HmacSha2Bits256,
            "dd89d883da9032cc3033a84eb5f9f554e0fcbed426b1cd964f80c740d856d28a",
        ),
    ] {
        let key = super::prf(prf, b"Pre-shared key of a test", &[b"Key Pad for IKEv2"]);
        let auth = super::prf(prf, key.as_bytes(), &[b"oct", b"ets"]);
        assert_eq!(auth.as_bytes(), hex(result));
    }
}

#[test]
fn prf_plus_gives_at_most_255_outputs() {
    let most = 255 * 20;
    assert_eq!(
        prf_plus(Prf::HmacSha1, b"k", &[b"s"], most).unwrap().len(),
        most
    );
    let error = prf_plus(Prf::HmacSha1, b"k", &[b"s"], most + 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "prf+ with hmac-sha1 gives at most 5100 octets, not 5101"
    );
    assert!(prf_plus(Prf::HmacSha1, b"k", &[], usize::MAX).is_err());
}

#[test]
fn secrets_of_additional_key_exchanges_follow_the_nonces() {
    let inputs = Inputs::new();
    let nonces = inputs.nonces();
    let one = child_keymat(Prf::HmacSha1, b"d", nonces, &[b"0", b"1", b"2"], 20).unwrap();
    let seed = [b"0", &inputs.ni[..], &inputs.nr, b"12"].concat();
    let other = prf_plus(Prf::HmacSha1, b"d", &[&seed], 20).unwrap();
    assert_eq!(one, other);
    let one = skeyseed_from_sk_d(Prf::HmacSha1, b"d", nonces, b"0", &[b"1", b"2"]);
    assert_eq!(one, prf(Prf::HmacSha1, b"d", &[&seed]));
}

#[test]
fn a_key_shows_nothing_but_its_length() {
    let key = Key::from(vec![0xab; 20]);
    assert_eq!(format!("{key:?}"), "Key(20 octets)");
}

proptest! {
    #[test]
    fn a_shorter_wish_gets_the_beginning_of_a_longer_one(
        key in prop::collection::vec(any::<u8>(), 0..100),
        seed in prop::collection::vec(any::<u8>(), 0..100),
        octets in 0..1000_usize,
        which in 0..Prf::ALL.len(),
    ) {
        let prf = Prf::ALL[which];
        let long = prf_plus(prf, &key, &[&seed], 1000).unwrap();
        let short = prf_plus(prf, &key, &[&seed], octets).unwrap();
        prop_assert_eq!(&long.as_bytes()[..octets], short.as_bytes());
    }
}
