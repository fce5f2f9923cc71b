//! The transcript: what crossed the wire, message by message, in the field's terms.
//!
//! The committed JSON Schema (`harness/transcript/schema/transcript-1.json`) is generated from these
//! types. A change that an old reader would misread needs a new [`SCHEMA`] number.
//!
//! Text that came from a peer is already on one line, cut, and free of control and direction
//! characters. No key, no key exchange value and no nonce is in a transcript, only their sizes.

mod payload;
pub mod query;

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use payload::{
    Authentication, Certificate, CertificateFinding, Content, Delete, Identity, Named, Notify,
    Payload, Proposal, SignatureAlgorithm, TrafficSelector, Transform,
};

/// Version of the format that this program writes.
pub const SCHEMA: u32 = 1;

/// All that a capture holds of IKE and of ESP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// Version of this format.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: u32,
    /// The capture that was read.
    pub capture: Capture,
    /// Who took part, in the order in which they were seen.
    pub peers: Vec<Peer>,
    /// The IKE SAs, in the order in which they began.
    pub ike_sas: Vec<IkeSa>,
    /// The IKE messages, in the order in which each was first sent.
    pub messages: Vec<Message>,
    /// ESP by SPI and direction, in the order in which each was first seen.
    pub esp: Vec<EspFlow>,
    /// NAT keepalives by direction, in the order in which each was first seen (RFC 3948, section 2.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nat_keepalives: Vec<NatKeepalives>,
    /// IP datagrams with IKE or ESP that were sent in IP fragments, by direction.
    pub ip_fragments: Vec<IpFragments>,
    /// ICMP errors about packets of IKE or ESP.
    pub icmp_errors: Vec<IcmpError>,
    /// What the reader had to leave out or could not read.
    pub notes: Vec<Note>,
}

/// The capture that a transcript was read from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// The comment of the file's first section, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The names of the interfaces, in the order of the file.
    pub interfaces: Vec<String>,
    /// Packets in the file, of whatever kind.
    pub packets: u64,
    /// Octets of these packets, as they were captured.
    pub octets: u64,
    /// Time of the first packet (RFC 3339, UTC); all times of a transcript count from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub started: Option<Timestamp>,
    /// Microseconds from the first packet to the last.
    pub duration_us: i64,
}

/// One end of the negotiations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    pub address: IpAddr,
    /// What the reader calls this end, such as `moon`; absent when nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As whom it began the first IKE SA in which it takes part.
    pub role: Role,
}

/// The original initiator of an IKE SA, or the original responder (RFC 7296, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Initiator,
    Responder,
}

/// One IKE SA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IkeSa {
    /// SPI of the initiator, 16 hexadecimal digits.
    pub spi_i: String,
    /// SPI of the responder, 16 hexadecimal digits; absent while no response was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spi_r: Option<String>,
    /// Where the original initiator's first message came from.
    pub initiator: SocketAddr,
    /// Where it went to.
    pub responder: SocketAddr,
    /// The algorithms that the responder chose; absent while nothing shows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Proposal>,
    /// Whether the capture begins with this SA's IKE_SA_INIT.
    pub from_the_beginning: bool,
    /// Position in `ike_sas` of the IKE SA that this one replaced (RFC 7296, section 1.3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rekeys: Option<usize>,
    pub keys: Keys,
}

/// Whether the keys of an IKE SA are known, so that its messages can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// Nothing of this SA is encrypted, so that keys would change nothing.
    NotNeeded,
    /// One of the given sets of keys fits: its integrity check succeeds.
    Known,
    /// None was given, or none of those given fits.
    Unknown,
}

/// One IKE message, however often it was sent and in however many parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Position in `ike_sas` of the SA that it belongs to.
    pub sa: usize,
    /// Exchange type (RFC 7296, section 3.1).
    pub exchange: Named,
    pub message_id: u32,
    /// Response flag: an answer to the request with the same message id.
    pub response: bool,
    /// Who sent it, by the Initiator flag: the original initiator of the SA or the original responder.
    pub from: Role,
    pub source: SocketAddr,
    pub destination: SocketAddr,
    /// Major and minor version, such as `2.0`.
    pub version: String,
    /// Microseconds after the capture's first packet at which it was first sent.
    pub at_us: i64,
    /// Octets of the IKE message; of all its parts, where it was sent in IKE fragments.
    pub octets: u64,
    /// Every time that it was sent, in order. All after the first are retransmissions. Of a message
    /// in IKE fragments, those of its first part to be seen.
    pub transmissions: Vec<Transmission>,
    /// Transmissions beyond those that are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_transmissions: u64,
    /// The parts of a message in IKE fragments (RFC 7383); absent for one that is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragments: Option<IkeFragments>,
    pub protection: Protection,
    /// The payloads in their order, those inside the Encrypted payload after it.
    pub payloads: Vec<Payload>,
    /// Payloads beyond those that are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_payloads: u64,
    /// Why the message, or the rest of it, could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malformed: Option<String>,
}

/// One time that a message was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transmission {
    /// Number of its packet in the capture, from 1, as Wireshark counts; the last one of several,
    /// where the datagram was sent in IP fragments.
    pub packet: u64,
    /// Microseconds after the capture's first packet.
    pub at_us: i64,
    pub arrival: Arrival,
    /// IP fragments that it took; 0 when it was sent in one packet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ip_fragments: u64,
}

/// Whether a packet reached the other end.
///
/// It is known only from a capture at both ends of the path, where a packet is recorded as it is
/// sent and again as it is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Arrival {
    /// The capture was made at one place, which cannot tell.
    Unknown,
    /// It was delivered: number of the packet as it was recorded there.
    Arrived { packet: u64 },
    /// It was not recorded at the other end.
    Lost,
}

/// The parts of a message (RFC 7383).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IkeFragments {
    /// How many parts the sender announced.
    pub total: u16,
    /// Those that were seen, in the order of their numbers.
    pub parts: Vec<IkeFragment>,
}

/// One part of a message (RFC 7383, section 2.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IkeFragment {
    /// From 1.
    pub number: u16,
    pub transmissions: Vec<Transmission>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_transmissions: u64,
}

/// How far a message's content is readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Protection {
    /// It has no Encrypted payload.
    Clear,
    /// It was encrypted, and the keys are known: integrity was verified, the payloads are listed.
    Decrypted,
    /// It is encrypted, and the keys are not known.
    Encrypted,
    /// The keys of its SA are known, and yet it cannot be read.
    Undecryptable { why: String },
}

/// The ESP packets of one SPI in one direction (RFC 4303).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EspFlow {
    /// 8 hexadecimal digits.
    pub spi: String,
    pub source: IpAddr,
    pub destination: IpAddr,
    /// Whether the packets were inside UDP (RFC 3948).
    pub in_udp: bool,
    /// Packets that were sent; one that was recorded again on its arrival counts once.
    pub packets: u64,
    /// How many of them were recorded on their arrival; absent when the capture cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<u64>,
    /// Octets of these packets from the SPI on.
    pub octets: u64,
    pub first_packet: u64,
    pub last_packet: u64,
    /// Microseconds after the capture's first packet.
    pub first_us: i64,
    pub last_us: i64,
    /// Least and greatest sequence number.
    pub sequence_min: u32,
    pub sequence_max: u32,
    /// Packets whose sequence number had been sent before: a replay, or a counter that was reset.
    pub repeated: u64,
}

/// NAT keepalives of one direction: what lets a NAT remember its mapping (RFC 3948, section 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NatKeepalives {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    /// Packets that were recorded.
    pub packets: u64,
    pub first_packet: u64,
}

/// IP fragments of one direction that carry IKE or ESP, or may do so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IpFragments {
    pub source: IpAddr,
    pub destination: IpAddr,
    /// Fragments that were sent.
    pub sent: u64,
    /// How many of them were recorded on their arrival; absent when the capture cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<u64>,
    pub first_packet: u64,
    pub last_packet: u64,
    /// Datagrams of which not all fragments are in the capture.
    pub incomplete: u64,
}

/// An ICMP error (RFC 792, RFC 4443) about a packet of IKE or ESP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IcmpError {
    pub packet: u64,
    pub at_us: i64,
    /// Who reports it.
    pub source: IpAddr,
    /// Whom it is reported to: who had sent the packet.
    pub destination: IpAddr,
    pub what: IcmpWhat,
    /// Where the packet was going.
    pub about: IpAddr,
    /// The port where it was going, if it was UDP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about_port: Option<u16>,
}

/// What an ICMP error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum IcmpWhat {
    /// The packet is too large, and may not be fragmented; 0 where the MTU is not said.
    FragmentationNeeded {
        mtu: u32,
    },
    PortUnreachable,
    HostUnreachable,
    NetworkUnreachable,
    ProtocolUnreachable,
    /// A filter refuses it.
    AdministrativelyProhibited,
    TimeExceeded,
    /// Type and code as they are.
    Other {
        kind: u8,
        code: u8,
    },
}

/// Something that the reader had to leave out or could not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Note {
    /// The file is damaged after this packet; what came before it was used.
    DamagedFile { after_packet: u64, why: String },
    /// Packets were captured only in part, so that some messages cannot be read.
    CutPackets { packets: u64 },
    /// Packets of a link type that is not read.
    UnknownLink { link: u32, packets: u64 },
    /// Messages beyond the limit were counted and not kept.
    MoreMessages { left_out: u64 },
    /// IKE SAs beyond the limit were counted and not kept.
    MoreIkeSas { left_out: u64 },
    /// ESP packets of SPIs beyond the limit.
    MoreEsp { packets: u64 },
    /// ICMP errors beyond the limit.
    MoreIcmp { left_out: u64 },
    /// IP fragments that could not be put together, because too many datagrams were open at once.
    FragmentsGivenUp { datagrams: u64 },
    /// Payloads beyond the limit for the whole transcript.
    MorePayloads { left_out: u64 },
    /// UDP datagrams on the ports of IKE that are no IKE message.
    NotIke { datagrams: u64 },
    /// IKE messages on port 4500 without the four octets of zero before them (RFC 3948, section 2.2), or
    /// with them on port 500: no router reads such a message as IKE.
    WrongMarker { port: u16, datagrams: u64 },
    /// IKE messages of another major version than 2, such as IKEv1.
    OtherVersion { major: u8, messages: u64 },
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
