//! The payloads of a message, as they are told.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;
use reports::text::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Role, is_zero};

/// A number of an IANA registry, with its name there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub number: u32,
    /// Such as `IKE_AUTH`; for a number without a name, the number itself in words, such as
    /// `UNKNOWN_240`.
    pub name: Cow<'static, str>,
}

/// One payload (RFC 7296, section 3.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// Payload type, such as `IDi`.
    pub kind: Named,
    /// The critical bit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub critical: bool,
    /// Whether it stood inside the Encrypted payload.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// Octets of its body, behind the generic header.
    pub octets: u64,
    pub content: Content,
}

/// What a payload says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Content {
    /// Proposals: offered in a request, the chosen one in a response (RFC 7296, section 3.3).
    SecurityAssociation {
        proposals: Vec<Proposal>,
        /// Proposals and transforms beyond those that are listed.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u64,
    },
    /// RFC 7296, section 3.4.
    KeyExchange {
        group: Named,
        /// Octets of the public value.
        octets: u64,
    },
    /// RFC 7296, section 3.5.
    Identity(Identity),
    /// RFC 7296, section 3.6.
    Certificate(Box<Certificate>),
    /// RFC 7296, section 3.7.
    CertificateRequest {
        encoding: Named,
        /// SHA-1 of the public keys of trusted CAs, 40 hexadecimal digits each.
        authorities: Vec<String>,
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u64,
    },
    /// RFC 7296, section 3.8; RFC 7427.
    Authentication(Authentication),
    /// RFC 7296, section 3.9.
    Nonce { octets: u64 },
    /// RFC 7296, section 3.10.
    Notify(Notify),
    /// RFC 7296, section 3.11.
    Delete(Delete),
    /// RFC 7296, section 3.12.
    VendorId {
        /// Whose it is, where it is known or readable.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The first octets in hexadecimal.
        hex: String,
    },
    /// RFC 7296, section 3.13.
    TrafficSelectors {
        /// Whose addresses they are: TSi or TSr.
        of: Role,
        selectors: Vec<TrafficSelector>,
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u64,
    },
    /// The Encrypted payload, or a part of one (RFC 7296, section 3.14; RFC 7383, section 2.5).
    Encrypted,
    /// RFC 7296, section 3.15: `CFG_REQUEST` and the like, and the attributes by name.
    Configuration {
        kind: Named,
        attributes: Vec<Named>,
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u64,
    },
    /// RFC 7296, section 3.16: the code, and the type of the method.
    Eap {
        code: Named,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<Named>,
    },
    /// A payload type that this program does not know.
    Unknown,
    /// A body that does not follow its format.
    Undecodable { why: String },
}

/// A proposal (RFC 7296, section 3.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    pub number: u8,
    /// `IKE`, `AH` or `ESP`.
    pub protocol: Named,
    /// In hexadecimal; absent in the first negotiation of an IKE SA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spi: Option<String>,
    pub transforms: Vec<Transform>,
}

/// A transform (RFC 7296, section 3.3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// `ENCR`, `PRF`, `INTEG`, `KE` (formerly D-H), `ESN`, `ADDKE1` and so on.
    pub kind: Named,
    pub id: Named,
    /// Key Length attribute, in bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_length: Option<u16>,
}

/// Who an end says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// IDi or IDr.
    pub of: Role,
    /// ID type, such as `ID_FQDN`.
    pub kind: Named,
    /// As people write it: a name, an address, a distinguished name (RFC 4514, in the order of its
    /// encoding), or hexadecimal digits.
    pub text: String,
    /// The identification data in hexadecimal, cut at 512 octets.
    pub hex: String,
}

/// What stands in a CERT payload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Certificate encoding, such as `X.509 Certificate - Signature`.
    pub encoding: Named,
    /// SHA-256 of the certificate data, 64 hexadecimal digits.
    pub sha256: String,
    /// Absent where the data is no certificate that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// In hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// subjectAltName, such as `dNSName=moon.example`.
    #[serde(default)]
    pub names: Vec<String>,
    /// keyUsage, such as `digitalSignature`; absent without the extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_usage: Option<Vec<String>>,
    /// extendedKeyUsage by name or by OID; absent without the extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_key_usage: Option<Vec<String>>,
    /// basicConstraints cA.
    #[serde(default)]
    pub ca: bool,
    /// Algorithm and size of the public key, such as `RSA 2048`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Algorithm of the signature, by name or by OID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub not_after: Option<Timestamp>,
    /// What `certs lint` finds by RFC 4945 and RFC 5280 at the time of the packet, errors first.
    #[serde(default)]
    pub findings: Vec<CertificateFinding>,
    /// Why the certificate could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// A rule that a certificate breaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateFinding {
    /// Id of the rule, such as `PX-12`.
    pub rule: String,
    /// Document and section of the rule.
    pub clause: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    pub title: Text,
    /// The field, such as `subjectAltName`.
    pub field: String,
}

/// How an end proves who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// Auth method, such as `Shared Key Message Integrity Code`.
    pub method: Named,
    /// Octets of the authentication data.
    pub octets: u64,
    /// The algorithm that a digital signature names (RFC 7427, section 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureAlgorithm>,
}

/// The algorithm of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureAlgorithm {
    /// In dotted decimal.
    pub oid: String,
    /// Such as `RSASSA-PSS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Hash, such as `SHA2-256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Such as `AUTHENTICATION_FAILED`.
    pub kind: Named,
    /// Whether the number is in the range of errors (RFC 7296, section 3.10.1).
    pub error: bool,
    /// The protocol that the SPI belongs to; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Named>,
    /// In hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spi: Option<String>,
    /// Octets of the notification data.
    pub octets: u64,
    /// What the data says, where it is known: the group of INVALID_KE_PAYLOAD, the hashes of
    /// SIGNATURE_HASH_ALGORITHMS, the gateway of REDIRECT, an address and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// Of NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP: the packet has another address or
    /// port than the sender gave it, so that there is a NAT on its way, or the sender wants to have it
    /// look so (RFC 7296, section 2.23).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nat: bool,
}

/// SAs that the sender has deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    pub protocol: Named,
    /// In hexadecimal; empty for the IKE SA itself.
    pub spis: Vec<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u64,
}

/// A traffic selector (RFC 7296, section 3.13.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrafficSelector {
    /// TS type, such as `TS_IPV4_ADDR_RANGE`.
    pub kind: Named,
    /// IP protocol; 0 for any.
    pub protocol: u8,
    /// Least and greatest port.
    pub ports: [u16; 2],
    /// First and last address; absent for a type without addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addresses: Option<[IpAddr; 2]>,
    /// As people write it: `192.0.2.0/24`, `192.0.2.1-192.0.2.9`, with `protocol` and `port` where
    /// they are limited.
    pub text: String,
}
