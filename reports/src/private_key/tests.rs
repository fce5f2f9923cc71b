use std::fs;
use std::path::Path;
use std::process::Command;

use super::*;

/// Runs OpenSSL in a folder, which must succeed, and gives what it has written into a file there.
fn openssl(folder: &Path, words: &str) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(words.split(' '));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}: {said}");
    let name = words.split(' ').skip_while(|word| *word != "-out").nth(1);
    fs::read(folder.join(name.unwrap())).unwrap()
}

#[test]
fn every_form_in_which_openssl_writes_a_private_key_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &str| openssl(folder.path(), words);
    for make in [
        "genpkey -algorithm ed25519 -out key.pem",
        "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out key.pem",
        "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
    ] {
        assert!(is_in(&run(make)), "{make}");
        for form in [
            "pkey -in key.pem -outform DER -out key",
            "pkcs8 -topk8 -in key.pem -nocrypt -outform DER -out key",
            "pkcs8 -topk8 -in key.pem -passout pass:x -outform DER -out key",
            "pkcs8 -topk8 -in key.pem -passout pass:x -out key",
        ] {
            assert!(is_in(&run(form)), "{make}: {form}");
        }
        run("req -x509 -new -key key.pem -subj /CN=x -out cert.pem");
        let store = "pkcs12 -export -inkey key.pem -in cert.pem -passout pass:x -out store";
        assert!(is_in(&run(store)), "{make}: {store}");
    }
    assert!(is_in(&run("ec -in key.pem -outform DER -out key")));
    assert!(is_in(&run(
        "ec -in key.pem -no_public -outform DER -out key"
    )));
    run("genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out key.pem");
    assert!(is_in(&run(
        "rsa -in key.pem -traditional -outform DER -out key"
    )));
}

#[test]
fn what_is_public_is_no_private_key() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &str| openssl(folder.path(), words);
    run("genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
    for public in [
        "req -x509 -new -key key.pem -subj /CN=x -set_serial 1 -outform DER -out cert",
        "req -x509 -new -key key.pem -subj /CN=x -set_serial 1 -out cert.pem",
        "req -new -key key.pem -subj /CN=x -outform DER -out request",
        "pkey -in key.pem -pubout -outform DER -out public",
        "pkey -in key.pem -pubout -out public",
        "crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out store",
    ] {
        assert!(!is_in(&run(public)), "{public}");
    }
    // SNMP of version 2c; captures; logs that speak of keys.
    let snmp = b"\x30\x26\x02\x01\x01\x04\x06public\xa1\x19\x02\x04\x00\x00\x00\x01";
    let pcapng = b"\x0a\x0d\x0d\x0a\x6c\x00\x00\x00\x4d\x3c\x2b\x1a";
    for harmless in [
        snmp.as_slice(),
        pcapng,
        b"",
        b"0",
        b"0\x80",
        b"loaded private key from local.key: PRIVATE KEY of moon",
        b"-----BEGIN CERTIFICATE-----",
    ] {
        assert!(!is_in(harmless), "{harmless:?}");
    }
}

#[test]
fn text_that_announces_a_key_is_found_in_every_encoding() {
    for text in [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\r\n",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
        "PuTTY-User-Key-File-3: ssh-ed25519",
    ] {
        let text = format!("\u{feff}PPP PRIVATE {text}\nMC4CAQ");
        let wide = |octets: fn(u16) -> [u8; 2]| {
            let units = text.encode_utf16().flat_map(octets);
            units.collect::<Vec<u8>>()
        };
        let widest = |octets: fn(u32) -> [u8; 4]| {
            let chars = text.chars().flat_map(|c| octets(u32::from(c)));
            chars.collect::<Vec<u8>>()
        };
        for octets in [
            text.clone().into_bytes(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            widest(u32::to_le_bytes),
            widest(u32::to_be_bytes),
        ] {
            assert!(is_in(&octets), "{text}: {octets:?}");
        }
    }
}
