//! `ikematrix certs issue`, as a person calls it.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::program::program;
use crate::support::project::repository;

fn issue(words: &str, folder: &Path) -> Output {
    program()
        .args(["certs", "issue"])
        .args(words.split_whitespace())
        .arg("--project")
        .arg(repository())
        .current_dir(folder)
        // The usage would name a cache that is set.
        .env_remove("IKEMATRIX_CACHE")
        .output()
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_chain_is_issued_with_its_keys_and_lists() {
    let folder = tempfile::tempdir().unwrap();
    let words = "hpki-auth-organisation --out chain --fqdn gw.test.example --facility-number 42 \
                 --lang ja";
    let output = issue(words, folder.path());
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("SERIALNUMBER=42,CN=Test General Hospital gw.test.example"),
        "{said}"
    );
    let chain = folder.path().join("chain");
    let expected = [
        "end-entity.der",
        "end-entity.key.pem",
        "end-entity.p12",
        "end-entity.pem",
        "password.txt",
        "rarl.crl",
        "rarl.crl.pem",
        "root.der",
        "root.pem",
        "sarl.crl",
        "sarl.crl.pem",
        "sub.crl",
        "sub.crl.pem",
        "sub.der",
        "sub.pem",
    ];
    assert_eq!(names(&chain), expected);
    for name in expected {
        let mode = fs::metadata(chain.join(name)).unwrap().permissions().mode() & 0o777;
        let secret = ["end-entity.key.pem", "end-entity.p12", "password.txt"].contains(&name);
        assert_eq!(mode, if secret { 0o600 } else { 0o644 }, "{name}");
    }
    let password = fs::read_to_string(chain.join("password.txt")).unwrap();
    assert_eq!(password.trim_end().len(), 20);
    assert!(!said.contains(password.trim_end()));
    openssl(
        "verify -CAfile root.pem -untrusted sub.pem end-entity.pem",
        &chain,
    );
    openssl(
        "pkcs12 -in end-entity.p12 -passin file:password.txt -nokeys",
        &chain,
    );
}

#[track_caller]
fn openssl(arguments: &str, folder: &Path) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("openssl: {error}\n`make setup` installs it"));
    assert!(output.status.success(), "openssl {arguments}: {output:?}");
}

#[test]
fn a_password_of_ones_own_is_taken_and_not_written_down_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "鍵 and more\nsecond line\n").unwrap();
    let output = issue(
        "rfc4945 --out out --revoke --password-file password",
        folder.path(),
    );
    assert!(output.status.success(), "{output:?}");
    let out = folder.path().join("out");
    assert!(!out.join("password.txt").exists());
    openssl(
        "pkcs12 -in end-entity.p12 -passin file:../password -nokeys",
        &out,
    );
    let text = Command::new("openssl")
        .args(["crl", "-in", "root.crl.pem", "-noout", "-text"])
        .current_dir(&out)
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&text.stdout).contains("Revoked Certificates:"));
}

#[test]
fn what_cannot_be_issued_is_refused_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("taken")).unwrap();
    fs::write(folder.path().join("taken/root.pem"), "precious").unwrap();
    fs::write(folder.path().join("empty"), "\n").unwrap();
    let mut told = String::new();
    for words in [
        "rfc4945",
        "rfc4945 --out out --ipv4 gw1",
        "rfc4945 --out out --fqdn 病院.example",
        "hpki-signing --out out --facility-number 鍵",
        "rfc4945 --out out --password-file nowhere",
        "rfc4945 --out out --password-file empty",
        "rfc4945 --out taken",
        "rfc4945 --out empty",
    ] {
        let output = issue(words, folder.path());
        assert_eq!(output.status.code(), Some(2), "{words}: {output:?}");
        assert!(output.stdout.is_empty(), "{words}");
        let message = String::from_utf8_lossy(&output.stderr);
        writeln!(told, "ikematrix certs issue {words}\n{message}").unwrap();
    }
    insta::assert_snapshot!(told);
    let output = issue("rfc4954 --out out", folder.path());
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("did you mean \"rfc4945\"?"), "{message}");
    assert_eq!(names(folder.path()), ["empty", "taken"]);
    assert_eq!(names(&folder.path().join("taken")), ["root.pem"]);
    let output = issue("rfc4945 --out taken --force", folder.path());
    assert!(output.status.success(), "{output:?}");
    let root = fs::read_to_string(folder.path().join("taken/root.pem")).unwrap();
    assert!(root.starts_with("-----BEGIN CERTIFICATE-----"));
}
