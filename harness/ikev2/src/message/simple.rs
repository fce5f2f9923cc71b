//! Payloads of few fields.

use crate::cursor::{Cursor, WhyUndecodable};
use crate::numbers::{CertEncoding, EapCode, EapType, KeyExchangeId, PayloadType, Protocol};

use super::count_u16;

/// A public value of a key exchange (RFC 7296, section 3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyExchange {
    pub group: KeyExchangeId,
    pub reserved: [u8; 2],
    /// In the form that the group's RFC defines.
    pub data: Vec<u8>,
}

impl KeyExchange {
    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [high, low, reserved @ ..] = cursor.array::<4>("the group is cut short")?;
        Ok(Self {
            group: KeyExchangeId(u16::from_be_bytes([high, low])),
            reserved,
            data: cursor.rest().to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.group.0.to_be_bytes());
        out.extend_from_slice(&self.reserved);
        out.extend_from_slice(&self.data);
    }
}

/// A certificate, a list of revoked ones, or where to find one (RFC 7296, section 3.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    pub encoding: CertEncoding,
    /// DER for [`CertEncoding::X509_SIGNATURE`] and [`CertEncoding::CRL`].
    pub data: Vec<u8>,
}

impl Certificate {
    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [encoding] = cursor.array("the encoding is missing")?;
        Ok(Self {
            encoding: CertEncoding(encoding),
            data: cursor.rest().to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.encoding.0);
        out.extend_from_slice(&self.data);
    }
}

/// Which certificates are asked for (RFC 7296, section 3.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRequest {
    pub encoding: CertEncoding,
    pub data: Vec<u8>,
}

impl CertificateRequest {
    /// The SHA-1 hashes of the public keys of the trusted certification authorities, 20 octets
    /// each; `None` if the data is not made of such.
    pub fn authorities(&self) -> Option<impl Iterator<Item = [u8; 20]>> {
        let (hashes, rest) = self.data.as_chunks::<20>();
        rest.is_empty().then(|| hashes.iter().copied())
    }

    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [encoding] = cursor.array("the encoding is missing")?;
        Ok(Self {
            encoding: CertEncoding(encoding),
            data: cursor.rest().to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.encoding.0);
        out.extend_from_slice(&self.data);
    }
}

/// Security associations that their receiver has deleted (RFC 7296, section 3.11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delete {
    pub protocol: Protocol,
    /// Octets of one SPI: 0 for IKE, 4 for ESP and AH.
    pub spi_size: u8,
    /// How many SPIs the payload says that it holds.
    pub count: u16,
    /// The SPIs, one after the other.
    pub spis: Vec<u8>,
}

impl Delete {
    /// Each SPI.
    pub fn each(&self) -> impl Iterator<Item = &[u8]> {
        self.spis.chunks_exact(usize::from(self.spi_size).max(1))
    }

    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [protocol, spi_size, high, low] = cursor.array("the fixed fields are cut short")?;
        let count = u16::from_be_bytes([high, low]);
        let octets = usize::from(spi_size) * usize::from(count);
        let spis = cursor.take(octets, "there are fewer SPIs than it says")?;
        cursor.end("octets follow the last SPI")?;
        Ok(Self {
            protocol: Protocol(protocol),
            spi_size,
            count,
            spis: spis.to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.protocol.0);
        out.push(self.spi_size);
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(&self.spis);
    }
}

/// An SK payload, encrypted (RFC 7296, section 3.14).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encrypted {
    /// The type of the first payload within: the payload's own Next Payload field.
    pub first: PayloadType,
    /// Initialization vector, ciphertext and integrity checksum.
    pub content: Vec<u8>,
}

/// An SKF payload, encrypted (RFC 7383, section 2.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptedFragment {
    /// The type of the first payload of the whole message in fragment 1; 0 in the others.
    pub first: PayloadType,
    /// From 1.
    pub number: u16,
    /// How many fragments there are.
    pub total: u16,
    /// Initialization vector, ciphertext and integrity checksum.
    pub content: Vec<u8>,
}

impl EncryptedFragment {
    pub(super) fn decode(
        cursor: &mut Cursor<'_>,
        first: PayloadType,
    ) -> Result<Self, WhyUndecodable> {
        let [a, b, c, d] = cursor.array("the fragment's number is cut short")?;
        Ok(Self {
            first,
            number: u16::from_be_bytes([a, b]),
            total: u16::from_be_bytes([c, d]),
            content: cursor.rest().to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.total.to_be_bytes());
        out.extend_from_slice(&self.content);
    }
}

/// A packet of EAP (RFC 7296, section 3.16; RFC 3748, section 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Eap {
    pub code: EapCode,
    pub identifier: u8,
    /// The type and its data in a request or response; nothing in a success or failure.
    pub data: Vec<u8>,
}

impl Eap {
    /// The method of a request or response.
    pub fn method(&self) -> Option<EapType> {
        let has_method = self.code == EapCode::REQUEST || self.code == EapCode::RESPONSE;
        self.data
            .first()
            .filter(|_| has_method)
            .map(|&method| EapType(method))
    }

    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let start = *cursor;
        let [code, identifier, high, low] = cursor.array("the EAP header is cut short")?;
        let data = cursor.rest();
        if usize::from(u16::from_be_bytes([high, low])) != 4 + data.len() {
            return Err(start.wrong("the EAP packet does not have the length that it says"));
        }
        Ok(Self {
            code: EapCode(code),
            identifier,
            data: data.to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.code.0);
        out.push(self.identifier);
        out.extend_from_slice(&count_u16(4 + self.data.len()).to_be_bytes());
        out.extend_from_slice(&self.data);
    }
}
