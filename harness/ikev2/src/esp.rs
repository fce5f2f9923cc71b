//! ESP in user space (RFC 4303), as much as it takes to send and receive packets through a Child SA:
//! without Extended Sequence Numbers, compression and traffic flow confidentiality.

use crate::algorithm::{Encryption, Integrity};
use crate::decrypt::cipher;
use crate::endpoint::{ChildSa, EspSa};
use crate::keys::Key;
use crate::random::{self, Random};

/// The Next Header field of an IPv4 packet within (RFC 4303, section 2.6).
pub const IPV4: u8 = 4;

/// The Next Header field of an IPv6 packet within.
pub const IPV6: u8 = 41;

/// The Next Header field of a dummy packet, which is thrown away.
pub const NO_NEXT_HEADER: u8 = 59;

/// Octets of SPI and sequence number.
const HEADER: usize = 8;

/// Octets of padding length and Next Header.
const TRAILER: usize = 2;

/// How far behind the highest sequence number a packet is still told from a replayed one.
const WINDOW: u32 = 64;

/// Why there is no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EspError {
    #[error("the packet is shorter than ESP with these algorithms can be")]
    TooShort,
    #[error("the packet is of SPI {spi:08x}")]
    Spi { spi: u32 },
    #[error("sequence number {sequence} came before, or is too old to tell")]
    Replayed { sequence: u32 },
    #[error("the integrity check value does not fit")]
    Integrity,
    #[error("the padding is not the one that ESP prescribes")]
    Padding,
    #[error("all sequence numbers are used up")]
    SequenceNumbers,
}

/// What a packet carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub sequence: u32,
    pub next_header: u8,
    pub payload: Vec<u8>,
}

/// The outgoing direction of a Child SA.
#[derive(Debug)]
pub struct EspSender {
    sa: Direction,
    sequence: u32,
    next_iv: u64,
}

/// The incoming direction of a Child SA.
#[derive(Debug)]
pub struct EspReceiver {
    sa: Direction,
    highest: u32,
    /// Bit `n` stands for the sequence number that is `n` less than the highest.
    seen: u64,
}

#[derive(Debug)]
struct Direction {
    spi: u32,
    encryption: Encryption,
    /// Without the salt.
    key: Key,
    salt: Vec<u8>,
    /// `None` with an AEAD.
    authentication: Option<(Integrity, Key)>,
}

impl EspSender {
    pub fn new(child: &ChildSa) -> Self {
        Self {
            sa: Direction::new(child, &child.outgoing),
            sequence: 0,
            next_iv: 0,
        }
    }

    /// The sequence number of the next packet will follow this one.
    pub fn continue_after(&mut self, sequence: u32) {
        self.sequence = sequence;
    }

    /// A packet from its SPI on.
    ///
    /// # Errors
    ///
    /// There is no sequence number left.
    pub fn seal(
        &mut self,
        random: &mut dyn Random,
        next_header: u8,
        payload: &[u8],
    ) -> Result<Vec<u8>, EspError> {
        let sequence = self.sequence.checked_add(1);
        self.sequence = sequence.ok_or(EspError::SequenceNumbers)?;
        let encryption = self.sa.encryption;
        let iv = if encryption.salt_octets() == 0 {
            random::octets(random, encryption.iv_octets())
        } else {
            let iv = self.next_iv;
            self.next_iv = iv.wrapping_add(1);
            iv.to_be_bytes().to_vec()
        };
        Ok(self.sa.seal(self.sequence, &iv, next_header, payload))
    }
}

impl EspReceiver {
    pub fn new(child: &ChildSa) -> Self {
        Self {
            sa: Direction::new(child, &child.incoming),
            highest: 0,
            seen: 0,
        }
    }

    /// Reads a packet from its SPI on, and remembers its sequence number if it is a good one.
    ///
    /// # Errors
    ///
    /// It is not a packet of this SA, it was changed on its way, or it came before.
    pub fn open(&mut self, packet: &[u8]) -> Result<Opened, EspError> {
        let opened = self.sa.open(packet)?;
        let sequence = opened.sequence;
        if sequence > self.highest {
            let ahead = sequence - self.highest;
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = sequence;
            return Ok(opened);
        }
        let behind = self.highest - sequence;
        let is_new = sequence != 0 && behind < WINDOW && self.seen >> behind & 1 == 0;
        if !is_new {
            return Err(EspError::Replayed { sequence });
        }
        self.seen |= 1 << behind;
        Ok(opened)
    }
}

impl Direction {
    fn new(child: &ChildSa, sa: &EspSa) -> Self {
        let encryption = child.encryption;
        let whole = sa.encryption_key.as_bytes();
        let salt = whole.len().saturating_sub(encryption.salt_octets());
        let (key, salt) = whole.split_at(salt);
        let integrity = child.integrity.filter(|_| !encryption.is_aead());
        Self {
            spi: sa.spi,
            encryption,
            key: key.into(),
            salt: salt.to_vec(),
            authentication: integrity.map(|one| (one, sa.integrity_key.clone())),
        }
    }

    fn seal(&self, sequence: u32, iv: &[u8], next_header: u8, payload: &[u8]) -> Vec<u8> {
        // What is encrypted ends on a boundary of four octets (RFC 4303, section 2.4).
        let unit = self.encryption.block_octets().max(4);
        let octets = payload.len() + TRAILER;
        let padding = octets.next_multiple_of(unit) - octets;
        let mut plaintext = payload.to_vec();
        plaintext.extend((1..=u8::MAX).take(padding));
        plaintext.push(u8::try_from(padding).unwrap_or(u8::MAX));
        plaintext.push(next_header);
        let mut packet = [self.spi.to_be_bytes(), sequence.to_be_bytes()].concat();
        let key = self.key.as_bytes();
        match &self.authentication {
            Some((integrity, integrity_key)) => {
                cipher::encrypt(self.encryption, key, &self.salt, iv, &mut plaintext);
                packet.extend_from_slice(iv);
                packet.extend_from_slice(&plaintext);
                let check = cipher::checksum(*integrity, integrity_key.as_bytes(), &packet);
                packet.extend_from_slice(&check);
            }
            None => {
                let sealed =
                    cipher::aead_seal(self.encryption, key, &self.salt, iv, &packet, &plaintext);
                packet.extend_from_slice(iv);
                packet.extend_from_slice(&sealed);
            }
        }
        packet
    }

    fn open(&self, packet: &[u8]) -> Result<Opened, EspError> {
        let (header, rest) = packet.split_at_checked(HEADER).ok_or(EspError::TooShort)?;
        let [a, b, c, d, e, f, g, h] = *header else {
            return Err(EspError::TooShort);
        };
        let spi = u32::from_be_bytes([a, b, c, d]);
        if spi != self.spi {
            return Err(EspError::Spi { spi });
        }
        let sequence = u32::from_be_bytes([e, f, g, h]);
        let (iv, rest) = rest
            .split_at_checked(self.encryption.iv_octets())
            .ok_or(EspError::TooShort)?;
        let key = self.key.as_bytes();
        let mut plaintext = match &self.authentication {
            Some((integrity, integrity_key)) => {
                let end = rest.len().checked_sub(integrity.checksum_octets());
                let (ciphertext, check) = rest.split_at(end.ok_or(EspError::TooShort)?);
                let covered = &packet[..packet.len() - check.len()];
                if !cipher::verify(*integrity, integrity_key.as_bytes(), covered, check) {
                    return Err(EspError::Integrity);
                }
                if ciphertext.len() % self.encryption.block_octets() != 0 {
                    return Err(EspError::TooShort);
                }
                let mut buffer = ciphertext.to_vec();
                cipher::decrypt(self.encryption, key, &self.salt, iv, &mut buffer);
                buffer
            }
            None => cipher::aead_open(self.encryption, key, &self.salt, iv, header, rest)
                .ok_or(EspError::Integrity)?,
        };
        let (Some(next_header), Some(padding)) = (plaintext.pop(), plaintext.pop()) else {
            return Err(EspError::TooShort);
        };
        let end = plaintext.len().checked_sub(padding.into());
        let found = plaintext.split_off(end.ok_or(EspError::Padding)?);
        if !found.iter().copied().eq((1..=u8::MAX).take(found.len())) {
            return Err(EspError::Padding);
        }
        Ok(Opened {
            sequence,
            next_header,
            payload: plaintext,
        })
    }
}

#[cfg(test)]
mod tests;
