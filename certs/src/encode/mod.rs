//! DER of what a specification says.

pub(crate) mod certificate;
pub(crate) mod crl;
pub(crate) mod extension;
pub(crate) mod general_name;
pub(crate) mod name;
mod rehearsal;
pub(crate) mod time;

pub(crate) use rehearsal::{rehearse, rehearse_crl};

use der::asn1::{Any, OctetString};
use der::oid::ObjectIdentifier;
use der::{Encode, Sequence, Tag, TagNumber};

/// Extension (RFC 5280 section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct DerExtension {
    pub(crate) oid: ObjectIdentifier,
    #[asn1(default = "Default::default")]
    pub(crate) critical: bool,
    pub(crate) value: OctetString,
}

impl DerExtension {
    pub(crate) fn new(
        oid: ObjectIdentifier,
        critical: bool,
        value: &impl Encode,
    ) -> der::Result<Self> {
        Self::of_octets(oid, critical, value.to_der()?)
    }

    pub(crate) fn of_octets(
        oid: ObjectIdentifier,
        critical: bool,
        der: Vec<u8>,
    ) -> der::Result<Self> {
        Ok(Self {
            oid,
            critical,
            value: OctetString::new(der)?,
        })
    }
}

/// A SEQUENCE of elements that are encoded already.
pub(crate) fn sequence(elements: &[Vec<u8>]) -> der::Result<Vec<u8>> {
    Any::new(Tag::Sequence, elements.concat())?.to_der()
}

/// An element under an explicit tag.
pub(crate) fn explicit(number: u32, element: Vec<u8>) -> der::Result<Vec<u8>> {
    let tag = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    };
    Any::new(tag, element)?.to_der()
}
