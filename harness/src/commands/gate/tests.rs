use std::fs;

use reports::seal::SigningKey;
use reports::{json, model::Run};

use super::*;

/// A sealed run, as a folder.
fn sealed(key: Option<&SigningKey>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let stored = concat!(env!("CARGO_MANIFEST_DIR"), "/../reports/samples/run-1.json");
    let run: Run = json::read(Path::new(stored)).unwrap();
    json::write(&folder.path().join("run.json"), &run).unwrap();
    seal::seal(folder.path(), key).unwrap();
    folder
}

#[test]
fn a_baseline_whose_seal_is_broken_is_refused() {
    let key = SigningKey::generate().unwrap().1;
    let folder = sealed(Some(&key));
    let record = folder.path().join("run.json");
    check_seal(folder.path(), None).unwrap();
    check_seal(&record, Some(key.signer())).unwrap();
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replacen("fail", "pass", 1)).unwrap();
    for path in [folder.path(), &record] {
        check_seal(path, None).unwrap_err();
    }
    fs::write(&record, text).unwrap();
    fs::remove_file(folder.path().join(seal::SIGNATURE)).unwrap();
    check_seal(folder.path(), None).unwrap_err();
}

#[test]
fn a_key_that_is_demanded_is_the_one_that_signed() {
    let (key, other) = (
        SigningKey::generate().unwrap().1,
        SigningKey::generate().unwrap().1,
    );
    check_seal(sealed(Some(&other)).path(), Some(key.signer())).unwrap_err();
    check_seal(sealed(None).path(), Some(key.signer())).unwrap_err();
    let folder = sealed(Some(&key));
    let elsewhere = folder.path().join("baseline.json");
    fs::rename(folder.path().join("run.json"), &elsewhere).unwrap();
    check_seal(&elsewhere, None).unwrap();
    check_seal(&elsewhere, Some(key.signer())).unwrap_err();
}
