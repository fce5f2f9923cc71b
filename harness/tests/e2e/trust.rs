//! A run that can be believed, carried elsewhere, and run again there.

use std::fs;
use std::path::Path;

use reports::model::Outcome;

use crate::support::program::{Call, Ran, cell, program, short};
use crate::support::project::Project;
use crate::support::{alone, project::repository};

/// With certificates, whose serial numbers shall be the same again.
const CELL: &str = "auth.cert-rfc4945/strongswan-6.0:libreswan-5.2";

#[test]
fn a_signed_run_is_verified_and_run_again_from_its_bundle_where_there_is_no_project() {
    let _machine = alone();
    let place = tempfile::tempdir().unwrap();
    let key = place.path().join("key");
    let public = place.path().join("key.pub");
    let bundle = place.path().join("run.tar.zst");
    expect(&["keygen", "--out", text(&key)], 0);

    let project = Project::new();
    let ran = Call::run(&project)
        .args(["--cell", CELL])
        .arg("--sign")
        .arg(&key)
        .arg("--bundle")
        .arg(&bundle)
        .done();
    let run = ran.expect_code(0).record();
    assert_eq!(cell(&run, CELL).outcome, Outcome::Pass);
    let said = expect(&["verify", text(&ran.out()), "--key", text(&public)], 0);
    assert!(
        said.contains("Signed by the key that was demanded"),
        "{said}"
    );
    let said = expect(&["verify", text(&bundle), "--key", text(&public)], 0);
    assert!(said.contains("As it was sealed"), "{said}");
    the_private_key_is_nowhere(&ran, &key);

    // The page may be made again, in another language, too.
    let mut again = program();
    again.args(["report", "--lang", "ja"]).arg(ran.out());
    assert!(again.output().unwrap().status.success());
    expect(&["verify", text(&ran.out())], 0);

    tampering_is_found(&ran, &public);

    // Nothing of the project: only the bundle. What it is compared with is not here.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut call = Call::repro_from(&bundle, CELL);
    call.command().current_dir(elsewhere.path());
    let repeated = call.out(elsewhere.path().join("out")).done();
    let now = repeated.expect_code(0).record();
    assert_eq!(cell(&now, CELL).outcome, Outcome::Pass);
    assert!(
        repeated.stdout.contains("The same result: pass"),
        "{repeated}"
    );
    assert!(
        repeated.stdout.contains("Nothing else differs"),
        "{repeated}"
    );
    assert!(
        repeated.stdout.contains("There is no project here"),
        "{repeated}"
    );
    assert_eq!(now.inputs, run.inputs);
    assert_eq!(
        serials(&repeated),
        serials(&ran),
        "the same certificates but for their keys"
    );
    expect(&["verify", text(&repeated.out())], 0);
}

#[test]
fn what_cannot_be_run_again_says_why() {
    let place = tempfile::tempdir().unwrap();
    let repro = |from: &Path| {
        let (code, said, errors) = short(&["repro", CELL, "--from", text(from)]);
        assert_eq!(code, Some(2), "{said}{errors}");
        errors
    };
    assert!(repro(&place.path().join("absent")).contains("neither the folder of a run"));
    let old = repository().join("reports/samples/run-1.json");
    fs::copy(old, place.path().join("run.json")).unwrap();
    assert!(repro(place.path()).contains("keeps no inputs"));
    fs::write(place.path().join("bad"), [0x28, 0xb5, 0x2f, 0xfd, 0]).unwrap();
    assert!(repro(&place.path().join("bad")).contains("damaged"));
}

/// One of each kind; the hundred random ones are tests of the seal itself.
fn tampering_is_found(ran: &Ran, public: &Path) {
    let out = ran.out();
    let key = ["--key", text(public)];
    let verify = |path: &str| {
        let said = expect(&[&["verify", text(&out)], key.as_slice()].concat(), 1);
        assert!(said.contains(path), "{path} is not named in\n{said}");
        // What was tampered with is no ground for another run either.
        let (code, _, errors) = short(&["repro", CELL, "--from", text(&out)]);
        assert_eq!(code, Some(2), "{errors}");
        assert!(
            errors.contains("not as it was sealed") || errors.contains("signature"),
            "{errors}"
        );
    };
    let record = out.join("run.json");
    let was = fs::read_to_string(&record).unwrap();
    fs::write(&record, was.replace("\"pass\"", "\"fail\"")).unwrap();
    verify("changed: run.json");
    fs::write(&record, was).unwrap();

    let input = out.join("inputs/cases/auth/cert-rfc4945.toml");
    let was = fs::read(&input).unwrap();
    fs::remove_file(&input).unwrap();
    verify("missing: inputs/cases/auth/cert-rfc4945.toml");
    fs::write(&input, was).unwrap();

    let added = out.join("evidence/more.txt");
    fs::write(&added, "").unwrap();
    verify("added: evidence/more.txt");
    fs::remove_file(&added).unwrap();

    let signature = out.join("manifest.sig");
    let was = fs::read(&signature).unwrap();
    fs::write(&signature, [0; 64]).unwrap();
    verify("manifest.sig");
    fs::write(&signature, was).unwrap();

    let other = out.parent().unwrap().join("other");
    expect(&["keygen", "--out", text(&other)], 0);
    let other = other.with_extension("pub");
    let said = expect(&["verify", text(&out), "--key", text(&other)], 1);
    assert!(said.contains("Signed by another key"), "{said}");
    expect(&["verify", text(&out), "--key", text(public)], 0);
}

fn the_private_key_is_nowhere(ran: &Ran, key: &Path) {
    let text = fs::read_to_string(key).unwrap();
    let secret = text.lines().nth(1).unwrap();
    let mut folders = vec![ran.out()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                let found = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                assert!(!found, "the key is in {}", path.display());
            }
        }
    }
}

/// The serial numbers of all certificates of the evidence, by their files.
fn serials(ran: &Ran) -> Vec<(String, Vec<u8>)> {
    let mut serials = Vec::new();
    let run = ran.record();
    let evidence = ran.evidence(cell(&run, CELL));
    for role in ["initiator", "responder"] {
        for entry in fs::read_dir(evidence.join(role).join("certificates")).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let der = match x509_parser::pem::parse_x509_pem(&bytes) {
                Ok((_, pem)) => pem.contents,
                Err(_) => bytes,
            };
            if let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&der) {
                let name = format!("{role}/{}", path.file_name().unwrap().to_string_lossy());
                serials.push((name, certificate.raw_serial().to_vec()));
            }
        }
    }
    serials.sort();
    assert!(serials.len() >= 2, "{serials:?}");
    serials
}

/// Makes a short call that must end so, and gives what it printed.
fn expect(words: &[&str], code: i32) -> String {
    let (ended, said, errors) = short(words);
    assert_eq!(ended, Some(code), "{words:?}: {said}{errors}");
    said
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
