use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use super::*;
use crate::example;

/// A folder as a run leaves it.
fn run_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = example::mixed(3);
    let put = |path: &str, content: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    json::write(&folder.path().join(RECORD), &run).unwrap();
    html::write(&folder.path().join(PAGE), &run, Lang::Ja).unwrap();
    put("evidence/auth.psk/a--b/wan.pcapng", &[7; 3000]);
    put("evidence/auth.psk/a--b/initiator/daemon.log", b"one\ntwo\n");
    put("evidence/auth.psk/a--b/responder/daemon.log", b"three\n");
    put("evidence/auth.psk/a--b/initiator/名前 1.conf", b"x = 1\n");
    put("evidence/auth.psk/a--b/initiator/status.txt", b"");
    put("inputs/cases/auth/psk.toml", b"id = \"auth.psk\"\n");
    put(LOCK, b"");
    folder
}

fn key() -> SigningKey {
    SigningKey::generate().unwrap().1
}

fn findings(folder: &TempDir) -> Vec<Finding> {
    verify(folder.path()).unwrap().findings
}

fn found(path: &str, what: Difference) -> Finding {
    Finding {
        path: path.to_owned(),
        what,
    }
}

#[test]
fn a_run_that_nobody_touched_is_as_it_was_sealed() {
    for key in [None, Some(key())] {
        let folder = run_folder();
        let sealed = seal(folder.path(), key.as_ref()).unwrap();
        assert_eq!(
            (sealed.files, sealed.signer),
            (8, key.as_ref().map(SigningKey::signer))
        );
        let verified = verify(folder.path()).unwrap();
        assert_eq!(verified.seal.as_ref(), Some(&sealed));
        assert_eq!(verified.findings, []);
        assert_eq!(read(folder.path()).unwrap(), Some(sealed));
        // Sealing is repeatable, also without the lock that the run kept.
        let manifest = fs::read(folder.path().join(MANIFEST)).unwrap();
        fs::remove_file(folder.path().join(LOCK)).unwrap();
        assert_eq!(findings(&folder), []);
        seal(folder.path(), None).unwrap();
        assert_eq!(
            fs::read(folder.path().join(MANIFEST)).unwrap() == manifest,
            key.is_none()
        );
    }
}

#[test]
fn a_run_without_a_seal_says_so() {
    let folder = run_folder();
    assert_eq!(read(folder.path()).unwrap(), None);
    assert_eq!(findings(&folder), [found(MANIFEST, Difference::Missing)]);
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(verify(empty.path()), Err(Error::NoRun { .. })));
}

#[test]
fn a_page_that_was_made_again_of_the_record_is_no_tampering() {
    let folder = run_folder();
    seal(folder.path(), Some(&key())).unwrap();
    let run = json::read(&folder.path().join(RECORD)).unwrap();
    html::write(&folder.path().join(PAGE), &run, Lang::En).unwrap();
    fs::create_dir(folder.path().join("html")).unwrap();
    fs::write(folder.path().join("html/index.html"), "a site").unwrap();
    let verified = verify(folder.path()).unwrap();
    assert_eq!(
        (verified.findings, verified.not_covered),
        (vec![], vec!["html"])
    );

    let page = folder.path().join(PAGE);
    let shown = fs::read_to_string(&page).unwrap().replacen('×', "○", 1);
    fs::write(&page, shown).unwrap();
    assert_eq!(findings(&folder), [found(PAGE, Difference::NotOfTheRecord)]);
}

#[test]
fn what_is_no_file_is_named_and_never_followed() {
    let folder = run_folder();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "x").unwrap();
    symlink(outside.path(), folder.path().join("evidence/out")).unwrap();
    let error = seal(folder.path(), None).unwrap_err().to_string();
    assert!(
        error.contains("evidence/out: is a symbolic link"),
        "{error}"
    );
    fs::remove_file(folder.path().join("evidence/out")).unwrap();
    seal(folder.path(), None).unwrap();

    // The same content behind a link is not the same file.
    let log = "evidence/auth.psk/a--b/initiator/daemon.log";
    let path = folder.path().join(log);
    fs::copy(&path, outside.path().join("log")).unwrap();
    fs::remove_file(&path).unwrap();
    symlink(outside.path().join("log"), &path).unwrap();
    symlink(outside.path(), folder.path().join("html")).unwrap();
    assert_eq!(
        findings(&folder),
        [
            found(log, Difference::NotAFile),
            found("html", Difference::NotAFile)
        ]
    );
    let manifest = folder.path().join(MANIFEST);
    fs::rename(&manifest, outside.path().join("m")).unwrap();
    symlink(outside.path().join("m"), &manifest).unwrap();
    assert!(matches!(
        verify(folder.path()),
        Err(Error::Unsealable { .. })
    ));
}

#[test]
fn names_in_another_normal_form_are_other_names() {
    let folder = run_folder();
    let composed = folder.path().join("evidence/\u{304c}.txt");
    fs::write(&composed, "が").unwrap();
    seal(folder.path(), None).unwrap();
    fs::rename(
        &composed,
        folder.path().join("evidence/\u{304b}\u{3099}.txt"),
    )
    .unwrap();
    assert_eq!(
        findings(&folder),
        [
            found("evidence/\u{304b}\u{3099}.txt", Difference::Added),
            found("evidence/\u{304c}.txt", Difference::Missing),
        ]
    );
}

#[test]
fn a_lock_with_something_in_it_was_put_in() {
    let folder = run_folder();
    seal(folder.path(), None).unwrap();
    fs::write(folder.path().join(LOCK), "hidden").unwrap();
    assert_eq!(findings(&folder), [found(LOCK, Difference::Added)]);
}

#[test]
fn another_signer_and_a_signature_taken_away_are_found() {
    let folder = run_folder();
    let (mine, other) = (key(), key());
    seal(folder.path(), Some(&mine)).unwrap();
    let signature = folder.path().join(SIGNATURE);
    let manifest = fs::read(folder.path().join(MANIFEST)).unwrap();
    fs::write(&signature, other.sign(&manifest)).unwrap();
    let verified = verify(folder.path()).unwrap();
    assert_eq!(verified.findings, [found(SIGNATURE, Difference::Signature)]);
    assert_eq!(verified.seal, None);
    assert!(matches!(read(folder.path()), Err(Error::Signature { .. })));

    fs::remove_file(&signature).unwrap();
    assert_eq!(findings(&folder), [found(SIGNATURE, Difference::Missing)]);
    seal(folder.path(), None).unwrap();
    fs::write(&signature, "x").unwrap();
    assert_eq!(findings(&folder), [found(SIGNATURE, Difference::Added)]);
}

/// Every file of the folder, the seal's own with them.
fn all(folder: &Path) -> Vec<String> {
    let mut paths: Vec<String> = Tree::walk(folder).unwrap().files.into_keys().collect();
    let own = [MANIFEST, SIGNATURE].map(str::to_owned);
    paths.extend(own.into_iter().filter(|own| folder.join(own).exists()));
    paths
}

/// Does one thing that must be found, and says which of the files must be named; none where it is
/// the manifest, which may make other files look wrong.
fn tamper(folder: &Path, rng: &mut StdRng) -> (String, Vec<String>) {
    let paths = all(folder);
    let pick = |rng: &mut StdRng| paths[rng.random_range(0..paths.len())].clone();
    let path = pick(rng);
    let place = folder.join(&path);
    let mut content = fs::read(&place).unwrap();
    let mut touched = vec![path.clone()];
    let deed = match rng.random_range(0..7) {
        0 | 1 if !content.is_empty() => {
            let (at, bit) = (rng.random_range(0..content.len()), rng.random_range(0..8));
            content[at] ^= 1 << bit;
            fs::write(&place, content).unwrap();
            format!("flip bit {bit} of octet {at} of {path}")
        }
        2 => {
            fs::remove_file(&place).unwrap();
            format!("remove {path}")
        }
        3 if !content.is_empty() => {
            content.truncate(rng.random_range(0..content.len()));
            fs::write(&place, content).unwrap();
            format!("cut {path} short")
        }
        4 => {
            let added = format!("{path}.{}", rng.random_range(0..1000));
            fs::write(folder.join(&added), content).unwrap();
            touched = vec![added.clone()];
            format!("add {added}")
        }
        5 => {
            let other = pick(rng);
            let theirs = fs::read(folder.join(&other)).unwrap();
            if theirs == content {
                return tamper(folder, rng);
            }
            fs::write(&place, theirs).unwrap();
            fs::write(folder.join(&other), content).unwrap();
            touched.push(other.clone());
            format!("swap {path} and {other}")
        }
        _ => {
            content.push(rng.random());
            fs::write(&place, content).unwrap();
            format!("add an octet to {path}")
        }
    };
    if touched
        .iter()
        .any(|path| [MANIFEST, SIGNATURE].contains(&path.as_str()))
    {
        touched.clear();
    }
    (deed, touched)
}

#[test]
fn a_hundred_random_tamperings_are_all_found() {
    let mut rng = StdRng::seed_from_u64(20_180_419);
    let key = key();
    for round in 0..100 {
        let folder = run_folder();
        let signed = round % 2 == 0;
        seal(folder.path(), signed.then_some(&key)).unwrap();
        let (deed, touched) = tamper(folder.path(), &mut rng);
        let findings = findings(&folder);
        assert!(!findings.is_empty(), "{round}: {deed} was not found");
        for path in &touched {
            let named = findings.iter().any(|finding| finding.path == *path);
            assert!(named, "{round}: {deed} is told as {findings:?}");
        }
        if !touched.is_empty() {
            assert_eq!(
                findings.len(),
                touched.len(),
                "{round}: {deed}: {findings:?}"
            );
        }
    }
}

/// Runs OpenSSL, which must succeed.
fn openssl(words: &[&str], paths: &[(&str, &Path)]) {
    let mut command = Command::new("openssl");
    command.args(words);
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
}

#[test]
fn openssl_agrees_on_keys_and_signatures() {
    let folder = run_folder();
    let keys = tempfile::tempdir().unwrap();
    let (private, public) = (keys.path().join("key"), keys.path().join("key.pub"));
    openssl(&["genpkey", "-algorithm", "ed25519"], &[("-out", &private)]);
    fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).unwrap();
    openssl(
        &["pkey", "-pubout"],
        &[("-in", &private), ("-out", &public)],
    );
    let theirs = SigningKey::read(&private).unwrap();
    assert_eq!(Signer::read(&public).unwrap(), theirs.signer());
    assert_eq!(theirs.signer().pem(), fs::read_to_string(&public).unwrap());

    let (text, ours) = SigningKey::generate().unwrap();
    fs::write(&private, text.as_bytes()).unwrap();
    fs::write(&public, ours.signer().pem()).unwrap();
    seal(folder.path(), Some(&ours)).unwrap();
    openssl(
        &["pkeyutl", "-verify", "-pubin", "-rawin"],
        &[
            ("-inkey", &public),
            ("-in", &folder.path().join(MANIFEST)),
            ("-sigfile", &folder.path().join(SIGNATURE)),
        ],
    );
}

#[test]
fn openssl_reads_the_keys_that_are_made_and_so_does_ring() {
    let keys = tempfile::tempdir().unwrap();
    let private = keys.path().join("key");
    let (text, ours) = SigningKey::generate().unwrap();
    fs::write(&private, text.as_bytes()).unwrap();
    let mut command = Command::new("openssl");
    let output = command
        .args(["pkey", "-pubout", "-in"])
        .arg(&private)
        .output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        ours.signer().pem()
    );
    let (label, der) = der::pem::decode_vec(text.trim().as_bytes()).unwrap();
    assert_eq!((label, der.len()), ("PRIVATE KEY", 48));
    ring::signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
}

#[test]
fn a_key_of_an_earlier_program_which_holds_its_public_key_too_is_still_read() {
    let random = ring::rand::SystemRandom::new();
    let document = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let ending = der::pem::LineEnding::LF;
    let text = der::pem::encode_string("PRIVATE KEY", ending, document.as_ref()).unwrap();
    let key = SigningKey::from_pem(&text, "an old key").unwrap();
    assert!(document.as_ref().ends_with(key.signer().public_key()));
}

#[test]
fn an_empty_folder_that_was_put_in_is_found_and_one_that_was_there_is_taken_away() {
    let folder = run_folder();
    let place = |path: &str| folder.path().join(path);
    fs::create_dir_all(place("evidence/auth.psk/a--b/initiator/certificates")).unwrap();
    fs::create_dir_all(place("evidence/only/folders")).unwrap();
    seal(folder.path(), None).unwrap();
    assert!(!place("evidence/only").exists());
    assert_eq!(findings(&folder), []);
    fs::create_dir_all(place("evidence/auth.psk/added/deep")).unwrap();
    fs::create_dir(place("beside")).unwrap();
    assert_eq!(
        findings(&folder),
        [
            found("beside/", Difference::Added),
            found("evidence/auth.psk/added/deep/", Difference::Added)
        ]
    );
}

#[test]
fn a_run_that_was_sealed_with_empty_folders_in_it_by_an_earlier_program_is_still_good() {
    let folder = run_folder();
    seal(folder.path(), None).unwrap();
    let manifest = folder.path().join(MANIFEST);
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("manifest-2", "manifest-1")).unwrap();
    fs::create_dir(folder.path().join("evidence/auth.psk/a--b/certificates")).unwrap();
    assert_eq!(findings(&folder), []);
}

#[test]
fn neither_a_baseline_nor_a_site_takes_a_record_that_is_not_as_it_was_sealed() {
    let folder = run_folder();
    assert_eq!(read_with_record(folder.path()).unwrap(), None);
    let sealed = seal(folder.path(), Some(&key())).unwrap();
    assert_eq!(
        read_with_record(folder.path()).unwrap(),
        Some(sealed.clone())
    );
    assert_eq!(read_for_site(folder.path()).unwrap(), Some(sealed.clone()));
    // What was made later beside it, or is gone, is not shown as anything else.
    fs::write(folder.path().join("junit.xml"), "later").unwrap();
    fs::remove_dir_all(folder.path().join("inputs")).unwrap();
    read_for_site(folder.path()).unwrap();
    let log = folder
        .path()
        .join("evidence/auth.psk/a--b/initiator/daemon.log");
    fs::write(&log, "another").unwrap();
    assert_eq!(read_with_record(folder.path()).unwrap(), Some(sealed));
    let error = read_for_site(folder.path()).unwrap_err().told();
    assert!(
        error
            .en
            .contains("initiator/daemon.log is not as it was sealed")
    );
    assert!(error.en.contains("ikematrix verify") && error.ja.contains("ikematrix verify"));
    let record = folder.path().join(RECORD);
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replacen("\"fail\"", "\"pass\"", 1)).unwrap();
    let error = read_with_record(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Broken { .. }), "{error}");
    // Nor does a record count that no manifest lists.
    let manifest = folder.path().join(MANIFEST);
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("\"signer\"", "\"signed\"", 1)).unwrap();
    read_with_record(folder.path()).unwrap_err();
}

#[test]
fn a_manifest_and_a_signature_without_an_end_are_not_read() {
    let folder = run_folder();
    seal(folder.path(), Some(&key())).unwrap();
    let huge = |name: &str| {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    huge(SIGNATURE);
    let found = findings(&folder);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].what, Difference::Signature);
    huge(MANIFEST);
    let error = verify(folder.path()).unwrap_err().to_string();
    assert!(error.contains("larger than"), "{error}");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, SigningKey::generate().unwrap().0.as_bytes()).unwrap();
    for (mode, good) in [
        (0o600, true),
        (0o400, true),
        (0o640, false),
        (0o604, false),
        (0o620, false),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(SigningKey::read(&path).is_ok(), good, "{mode:o}");
    }
}

#[test]
fn what_is_no_key_says_what_would_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let public = key().signer().pem();
    for text in ["", "x", &public, &public.replace("PUBLIC", "PRIVATE")] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = SigningKey::read(&path).unwrap_err().to_string();
        assert!(error.contains("ikematrix keygen"), "{error}");
    }
    let private = SigningKey::generate().unwrap().0;
    fs::write(&path, private.as_bytes()).unwrap();
    let error = Signer::read(&path).unwrap_err().to_string();
    assert!(error.contains(".pub"), "{error}");
    assert!(!format!("{:?}", key()).contains("PRIVATE"));
}
