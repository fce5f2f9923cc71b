//! Every kind of extension and every type of string, read back by x509-parser.

use std::fmt::Write;

use certs::Issued;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::x509::X509Name;

use crate::support::{holder, issue, now, with_test};

/// A certificate that must be DER to the last octet.
pub(crate) fn parse(issued: &Issued) -> X509Certificate<'_> {
    let (rest, certificate) = X509Certificate::from_der(issued.certificate.der()).unwrap();
    assert!(rest.is_empty());
    certificate
}

/// Type, string type by its tag, and octets of each attribute; sets in brackets.
fn name(name: &X509Name<'_>) -> String {
    let relative_name = |attributes: Vec<String>| match attributes.as_slice() {
        [one] => one.clone(),
        several => format!("[{}]", several.join(" ")),
    };
    name.iter_rdn()
        .map(|rdn| {
            let attributes = rdn.iter().map(|attribute| {
                let value = attribute.attr_value();
                let data = String::from_utf8_lossy(value.data);
                format!(
                    "{}={}:{:?}",
                    attribute.attr_type(),
                    value.header.tag(),
                    data
                )
            });
            relative_name(attributes.collect())
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn names_have_their_order_and_their_string_types() {
    let issued = issue(include_str!("every.toml"));
    insta::assert_snapshot!(name(parse(&issued).subject()));
    assert_eq!(
        issued.certificate.subject_der(),
        parse(&issued).subject().as_raw()
    );
    insta::assert_snapshot!(issued.certificate.subject_text());
}

#[test]
fn extensions_have_their_order_their_criticality_and_their_contents() {
    let issued = issue(include_str!("every.toml"));
    let certificate = parse(&issued);
    let mut text = String::new();
    for extension in certificate.extensions() {
        let critical = if extension.critical { " critical" } else { "" };
        writeln!(text, "{}{critical}", extension.oid).unwrap();
        let parsed = extension.parsed_extension();
        if let ParsedExtension::AuthorityKeyIdentifier(identifier) = parsed {
            // It holds a slice of the certificate's own name and serial number.
            assert_eq!(identifier.key_identifier.as_ref().unwrap().0, [0, 1, 2]);
            assert_eq!(identifier.authority_cert_serial, Some([1, 95].as_slice()));
            let issuer = identifier.authority_cert_issuer.as_ref().unwrap();
            let expected = GeneralName::DirectoryName(certificate.subject().clone());
            assert_eq!(issuer.as_slice(), [expected]);
        } else if let ParsedExtension::UnsupportedExtension { .. } = parsed {
            // What x509-parser does not know: the octets.
            writeln!(text, "    {:02x?}", extension.value).unwrap();
        } else {
            writeln!(text, "    {parsed:?}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_rest_of_the_certificate_is_as_specified() {
    let issued = issue(include_str!("every.toml"));
    let certificate = parse(&issued);
    assert_eq!(certificate.raw_serial(), [1, 95]);
    assert_eq!(
        certificate.issuer().as_raw(),
        certificate.subject().as_raw()
    );
    let validity = certificate.validity();
    assert_eq!(validity.not_before.timestamp(), 1_389_938_888);
    assert!(validity.not_before.is_utctime() && validity.not_after.is_generalizedtime());
    assert_eq!(
        issued.certificate.subject_key_identifier(),
        Some([0, 1, 2].as_slice())
    );
    assert_eq!(issued.certificate.serial(), [1, 95]);
    certificate.verify_signature(None).unwrap();
}

#[test]
fn the_role_of_a_physician_is_encoded_as_in_real_certificates() {
    let issued = issue("base = \"hpki-signing\"\n");
    let certificate = parse(&issued);
    let oid = x509_parser::der_parser::oid!(2.5.29.9);
    let attributes = certificate.get_extension_unique(&oid).unwrap().unwrap();
    let expected = b"\x30\x34\x30\x32\x06\x06\x28\x81\x85\x42\x00\x01\x31\x28\x31\x26\x30\x24\
        \xa0\x22\x31\x20\xa0\x0c\x06\x0a\x2a\x83\x08\x86\x91\x0f\x01\x06\x01\x01\xa2\x10\x0c\x0e\
        Medical Doctor";
    assert_eq!(attributes.value, expected);
}

#[test]
fn a_random_serial_number_is_positive_and_of_sixteen_octets() {
    let issued = issue("base = \"rfc4945\"\n[certificates.end-entity]\nkey = \"ec-p256\"\n");
    let certificate = parse(&issued);
    let serial = certificate.raw_serial();
    assert_eq!(serial.len(), 16);
    assert!((0x40..0x80).contains(&serial[0]));
}

#[test]
fn versions_serials_and_times_may_be_wrong() {
    let issued = issue(
        "base = \"rfc4945\"\n[certificates.end-entity]\nkey = \"ec-p256\"\nversion = \"v1\"\n\
         extensions = []\nserial = { octets = \"ff 00 01\" }\nsubject = []\n\
         [certificates.end-entity.validity]\n\
         not-before = { at = \"2020-01-01T00:00:00Z\", form = \"generalized-time\" }\n\
         not-after = { at = \"2060-01-01T00:00:00Z\", form = \"utc-time\" }\n",
    );
    let certificate = parse(&issued);
    assert_eq!(certificate.version().0, 0);
    assert!(certificate.extensions().is_empty());
    assert_eq!(certificate.raw_serial(), [0xff, 0, 1]);
    assert_eq!(certificate.subject().as_raw(), [0x30, 0]);
    assert_eq!(issued.certificate.subject_key_identifier(), None);
    assert!(certificate.validity().not_before.is_generalizedtime());
    assert!(certificate.validity().not_after.is_utctime());
}

#[test]
fn lists_have_their_number_their_scope_and_what_is_revoked() {
    let profiles = with_test(
        "base = \"hpki-signing\"\n\
         [crls.sub]\nnumber = 300\nthis-update = { days = -9 }\nnext-update = { days = -2 }\n\
         delta-of = 7\nauthority-key-identifier = [\"key-id\", \"issuer-and-serial\"]\n\
         signature = \"rsa-sha1\"\n\
         issuing-distribution-point = { name = [{ uri = \"http://ca.example/\" }], only = \
         \"end-entities\" }\n",
    );
    let profile = profiles.get("test").unwrap();
    let authority = certs::Authority::new(now());
    let issued = authority.issue(profile, &holder()).unwrap();
    let lists = authority.crls(profile, &[&issued]).unwrap();
    let names: Vec<_> = lists
        .iter()
        .map(|list| (list.name(), list.issuer()))
        .collect();
    assert_eq!(names, [("rarl", "root"), ("sarl", "root"), ("sub", "sub")]);
    let (rest, list) = CertificateRevocationList::from_der(lists[2].der()).unwrap();
    assert!(rest.is_empty());
    assert_eq!(
        list.issuer().as_raw(),
        issued.intermediates[0].subject_der()
    );
    assert_eq!(list.crl_number().unwrap().to_string(), "300");
    assert!(list.next_update().unwrap().timestamp() < now().as_second());
    let revoked: Vec<_> = list
        .iter_revoked_certificates()
        .map(|r| r.raw_serial())
        .collect();
    assert_eq!(revoked, [issued.certificate.serial()]);
    let extensions: Vec<_> = list
        .extensions()
        .iter()
        .map(|e| (e.oid.to_string(), e.critical))
        .collect();
    let expected = [
        ("2.5.29.35", false),
        ("2.5.29.20", false),
        ("2.5.29.27", true),
        ("2.5.29.28", true),
    ];
    assert_eq!(
        extensions,
        expected.map(|(oid, critical)| (oid.to_owned(), critical))
    );
    let (_, other) = CertificateRevocationList::from_der(lists[0].der()).unwrap();
    assert_eq!(other.iter_revoked_certificates().count(), 0);
}
