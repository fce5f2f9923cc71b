//! OpenSSL and NSS, which the routers' programs use, read keys, chains, lists and PKCS#12.

use certs::Authority;

use crate::programs::{Files, PASSWORD};
use crate::support::{SOUND, holder, now, profiles, with_test};

const VERIFY: &str = "verify -x509_strict -CAfile anchors.pem -untrusted chain.pem";

#[test]
fn every_chain_verifies_and_a_revoked_end_entity_does_not() {
    let authority = Authority::new(now());
    let with_lists =
        format!("{VERIFY} -crl_check_all -extended_crl -CRLfile lists.pem end-entity.pem");
    let profiles = profiles();
    for profile in SOUND.map(|id| profiles.get(id).unwrap()) {
        let issued = authority.issue(profile, &holder()).unwrap();
        let files = Files::of(&authority, profile, &issued, &[]);
        files.read("openssl", &format!("{VERIFY} end-entity.pem"));
        files.read("openssl", &with_lists);
        let files = Files::of(&authority, profile, &issued, &[&issued]);
        let (verified, said) = files.run("openssl", &with_lists);
        assert!(
            !verified && said.contains("certificate revoked"),
            "{}: {said}",
            profile.id
        );
    }
}

/// Key, what OpenSSL calls the signature of the certificate, and what verifies it.
const KEYS: [(&str, &str, &str); 9] = [
    ("rsa-768", "sha256WithRSAEncryption", "-auth_level 0"),
    ("rsa-1024", "sha256WithRSAEncryption", "-auth_level 1"),
    ("rsa-2048", "sha256WithRSAEncryption", "-auth_level 2"),
    ("rsa-3072", "sha256WithRSAEncryption", "-auth_level 2"),
    ("rsa-4096", "sha256WithRSAEncryption", "-auth_level 2"),
    ("ec-p256", "ecdsa-with-SHA256", "-auth_level 2"),
    ("ec-p384", "ecdsa-with-SHA384", "-auth_level 2"),
    ("ec-p521", "ecdsa-with-SHA512", "-auth_level 2"),
    ("ed25519", "ED25519", "-auth_level 2"),
];

#[test]
fn every_kind_of_key_signs_certificates_and_is_read() {
    for (key, signature, level) in KEYS {
        let profiles = with_test(&format!(
            "base = \"rfc4945\"\n[certificates.root]\nkey = {key:?}\n[certificates.end-entity]\n\
             key = {key:?}\n"
        ));
        let profile = profiles.get("test").unwrap();
        let authority = Authority::new(now());
        let issued = authority.issue(profile, &holder()).unwrap();
        let files = Files::of(&authority, profile, &issued, &[]);
        files.read("openssl", &format!("{VERIFY} {level} end-entity.pem"));
        let text = files.read("openssl", "x509 -noout -text -in end-entity.pem");
        assert!(text.contains(signature), "{key}: {text}");
        let of_key = files.read("openssl", "pkey -in key.pem -pubout");
        let of_certificate = files.read("openssl", "x509 -in end-entity.pem -noout -pubkey");
        assert_eq!(of_key, of_certificate, "{key}");
    }
}

#[test]
fn every_kind_of_rsa_signature_verifies() {
    for signature in [
        "rsa-md5",
        "rsa-sha1",
        "rsa-sha256",
        "rsa-sha384",
        "rsa-sha512",
        "rsa-pss-sha256",
        "rsa-pss-sha384",
        "rsa-pss-sha512",
        "rsa-pss-defaults",
    ] {
        for key in ["rsa-1024", "rsa-2048"] {
            if (key, signature) == ("rsa-1024", "rsa-pss-sha512") {
                continue;
            }
            let profiles = with_test(&format!(
                "base = \"rfc4945\"\n[certificates.root]\nkey = {key:?}\n\
                 [certificates.end-entity]\nsignature = {signature:?}\n"
            ));
            let profile = profiles.get("test").unwrap();
            let authority = Authority::new(now());
            let issued = authority.issue(profile, &holder()).unwrap();
            let files = Files::of(&authority, profile, &issued, &[]);
            // Level 0 allows what is weak; the signature must be right all the same.
            files.read("openssl", &format!("{VERIFY} -auth_level 0 end-entity.pem"));
        }
    }
}

#[test]
fn pkcs12_is_read_by_openssl_and_nss_with_the_password_only() {
    let authority = Authority::new(now());
    let profiles = profiles();
    for profile in SOUND.map(|id| profiles.get(id).unwrap()) {
        let issued = authority.issue(profile, &holder()).unwrap();
        let files = Files::of(&authority, profile, &issued, &[]);
        let open = "pkcs12 -in end-entity.p12 -nodes -passin";
        let said = files.read("openssl", &format!("{open} pass:{PASSWORD} -info"));
        let certificates = said.matches("BEGIN CERTIFICATE").count();
        assert_eq!(
            certificates,
            issued.intermediates.len() + 2,
            "{}",
            profile.id
        );
        assert_eq!(
            said.matches("BEGIN PRIVATE KEY").count(),
            1,
            "{}",
            profile.id
        );
        assert!(said.contains("friendlyName: gw1"), "{said}");
        let (opened, _) = files.run("openssl", &format!("{open} pass:wrong"));
        assert!(!opened);

        files.read("certutil", "-N -d sql:. --empty-password");
        files.read(
            "pk12util",
            &format!("-i end-entity.p12 -d sql:. -W {PASSWORD}"),
        );
        let keys = files.read("certutil", "-K -d sql:.");
        assert_eq!(keys.matches("rsa").count(), 1, "{keys}");
    }
}
