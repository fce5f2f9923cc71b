//! The Notify payload (RFC 7296, section 3.10) and what the data of each type means.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::cursor::{Cursor, WhyUndecodable};
use crate::numbers::{HashAlgorithm, KeyExchangeId, NotifyType, PayloadType, Protocol};

use super::count_u8;

/// An error, or something that the other end should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notify {
    /// Whose SA it is about, where it is about one.
    pub protocol: Protocol,
    /// The SPI of that SA; empty where it is the IKE SA itself or none.
    pub spi: Vec<u8>,
    pub kind: NotifyType,
    pub data: Vec<u8>,
}

/// The data of a notification, where its type defines one and the data has that form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyMeaning<'a> {
    /// The type defines no data, and there is none.
    Plain,
    /// UNSUPPORTED_CRITICAL_PAYLOAD: what was not understood.
    UnsupportedPayload(PayloadType),
    /// INVALID_KE_PAYLOAD: the group that is wanted.
    WantedGroup(KeyExchangeId),
    /// INVALID_MAJOR_VERSION: the highest version that is spoken.
    HighestVersion(u8),
    /// INVALID_MESSAGE_ID: the number that was wrong.
    InvalidMessageId(u32),
    /// SET_WINDOW_SIZE: how many requests may be outstanding.
    WindowSize(u32),
    /// NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP: the SHA-1 of SPIs, address and
    /// port.
    NatDetection([u8; 20]),
    /// COOKIE and COOKIE2.
    Cookie(&'a [u8]),
    /// IPCOMP_SUPPORTED: the index of parameters and the transform.
    IpComp { cpi: u16, transform: u8 },
    /// ADDITIONAL_IP4_ADDRESS and ADDITIONAL_IP6_ADDRESS (RFC 4555, section 4.2).
    Address(IpAddr),
    /// NO_NATS_ALLOWED (RFC 4555, section 4.2.6): the addresses and ports that the sender sees.
    NoNats {
        source: (IpAddr, u16),
        destination: (IpAddr, u16),
    },
    /// REDIRECT and REDIRECTED_FROM (RFC 5685, sections 9.2 and 9.3): where to go, and the nonce of the
    /// initiator in an IKE_SA_INIT response.
    Gateway {
        gateway: RedirectGateway<'a>,
        nonce: &'a [u8],
    },
    /// AUTH_LIFETIME (RFC 4478, section 3).
    Lifetime(Duration),
    /// TICKET_LT_OPAQUE (RFC 5723, section 7.2): how long the ticket holds, and the ticket.
    Ticket {
        lifetime: Duration,
        ticket: &'a [u8],
    },
    /// TICKET_OPAQUE (RFC 5723, section 7.3): octets that only their maker understands.
    Opaque(&'a [u8]),
    /// QUICK_CRASH_DETECTION (RFC 6290, section 4.1).
    CrashToken(&'a [u8]),
    /// SIGNATURE_HASH_ALGORITHMS (RFC 7427, section 4).
    HashAlgorithms(Vec<HashAlgorithm>),
    /// PPK_IDENTITY (RFC 8784, section 5.1): the form of the identifier, and the identifier.
    PpkIdentity { form: u8, identifier: &'a [u8] },
    /// ADDITIONAL_KEY_EXCHANGE (RFC 9370, section 2.2.4): what links the exchanges.
    KeyExchangeLink(&'a [u8]),
    /// The type is not known here, or the data does not have the form that it defines.
    Raw(&'a [u8]),
}

/// Where an initiator is sent to (RFC 5685, section 9.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectGateway<'a> {
    Address(IpAddr),
    /// A name, as octets that may be anything.
    Fqdn(&'a [u8]),
}

impl Notify {
    /// A notification about the IKE SA, or about none.
    pub fn new(kind: NotifyType, data: Vec<u8>) -> Self {
        Self {
            protocol: Protocol::NONE,
            spi: Vec::new(),
            kind,
            data,
        }
    }

    /// What the data says.
    pub fn meaning(&self) -> NotifyMeaning<'_> {
        self.defined_meaning()
            .unwrap_or(NotifyMeaning::Raw(&self.data))
    }

    fn defined_meaning(&self) -> Option<NotifyMeaning<'_>> {
        let data = self.data.as_slice();
        Some(match self.kind {
            NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD => {
                let [kind] = data.try_into().ok()?;
                NotifyMeaning::UnsupportedPayload(PayloadType(kind))
            }
            NotifyType::INVALID_KE_PAYLOAD => {
                NotifyMeaning::WantedGroup(KeyExchangeId(u16::from_be_bytes(data.try_into().ok()?)))
            }
            NotifyType::INVALID_MAJOR_VERSION => {
                let [version] = data.try_into().ok()?;
                NotifyMeaning::HighestVersion(version)
            }
            NotifyType::INVALID_MESSAGE_ID => {
                NotifyMeaning::InvalidMessageId(u32::from_be_bytes(data.try_into().ok()?))
            }
            NotifyType::SET_WINDOW_SIZE => {
                NotifyMeaning::WindowSize(u32::from_be_bytes(data.try_into().ok()?))
            }
            NotifyType::NAT_DETECTION_SOURCE_IP | NotifyType::NAT_DETECTION_DESTINATION_IP => {
                NotifyMeaning::NatDetection(data.try_into().ok()?)
            }
            NotifyType::COOKIE | NotifyType::COOKIE2 => NotifyMeaning::Cookie(data),
            NotifyType::IPCOMP_SUPPORTED => {
                let [high, low, transform] = data.try_into().ok()?;
                NotifyMeaning::IpComp {
                    cpi: u16::from_be_bytes([high, low]),
                    transform,
                }
            }
            NotifyType::ADDITIONAL_IP4_ADDRESS => NotifyMeaning::Address(ipv4(data)?),
            NotifyType::ADDITIONAL_IP6_ADDRESS => NotifyMeaning::Address(ipv6(data)?),
            NotifyType::NO_NATS_ALLOWED => no_nats(data)?,
            NotifyType::REDIRECT | NotifyType::REDIRECTED_FROM => gateway(data)?,
            NotifyType::AUTH_LIFETIME => NotifyMeaning::Lifetime(seconds(data)?),
            NotifyType::TICKET_LT_OPAQUE => {
                let (lifetime, ticket) = data.split_at_checked(4)?;
                NotifyMeaning::Ticket {
                    lifetime: seconds(lifetime)?,
                    ticket,
                }
            }
            NotifyType::TICKET_OPAQUE => NotifyMeaning::Opaque(data),
            NotifyType::QUICK_CRASH_DETECTION => NotifyMeaning::CrashToken(data),
            NotifyType::SIGNATURE_HASH_ALGORITHMS => {
                let (pairs, rest) = data.as_chunks::<2>();
                if !rest.is_empty() {
                    return None;
                }
                let hash = |pair: &[u8; 2]| HashAlgorithm(u16::from_be_bytes(*pair));
                NotifyMeaning::HashAlgorithms(pairs.iter().map(hash).collect())
            }
            NotifyType::PPK_IDENTITY => {
                let (&form, identifier) = data.split_first()?;
                NotifyMeaning::PpkIdentity { form, identifier }
            }
            NotifyType::ADDITIONAL_KEY_EXCHANGE => NotifyMeaning::KeyExchangeLink(data),
            kind if kind.name().is_some() && data.is_empty() => NotifyMeaning::Plain,
            _ => return None,
        })
    }

    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [protocol, spi_size, high, low] = cursor.array("the fixed fields are cut short")?;
        let spi = cursor.take(spi_size.into(), "the SPI is longer than what is left")?;
        Ok(Self {
            protocol: Protocol(protocol),
            spi: spi.to_vec(),
            kind: NotifyType(u16::from_be_bytes([high, low])),
            data: cursor.rest().to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.protocol.0);
        out.push(count_u8(self.spi.len()));
        out.extend_from_slice(&self.kind.0.to_be_bytes());
        out.extend_from_slice(&self.spi);
        out.extend_from_slice(&self.data);
    }
}

fn ipv4(octets: &[u8]) -> Option<IpAddr> {
    let octets: [u8; 4] = octets.try_into().ok()?;
    Some(Ipv4Addr::from(octets).into())
}

fn ipv6(octets: &[u8]) -> Option<IpAddr> {
    let octets: [u8; 16] = octets.try_into().ok()?;
    Some(Ipv6Addr::from(octets).into())
}

fn seconds(octets: &[u8]) -> Option<Duration> {
    let seconds = u32::from_be_bytes(octets.try_into().ok()?);
    Some(Duration::from_secs(seconds.into()))
}

fn no_nats(data: &[u8]) -> Option<NotifyMeaning<'static>> {
    let (addresses, ports) = data.split_at_checked(data.len().checked_sub(4)?)?;
    let (source, destination) = addresses.split_at(addresses.len() / 2);
    let address = |octets| ipv4(octets).or_else(|| ipv6(octets));
    let [a, b, c, d] = ports.try_into().ok()?;
    Some(NotifyMeaning::NoNats {
        source: (address(source)?, u16::from_be_bytes([a, b])),
        destination: (address(destination)?, u16::from_be_bytes([c, d])),
    })
}

fn gateway(data: &[u8]) -> Option<NotifyMeaning<'_>> {
    let (&[form, length], rest) = data.split_first_chunk()?;
    let (identity, nonce) = rest.split_at_checked(length.into())?;
    let gateway = match form {
        1 => RedirectGateway::Address(ipv4(identity)?),
        2 => RedirectGateway::Address(ipv6(identity)?),
        3 => RedirectGateway::Fqdn(identity),
        _ => return None,
    };
    Some(NotifyMeaning::Gateway { gateway, nonce })
}
