//! The Security Association payload (RFC 7296, section 3.3).

use std::fmt;

use crate::algorithm::{self, Transform as _};
use crate::cursor::{Cursor, WhyUndecodable};
use crate::numbers::{AttributeType, EncryptionId, Protocol, TransformType, transform_name};

use super::{count_u8, count_u16};

/// Octets of a proposal before its SPI, and of a transform before its attributes.
const HEAD: usize = 8;

/// What is offered, or what was chosen of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityAssociation {
    pub proposals: Vec<Proposal>,
}

/// One way to protect, of one or more transforms of each type (RFC 7296, section 3.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The octet after Last Substruc.
    pub reserved: u8,
    /// 1 for the first, and one more for each that follows.
    pub number: u8,
    pub protocol: Protocol,
    /// 8 octets for IKE (none in the first exchange), 4 for ESP and AH.
    pub spi: Vec<u8>,
    pub transforms: Vec<Transform>,
}

/// One algorithm of a proposal (RFC 7296, section 3.3.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transform {
    /// The octet after Last Substruc, and the one after Transform Type.
    pub reserved: [u8; 2],
    pub kind: TransformType,
    pub id: u16,
    pub attributes: Vec<Attribute>,
}

/// A property of a transform (RFC 7296, section 3.3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Of 15 bits.
    pub kind: AttributeType,
    pub value: AttributeValue,
}

/// The two formats of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// The format bit is set: type and value.
    Short(u16),
    /// The format bit is clear: type, length and value.
    Long(Vec<u8>),
}

impl SecurityAssociation {
    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let mut proposals = Vec::new();
        let mut more = true;
        while more {
            if cursor.is_empty() && proposals.is_empty() {
                break;
            }
            let start = *cursor;
            let [
                last,
                reserved,
                high,
                low,
                number,
                protocol,
                spi_size,
                transforms,
            ] = cursor.array("a proposal is cut short")?;
            more = follows(&start, last, 2)?;
            let length = usize::from(u16::from_be_bytes([high, low]));
            let Some(rest) = length.checked_sub(HEAD) else {
                return Err(start.wrong("a proposal is shorter than its own header"));
            };
            let mut inner = cursor.part(rest, "a proposal is longer than what is left")?;
            let spi = inner.take(spi_size.into(), "the SPI is longer than its proposal")?;
            proposals.push(Proposal {
                reserved,
                number,
                protocol: Protocol(protocol),
                spi: spi.to_vec(),
                transforms: Transform::decode_all(&mut inner, transforms)?,
            });
        }
        cursor.end("octets follow the last proposal")?;
        Ok(Self { proposals })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for (position, proposal) in self.proposals.iter().enumerate() {
            let is_last = position + 1 == self.proposals.len();
            proposal.write(out, is_last);
        }
    }
}

impl Proposal {
    /// The transforms of one type, in the order in which they are offered.
    pub fn of_kind(&self, kind: TransformType) -> impl Iterator<Item = &Transform> {
        self.transforms
            .iter()
            .filter(move |transform| transform.kind == kind)
    }

    fn write(&self, out: &mut Vec<u8>, is_last: bool) {
        let mut body = self.spi.clone();
        for (position, transform) in self.transforms.iter().enumerate() {
            transform.write(&mut body, position + 1 == self.transforms.len());
        }
        out.push(if is_last { 0 } else { 2 });
        out.push(self.reserved);
        out.extend_from_slice(&count_u16(HEAD + body.len()).to_be_bytes());
        out.push(self.number);
        out.push(self.protocol.0);
        out.push(count_u8(self.spi.len()));
        out.push(count_u8(self.transforms.len()));
        out.extend_from_slice(&body);
    }
}

impl Transform {
    /// A transform without attributes.
    pub fn new(kind: TransformType, id: u16) -> Self {
        Self {
            reserved: [0; 2],
            kind,
            id,
            attributes: Vec::new(),
        }
    }

    /// Adds the Key Length attribute, in bits.
    #[must_use]
    pub fn with_key_length(mut self, bits: u16) -> Self {
        self.attributes.push(Attribute {
            kind: AttributeType::KEY_LENGTH,
            value: AttributeValue::Short(bits),
        });
        self
    }

    /// The registry's name of the algorithm, such as `ENCR_AES_CBC`, if it has one.
    pub fn name(&self) -> Option<&'static str> {
        transform_name(self.kind, self.id)
    }

    /// The first Key Length attribute, in bits.
    pub fn key_length(&self) -> Option<u16> {
        self.attributes
            .iter()
            .find_map(|attribute| match attribute {
                Attribute {
                    kind: AttributeType::KEY_LENGTH,
                    value: AttributeValue::Short(bits),
                } => Some(*bits),
                Attribute { .. } => None,
            })
    }

    /// The neutral name that profiles use, such as `aes-cbc-256`; `None` if they have none.
    pub fn neutral_name(&self) -> Option<&'static str> {
        match self.kind {
            TransformType::ENCRYPTION => {
                algorithm::Encryption::from_wire(self.id, self.key_length()).map(|e| e.name())
            }
            TransformType::PRF => algorithm::Prf::from_id(self.id).map(|prf| prf.name()),
            TransformType::INTEGRITY => {
                algorithm::Integrity::from_id(self.id).map(|integrity| integrity.name())
            }
            _ if self.kind.is_key_exchange() => {
                algorithm::DhGroup::from_id(self.id).map(|group| group.name())
            }
            _ => None,
        }
    }

    fn decode_all(cursor: &mut Cursor<'_>, announced: u8) -> Result<Vec<Self>, WhyUndecodable> {
        let mut transforms = Vec::new();
        if announced == 0 {
            cursor.end("octets follow where a proposal announces no transform")?;
            return Ok(transforms);
        }
        let mut more = true;
        while more {
            let start = *cursor;
            let [last, reserved, high, low, kind, reserved2, id_high, id_low] =
                cursor.array("a transform is cut short")?;
            more = follows(&start, last, 3)?;
            let length = usize::from(u16::from_be_bytes([high, low]));
            let Some(rest) = length.checked_sub(HEAD) else {
                return Err(start.wrong("a transform is shorter than its own header"));
            };
            let mut inner = cursor.part(rest, "a transform is longer than its proposal")?;
            let mut attributes = Vec::new();
            while !inner.is_empty() {
                attributes.push(Attribute::decode(&mut inner)?);
            }
            transforms.push(Self {
                reserved: [reserved, reserved2],
                kind: TransformType(kind),
                id: u16::from_be_bytes([id_high, id_low]),
                attributes,
            });
        }
        cursor.end("octets follow the last transform")?;
        if transforms.len() != usize::from(announced) {
            return Err(cursor.wrong("a proposal does not hold as many transforms as it says"));
        }
        Ok(transforms)
    }

    fn write(&self, out: &mut Vec<u8>, is_last: bool) {
        let mut body = Vec::new();
        for attribute in &self.attributes {
            attribute.write(&mut body);
        }
        let [reserved, reserved2] = self.reserved;
        out.push(if is_last { 0 } else { 3 });
        out.push(reserved);
        out.extend_from_slice(&count_u16(HEAD + body.len()).to_be_bytes());
        out.push(self.kind.0);
        out.push(reserved2);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&body);
    }
}

/// The name with the key length, such as `ENCR_AES_CBC_256`; of what has no name, the numbers.
impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name)?,
            None if self.kind == TransformType::ENCRYPTION => EncryptionId(self.id).fmt(f)?,
            None => write!(f, "{} {}", self.kind, self.id)?,
        }
        match self.key_length() {
            Some(bits) => write!(f, "_{bits}"),
            None => Ok(()),
        }
    }
}

impl Attribute {
    const FORMAT_BIT: u16 = 0x8000;

    fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [a, b, c, d] = cursor.array("an attribute is cut short")?;
        let kind = u16::from_be_bytes([a, b]);
        let value = u16::from_be_bytes([c, d]);
        Ok(Self {
            kind: AttributeType(kind & !Self::FORMAT_BIT),
            value: if kind & Self::FORMAT_BIT != 0 {
                AttributeValue::Short(value)
            } else {
                let reason = "an attribute is longer than its transform";
                AttributeValue::Long(cursor.take(value.into(), reason)?.to_vec())
            },
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match &self.value {
            AttributeValue::Short(value) => {
                out.extend_from_slice(&(self.kind.0 | Self::FORMAT_BIT).to_be_bytes());
                out.extend_from_slice(&value.to_be_bytes());
            }
            AttributeValue::Long(value) => {
                out.extend_from_slice(&(self.kind.0 & !Self::FORMAT_BIT).to_be_bytes());
                out.extend_from_slice(&count_u16(value.len()).to_be_bytes());
                out.extend_from_slice(value);
            }
        }
    }
}

/// What the field Last Substruc says: whether another one of its kind follows.
fn follows(at: &Cursor<'_>, last: u8, more: u8) -> Result<bool, WhyUndecodable> {
    match last {
        0 => Ok(false),
        _ if last == more => Ok(true),
        _ => Err(at.wrong("the field Last Substruc is neither 0 nor the number of its kind")),
    }
}
