//! Whatever the octets are: an answer in bounded time, and no panic.

use std::time::{Duration, Instant};

use p12_keystore::{Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm};
use proptest::prelude::*;

use super::build::{EE, SAN, dns, ee, extension, named, pem, root, seq, sub, tlv};
use super::vectors::{all, request_for};
use super::*;

/// Longest time that one of these may take, on a slow machine.
const LIMIT: Duration = Duration::from_secs(20);

/// Checks by every profile and both texts.
fn check(bytes: &[u8]) {
    for (profile, text) in [
        (Profile::Rfc4945, AlgorithmText::Current),
        (Profile::Hpki, AlgorithmText::Of2007),
    ] {
        let options = Options {
            profile,
            text,
            ..options()
        };
        if let Ok(report) = lint(&[input("hostile", bytes)], &options) {
            assert!(serde_json::to_string(&report).is_ok());
        }
    }
}

fn check_in_time(name: &str, bytes: &[u8]) {
    let begin = Instant::now();
    check(bytes);
    assert!(begin.elapsed() < LIMIT, "{name}: {:?}", begin.elapsed());
}

/// The DER of every file of the vectors, and the files as they are.
fn seeds() -> Vec<Vec<u8>> {
    let vectors = all().into_iter();
    let files = vectors.flat_map(|vector| [vector.good, vector.bad]);
    let mut seeds: Vec<_> = files
        .flat_map(|case| case.inputs)
        .map(|input| input.bytes)
        .collect();
    seeds.extend([ee().der(), sub().der(), root().der(), pkcs12("")]);
    seeds
}

/// A PKCS#12 file with the usual chain.
fn pkcs12(password: &str) -> Vec<u8> {
    let mut store = KeyStore::new();
    for (name, spec) in [("ee", ee()), ("sub", sub())] {
        let certificate = Certificate::from_der(&spec.der()).unwrap();
        store.add_entry(name, KeyStoreEntry::Certificate(certificate));
    }
    let writer = store.writer(password);
    let writer = writer.encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256);
    let writer = writer.encryption_iterations(100).mac_iterations(100);
    writer
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .write()
        .unwrap()
}

#[test]
fn a_pkcs12_file_opens_with_its_password_only() {
    let files = |password| [input("ee.p12", pkcs12(password))];
    let with = |password: Option<&str>| Options {
        password: password.map(str::to_owned),
        ..options()
    };
    let report = lint(&files("secret"), &with(Some("secret"))).unwrap();
    assert_eq!(report.summary.objects, 2);
    assert_eq!(report.summary.errors, 0, "{report:#?}");
    for wrong in [None, Some("other")] {
        let error = lint(&files("secret"), &with(wrong)).unwrap_err();
        assert_eq!(
            error,
            Error::Password {
                file: "ee.p12".into()
            }
        );
    }
    assert_eq!(lint(&files(""), &with(None)).unwrap().summary.objects, 2);
}

#[test]
fn every_truncation_of_a_certificate_gets_an_answer() {
    for der in [ee().der(), pkcs12("")] {
        for length in 1..der.len() {
            check(&der[..length]);
        }
    }
}

#[test]
fn what_is_no_certificate_at_all_is_refused_with_the_reason() {
    let refused = |bytes: &[u8]| lint(&[input("file", bytes)], &options()).unwrap_err();
    assert_eq!(
        refused(b""),
        Error::Empty {
            file: "file".into()
        }
    );
    for bytes in [&b"hello"[..], b"\x00\x01\x02", b"-----BEGIN"] {
        assert_eq!(
            refused(bytes),
            Error::Unknown {
                file: "file".into()
            }
        );
    }
    let large = vec![0x30; MAX_FILE + 1];
    assert!(matches!(refused(&large), Error::TooLarge { .. }));
    let many = "-----BEGIN CERTIFICATE-----\n".repeat(MAX_OBJECTS + 1);
    assert_eq!(refused(many.as_bytes()), Error::TooMany);
}

#[test]
fn ten_megabytes_of_anything_get_an_answer_in_time() {
    const SIZE: usize = 10 << 20;
    let big = |contents: Vec<u8>| {
        let mut spec = ee();
        spec.add("1.2.3", false, contents);
        spec.der()
    };
    check_in_time("zeros", &vec![0x30; SIZE]);
    check_in_time("one extension", &big(vec![0x55; SIZE]));
    check_in_time(
        "lines",
        "-----BEGIN CERTIFICATE-----\n".repeat(SIZE / 28).as_bytes(),
    );
    check_in_time(
        "base64",
        pem("CERTIFICATE", &vec![0x30; SIZE * 3 / 4]).as_bytes(),
    );
    let names: Vec<_> = (0..SIZE / 6).map(|_| dns("*.a.")).collect();
    let mut spec = ee();
    spec.set(SAN, false, seq(&names));
    check_in_time("alternative names", &spec.der());
    let mut spec = ee();
    spec.subject = named(&"x.example".repeat(SIZE / 9));
    check_in_time("a long name", &spec.der());
    let mut spec = ee();
    spec.serial = vec![0x41; SIZE];
    check_in_time("a long serial number", &spec.der());
    let mut spec = ee();
    spec.key = super::build::rsa_key(SIZE * 8, &[3]);
    check_in_time("a long key", &spec.der());
    let mut spec = ee();
    spec.extensions = vec![extension("2.5.29.17", false, seq(&[])); SIZE / 16];
    check_in_time("extensions", &spec.der());
}

#[test]
fn a_thousand_certificates_of_one_name_get_an_answer_in_time() {
    let mut ca = sub();
    ca.issuer = ca.subject.clone();
    let text = pem("CERTIFICATE", &ca.der()).repeat(MAX_OBJECTS);
    check_in_time("one name", text.as_bytes());
}

#[test]
fn deep_nesting_gets_an_answer() {
    let deep =
        |tag: u8, depth: usize| (0..depth).fold(vec![0x05, 0x00], |inner, _| tlv(tag, inner));
    for depth in [10, 100, 2_000] {
        for tag in [0x30, 0x31, 0xa0] {
            check_in_time("alone", &deep(0x30, depth));
            for oid in ["2.5.29.17", "2.5.29.32", "2.5.29.9", "1.2.3"] {
                let mut spec = ee();
                spec.set(oid, false, deep(tag, depth));
                check_in_time(oid, &spec.der());
            }
            let mut spec = ee();
            spec.subject = deep(tag, depth);
            check_in_time("subject", &spec.der());
        }
    }
}

#[test]
fn a_request_is_held_against_the_rules_of_end_entities() {
    let wildcard = extension(SAN, false, seq(&[dns("*.hosp.example")]));
    let case = request_for(&[wildcard]);
    let report = lint(&case.inputs, &case.options).unwrap();
    assert_eq!(found(&report), ["PX-17"]);
    assert!(report.objects[0].name.as_ref().unwrap().contains(EE));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn mutated_files_get_an_answer(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let seeds = shared_seeds();
        let mut bytes = seeds[seed.index(seeds.len())].clone();
        for (place, octet) in changes {
            let place = place.index(bytes.len());
            bytes[place] = octet;
        }
        if let Some(cut) = cut {
            let length = bytes.len();
            bytes.truncate(cut.index(length).max(1));
        }
        check(&bytes);
    }

    #[test]
    fn random_octets_get_an_answer(tail in prop::collection::vec(any::<u8>(), 0..512)) {
        check(&[&[0x30], tail.as_slice()].concat());
        check(&tail);
    }
}

fn shared_seeds() -> &'static [Vec<u8>] {
    static SEEDS: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(seeds);
    &SEEDS
}

/// How many files are tried; `LINT_CASES` asks for more.
fn cases() -> u32 {
    let asked = std::env::var("LINT_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(5_000)
}
