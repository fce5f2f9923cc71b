use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};

use super::*;
use crate::hex::hex;
use crate::message::Auth;

/// g^w, r and s of the examples of RFC 4754, section 8; the message is `abc`.
const ECDSA: [(Curve, &str, &str); 3] = [
    (
        Curve::P256,
        "2442a5cc 0ecd015f a3ca31dc 8e2bbc70 bf42d60c bca20085 e0822cb0 4235e970
         6fc98bd7 e50211a4 a27102fa 3549df79 ebcb4bf2 46b80945 cddfe7d5 09bbfd7d",
        "cb28e099 9b9c7715 fd0a80d8 e47a7707 9716cbbf 917dd72e 97566ea1 c066957c
         86fa3bb4 e26cad5b f90b7f81 899256ce 7594bb1e a0c89212 748bff3b 3d5b0315",
    ),
    (
        Curve::P384,
        "96281bf8 dd5e0525 ca049c04 8d345d30 82968d10 fedf5c5a ca0c64e6 465a97ea
         5ce10c9d fec21797 41571072 1f437922
         447688ba 94708eb6 e2e4d59f 6ab6d7ed ff9301d2 49fe49c3 3096655f 5d502fad
         3d383b91 c5e7edaa 2b714cc9 9d5743ca",
        "fb017b91 4e291494 32d8bac2 9a514640 b46f53dd ab2c6994 8084e293 0f1c8f7e
         08e07c9c 63f2d21a 07dcb56a 6af56eb3
         b263a130 5e057f98 4d38726a 1b468741 09f417bc a112674c 528262a4 0a629af1
         cbb9f516 ce0fa7d2 ff630863 a00e8b9f",
    ),
    (
        Curve::P521,
        "0151518f 1af0f563 517edd54 85190df9 5a4bf57b 5cba4cf2 a9a3f647 4725a35f
         7afe0a6d deb8bedb cd6a197e 592d4018 8901cecd 650699c9 b5e456ae a5add190
         52a8
         006f3b14 2ea1bfff 7e2837ad 44c9e4ff 6d2d34c7 3184bbad 90026dd5 e6e85317
         d9df45ca d7803c6c 20035b2f 3ff63aff 4e1ba64d 1c077577 da3f4286 c58f0aea
         e643",
        "0154fd38 36af92d0 dca57dd5 341d3053 988534fd e8318fc6 aaaab68e 2e6f4339
         b19f2f28 1a7e0b22 c269d93c f8794a92 78880ed7 dbb8d936 2caeacee 54432055
         2251
         017705a7 030290d1 ceb605a9 a1bb03ff 9cdd521e 87a696ec 926c8c10 c8362df4
         97536710 1f67d1cf 9bccbf2f 3d239534 fa509e70 aac851ae 01aac68d 62f86647
         2660",
    ),
];

const ALL_HASHES: [HashAlgorithm; 5] = [
    HashAlgorithm::SHA1,
    HashAlgorithm::SHA2_256,
    HashAlgorithm::SHA2_384,
    HashAlgorithm::SHA2_512,
    HashAlgorithm::IDENTITY,
];

fn keys() -> Vec<SigningKey> {
    let mut all = vec![
        RsaKeyPair::generate(KeySize::Rsa2048)
            .unwrap()
            .as_der()
            .map(|der: Pkcs8V1Der<'static>| der.as_ref().to_vec())
            .unwrap(),
        Ed25519KeyPair::generate()
            .unwrap()
            .to_pkcs8()
            .unwrap()
            .as_ref()
            .to_vec(),
    ];
    for how in [
        &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        &aws_lc_rs::signature::ECDSA_P384_SHA384_ASN1_SIGNING,
        &aws_lc_rs::signature::ECDSA_P521_SHA512_ASN1_SIGNING,
    ] {
        let pair = EcdsaKeyPair::generate(how).unwrap();
        all.push(pair.to_pkcs8v1().unwrap().as_ref().to_vec());
    }
    all.iter()
        .map(|der| SigningKey::from_pkcs8(der).unwrap())
        .collect()
}

fn schemes() -> Vec<Scheme> {
    let mut all = vec![Scheme::RsaSha1];
    all.extend([Curve::P256, Curve::P384, Curve::P521].map(Scheme::Ecdsa));
    all.extend(
        [
            SignatureAlgorithm::RsaSha1,
            SignatureAlgorithm::RsaSha256,
            SignatureAlgorithm::RsaSha384,
            SignatureAlgorithm::RsaSha512,
            SignatureAlgorithm::RsaPss(PssHash::Sha256),
            SignatureAlgorithm::RsaPss(PssHash::Sha384),
            SignatureAlgorithm::RsaPss(PssHash::Sha512),
            SignatureAlgorithm::EcdsaSha256,
            SignatureAlgorithm::EcdsaSha384,
            SignatureAlgorithm::EcdsaSha512,
            SignatureAlgorithm::Ed25519,
        ]
        .map(Scheme::Digital),
    );
    all
}

#[test]
fn signatures_of_rfc_4754_are_accepted() {
    for (curve, point, signature) in ECDSA {
        let parameters = match curve {
            Curve::P256 => "06082a8648ce3d030107",
            Curve::P384 => "06052b81040022",
            Curve::P521 => "06052b81040023",
        };
        let algorithm = wrap(0x30, &hex(&format!("06072a8648ce3d0201{parameters}")));
        let bits = wrap(0x03, &[&[0, 4], hex(point).as_slice()].concat());
        let key = PublicKey::from_spki(&wrap(0x30, &[algorithm, bits].concat())).unwrap();
        let scheme = Scheme::Ecdsa(curve);
        let auth = Auth {
            method: scheme.method(),
            reserved: [0; 3],
            data: hex(signature),
        };
        assert_eq!(key.verify(&auth, b"abc", &[]), Ok(scheme));
        assert_eq!(
            key.verify(&auth, b"abd", &[]),
            Err(AuthenticationError::Wrong)
        );
    }
}

fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    let head: &[u8] = if length < 0x80 {
        &[tag, length]
    } else {
        &[tag, 0x81, length]
    };
    [head, content].concat()
}

#[test]
fn what_is_signed_is_accepted_and_what_was_changed_is_not() {
    let mut made = 0;
    for key in keys() {
        let public = PublicKey::from_spki(&key.public_key().unwrap()).unwrap();
        for scheme in schemes() {
            let mut auth = match key.sign(scheme, b"octets") {
                Ok(auth) => auth,
                Err(AuthenticationError::Mismatch { .. }) => continue,
                Err(other) => panic!("{scheme:?}: {other}"),
            };
            made += 1;
            assert_eq!(auth.method, scheme.method());
            assert_eq!(public.verify(&auth, b"octets", &ALL_HASHES), Ok(scheme));
            assert!(public.verify(&auth, b"octet", &ALL_HASHES).is_err());
            if let Some(hash) = scheme.hash() {
                assert_eq!(
                    public.verify(&auth, b"octets", &[]),
                    Err(AuthenticationError::HashNotAccepted { hash })
                );
            }
            let last = auth.data.last_mut().unwrap();
            *last ^= 1;
            assert!(public.verify(&auth, b"octets", &ALL_HASHES).is_err());
        }
    }
    // RSA: method 1, four of PKCS #1 1.5, three of PSS; two of each curve; one of Ed25519.
    assert_eq!(made, 8 + 2 * 3 + 1);
}

#[test]
fn an_identifier_names_its_algorithm() {
    for scheme in schemes() {
        let Scheme::Digital(algorithm) = scheme else {
            continue;
        };
        let identifier = algorithm.identifier().unwrap();
        let length = u8::try_from(identifier.len()).unwrap();
        let auth = Auth {
            method: AuthMethod::DIGITAL_SIGNATURE,
            reserved: [0; 3],
            data: [&[length], identifier, b"signature"].concat(),
        };
        let digital = auth.digital_signature().unwrap().unwrap();
        assert_eq!(digital.known_algorithm(), Some(algorithm));
        assert_eq!(digital.signature, b"signature");
    }
}

#[test]
fn the_hashes_of_the_other_end_settle_the_scheme() {
    for key in keys() {
        match key.choose(None) {
            Ok(scheme) => assert_ne!(scheme.method(), AuthMethod::DIGITAL_SIGNATURE),
            // Ed25519 has no method of its own.
            Err(error) => assert_eq!(error, AuthenticationError::NoCommonHash),
        }
        assert_eq!(
            key.choose(Some(&[])).err(),
            Some(AuthenticationError::NoCommonHash)
        );
        let scheme = key.choose(Some(&ALL_HASHES)).unwrap();
        assert_eq!(scheme.method(), AuthMethod::DIGITAL_SIGNATURE);
        assert!(key.sign(scheme, b"").is_ok());
    }
}

#[test]
fn octets_that_are_no_key_are_refused() {
    let key = keys().remove(1);
    let spki = key.public_key().unwrap();
    for end in 0..spki.len() {
        assert!(PublicKey::from_spki(&spki[..end]).is_err());
    }
    assert!(SigningKey::from_pkcs8(&spki).is_err());
    assert!(SigningKey::from_pkcs8(&[]).is_err());
}
