//! Names as text: distinguished names for people, and the syntax of host names and addresses.

use std::net::IpAddr;

use reports::escape;
use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::extensions::GeneralName;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use crate::lint::oids;

/// Longest text of a certificate that is shown.
pub(super) const LONGEST: usize = 200;

/// The name in the order of its RDNs, safe to print: `countryName=JP, commonName=gw1`.
pub(super) fn distinguished(name: &X509Name<'_>) -> String {
    // More attributes than this are not shown anyway.
    let attributes = name.iter_attributes().take(LONGEST);
    let parts: Vec<_> = attributes
        .map(|attribute| {
            let value = text_of(attribute.attr_value());
            format!("{}={value}", short(&oids::name(attribute.attr_type())))
        })
        .collect();
    escape::visible(&parts.join(", "), LONGEST)
}

/// RFC 4514 section 3 has short names for the common attributes.
fn short(name: &str) -> &str {
    match name {
        "countryName" => "C",
        "organizationName" => "O",
        "organizationalUnitName" => "OU",
        "commonName" => "CN",
        "localityName" => "L",
        "stateOrProvinceName" => "ST",
        "domainComponent" => "DC",
        other => other,
    }
}

/// The text of a string of any type, as far as it can be read.
pub(super) fn text_of(value: &Any<'_>) -> String {
    let bytes = value.data;
    match value.tag() {
        Tag::BmpString => {
            let units = bytes.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        // T.61 as most software writes it.
        Tag::TeletexString => bytes.iter().map(|octet| char::from(*octet)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The type of a string as ASN.1 names it.
pub(super) fn string_type(value: &Any<'_>) -> &'static str {
    match value.tag() {
        Tag::Utf8String => "UTF8String",
        Tag::PrintableString => "PrintableString",
        Tag::Ia5String => "IA5String",
        Tag::TeletexString => "TeletexString",
        Tag::BmpString => "BMPString",
        Tag::UniversalString => "UniversalString",
        Tag::NumericString => "NumericString",
        _ => "other type",
    }
}

/// The choice of a general name as ASN.1 names it.
pub(super) fn choice(name: &GeneralName<'_>) -> &'static str {
    match name {
        GeneralName::OtherName(..) => "otherName",
        GeneralName::RFC822Name(_) => "rfc822Name",
        GeneralName::DNSName(_) => "dNSName",
        GeneralName::X400Address(_) => "x400Address",
        GeneralName::DirectoryName(_) => "directoryName",
        GeneralName::EDIPartyName(_) => "ediPartyName",
        GeneralName::URI(_) => "uniformResourceIdentifier",
        GeneralName::IPAddress(_) => "iPAddress",
        GeneralName::RegisteredID(_) => "registeredID",
        GeneralName::Invalid(..) => "invalid",
    }
}

/// A general name's value for people.
pub(super) fn value(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::RFC822Name(text) | GeneralName::DNSName(text) | GeneralName::URI(text) => {
            (*text).to_owned()
        }
        GeneralName::DirectoryName(name) => distinguished(name),
        GeneralName::IPAddress(octets) => address(octets),
        GeneralName::RegisteredID(oid) | GeneralName::OtherName(oid, _) => oids::dotted(oid),
        GeneralName::X400Address(any) | GeneralName::EDIPartyName(any) => hex(any.data),
        GeneralName::Invalid(_, octets) => hex(octets),
    }
}

/// An address of 4 or 16 octets as text, others in hexadecimal.
pub(super) fn address(octets: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        IpAddr::from(v4).to_string()
    } else if let Ok(v6) = <[u8; 16]>::try_from(octets) {
        IpAddr::from(v6).to_string()
    } else {
        hex(octets)
    }
}

/// The time as RFC 3339 writes it.
pub(super) fn time(time: &ASN1Time) -> String {
    let timestamp = jiff::Timestamp::from_second(time.timestamp());
    timestamp.map_or_else(|_| time.to_string(), |timestamp| timestamp.to_string())
}

/// The first octets in hexadecimal.
pub(super) fn hex(octets: &[u8]) -> String {
    const MOST: usize = 24;
    let mut digits: String = octets
        .iter()
        .take(MOST)
        .map(|octet| format!("{octet:02x}"))
        .collect();
    if octets.len() > MOST {
        digits.push('…');
    }
    digits
}

/// Whether the text is a host name by RFC 1034 section 3.5 with the digits of RFC 1123: labels of
/// letters, digits and inner hyphens, without a dot at the end.
pub(super) fn is_host_name(text: &str) -> bool {
    const LONGEST_NAME: usize = 253;
    const LONGEST_LABEL: usize = 63;
    let good = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= LONGEST_NAME && text.split('.').all(good)
}

/// Whether the text of a subject reads as a fully qualified domain name: at least two labels, and
/// the last one is of letters.
pub(super) fn reads_as_fqdn(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    let lettered = last.len() >= 2 && last.bytes().all(|c| c.is_ascii_alphabetic());
    text.contains('.') && lettered && is_host_name(text)
}

pub(super) fn reads_as_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Whether the text is a mailbox as RFC 5280 section 4.2.1.6 allows in rfc822Name: local part and
/// host, nothing around them.
pub(super) fn is_mailbox(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&c);
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let dotted = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let good_local = quoted || (!local.is_empty() && dotted && local.bytes().all(plain));
    good_local && is_host_name(host)
}

/// Whether the text is an absolute URI with a scheme and something after it (RFC 3986).
pub(super) fn is_absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let starts_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let scheme_char = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let visible = |c: char| c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c);
    starts_well && scheme.chars().all(scheme_char) && !rest.is_empty() && rest.chars().all(visible)
}

/// The host of a URI with an authority; none where there is no authority.
pub(super) fn uri_host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split(']').next();
    }
    host.split(':').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_told_from_others() {
        for good in ["gw1", "gw1.hosp.example", "1a.example", "xn--p8j.example"] {
            assert!(is_host_name(good), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "", " ", "gw1.", ".gw1", "a..b", "*.a", "a b", "-a", "a-", "a\0b", &long,
        ] {
            assert!(!is_host_name(bad), "{bad:?}");
        }
        for (text, fqdn) in [
            ("gw1.hosp.example", true),
            ("Gateway Router", false),
            ("gw1", false),
            ("192.0.2.1", false),
            ("HPKI-01-HPKI_JV2-forNonRepudiation", false),
            ("v1.0", false),
        ] {
            assert_eq!(reads_as_fqdn(text), fqdn, "{text}");
        }
    }

    #[test]
    fn mailboxes_and_uris_are_told_from_others() {
        for (text, good) in [
            ("gw1@hosp.example", true),
            ("\"gw 1\"@hosp.example", true),
            ("gw1", false),
            ("@hosp.example", false),
            ("gw1@", false),
            ("Gateway <gw1@hosp.example>", false),
            ("a..b@hosp.example", false),
        ] {
            assert_eq!(is_mailbox(text), good, "{text}");
        }
        for (text, good, host) in [
            ("http://crl.example/a.crl", true, Some("crl.example")),
            ("http:///path", true, Some("")),
            ("ldap://[2001:db8::1]:389/cn=a", true, Some("2001:db8::1")),
            ("urn:oid:1.2", true, None),
            ("/path", false, None),
            ("http://a b/", false, Some("a b")),
        ] {
            assert_eq!(is_absolute_uri(text), good, "{text}");
            assert_eq!(uri_host(text), host, "{text}");
        }
    }
}
