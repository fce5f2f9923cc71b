//! What one router of a pairing is told, and the files that come of it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

pub use cases::IdentityKind;
use cases::{AuthMethod, IkeVersion, Mode, Role, Setting};
use ikev2::{EspProposal, IkeProposal};
use ipnet::IpNet;
use serde::Serialize;

/// All that one router must know to play its part in a cell.
#[derive(Clone, Debug)]
pub struct RouterSettings {
    pub role: Role,
    /// The router itself.
    pub local: End,
    /// The other router, as this one expects it.
    pub remote: End,
    pub auth: Credentials,
    pub ike: Vec<IkeProposal>,
    pub esp: Vec<EspProposal>,
    pub departures: Departures,
}

/// In what a router departs from one that is set up as its profile says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departures {
    pub ike_version: IkeVersion,
    pub mode: Mode,
    /// Whether it takes part in NAT traversal.
    pub nat_traversal: bool,
    /// Whether it has the connection at all.
    pub connection: bool,
    /// A line at the end of the main file of its configuration; empty for none.
    pub raw: String,
    /// Settings that replace those of the profile.
    pub settings: BTreeMap<String, Setting>,
}

impl Default for Departures {
    fn default() -> Self {
        Self {
            ike_version: IkeVersion::V2,
            mode: Mode::Tunnel,
            nat_traversal: true,
            connection: true,
            raw: String::new(),
            settings: BTreeMap::new(),
        }
    }
}

/// One end of the tunnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What the router is called in the lab, such as `moon`.
    pub name: String,
    /// The address of the router on the wan.
    pub address: IpAddr,
    /// The networks behind the router.
    pub subnets: Vec<IpNet>,
    pub id: Identity,
}

/// The identity by which one end knows the other (RFC 7296, section 3.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    #[serde(rename = "type")]
    pub kind: IdentityKind,
    /// The identity as people write it; of a DN, the form of RFC 4514.
    pub value: String,
    /// The identification data as they go over the wire, in hexadecimal.
    pub hex: String,
    /// Of a DN, its attributes in their order; else empty.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a distinguished name, such as `CN` with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    #[serde(rename = "type")]
    pub kind: String,
    pub value: String,
}

impl Identity {
    /// An identity that is written as it is sent, or an address.
    pub fn new(kind: IdentityKind, value: impl Into<String>) -> Self {
        let value = value.into();
        let octets = match value.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) if kind == IdentityKind::Ipv4 => address.octets().to_vec(),
            Ok(IpAddr::V6(address)) if kind == IdentityKind::Ipv6 => address.octets().to_vec(),
            Ok(_) | Err(_) => value.clone().into_bytes(),
        };
        Self {
            kind,
            value,
            hex: hex(&octets),
            attributes: Vec::new(),
        }
    }

    /// An identity of octets without a meaning (ID_KEY_ID).
    pub fn key_id(octets: &[u8]) -> Self {
        Self {
            kind: IdentityKind::KeyId,
            value: hex(octets),
            hex: hex(octets),
            attributes: Vec::new(),
        }
    }

    /// A distinguished name, `der` being its encoding.
    pub fn dn(text: impl Into<String>, der: &[u8], attributes: Vec<Attribute>) -> Self {
        Self {
            kind: IdentityKind::Dn,
            value: text.into(),
            hex: hex(der),
            attributes,
        }
    }
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// How a router proves who it is, and with what.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// The key; `None` for a router that has none for its peer.
    Psk(Option<Secret>),
    Certificate(Box<CertificateCredentials>),
}

/// What a router needs to authenticate by a certificate, and to check that of the other end.
#[derive(Clone, Debug)]
pub struct CertificateCredentials {
    /// Which of the methods with certificates this is.
    pub method: AuthMethod,
    /// The router's own certificate.
    pub certificate: Document,
    /// Whether the router is given its certificate and the key.
    pub has_certificate: bool,
    /// PKCS#8 as PEM.
    pub private_key: Secret,
    /// The certificates of subordinate CAs.
    pub intermediates: Vec<Document>,
    pub trust_anchors: Vec<Document>,
    pub crls: Vec<Document>,
    /// PKCS#12 with the certificate, its key, and nothing else.
    pub pkcs12: Vec<u8>,
    /// Of the PKCS#12.
    pub password: Secret,
}

/// A certificate or a CRL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Fit for the name of a file.
    pub name: String,
    pub der: Vec<u8>,
    pub pem: String,
}

impl Credentials {
    pub fn method(&self) -> AuthMethod {
        match self {
            Self::Psk(_) => AuthMethod::Psk,
            Self::Certificate(credentials) => credentials.method,
        }
    }
}

/// A secret that stays out of logs and panics. It goes into a router's files as it is, so it must
/// not hold what a configuration file would take for the end of a string.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for those who must write it down.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// One file of a router's configuration, ready to be put in place.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedFile {
    pub path: PathBuf,
    /// Permission bits.
    pub mode: u32,
    pub content: Content,
}

/// What a file holds, by who may see it.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Rendered text. It may hold secrets here and there.
    Configuration(String),
    /// A certificate or a CRL.
    Public(Vec<u8>),
    /// A private key: a secret as a whole.
    Secret(Vec<u8>),
}

impl Content {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Configuration(text) => text.as_bytes(),
            Self::Public(bytes) | Self::Secret(bytes) => bytes,
        }
    }
}

/// Leaves out the content, which may hold secrets.
impl fmt::Debug for RenderedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderedFile")
            .field("path", &self.path)
            .field("mode", &format_args!("{:04o}", self.mode))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_secrets() {
        let credentials = Credentials::Psk(Some(Secret::new("hush")));
        let file = RenderedFile {
            path: PathBuf::from("/etc/ipsec.secrets"),
            mode: 0o600,
            content: Content::Configuration("hush".to_owned()),
        };
        let shown = format!("{credentials:?} {file:?}");
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains("0600"), "{shown}");
    }
}
