//! The attribute hcRole of ISO 17090 in subjectDirectoryAttributes: which health care actor the
//! subject is.

use x509_parser::der_parser::Oid;

use crate::lint::entity::Entity;
use crate::lint::oids;
use crate::lint::tlv::{self, OID, SEQUENCE, SET, Tlv, UTF8_STRING};

/// [0], [1] and [2] EXPLICIT.
const TAG_0: u8 = 0xa0;
const TAG_1: u8 = 0xa1;
const TAG_2: u8 = 0xa2;

/// One role as it is coded.
pub(super) struct HcRole<'a> {
    pub(super) scheme: Oid<'a>,
    /// Such as `Medical Doctor`.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests read the name"))]
    pub(super) name: &'a str,
}

/// The roles of a certificate: none without the attribute, an error where it is not well-formed.
pub(super) fn roles<'a>(entity: &Entity<'a>) -> Result<Vec<HcRole<'a>>, ()> {
    let Some(extension) = entity.extension(&oids::SUBJECT_DIRECTORY_ATTRIBUTES) else {
        return Ok(Vec::new());
    };
    decode(extension.value)
}

/// ```text
/// HCActorData ::= SET OF HCActor
/// HCActor     ::= SEQUENCE { codedData [0] CodedData, regionalHCActorData [1] … OPTIONAL }
/// CodedData   ::= SET { codingSchemeReference [0] OBJECT IDENTIFIER,
///                       codeDataValue [1] NumericString OPTIONAL,
///                       codeDataFreeText [2] DirectoryString }
/// ```
fn decode(attributes: &[u8]) -> Result<Vec<HcRole<'_>>, ()> {
    let sequence = tlv::first(attributes)
        .filter(|outer| outer.tag == SEQUENCE)
        .ok_or(())?;
    let mut roles = Vec::new();
    for attribute in sequence.children() {
        let [kind, values] = exactly(&attribute).ok_or(())?;
        if kind.tag != OID || Oid::new(kind.contents.into()) != oids::HC_ROLE {
            continue;
        }
        for data in of_tag(&values, SET)?.children() {
            for actor in of_tag(&data, SET)?.children() {
                roles.push(actor_role(&actor).ok_or(())?);
            }
        }
    }
    Ok(roles)
}

fn of_tag<'t, 'a>(element: &'t Tlv<'a>, tag: u8) -> Result<&'t Tlv<'a>, ()> {
    if element.tag == tag {
        Ok(element)
    } else {
        Err(())
    }
}

fn exactly<'a, const N: usize>(element: &Tlv<'a>) -> Option<[Tlv<'a>; N]> {
    element.children().collect::<Vec<_>>().try_into().ok()
}

fn actor_role<'a>(actor: &Tlv<'a>) -> Option<HcRole<'a>> {
    if actor.tag != SEQUENCE {
        return None;
    }
    let coded = actor.child(0).filter(|coded| coded.tag == TAG_0)?;
    let [coded] = exactly(&coded)?;
    let parts: Vec<_> = coded.children().collect();
    let tags: Vec<_> = parts.iter().map(|part| part.tag).collect();
    if coded.tag != SET || !matches!(tags.as_slice(), [TAG_0, TAG_2] | [TAG_0, TAG_1, TAG_2]) {
        return None;
    }
    let scheme = parts.first()?.child(0).filter(|scheme| scheme.tag == OID)?;
    let name = parts
        .last()?
        .child(0)
        .filter(|name| name.tag == UTF8_STRING)?;
    Some(HcRole {
        scheme: Oid::new(scheme.contents.into()),
        name: std::str::from_utf8(name.contents).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a physician's certificate.
    const PHYSICIAN: &[u8] = b"\x30\x34\x30\x32\x06\x06\x28\x81\x85\x42\x00\x01\x31\x28\x31\x26\
        \x30\x24\xa0\x22\x31\x20\xa0\x0c\x06\x0a\x2a\x83\x08\x86\x91\x0f\x01\x06\x01\x01\
        \xa2\x10\x0c\x0eMedical Doctor";

    #[test]
    fn the_role_of_a_physician_is_read() {
        let roles = decode(PHYSICIAN).unwrap();
        let [role] = roles.as_slice() else {
            panic!("one role");
        };
        assert_eq!(role.scheme, oids::JHPKI_CODING);
        assert_eq!(role.name, "Medical Doctor");
    }

    #[test]
    fn other_attributes_are_passed_over_and_broken_ones_refused() {
        assert!(decode(&[0x30, 0x00]).unwrap().is_empty());
        assert!(
            decode(b"\x30\x07\x30\x05\x06\x01\x2a\x31\x00")
                .unwrap()
                .is_empty()
        );
        for place in [0, 12, 14, 16, 18, 20, 22, 24, 36, 38] {
            let mut broken = PHYSICIAN.to_vec();
            broken[place] = 0x05;
            assert!(decode(&broken).is_err(), "octet {place}");
        }
    }
}
