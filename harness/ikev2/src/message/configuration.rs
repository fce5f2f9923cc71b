//! The Configuration payload (RFC 7296, section 3.15).

use crate::cursor::{Cursor, WhyUndecodable};
use crate::numbers::{CfgAttributeType, CfgType};

use super::count_u16;

/// Settings that one end asks of the other, or gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    pub kind: CfgType,
    pub reserved: [u8; 3],
    pub attributes: Vec<ConfigurationAttribute>,
}

/// One setting (RFC 7296, section 3.15.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigurationAttribute {
    /// The bit before the type.
    pub reserved: bool,
    /// Of 15 bits.
    pub kind: CfgAttributeType,
    /// Empty where a request leaves the choice to the other end.
    pub value: Vec<u8>,
}

impl Configuration {
    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [kind, reserved @ ..] = cursor.array::<4>("the type is cut short")?;
        let mut attributes = Vec::new();
        while !cursor.is_empty() {
            let [a, b, c, d] = cursor.array("an attribute is cut short")?;
            let field = u16::from_be_bytes([a, b]);
            let length = u16::from_be_bytes([c, d]);
            let value = cursor.take(length.into(), "an attribute is longer than what is left")?;
            attributes.push(ConfigurationAttribute {
                reserved: field & 0x8000 != 0,
                kind: CfgAttributeType(field & 0x7fff),
                value: value.to_vec(),
            });
        }
        Ok(Self {
            kind: CfgType(kind),
            reserved,
            attributes,
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.kind.0);
        out.extend_from_slice(&self.reserved);
        for attribute in &self.attributes {
            let field = u16::from(attribute.reserved) << 15 | attribute.kind.0 & 0x7fff;
            out.extend_from_slice(&field.to_be_bytes());
            out.extend_from_slice(&count_u16(attribute.value.len()).to_be_bytes());
            out.extend_from_slice(&attribute.value);
        }
    }
}
