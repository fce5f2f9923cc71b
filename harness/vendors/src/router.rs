//! What one router of a pairing is told, and the files that come of it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use cases::{AuthMethod, Role};
use ikev2::{EspProposal, IkeProposal};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

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
    pub value: String,
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
}

/// How a router proves who it is, and with what.
#[derive(Clone, Debug)]
pub enum Credentials {
    Psk(Secret),
}

impl Credentials {
    pub fn method(&self) -> AuthMethod {
        match self {
            Self::Psk(_) => AuthMethod::Psk,
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
    /// The content. It may hold secrets.
    pub text: String,
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
        let credentials = Credentials::Psk(Secret::new("hush"));
        let file = RenderedFile {
            path: PathBuf::from("/etc/ipsec.secrets"),
            mode: 0o600,
            text: "hush".to_owned(),
        };
        let shown = format!("{credentials:?} {file:?}");
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains("0600"), "{shown}");
    }
}
