//! Messages as octets: views that read, and functions that write, without asking for sense.
//!
//! A view never reads beyond what it was given and never panics. It shows the fields of the fixed
//! header and the chain of payloads; [`crate::message`] gives them a meaning.

use std::iter::FusedIterator;

use crate::numbers::{ExchangeType, PayloadType, V1ExchangeType};

/// Octets of the fixed header (RFC 7296, section 3.1).
pub const HEADER_LEN: usize = 28;

/// Octets of the header that every payload begins with (RFC 7296, section 3.2).
pub const PAYLOAD_HEADER_LEN: usize = 4;

/// Four octets of zero before an IKE message on UDP port 4500 (RFC 3948, section 2.2).
pub const NON_ESP_MARKER: [u8; 4] = [0; 4];

/// Why octets are not a message, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("octet {offset}: {reason}")]
pub struct Malformed {
    /// Octets from the beginning of the message to the fault.
    pub offset: usize,
    pub reason: Reason,
}

/// What is wrong with a message whose payloads cannot be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("a message begins with {HEADER_LEN} octets of header, and only {have} are there")]
    ShortHeader { have: usize },
    #[error("major version {major} is not that of IKEv2")]
    Version { major: u8 },
    #[error("the header says that the message has {length} octets, less than the header itself")]
    LengthBelowHeader { length: u32 },
    #[error("the header says that the message has {length} octets, and only {have} are there")]
    Truncated { length: u32, have: usize },
    #[error("the header of the {kind} payload does not fit into the {have} octets that are left")]
    ShortPayloadHeader { kind: PayloadType, have: usize },
    #[error("the {kind} payload says that it has {length} octets, less than its own header")]
    PayloadLengthBelowHeader { kind: PayloadType, length: u16 },
    #[error("the {kind} payload says that it has {length} octets, and only {have} are left")]
    PayloadBeyondMessage {
        kind: PayloadType,
        length: u16,
        have: usize,
    },
}

/// The flags of the fixed header (RFC 7296, section 3.1), with the reserved bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// Sent by the original initiator of the IKE SA.
    pub const INITIATOR: Self = Self(0x08);
    /// The sender could speak a higher major version.
    pub const VERSION: Self = Self(0x10);
    /// An answer to the message of the same number.
    pub const RESPONSE: Self = Self(0x20);

    pub fn is_initiator(self) -> bool {
        self.0 & Self::INITIATOR.0 != 0
    }

    pub fn is_version(self) -> bool {
        self.0 & Self::VERSION.0 != 0
    }

    pub fn is_response(self) -> bool {
        self.0 & Self::RESPONSE.0 != 0
    }

    /// The bits that must be zero and are ignored.
    pub fn reserved(self) -> u8 {
        self.0 & !(Self::INITIATOR.0 | Self::VERSION.0 | Self::RESPONSE.0)
    }
}

impl std::ops::BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A message as it came: at least a whole fixed header.
///
/// The octets are those after the non-ESP marker, if there was one.
#[derive(Clone, Copy, Debug)]
pub struct MessageView<'a> {
    bytes: &'a [u8],
    header: &'a [u8; HEADER_LEN],
}

impl<'a> MessageView<'a> {
    /// Looks at octets as a message. Only the presence of the header is checked, so that messages
    /// of other versions can be recognised and broken ones described.
    ///
    /// # Errors
    ///
    /// There are fewer than [`HEADER_LEN`] octets.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let header = bytes.first_chunk().ok_or(Malformed {
            offset: bytes.len(),
            reason: Reason::ShortHeader { have: bytes.len() },
        })?;
        Ok(Self { bytes, header })
    }

    /// All octets that the view was made of.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The SPI that the original initiator chose.
    pub fn initiator_spi(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *self.header;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The SPI that the original responder chose; 0 in the first message.
    pub fn responder_spi(&self) -> u64 {
        let [_, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h, ..] = *self.header;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The type of the first payload.
    pub fn next_payload(&self) -> PayloadType {
        PayloadType(self.header[16])
    }

    /// 2 for IKEv2, 1 for IKEv1.
    pub fn major_version(&self) -> u8 {
        self.header[17] >> 4
    }

    pub fn minor_version(&self) -> u8 {
        self.header[17] & 0x0f
    }

    /// Whether it is a message of IKEv1, of which nothing but the header can be read here.
    pub fn is_ikev1(&self) -> bool {
        self.major_version() == 1
    }

    pub fn exchange_type(&self) -> ExchangeType {
        ExchangeType(self.header[18])
    }

    /// The same octet as [`Self::exchange_type`], as IKEv1 understands it.
    pub fn v1_exchange_type(&self) -> V1ExchangeType {
        V1ExchangeType(self.header[18])
    }

    pub fn flags(&self) -> Flags {
        Flags(self.header[19])
    }

    pub fn message_id(&self) -> u32 {
        let [.., a, b, c, d, _, _, _, _] = *self.header;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The Length field: octets of the whole message, header included, as the sender says.
    pub fn length(&self) -> u32 {
        let [.., a, b, c, d] = *self.header;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The octets that the Length field covers, of those that are there.
    pub fn covered(&self) -> &'a [u8] {
        let length = usize::try_from(self.length()).unwrap_or(usize::MAX);
        &self.bytes[..length.min(self.bytes.len())]
    }

    /// What follows the end that the Length field gives; normally nothing.
    pub fn beyond(&self) -> &'a [u8] {
        &self.bytes[self.covered().len()..]
    }

    /// The chain of payloads, or the first reason why it breaks.
    ///
    /// An SK or SKF payload ends the chain: its Next Payload field belongs to what it encrypts.
    ///
    /// The first item is the error if the message is not of version 2 or if its Length field is
    /// less than the header; a Length field beyond the octets shows as an error after the payloads
    /// that are whole.
    pub fn payloads(&self) -> Payloads<'a> {
        let mut payloads = Payloads {
            bytes: self.covered(),
            offset: HEADER_LEN,
            next: self.next_payload(),
            fault: None,
            done: false,
        };
        if self.major_version() != 2 {
            payloads.fail_first(
                17,
                Reason::Version {
                    major: self.major_version(),
                },
            );
        } else if self.covered().len() < HEADER_LEN {
            payloads.fail_first(
                24,
                Reason::LengthBelowHeader {
                    length: self.length(),
                },
            );
        } else if u32::try_from(self.bytes.len()).is_ok_and(|have| have < self.length()) {
            payloads.fault = Some(Malformed {
                offset: self.bytes.len(),
                reason: Reason::Truncated {
                    length: self.length(),
                    have: self.bytes.len(),
                },
            });
        }
        payloads
    }
}

/// One payload of a chain, as octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadView<'a> {
    pub kind: PayloadType,
    /// The Next Payload field: what follows, or for SK and SKF the first payload within.
    pub next: PayloadType,
    /// The receiver must reject the message if it does not know the type.
    pub critical: bool,
    /// The seven reserved bits beside the critical bit.
    pub reserved: u8,
    /// Octets from the beginning of the message to the payload's header.
    pub offset: usize,
    /// What follows the generic header.
    pub body: &'a [u8],
}

/// The chain of payloads of a message, or of what an SK payload held.
#[derive(Clone, Debug)]
pub struct Payloads<'a> {
    bytes: &'a [u8],
    offset: usize,
    next: PayloadType,
    /// What is wrong with the message as a whole, told when the chain ends.
    fault: Option<Malformed>,
    done: bool,
}

impl<'a> Payloads<'a> {
    /// A chain without a header before it: the plaintext of an SK payload, where offsets count from
    /// its beginning and `first` is the Next Payload field of the SK payload.
    pub fn of_plaintext(first: PayloadType, plaintext: &'a [u8]) -> Self {
        Self {
            bytes: plaintext,
            offset: 0,
            next: first,
            fault: None,
            done: false,
        }
    }

    /// What the chain has not reached. At its end this should be empty.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    fn fail_first(&mut self, offset: usize, reason: Reason) {
        self.next = PayloadType::NONE;
        self.fault = Some(Malformed { offset, reason });
    }

    fn read(&mut self) -> Result<PayloadView<'a>, Malformed> {
        let offset = self.offset;
        let kind = self.next;
        let rest = self.rest();
        let malformed = |reason| Malformed { offset, reason };
        let Some(&[next, bits, high, low]) = rest.first_chunk() else {
            let have = rest.len();
            return Err(malformed(Reason::ShortPayloadHeader { kind, have }));
        };
        let length = u16::from_be_bytes([high, low]);
        let end = usize::from(length);
        if end < PAYLOAD_HEADER_LEN {
            return Err(malformed(Reason::PayloadLengthBelowHeader { kind, length }));
        }
        let Some(body) = rest.get(PAYLOAD_HEADER_LEN..end) else {
            let have = rest.len();
            return Err(malformed(Reason::PayloadBeyondMessage {
                kind,
                length,
                have,
            }));
        };
        self.offset += end;
        self.next = PayloadType(next);
        if kind == PayloadType::SK || kind == PayloadType::SKF {
            self.next = PayloadType::NONE;
        }
        Ok(PayloadView {
            kind,
            next: PayloadType(next),
            critical: bits & 0x80 != 0,
            reserved: bits & 0x7f,
            offset,
            body,
        })
    }
}

impl<'a> Iterator for Payloads<'a> {
    type Item = Result<PayloadView<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        if self.next == PayloadType::NONE {
            self.done = true;
            return self.fault.map(Err);
        }
        let read = self.read();
        if read.is_err() {
            self.done = true;
        }
        // A message that is cut short is the reason why its last payload does not fit.
        Some(read.map_err(|error| self.fault.unwrap_or(error)))
    }
}

impl FusedIterator for Payloads<'_> {}

/// Writes one payload. `length` is what the Payload Length field shall say; `None` is the truth,
/// or 65535 where the truth does not fit.
pub fn write_payload(
    out: &mut Vec<u8>,
    next: PayloadType,
    critical: bool,
    reserved: u8,
    length: Option<u16>,
    body: &[u8],
) {
    let truth = u16::try_from(PAYLOAD_HEADER_LEN + body.len()).unwrap_or(u16::MAX);
    out.push(next.0);
    out.push(u8::from(critical) << 7 | reserved & 0x7f);
    out.extend_from_slice(&length.unwrap_or(truth).to_be_bytes());
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests;
