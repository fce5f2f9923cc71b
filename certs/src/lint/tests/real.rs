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

#[test]
fn the_real_hpki_certificates_make_whole_chains() {
    let Some(folder) = folder() else { return };
    let files: Vec<_> = REAL.iter().map(|(name, _)| read(&folder, name)).collect();
    let mut options = hpki("hpki");
    options.at = "2022-06-01T00:00:00Z".parse().unwrap();
    let report = lint(&files, &options).unwrap();
    assert_eq!(
        (report.summary.errors, report.summary.warnings),
        (0, 0),
        "{report:#?}"
    );
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
