//! Faults are there, and only those that were asked for.

use certs::{Authority, Issued};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::read_back::parse;
use crate::support::{holder, issue, now, with_test};

fn with_faults(faults: &str) -> Issued {
    issue(&format!(
        "base = \"rfc4945\"\n[certificates.end-entity]\nkey = \"ec-p256\"\nfaults = [{faults}]\n"
    ))
}

/// Whether the root's key made the signature.
fn is_signed_by_the_root(issued: &Issued) -> bool {
    let root = issued.anchor.as_ref().unwrap();
    let (_, root) = X509Certificate::from_der(root.der()).unwrap();
    parse(issued)
        .verify_signature(Some(root.public_key()))
        .is_ok()
}

#[test]
fn a_certificate_without_faults_is_signed_by_its_issuer() {
    let issued = with_faults("");
    assert!(is_signed_by_the_root(&issued));
    let root = issued.anchor.as_ref().unwrap();
    assert_eq!(parse(&issued).issuer().as_raw(), root.subject_der());
}

#[test]
fn a_corrupt_signature_does_not_verify() {
    assert!(!is_signed_by_the_root(&with_faults(
        "\"corrupt-signature\""
    )));
}

#[test]
fn a_signature_by_another_key_does_not_verify() {
    assert!(!is_signed_by_the_root(&with_faults(
        "\"signed-by-other-key\""
    )));
}

#[test]
fn another_issuer_name_stands_under_a_good_signature() {
    let fault = "{ issuer-name = [{ type = \"CN\", value = \"Somebody\" }] }";
    let issued = with_faults(fault);
    assert_eq!(parse(&issued).issuer().to_string(), "CN=Somebody");
    assert!(is_signed_by_the_root(&issued));
}

#[test]
fn the_outer_algorithm_differs_from_the_signed_one() {
    let issued = with_faults("{ outer-signature-algorithm = \"rsa-sha1\" }");
    let certificate = parse(&issued);
    assert_ne!(
        certificate.signature_algorithm,
        certificate.tbs_certificate.signature
    );
}

#[test]
fn octets_are_added_or_missing_at_the_end() {
    let added = with_faults("{ trailing-octets = \"00 01\" }");
    let (rest, _) = X509Certificate::from_der(added.certificate.der()).unwrap();
    assert_eq!(rest, [0, 1]);
    let missing = with_faults("{ missing-octets = 3 }");
    assert!(X509Certificate::from_der(missing.certificate.der()).is_err());
    let nothing_left = with_faults("{ missing-octets = 100000 }");
    assert!(nothing_left.certificate.der().is_empty());
}

#[test]
fn extensions_may_be_removed_replaced_added_and_doubled() {
    let issued = issue(
        "base = \"rfc4945\"\n[certificates.end-entity]\nkey = \"ec-p256\"\n\
         remove = [\"2.5.29.35\"]\n\
         [[certificates.end-entity.replace]]\ncritical = true\n\
         key-usage = [\"key-encipherment\"]\n\
         [[certificates.end-entity.add]]\nsubject-alt-name = [{ dns = \"other.example\" }]\n",
    );
    let certificate = parse(&issued);
    let oids: Vec<_> = certificate
        .extensions()
        .iter()
        .map(|e| e.oid.to_string())
        .collect();
    let expected = [
        "2.5.29.17",
        "2.5.29.15",
        "2.5.29.31",
        "2.5.29.14",
        "2.5.29.19",
        "2.5.29.17",
    ];
    assert_eq!(oids, expected);
    assert!(
        certificate
            .key_usage()
            .unwrap()
            .unwrap()
            .value
            .key_encipherment()
    );
}

#[test]
fn lists_have_faults_of_their_own() {
    let list = |faults: &str| {
        let profiles = with_test(&format!(
            "base = \"rfc4945\"\n[crls.root]\nfaults = [{faults}]\n"
        ));
        let profile = profiles.get("test").unwrap();
        let authority = Authority::new(now());
        let root = authority.trust_anchors(profile).unwrap().remove(0);
        (root, authority.crls(profile, &[]).unwrap().remove(0))
    };
    let verifies = |faults: &str| {
        let (root, list) = list(faults);
        let (_, root) = X509Certificate::from_der(root.der()).unwrap();
        let (_, list) = CertificateRevocationList::from_der(list.der()).unwrap();
        list.verify_signature(root.public_key()).is_ok()
    };
    assert!(verifies(""));
    assert!(!verifies("\"corrupt-signature\""));
    assert!(!verifies("\"signed-by-other-key\""));
    let (_, named) = list("{ issuer-name = [{ type = \"CN\", value = \"Somebody\" }] }");
    let (_, named) = CertificateRevocationList::from_der(named.der()).unwrap();
    assert_eq!(named.issuer().to_string(), "CN=Somebody");
}

#[test]
fn a_holder_whose_name_does_not_fit_the_string_type_is_refused() {
    let profiles = with_test(
        "base = \"rfc4945\"\n[certificates.end-entity]\nkey = \"ec-p256\"\nsubject = [{ type = \
         \"CN\", value = \"{vendor}\", string = \"printable\" }]\n",
    );
    let profile = profiles.get("test").unwrap();
    let holder = certs::Holder {
        vendor: "ベンダー".into(),
        ..holder()
    };
    let error = Authority::new(now()).issue(profile, &holder).unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"ベンダー\" cannot be encoded as PrintableString"
    );
}
