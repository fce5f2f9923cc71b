//! Distinguished names.

use der::asn1::{Any, SetOfVec};
use der::{Decode, Tag};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use crate::error::IssueError;
use crate::holder::Holder;
use crate::spec::{AttributeValue, DistinguishedName, StringType};

impl DistinguishedName {
    /// The DER of the Name, as ID_DER_ASN1_DN carries it (RFC 7296 section 3.5).
    ///
    /// # Errors
    ///
    /// The text does not fit its string type, or speaks of a holder and there is none.
    pub fn to_der(&self, holder: Option<&Holder>) -> Result<Vec<u8>, IssueError> {
        Ok(der::Encode::to_der(&name(self, holder)?)?)
    }
}

/// The Name, with the order, the sets and the string types of the specification.
pub(crate) fn name(spec: &DistinguishedName, holder: Option<&Holder>) -> Result<Name, IssueError> {
    let mut relative_names = Vec::with_capacity(spec.0.len());
    for attributes in &spec.0 {
        let mut set = SetOfVec::new();
        for attribute in attributes {
            let value = match &attribute.value {
                AttributeValue::Text(template, string) => text(template.render(holder)?, *string)?,
                AttributeValue::Der(der) => Any::from_der(der)?,
            };
            set.insert(AttributeTypeAndValue {
                oid: attribute.oid,
                value,
            })?;
        }
        relative_names.push(RelativeDistinguishedName::from(set));
    }
    Ok(Name::hazmat_from_rdn_sequence(RdnSequence::from(
        relative_names,
    )))
}

fn text(text: String, string: StringType) -> Result<Any, IssueError> {
    if !text.chars().all(|character| string.has(character)) {
        return Err(IssueError::Text {
            text,
            form: string.as_asn1(),
        });
    }
    let (tag, octets) = match string {
        StringType::Printable => (Tag::PrintableString, text.into_bytes()),
        StringType::Utf8 => (Tag::Utf8String, text.into_bytes()),
        StringType::Ia5 => (Tag::Ia5String, text.into_bytes()),
        StringType::Numeric => (Tag::NumericString, text.into_bytes()),
        StringType::Bmp => {
            let units = text.encode_utf16();
            (Tag::BmpString, units.flat_map(u16::to_be_bytes).collect())
        }
        StringType::Teletex => {
            // All characters are at most U+00FF: `has` has seen to it.
            let octets = text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok());
            (Tag::TeletexString, octets.collect())
        }
    };
    Ok(Any::new(tag, octets)?)
}
