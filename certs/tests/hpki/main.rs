//! Certificates of the HPKI profiles beside real ones, field by field.
//!
//! What differs stands in `differences.toml`, each with its reason. The real certificates are
//! those of public authorities and of two test holders; they are not part of the project.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use certs::{Authority, Holder, Profiles};
use jiff::Timestamp;
use serde::Deserialize;

use crate::shape::shape;

/// A real certificate, and which of a profile's is its counterpart.
const PAIRS: [(&str, &str, &str); 6] = [
    ("mhlw_hpki_root_ca_v2", "hpki-signing", "root"),
    ("medis_sign_ca", "hpki-signing", "sub"),
    ("jma_sign_ca", "hpki-signing", "sub"),
    ("medis_auth_ca", "hpki-auth-person", "sub"),
    ("test_ee_medis", "hpki-signing", "end-entity"),
    ("test_ee_jma", "hpki-signing", "end-entity"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    difference: Vec<Difference>,
}

/// A field that differs, and why that is right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    /// The real certificates in which it differs.
    certificates: Vec<String>,
    field: String,
    real: String,
    generated: String,
    reason: String,
}

#[test]
fn every_difference_from_the_real_certificates_is_known_and_has_its_reason() {
    let Some(folder) = real_certificates() else {
        return;
    };
    let file: File = toml::from_str(include_str!("differences.toml")).unwrap();
    let mut known = BTreeSet::new();
    for difference in &file.difference {
        assert!(
            !difference.reason.trim().is_empty(),
            "{}: no reason",
            difference.field
        );
        for certificate in &difference.certificates {
            let row = row(
                certificate,
                &difference.field,
                &difference.real,
                &difference.generated,
            );
            assert!(known.insert(row.clone()), "stands twice: {row}");
        }
    }
    let generated = generated();
    let mut found = BTreeSet::new();
    for (real, profile, name) in PAIRS {
        let bytes = fs::read(folder.join(format!("{real}.cer"))).unwrap();
        let shape_of_real = shape(&bytes);
        let shape_of_ours = shape(&generated[&(profile, name)]);
        let fields: BTreeSet<_> = shape_of_real.keys().chain(shape_of_ours.keys()).collect();
        for field in fields {
            let value = |shape: &BTreeMap<String, String>| {
                shape
                    .get(field)
                    .cloned()
                    .unwrap_or_else(|| "absent".to_owned())
            };
            let (theirs, ours) = (value(&shape_of_real), value(&shape_of_ours));
            if theirs != ours {
                found.insert(row(real, field, &theirs, &ours));
            }
        }
    }
    let unknown: Vec<_> = found.difference(&known).cloned().collect();
    let stale: Vec<_> = known.difference(&found).cloned().collect();
    assert!(
        unknown.is_empty() && stale.is_empty(),
        "not in differences.toml:\n{}\nno longer there:\n{}",
        unknown.join("\n"),
        stale.join("\n")
    );
}

fn row(certificate: &str, field: &str, real: &str, generated: &str) -> String {
    format!("{certificate} | {field} | {real} | {generated}")
}

/// One chain of each profile, by profile and name.
fn generated() -> BTreeMap<(&'static str, &'static str), Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let profiles = Profiles::load(&dir).unwrap();
    let authority = Authority::new("2026-11-23T01:02:03Z".parse::<Timestamp>().unwrap());
    let holder = Holder {
        fqdn: "gw1.hosp.example".into(),
        email: "gw1@hosp.example".into(),
        ipv4: Ipv4Addr::new(192, 0, 2, 1),
        vendor: "trial-a".into(),
        facility_number: "117120".into(),
    };
    let mut generated = BTreeMap::new();
    for id in ["hpki-signing", "hpki-auth-person"] {
        let issued = authority.issue(profiles.get(id).unwrap(), &holder).unwrap();
        let anchor = issued.anchor.unwrap();
        generated.insert((id, "root"), anchor.der().to_vec());
        generated.insert((id, "sub"), issued.intermediates[0].der().to_vec());
        generated.insert((id, "end-entity"), issued.certificate.der().to_vec());
    }
    generated
}

/// The folder of the real certificates, if it is there.
fn real_certificates() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/hpki");
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the test runner, which shows only what failing tests print.
    let reason = format!("SKIPPED: no real certificates in {}\n", folder.display());
    std::io::stderr().write_all(reason.as_bytes()).unwrap();
    None
}
