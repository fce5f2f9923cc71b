//! What a case sets up differently at one end.

use std::collections::BTreeMap;

use ikev2::{EspProposal, IkeProposal};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::case::AuthMethod;
use crate::setting::Setting;

/// What is set up differently at one end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndSetup {
    /// Another way to prove who one is than that of the case: [`AuthMethod::Psk`] where the other
    /// end has certificates.
    pub auth: Option<AuthMethod>,
    pub psk: Psk,
    /// What this end sends as its identity.
    pub local_id: Option<OtherIdentity>,
    /// What this end expects as the identity of the other.
    pub remote_id: Option<OtherIdentity>,
    /// The id of another certificate profile for this end's own certificate; the trust anchors
    /// stay those of [`Setup::certificates`](crate::Setup::certificates).
    pub certificates: Option<String>,
    /// Whether the router is given its certificate and the key of it.
    pub has_certificate: bool,
    pub private_key: PrivateKey,
    /// The id of the certificate profile whose trust anchors this end has.
    pub trust: Option<String>,
    /// Whether the router is given CRLs.
    pub has_crls: bool,
    /// This end's certificate stands on the CRL of its issuer.
    pub revoked: bool,
    /// How far the clock of this router is off, in days: negative is behind.
    pub clock: i32,
    pub ike_version: IkeVersion,
    pub mode: Mode,
    /// Whether the router takes part in NAT traversal (RFC 7296, section 2.23).
    pub nat_traversal: bool,
    /// Whether the router has the connection at all: without it the daemon runs and knows no peer.
    pub has_connection: bool,
    /// A line at the end of the daemon's configuration, as it stands; without line breaks.
    pub raw_configuration: Option<String>,
    /// Replaces the IKE proposals of this end; never empty.
    pub ike: Option<Vec<IkeProposal>>,
    /// Replaces the ESP proposals of this end; never empty.
    pub esp: Option<Vec<EspProposal>>,
    /// The networks that this end offers as its own; never empty.
    pub local_subnets: Option<Vec<IpNet>>,
    /// The networks that this end expects behind the other; never empty.
    pub remote_subnets: Option<Vec<IpNet>>,
    /// Whether the host behind this router has a route back through it.
    pub lan_route: bool,
    /// Settings that count when this end is of that implementation, by its id.
    pub settings: BTreeMap<String, BTreeMap<String, Setting>>,
}

impl Default for EndSetup {
    fn default() -> Self {
        Self {
            auth: None,
            psk: Psk::Shared,
            local_id: None,
            remote_id: None,
            certificates: None,
            has_certificate: true,
            private_key: PrivateKey::Own,
            trust: None,
            has_crls: true,
            revoked: false,
            clock: 0,
            ike_version: IkeVersion::V2,
            mode: Mode::Tunnel,
            nat_traversal: true,
            has_connection: true,
            raw_configuration: None,
            ike: None,
            esp: None,
            local_subnets: None,
            remote_subnets: None,
            lan_route: true,
            settings: BTreeMap::new(),
        }
    }
}

/// Which pre-shared key an end gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Psk {
    /// The one that the other end has.
    Shared,
    /// Another one, so that authentication must fail.
    Different,
    /// The one that the other end has, and a line feed after it, as a key that was read from a
    /// file may have.
    TrailingNewline,
    /// None at all for this peer.
    None,
}

/// The type of an identity (RFC 7296, section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    Fqdn,
    Ipv4,
    Ipv6,
    Rfc822,
    KeyId,
    /// The subject of the certificate (ID_DER_ASN1_DN).
    Dn,
}

/// An identity other than the one that the profile gives to a router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherIdentity {
    /// Of a type other than [`IdentityKind::Dn`]. In the text, [`OtherIdentity::PLACEHOLDERS`]
    /// stand for the names of the router that is meant.
    Text { kind: IdentityKind, value: String },
    /// A DN that is made of the subject of the router's certificate.
    Subject(SubjectForm),
}

impl OtherIdentity {
    /// What stands in the text of an identity for the router's own domain name, mail address and
    /// address on the wan.
    pub const PLACEHOLDERS: [&'static str; 3] = ["{fqdn}", "{email}", "{address}"];
}

/// How a DN follows the subject of the router's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectForm {
    /// As it stands there.
    Own,
    /// The last relative name first.
    Reversed,
    /// The same texts in another type of string: UTF8String for PrintableString, and the other way
    /// round where the text allows it.
    OtherStringTypes,
}

/// The private key that a router is given with its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrivateKey {
    /// That of the certificate.
    Own,
    /// One of the same kind that does not belong to the certificate.
    Other,
}

/// A version of IKE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IkeVersion {
    /// RFC 2409, and nothing else.
    V1,
    V2,
}

/// The mode of the Child SA (RFC 4301, section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    Tunnel,
    Transport,
}

impl Mode {
    /// The word that stands for the mode in files and templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tunnel => "tunnel",
            Self::Transport => "transport",
        }
    }
}
