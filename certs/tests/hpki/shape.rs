//! The form of a certificate without what is its own: names, numbers, keys and dates.

use std::collections::BTreeMap;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

/// Field to value.
pub(crate) fn shape(der: &[u8]) -> BTreeMap<String, String> {
    let (rest, certificate) = X509Certificate::from_der(der).unwrap();
    let validity = certificate.validity();
    let public_key = certificate.public_key();
    let PublicKey::RSA(key) = public_key.parsed().unwrap() else {
        panic!("not an RSA key: {}", public_key.algorithm.algorithm);
    };
    let bits = key.key_size();
    let mut fields = BTreeMap::new();
    let mut field = |name: &str, value: String| {
        fields.insert(name.to_owned(), value);
    };
    field("octets after the end", rest.len().to_string());
    field("version", certificate.version().to_string());
    field(
        "serial number",
        format!("{} octets", certificate.raw_serial().len()),
    );
    field(
        "signature",
        certificate.signature_algorithm.algorithm.to_string(),
    );
    field(
        "key",
        format!("{} of {bits} bits", public_key.algorithm.algorithm),
    );
    field("issuer", tree(certificate.issuer().as_raw()));
    field("subject", tree(certificate.subject().as_raw()));
    field("not before", time(&validity.not_before));
    field("not after", time(&validity.not_after));
    // To the nearest year, which has 31,556,952 seconds on average.
    let seconds = validity.not_after.timestamp() - validity.not_before.timestamp();
    let years = (seconds + 31_556_952 / 2) / 31_556_952;
    field("validity", format!("{years} years"));
    let mut order = Vec::new();
    for extension in certificate.extensions() {
        order.push(extension.oid.to_string());
        let name = extension.oid.to_string();
        field(&format!("{name} critical"), extension.critical.to_string());
        field(&format!("{name} value"), tree(extension.value));
    }
    field("extensions", order.join(" "));
    fields
}

/// ASN.1 type and time of day.
fn time(time: &ASN1Time) -> String {
    let form = if time.is_utctime() {
        "UTCTime"
    } else {
        "GeneralizedTime"
    };
    let of_day = time.timestamp().rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let edge = (minute, second) == (0, 0) || (minute, second) == (59, 59);
    if edge {
        format!("{form} {hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{form} some time of day")
    }
}

/// The types within a DER value, with object identifiers, booleans and bits in full.
fn tree(der: &[u8]) -> String {
    let mut reader = SliceReader::new(der).unwrap();
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(element(AnyRef::decode(&mut reader).unwrap()));
    }
    elements.join(" ")
}

fn element(any: AnyRef<'_>) -> String {
    let value = any.value();
    let tag = any.tag();
    if let Tag::ContextSpecific { number, .. } = tag {
        let number = number.value();
        return if tag.is_constructed() {
            format!("[{number}]{{{}}}", tree(value))
        } else {
            format!("[{number}]")
        };
    }
    if tag == Tag::Sequence || tag == Tag::Set {
        let word = if tag == Tag::Sequence { "SEQ" } else { "SET" };
        format!("{word}{{{}}}", tree(value))
    } else if tag == Tag::ObjectIdentifier {
        ObjectIdentifier::from_bytes(value).unwrap().to_string()
    } else if tag == Tag::Boolean || tag == Tag::BitString {
        format!("{tag} {value:02x?}")
    } else {
        tag.to_string()
    }
}
