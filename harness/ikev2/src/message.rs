//! Messages as they are meant: payloads with their fields, for reading and for building.
//!
//! Nothing of a message is lost: reserved bits, numbers without a name and payloads of unknown type
//! are kept, and a payload whose body makes no sense is [`Body::Undecodable`]. For every message
//! whose chain of payloads is intact, `Message::parse(x)?.emit() == x`.

mod auth;
mod configuration;
mod identity;
mod notify;
mod sa;
mod selectors;
mod simple;

pub use auth::{Auth, BadDigitalSignature, DigitalSignature, PssHash, SignatureAlgorithm};
pub use configuration::{Configuration, ConfigurationAttribute};
pub use identity::Identification;
pub use notify::{Notify, NotifyMeaning, RedirectGateway};
pub use sa::{Attribute, AttributeValue, Proposal, SecurityAssociation, Transform};
pub use selectors::{AddressRange, TrafficSelector, TrafficSelectors};
pub use simple::{
    Certificate, CertificateRequest, Delete, Eap, Encrypted, EncryptedFragment, KeyExchange,
};

use crate::cursor::Cursor;
pub use crate::cursor::WhyUndecodable;
use crate::numbers::{ExchangeType, PayloadType};
use crate::wire::{self, Flags, HEADER_LEN, Malformed, MessageView, PayloadView, Payloads};

/// The fixed header (RFC 7296, section 3.1), without what follows from the payloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Header {
    pub initiator_spi: u64,
    pub responder_spi: u64,
    /// The minor version; the major version is 2.
    pub minor_version: u8,
    pub exchange: ExchangeType,
    pub flags: Flags,
    pub message_id: u32,
    /// What the Length field says, where that is not the number of octets of the message.
    pub false_length: Option<u32>,
}

/// A message of IKEv2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    pub header: Header,
    pub payloads: Vec<Payload>,
    /// What follows the chain of payloads; a correct message has nothing there.
    pub trailing: Vec<u8>,
}

/// One payload, with the bits of its generic header (RFC 7296, section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The receiver must reject the message if it does not know the type.
    pub critical: bool,
    /// The seven reserved bits beside the critical bit.
    pub reserved: u8,
    pub body: Body,
}

/// What a payload says. The type of the payload is [`Body::kind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Section 3.3 of RFC 7296, like all up to [`Body::Eap`].
    Sa(SecurityAssociation),
    Ke(KeyExchange),
    IdI(Identification),
    IdR(Identification),
    Cert(Certificate),
    CertReq(CertificateRequest),
    Auth(Auth),
    /// 16 to 256 octets in a correct message; other lengths are kept, too.
    Nonce(Vec<u8>),
    Notify(Notify),
    Delete(Delete),
    VendorId(Vec<u8>),
    TsI(TrafficSelectors),
    TsR(TrafficSelectors),
    Sk(Encrypted),
    Cp(Configuration),
    Eap(Eap),
    /// A fragment of an encrypted message (RFC 7383, section 2.5).
    Skf(EncryptedFragment),
    /// A payload that this crate does not know.
    Unknown {
        kind: PayloadType,
        bytes: Vec<u8>,
    },
    /// A payload of a known type whose body breaks the rules of that type.
    Undecodable {
        kind: PayloadType,
        bytes: Vec<u8>,
        /// The Next Payload field of an SK or SKF payload; 0 for the others.
        first: PayloadType,
        why: WhyUndecodable,
    },
}

impl Message {
    /// Reads one whole message, without a non-ESP marker.
    ///
    /// # Errors
    ///
    /// The version is not 2, or the chain of payloads is broken. What lies within a payload never
    /// makes an error; see [`Body::Undecodable`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let view = MessageView::new(bytes)?;
        let mut chain = view.payloads();
        let payloads = chain
            .by_ref()
            .map(|payload| payload.map(Payload::decode))
            .collect::<Result<_, _>>()?;
        let truth = u32::try_from(bytes.len()).ok();
        let mut trailing = chain.rest().to_vec();
        trailing.extend_from_slice(view.beyond());
        Ok(Self {
            header: Header {
                initiator_spi: view.initiator_spi(),
                responder_spi: view.responder_spi(),
                minor_version: view.minor_version(),
                exchange: view.exchange_type(),
                flags: view.flags(),
                message_id: view.message_id(),
                false_length: (truth != Some(view.length())).then(|| view.length()),
            },
            payloads,
            trailing,
        })
    }

    /// The octets of the message, right or wrong as it stands.
    ///
    /// A payload that is too long for its Payload Length field says 65535 there.
    pub fn emit(&self) -> Vec<u8> {
        let header = &self.header;
        let mut out = Vec::with_capacity(HEADER_LEN);
        out.extend_from_slice(&header.initiator_spi.to_be_bytes());
        out.extend_from_slice(&header.responder_spi.to_be_bytes());
        out.push(first_kind(&self.payloads).0);
        out.push(2 << 4 | header.minor_version & 0x0f);
        out.push(header.exchange.0);
        out.push(header.flags.0);
        out.extend_from_slice(&header.message_id.to_be_bytes());
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        write_chain(&mut out, &self.payloads);
        out.extend_from_slice(&self.trailing);
        let truth = u32::try_from(out.len()).unwrap_or(u32::MAX);
        let length = header.false_length.unwrap_or(truth).to_be_bytes();
        out[length_at..HEADER_LEN].copy_from_slice(&length);
        out
    }

    /// The first payload of a type.
    pub fn find(&self, kind: PayloadType) -> Option<&Payload> {
        self.payloads.iter().find(|payload| payload.kind() == kind)
    }

    /// Every Notify payload that could be decoded, in order.
    pub fn notifies(&self) -> impl Iterator<Item = &Notify> {
        notifies(&self.payloads)
    }

    /// The SK payload, if the message has one that could be decoded.
    pub fn encrypted(&self) -> Option<&Encrypted> {
        self.payloads.iter().find_map(|payload| {
            if let Body::Sk(encrypted) = &payload.body {
                Some(encrypted)
            } else {
                None
            }
        })
    }

    /// The SKF payload, if the message has one that could be decoded.
    pub fn fragment(&self) -> Option<&EncryptedFragment> {
        self.payloads.iter().find_map(|payload| {
            if let Body::Skf(fragment) = &payload.body {
                Some(fragment)
            } else {
                None
            }
        })
    }
}

/// The Notify payloads of a chain, in order.
pub fn notifies(payloads: &[Payload]) -> impl Iterator<Item = &Notify> {
    payloads.iter().filter_map(|payload| {
        if let Body::Notify(notify) = &payload.body {
            Some(notify)
        } else {
            None
        }
    })
}

/// A chain of payloads without a header before it, as the plaintext of an SK payload is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    pub payloads: Vec<Payload>,
    /// What follows the chain; a correct one has nothing there.
    pub trailing: Vec<u8>,
}

impl Chain {
    /// Reads a chain whose first payload is of type `first`. Offsets of errors count from the
    /// beginning of `plaintext`.
    ///
    /// # Errors
    ///
    /// The chain is broken.
    pub fn parse(first: PayloadType, plaintext: &[u8]) -> Result<Self, Malformed> {
        let mut chain = Payloads::of_plaintext(first, plaintext);
        let payloads = chain
            .by_ref()
            .map(|payload| payload.map(Payload::decode))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            payloads,
            trailing: chain.rest().to_vec(),
        })
    }

    /// The octets of the chain; the type of its first payload is [`Self::first`].
    pub fn emit(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_chain(&mut out, &self.payloads);
        out.extend_from_slice(&self.trailing);
        out
    }

    /// The type of the first payload; 0 if there is none.
    pub fn first(&self) -> PayloadType {
        first_kind(&self.payloads)
    }
}

impl Payload {
    /// A payload with the critical bit clear, as all of RFC 7296 are sent.
    pub fn new(body: Body) -> Self {
        Self {
            critical: false,
            reserved: 0,
            body,
        }
    }

    pub fn kind(&self) -> PayloadType {
        self.body.kind()
    }

    /// Gives a payload its meaning.
    pub fn decode(view: PayloadView<'_>) -> Self {
        Self {
            critical: view.critical,
            reserved: view.reserved,
            body: Body::decode(view.kind, view.next, view.body),
        }
    }
}

impl From<Body> for Payload {
    fn from(body: Body) -> Self {
        Self::new(body)
    }
}

impl Body {
    /// The type of payload that has this body.
    pub fn kind(&self) -> PayloadType {
        match self {
            Self::Sa(_) => PayloadType::SA,
            Self::Ke(_) => PayloadType::KE,
            Self::IdI(_) => PayloadType::IDI,
            Self::IdR(_) => PayloadType::IDR,
            Self::Cert(_) => PayloadType::CERT,
            Self::CertReq(_) => PayloadType::CERTREQ,
            Self::Auth(_) => PayloadType::AUTH,
            Self::Nonce(_) => PayloadType::NONCE,
            Self::Notify(_) => PayloadType::NOTIFY,
            Self::Delete(_) => PayloadType::DELETE,
            Self::VendorId(_) => PayloadType::VENDOR_ID,
            Self::TsI(_) => PayloadType::TSI,
            Self::TsR(_) => PayloadType::TSR,
            Self::Sk(_) => PayloadType::SK,
            Self::Cp(_) => PayloadType::CP,
            Self::Eap(_) => PayloadType::EAP,
            Self::Skf(_) => PayloadType::SKF,
            Self::Unknown { kind, .. } | Self::Undecodable { kind, .. } => *kind,
        }
    }

    /// Reads the body of a payload. `next` is the Next Payload field of its generic header, which
    /// belongs to the body of SK and SKF.
    pub fn decode(kind: PayloadType, next: PayloadType, bytes: &[u8]) -> Self {
        let mut cursor = Cursor::new(bytes);
        let c = &mut cursor;
        let decoded = match kind {
            PayloadType::SA => SecurityAssociation::decode(c).map(Self::Sa),
            PayloadType::KE => KeyExchange::decode(c).map(Self::Ke),
            PayloadType::IDI => Identification::decode(c).map(Self::IdI),
            PayloadType::IDR => Identification::decode(c).map(Self::IdR),
            PayloadType::CERT => Certificate::decode(c).map(Self::Cert),
            PayloadType::CERTREQ => CertificateRequest::decode(c).map(Self::CertReq),
            PayloadType::AUTH => Auth::decode(c).map(Self::Auth),
            PayloadType::NONCE => Ok(Self::Nonce(c.rest().to_vec())),
            PayloadType::NOTIFY => Notify::decode(c).map(Self::Notify),
            PayloadType::DELETE => Delete::decode(c).map(Self::Delete),
            PayloadType::VENDOR_ID => Ok(Self::VendorId(c.rest().to_vec())),
            PayloadType::TSI => TrafficSelectors::decode(c).map(Self::TsI),
            PayloadType::TSR => TrafficSelectors::decode(c).map(Self::TsR),
            PayloadType::SK => Ok(Self::Sk(Encrypted {
                first: next,
                content: c.rest().to_vec(),
            })),
            PayloadType::CP => Configuration::decode(c).map(Self::Cp),
            PayloadType::EAP => Eap::decode(c).map(Self::Eap),
            PayloadType::SKF => EncryptedFragment::decode(c, next).map(Self::Skf),
            _ => Ok(Self::Unknown {
                kind,
                bytes: c.rest().to_vec(),
            }),
        };
        decoded.unwrap_or_else(|why| Self::Undecodable {
            kind,
            bytes: bytes.to_vec(),
            first: if holds_chain(kind) {
                next
            } else {
                PayloadType::NONE
            },
            why,
        })
    }

    /// The octets that follow the generic header.
    ///
    /// Fields that count or measure something are true as long as the truth fits into them, and
    /// the greatest number that fits otherwise.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Sa(sa) => sa.write(&mut out),
            Self::Ke(ke) => ke.write(&mut out),
            Self::IdI(id) | Self::IdR(id) => id.write(&mut out),
            Self::Cert(cert) => cert.write(&mut out),
            Self::CertReq(request) => request.write(&mut out),
            Self::Auth(auth) => auth.write(&mut out),
            Self::Notify(notify) => notify.write(&mut out),
            Self::Delete(delete) => delete.write(&mut out),
            Self::TsI(selectors) | Self::TsR(selectors) => selectors.write(&mut out),
            Self::Sk(encrypted) => out.extend_from_slice(&encrypted.content),
            Self::Cp(configuration) => configuration.write(&mut out),
            Self::Eap(eap) => eap.write(&mut out),
            Self::Skf(fragment) => fragment.write(&mut out),
            Self::Nonce(bytes)
            | Self::VendorId(bytes)
            | Self::Unknown { bytes, .. }
            | Self::Undecodable { bytes, .. } => out.extend_from_slice(bytes),
        }
        out
    }

    /// The Next Payload field where it does not name the payload that follows.
    fn first_within(&self) -> Option<PayloadType> {
        match self {
            Self::Sk(encrypted) => Some(encrypted.first),
            Self::Skf(fragment) => Some(fragment.first),
            Self::Undecodable { kind, first, .. } if holds_chain(*kind) => Some(*first),
            Self::Sa(_)
            | Self::Ke(_)
            | Self::IdI(_)
            | Self::IdR(_)
            | Self::Cert(_)
            | Self::CertReq(_)
            | Self::Auth(_)
            | Self::Nonce(_)
            | Self::Notify(_)
            | Self::Delete(_)
            | Self::VendorId(_)
            | Self::TsI(_)
            | Self::TsR(_)
            | Self::Cp(_)
            | Self::Eap(_)
            | Self::Unknown { .. }
            | Self::Undecodable { .. } => None,
        }
    }
}

fn holds_chain(kind: PayloadType) -> bool {
    kind == PayloadType::SK || kind == PayloadType::SKF
}

fn first_kind(payloads: &[Payload]) -> PayloadType {
    payloads.first().map_or(PayloadType::NONE, Payload::kind)
}

fn write_chain(out: &mut Vec<u8>, payloads: &[Payload]) {
    for (position, payload) in payloads.iter().enumerate() {
        let next = payload
            .body
            .first_within()
            .unwrap_or_else(|| first_kind(&payloads[position + 1..]));
        let body = payload.body.emit();
        wire::write_payload(out, next, payload.critical, payload.reserved, None, &body);
    }
}

/// A field of 8 bits that counts `count` things, or as many as it can.
fn count_u8(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

/// A field of 16 bits that measures `count` octets, or as many as it can.
fn count_u16(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
