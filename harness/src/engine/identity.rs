//! Identities that a case gives to a router in place of that of its profile.

use cases::{IdentityKind, OtherIdentity, Role, SubjectForm};
use vendors::{Identity, Profile};

use super::credentials::Shown;
use super::router::{Names, end_of};
use super::topology::Site;

/// The identity of the router of one role; `shown` is what it shows, with a method of certificates.
pub(super) fn other_identity(
    other: &OtherIdentity,
    role: Role,
    profile: &Profile,
    shown: Option<&Shown>,
) -> Identity {
    match (other, shown) {
        (OtherIdentity::Text { kind, value }, _) => {
            let Names { fqdn, email } = Names::of(role, profile);
            let address = Site::of(role).wan_address().to_string();
            let names = [fqdn, email, address];
            let text = OtherIdentity::PLACEHOLDERS
                .iter()
                .zip(&names)
                .fold(value.clone(), |text, (name, own)| text.replace(name, own));
            match kind {
                IdentityKind::KeyId => Identity::key_id(text.as_bytes()),
                IdentityKind::Fqdn
                | IdentityKind::Ipv4
                | IdentityKind::Ipv6
                | IdentityKind::Rfc822
                | IdentityKind::Dn => Identity::new(*kind, text),
            }
        }
        (OtherIdentity::Subject(form), Some(shown)) => subject(&shown.subject, *form),
        // The loader of cases allows a subject with certificates only.
        (OtherIdentity::Subject(_), None) => end_of(role, profile, cases::AuthMethod::Psk, None).id,
    }
}

/// The subject in another form. What cannot be read stays as it is.
fn subject(own: &Identity, form: SubjectForm) -> Identity {
    let mut identity = own.clone();
    let changed = match form {
        SubjectForm::Own => None,
        SubjectForm::Reversed => {
            identity.attributes.reverse();
            octets(&own.hex).and_then(|der| reversed(&der))
        }
        SubjectForm::OtherStringTypes => octets(&own.hex).and_then(|der| other_types(&der)),
    };
    if let Some(der) = changed {
        let attributes = std::mem::take(&mut identity.attributes);
        let text = attributes
            .iter()
            .rev()
            .map(|attribute| format!("{}={}", attribute.kind, attribute.value))
            .collect::<Vec<_>>();
        identity = Identity::dn(text.join(","), &der, attributes);
    }
    identity
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Tags of ASN.1 (X.680, section 8.4).
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;

/// A Name (RFC 5280, section 4.1.2.4) with its relative names the other way round. Its length stays.
fn reversed(name: &[u8]) -> Option<Vec<u8>> {
    let whole = value(name, 0)?;
    let mut relative = Vec::new();
    let mut at = whole.start;
    while at < whole.end {
        let end = value(name, at)?.end;
        relative.push(name.get(at..end)?);
        at = end;
    }
    let mut changed = name.get(..whole.start)?.to_vec();
    for part in relative.iter().rev() {
        changed.extend_from_slice(part);
    }
    Some(changed)
}

/// A Name with other tags on its strings. All lengths stay.
fn other_types(name: &[u8]) -> Option<Vec<u8>> {
    let mut changed = name.to_vec();
    let mut at = 0;
    while at < name.len() {
        let inside = value(name, at)?;
        let text = name.get(inside.clone())?;
        match *name.get(at)? {
            // What is inside comes next.
            SEQUENCE | SET => at = inside.start,
            PRINTABLE_STRING => {
                *changed.get_mut(at)? = UTF8_STRING;
                at = inside.end;
            }
            UTF8_STRING if text.iter().copied().all(is_printable) => {
                *changed.get_mut(at)? = PRINTABLE_STRING;
                at = inside.end;
            }
            _ => at = inside.end,
        }
    }
    Some(changed)
}

/// What a PrintableString can hold (X.680, section 41.4).
fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&octet)
}

/// The contents of the element at an offset.
fn value(der: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let first = *der.get(at + 1)?;
    let (start, length) = match first {
        0..0x80 => (at + 2, usize::from(first)),
        0x81..=0x84 => {
            let count = usize::from(first - 0x80);
            let octets = der.get(at + 2..at + 2 + count)?;
            let length = octets
                .iter()
                .fold(0, |length, octet| length << 8 | usize::from(*octet));
            (at + 2 + count, length)
        }
        0x80 | 0x85.. => return None,
    };
    let end = start.checked_add(length)?;
    (end <= der.len()).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vendors::Attribute;

    /// C=JP as PrintableString, O=a_b and CN=moon as UTF8String.
    fn identity() -> Identity {
        let attribute = |kind: &str, value: &str| Attribute {
            kind: kind.to_owned(),
            value: value.to_owned(),
        };
        let name = "302a310b3009060355040613024a50310c300a060355040a0c03615f62310d300b06035504030c\
                    046d6f6f6e";
        let attributes = vec![
            attribute("C", "JP"),
            attribute("O", "a_b"),
            attribute("CN", "moon"),
        ];
        Identity::dn("CN=moon,O=a_b,C=JP", &octets(name).unwrap(), attributes)
    }

    #[test]
    fn a_reversed_subject_begins_with_its_last_name() {
        let reversed = subject(&identity(), SubjectForm::Reversed);
        assert_eq!(reversed.value, "C=JP,O=a_b,CN=moon");
        assert_eq!(
            reversed.hex,
            "302a310d300b06035504030c046d6f6f6e310c300a060355040a0c03615f62310b3009060355040613024a\
             50"
        );
        let again = subject(&reversed, SubjectForm::Reversed);
        assert_eq!(again, identity());
    }

    #[test]
    fn strings_change_their_type_where_their_text_allows_it() {
        let other = subject(&identity(), SubjectForm::OtherStringTypes);
        assert_eq!(
            other.hex,
            "302a310b300906035504060c024a50310c300a060355040a0c03615f62310d300b060355040313046d6f6f\
             6e"
        );
        assert_eq!(other.attributes, identity().attributes);
    }

    #[test]
    fn what_is_no_name_stays_as_it_is() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 5, 0x31],
            &[0x30, 0x84, 0xff],
        ] {
            let odd = Identity::dn("odd", der, Vec::new());
            for form in [
                SubjectForm::Own,
                SubjectForm::Reversed,
                SubjectForm::OtherStringTypes,
            ] {
                assert_eq!(subject(&odd, form).hex, odd.hex);
            }
        }
    }
}
