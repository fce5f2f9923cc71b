//! Certificates, requests and CRLs for tests, octet by octet, so that they can be wrong anywhere.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

pub(super) const UTF8: u8 = 0x0c;
pub(super) const PRINTABLE: u8 = 0x13;
pub(super) const C: &str = "2.5.4.6";
pub(super) const O: &str = "2.5.4.10";
pub(super) const CN: &str = "2.5.4.3";
pub(super) const SERIAL: &str = "2.5.4.5";

pub(super) const SDA: &str = "2.5.29.9";
pub(super) const SKI: &str = "2.5.29.14";
pub(super) const KU: &str = "2.5.29.15";
pub(super) const SAN: &str = "2.5.29.17";
pub(super) const BC: &str = "2.5.29.19";
pub(super) const NC: &str = "2.5.29.30";
pub(super) const CDP: &str = "2.5.29.31";
pub(super) const CP: &str = "2.5.29.32";
pub(super) const AKI: &str = "2.5.29.35";
pub(super) const EKU: &str = "2.5.29.37";

/// When the certificates of the tests are valid.
pub(super) fn at() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

pub(super) fn tlv(tag: u8, contents: impl AsRef<[u8]>) -> Vec<u8> {
    let contents = contents.as_ref();
    let length = contents.len();
    let mut encoded = vec![tag];
    match length {
        0..0x80 => encoded.push(length as u8),
        0x80..0x100 => encoded.extend([0x81, length as u8]),
        0x100..0x1_0000 => {
            encoded.push(0x82);
            encoded.extend((length as u16).to_be_bytes());
        }
        _ => {
            encoded.push(0x84);
            encoded.extend((length as u32).to_be_bytes());
        }
    }
    encoded.extend(contents);
    encoded
}

pub(super) fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, parts.concat())
}

pub(super) fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut octets = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let mut digits = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            digits.insert(0, (rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        octets.extend(digits);
    }
    tlv(0x06, octets)
}

pub(super) fn integer(value: u8) -> Vec<u8> {
    tlv(0x02, [value])
}

/// A name with one attribute an RDN: type, string tag, text.
pub(super) fn dn(attributes: &[(&str, u8, &str)]) -> Vec<u8> {
    let rdns: Vec<_> = attributes
        .iter()
        .map(|(kind, tag, text)| tlv(0x31, seq(&[oid(kind), tlv(*tag, text)])))
        .collect();
    seq(&rdns)
}

pub(super) fn named(cn: &str) -> Vec<u8> {
    dn(&[
        (C, PRINTABLE, "JP"),
        (O, UTF8, "Hospital A"),
        (CN, UTF8, cn),
    ])
}

pub(super) fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, text)
}

pub(super) fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, text)
}

pub(super) fn key_usage(bits: u16) -> Vec<u8> {
    // Bit 0 of the RFC is the highest of the first octet.
    let octets = bits.to_be_bytes();
    let octets = if octets[1] == 0 {
        &octets[..1]
    } else {
        &octets[..]
    };
    let unused = octets.last().map_or(0, |last| last.trailing_zeros().min(7));
    tlv(0x03, [&[unused as u8], octets].concat())
}

pub(super) const DIGITAL_SIGNATURE: u16 = 0x8000;
pub(super) const NON_REPUDIATION: u16 = 0x4000;
pub(super) const KEY_ENCIPHERMENT: u16 = 0x2000;
pub(super) const CERT_AND_CRL_SIGN: u16 = 0x0600;
pub(super) const CRL_SIGN: u16 = 0x0200;
pub(super) const CERT_SIGN: u16 = 0x0400;

/// cRLDistributionPoints with one fullName.
pub(super) fn points(names: &[Vec<u8>]) -> Vec<u8> {
    seq(&[seq(&[tlv(0xa0, tlv(0xa0, names.concat()))])])
}

pub(super) fn policies(oids: &[&str]) -> Vec<u8> {
    let policies: Vec<_> = oids.iter().map(|policy| seq(&[oid(policy)])).collect();
    seq(&policies)
}

pub(super) fn purposes(oids: &[&str]) -> Vec<u8> {
    seq(&oids.iter().map(|purpose| oid(purpose)).collect::<Vec<_>>())
}

pub(super) fn time(text: &str) -> Vec<u8> {
    tlv(if text.len() == 13 { 0x17 } else { 0x18 }, text)
}

pub(super) fn ecdsa_sha256() -> Vec<u8> {
    seq(&[oid("1.2.840.10045.4.3.2")])
}

/// An identifier with NULL parameters, as RSA has them.
pub(super) fn with_null(algorithm: &str) -> Vec<u8> {
    seq(&[oid(algorithm), tlv(0x05, [])])
}

pub(super) fn sha256_rsa() -> Vec<u8> {
    with_null("1.2.840.113549.1.1.11")
}

/// A key pair for each name, made when first asked for.
pub(super) fn pair(name: &str) -> Vec<u8> {
    static PAIRS: LazyLock<Mutex<HashMap<String, Vec<u8>>>> = LazyLock::new(Mutex::default);
    let mut pairs = PAIRS.lock().unwrap();
    let make = || {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        pair.unwrap().as_ref().to_vec()
    };
    pairs.entry(name.to_owned()).or_insert_with(make).clone()
}

fn key_pair(name: &str) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pair(name), &random).unwrap()
}

pub(super) fn sign(name: &str, message: &[u8]) -> Vec<u8> {
    let signature = key_pair(name).sign(&SystemRandom::new(), message).unwrap();
    signature.as_ref().to_vec()
}

pub(super) fn public_key(name: &str) -> Vec<u8> {
    let curve = seq(&[oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")]);
    let pair = key_pair(name);
    let bits = [&[0], pair.public_key().as_ref()].concat();
    seq(&[curve, tlv(0x03, bits)])
}

/// An RSA key of this size that nobody has the private half of.
pub(super) fn rsa_key(bits: usize, exponent: &[u8]) -> Vec<u8> {
    let mut modulus = vec![0xc3; bits / 8];
    modulus.insert(0, 0);
    let key = seq(&[tlv(0x02, modulus), tlv(0x02, exponent)]);
    let key = tlv(0x03, [vec![0], key].concat());
    seq(&[with_null("1.2.840.113549.1.1.1"), key])
}

pub(super) const F4: &[u8] = &[1, 0, 1];

/// The identifier that the tests give a key by its name.
pub(super) fn key_id(name: &str) -> Vec<u8> {
    name.bytes().cycle().take(20).collect()
}

#[derive(Clone)]
pub(super) struct Extension {
    pub(super) oid: String,
    pub(super) critical: Option<u8>,
    pub(super) value: Vec<u8>,
}

impl Extension {
    pub(super) fn encode(&self) -> Vec<u8> {
        let critical = self.critical.map(|octet| tlv(0x01, [octet]));
        let value = tlv(0x04, &self.value);
        seq(&[oid(&self.oid), critical.unwrap_or_default(), value])
    }
}

pub(super) fn extension(oid: &str, critical: bool, value: Vec<u8>) -> Extension {
    Extension {
        oid: oid.to_owned(),
        critical: critical.then_some(0xff),
        value,
    }
}

/// A certificate, field by field.
#[derive(Clone)]
pub(super) struct Spec {
    pub(super) version: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) inner: Vec<u8>,
    pub(super) outer: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) not_before: Vec<u8>,
    pub(super) not_after: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) unique: Vec<u8>,
    pub(super) extensions: Vec<Extension>,
    pub(super) signer: String,
    /// Stands in place of the signature.
    pub(super) signature: Option<Vec<u8>>,
}

impl Spec {
    /// A certificate of version 3, signed by the pair of that name.
    fn new(subject: &str, issuer: &str) -> Self {
        Self {
            version: tlv(0xa0, integer(2)),
            serial: vec![0x10],
            inner: ecdsa_sha256(),
            outer: ecdsa_sha256(),
            issuer: named(issuer),
            not_before: time("260101000000Z"),
            not_after: time("270101000000Z"),
            subject: named(subject),
            key: public_key(subject),
            unique: Vec::new(),
            extensions: vec![
                extension(SKI, false, tlv(0x04, key_id(subject))),
                extension(AKI, false, seq(&[tlv(0x80, key_id(issuer))])),
                extension(CDP, false, points(&[uri("http://crl.hosp.example/a.crl")])),
            ],
            signer: issuer.to_owned(),
            signature: None,
        }
    }

    pub(super) fn add(&mut self, oid: &str, critical: bool, value: Vec<u8>) -> &mut Self {
        self.extensions.push(extension(oid, critical, value));
        self
    }

    pub(super) fn remove(&mut self, oid: &str) -> &mut Self {
        self.extensions.retain(|extension| extension.oid != oid);
        self
    }

    /// Replaces the extension, or adds it.
    pub(super) fn set(&mut self, oid: &str, critical: bool, value: Vec<u8>) -> &mut Self {
        self.remove(oid).add(oid, critical, value)
    }

    pub(super) fn critical(&mut self, oid: &str, critical: bool) -> &mut Self {
        let mut extensions = self.extensions.iter_mut();
        let found = extensions.find(|extension| extension.oid == oid).unwrap();
        found.critical = critical.then_some(0xff);
        self
    }

    pub(super) fn alt_names(&mut self, names: &[Vec<u8>]) -> &mut Self {
        self.set(SAN, false, seq(names))
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let extensions: Vec<_> = self.extensions.iter().map(Extension::encode).collect();
        let signed = seq(&[
            self.version.clone(),
            tlv(0x02, &self.serial),
            self.inner.clone(),
            self.issuer.clone(),
            seq(&[self.not_before.clone(), self.not_after.clone()]),
            self.subject.clone(),
            self.key.clone(),
            self.unique.clone(),
            if extensions.is_empty() {
                Vec::new()
            } else {
                tlv(0xa3, seq(&extensions))
            },
        ]);
        let signature = self.signature.clone();
        let signature = signature.unwrap_or_else(|| sign(&self.signer, &signed));
        let bits = tlv(0x03, [vec![0], signature].concat());
        seq(&[signed, self.outer.clone(), bits])
    }
}

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (index, chunk) in der.chunks(3).enumerate() {
        let word = chunk
            .iter()
            .fold(0u32, |word, octet| word << 8 | u32::from(*octet));
        let word = word << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place)) as usize & 63];
            let padding = place > chunk.len();
            text.push(if padding { '=' } else { letter.into() });
        }
        if index % 16 == 15 {
            text.push('\n');
        }
    }
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        text.trim_end()
    )
}

pub(super) const ROOT: &str = "Root CA";
pub(super) const SUB: &str = "Sub CA";
pub(super) const EE: &str = "Gateway Router";

pub(super) fn root() -> Spec {
    let mut root = Spec::new(ROOT, ROOT);
    root.serial = vec![1];
    root.not_before = time("200101000000Z");
    root.not_after = time("400101000000Z");
    root.remove(AKI).remove(CDP);
    ca(&mut root);
    root
}

pub(super) fn sub() -> Spec {
    let mut sub = Spec::new(SUB, ROOT);
    sub.serial = vec![2];
    sub.not_after = time("300101000000Z");
    sub.not_before = time("210101000000Z");
    ca(&mut sub);
    sub
}

fn ca(spec: &mut Spec) {
    spec.add(BC, true, seq(&[tlv(0x01, [0xff])]));
    spec.add(KU, true, key_usage(CERT_AND_CRL_SIGN));
}

pub(super) fn ee() -> Spec {
    let mut ee = Spec::new(EE, SUB);
    ee.add(KU, true, key_usage(DIGITAL_SIGNATURE));
    ee.alt_names(&[dns("gw1.hosp.example")]);
    ee
}
