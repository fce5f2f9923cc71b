//! Keys to sign with, each with its public key in the place of a certificate.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair,
};
use ikev2::authentication::SigningKey;
use ikev2::message::Certificate;
use ikev2::numbers::CertEncoding;

use crate::Signer;

static TESTER: LazyLock<Vec<Signer>> = LazyLock::new(|| {
    let curves = [
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &ECDSA_P384_SHA384_ASN1_SIGNING,
        &ECDSA_P521_SHA512_ASN1_SIGNING,
    ];
    let mut all = vec![rsa()];
    all.extend(curves.map(|curve| {
        let pair = EcdsaKeyPair::generate(curve).unwrap();
        signer(pair.to_pkcs8v1().unwrap().as_ref())
    }));
    let pair = Ed25519KeyPair::generate().unwrap();
    all.push(signer(pair.to_pkcs8().unwrap().as_ref()));
    all
});

static ROUTER: LazyLock<Signer> = LazyLock::new(rsa);

/// One of each kind, that of RSA first.
pub(super) fn of_tester() -> &'static [Signer] {
    &TESTER
}

/// Of RSA.
pub(super) fn of_router() -> &'static Signer {
    &ROUTER
}

fn rsa() -> Signer {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
    signer(der.as_ref())
}

fn signer(pkcs8: &[u8]) -> Signer {
    let key = SigningKey::from_pkcs8(pkcs8).unwrap();
    let certificate = Certificate {
        encoding: CertEncoding::X509_SIGNATURE,
        data: key.public_key().unwrap(),
    };
    Signer {
        key: Arc::new(key),
        certificates: vec![certificate],
    }
}
