//! The published certificates of HPKI, where they lie beside the project.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// The folder of the certificates; says so where it is absent.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/hpki");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no folder {}", folder.display());
    None
}

fn read(folder: &Path, name: &str) -> Input {
    input(name, fs::read(folder.join(name)).unwrap())
}

const REAL: [(&str, &str); 6] = [
    ("mhlw_hpki_root_ca_v2.cer", "hpki-root"),
    ("medis_sign_ca.cer", "hpki-sub-ca"),
    ("medis_auth_ca.cer", "hpki-sub-ca"),
    ("jma_sign_ca.cer", "hpki-sub-ca"),
    ("test_ee_medis.cer", "hpki-signing"),
    ("test_ee_jma.cer", "hpki-signing"),
];

#[test]
fn the_real_hpki_certificates_pass_the_hpki_profile() {
    let Some(folder) = folder() else { return };
    for (name, profile) in REAL {
        for profile in ["hpki", profile] {
            let mut options = hpki(profile);
            options.at = "2022-06-01T00:00:00Z".parse().unwrap();
            let report = lint(&[read(&folder, name)], &options).unwrap();
            let (errors, warnings) = (report.summary.errors, report.summary.warnings);
            assert_eq!((errors, warnings), (0, 0), "{name}: {report:#?}");
        }
    }
}

/// The published test certificate of MEDIS names the published CA, key identifier and all, but its
/// signature was not made by that key: OpenSSL 3.0 refuses it with the same CA.
#[test]
fn the_real_hpki_certificates_make_chains_except_for_one_signature() {
    let Some(folder) = folder() else { return };
    let files: Vec<_> = REAL.iter().map(|(name, _)| read(&folder, name)).collect();
    let mut options = hpki("hpki");
    options.at = "2022-06-01T00:00:00Z".parse().unwrap();
    let report = lint(&files, &options).unwrap();
    let findings = report.objects.iter().flat_map(|object| {
        let serious = object.findings.iter();
        let serious = serious.filter(|finding| finding.severity != Severity::Note);
        serious.map(|finding| (object.file.as_str(), finding.rule.as_str()))
    });
    let findings: Vec<_> = findings.collect();
    assert_eq!(findings, [("test_ee_medis.cer", "5280-6.1.3-signature")]);
}

#[test]
fn the_real_hpki_certificates_break_what_rfc_4945_advises_on_policies() {
    let Some(folder) = folder() else { return };
    let report = lint(&[read(&folder, "test_ee_medis.cer")], &options()).unwrap();
    let found = found(&report);
    assert!(
        found.contains(&"PX-12") && found.contains(&"PX-16"),
        "{found:?}"
    );
    assert_eq!(report.summary.errors, 0, "{report:#?}");
}
