//! What a case is, once it is known to be valid.

use std::fmt;

use ikev2::{EspProposal, IkeProposal};
use reports::text::Text;
use serde::{Deserialize, Serialize};

use crate::end::EndSetup;

/// One thing to try on a pairing of routers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Case {
    /// Theme and name, such as `auth.psk`: the folder and the file it was read from.
    pub id: String,
    pub title: Text,
    /// A word short enough for the head of a column.
    pub abbreviation: String,
    pub level: Level,
    /// What a profile must declare; a profile without it has no such function.
    pub needs: Vec<AuthMethod>,
    pub clause: Clause,
    pub setup: Setup,
    /// At least one [`Step::Initiate`], and a [`Step::Probe`] some time after it.
    pub steps: Vec<Step>,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
}

/// Who must pass a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every router.
    Core,
    /// A router that claims more.
    Extended,
}

/// The part of a standard that a case tests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clause {
    pub rfc: u32,
    /// Number of the section, such as `2.15`.
    pub section: String,
    /// What the section asks for, in words of this project.
    pub restated: Text,
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RFC {}, section {}", self.rfc, self.section)
    }
}

/// How the two routers are set up; `None` leaves what their profiles say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setup {
    pub auth: AuthMethod,
    /// The id of the certificate profile; `Some` with a method of certificates only.
    pub certificates: Option<String>,
    /// The largest packet that the wan carries, in octets; `None` for what the link can do.
    pub wan_mtu: Option<u32>,
    /// Whose router stands behind a NAT. A NAT before a responder forwards the ports of IKE to it.
    pub nat: Option<Role>,
    /// Replaces the IKE proposals of both ends; never empty.
    pub ike: Option<Vec<IkeProposal>>,
    /// Replaces the ESP proposals of both ends; never empty.
    pub esp: Option<Vec<EspProposal>>,
    pub initiator: EndSetup,
    pub responder: EndSetup,
}

impl Setup {
    /// What holds for one end only.
    pub fn end(&self, role: Role) -> &EndSetup {
        match role {
            Role::Initiator => &self.initiator,
            Role::Responder => &self.responder,
        }
    }

    /// How one end proves who it is.
    pub fn auth_of(&self, role: Role) -> AuthMethod {
        self.end(role).auth.unwrap_or(self.auth)
    }

    /// The certificate profile whose trust anchors one end is given.
    pub fn trust_of(&self, role: Role) -> Option<&str> {
        self.end(role)
            .trust
            .as_deref()
            .or(self.certificates.as_deref())
    }

    /// The certificate profile of one end's own certificate.
    pub fn certificates_of(&self, role: Role) -> Option<&str> {
        self.end(role)
            .certificates
            .as_deref()
            .or(self.certificates.as_deref())
    }

    /// The IKE proposals that this case gives to one end, if it gives any.
    pub fn ike_of(&self, role: Role) -> Option<&[IkeProposal]> {
        self.end(role).ike.as_deref().or(self.ike.as_deref())
    }

    /// The ESP proposals that this case gives to one end, if it gives any.
    pub fn esp_of(&self, role: Role) -> Option<&[EspProposal]> {
        self.end(role).esp.as_deref().or(self.esp.as_deref())
    }
}

/// One thing that is done to a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The initiator sets up the IKE SA and its first Child SA.
    Initiate,
    /// Marked packets go both ways between the hosts behind the routers.
    Probe {
        /// Octets of each packet's UDP payload; `None` for a few.
        size: Option<u16>,
    },
    /// From now on the wan drops this traffic, too.
    Block(Block),
    /// From now on the wan drops nothing.
    Unblock,
    /// A router's daemon is killed, with all that it has started.
    Kill(Role),
    /// A router's daemon will be killed as soon as an IKE_AUTH message reaches it.
    KillInIkeAuth(Role),
    /// From now on every IKE_SA_INIT request to a router is answered with INVALID_KE_PAYLOAD, by the lab
    /// and in its name, and each time with another group (RFC 7296, section 1.2).
    AskForGroups(Role),
    /// A router's daemon is stopped: it stays there and does nothing.
    Hang(Role),
    /// It goes on.
    Resume(Role),
    /// The kernel of a router loses its SAs, and the daemon is not told.
    FlushSas(Role),
    /// A router numbers its ESP packets anew, as if they had been recorded and sent again.
    Replay(Role),
    /// The kernel of a router gets wrong keys to check the integrity of what comes in.
    CorruptKey(Role),
    /// A router replaces the Child SA (RFC 7296, section 2.8).
    RekeyChild(Role),
    /// A router replaces the IKE SA (RFC 7296, section 2.8).
    RekeyIke(Role),
    /// A router ends the tunnel.
    Terminate(Role),
    /// Both routers let the protected traffic through in clear, beside the tunnel.
    Bypass,
    /// The lab's capture is broken on purpose: the outcome must be an error of the lab.
    FailCapture,
}

/// What the wan drops, and of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Only what this end sends; `None` for both ways.
    pub from: Option<Role>,
    pub traffic: Traffic,
}

/// Traffic that the wan can drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Traffic {
    /// Every IP packet.
    All,
    /// ESP, bare and in UDP.
    Esp,
    Udp,
    /// UDP port 500.
    Udp500,
    /// UDP port 4500.
    Udp4500,
    /// Fragments of IP packets, the first ones included.
    IpFragments,
    /// Messages of the IKE_AUTH exchange (RFC 7296, section 1.2).
    IkeAuth,
    /// IP packets of more octets than this, without a word to their sender.
    LargerThan(u16),
}

/// Which end of a pairing a router is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Initiator,
    Responder,
}

impl Role {
    pub const BOTH: [Self; 2] = [Self::Initiator, Self::Responder];

    /// The word that stands for the role in files and templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initiator => "initiator",
            Self::Responder => "responder",
        }
    }

    /// The other end.
    pub fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the two ends prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// A pre-shared key (RFC 7296, section 2.15).
    Psk,
    /// A certificate by the profile of RFC 4945.
    CertRfc4945,
    /// A certificate by the profile of the healthcare PKI.
    CertHpki,
}

impl AuthMethod {
    /// Whether the ends show certificates.
    pub fn uses_certificates(self) -> bool {
        match self {
            Self::Psk => false,
            Self::CertRfc4945 | Self::CertHpki => true,
        }
    }

    /// The word that stands for the method in files and templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Psk => "psk",
            Self::CertRfc4945 => "cert-rfc4945",
            Self::CertHpki => "cert-hpki",
        }
    }
}

impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_files_and_messages_are_the_same() {
        for role in Role::BOTH {
            assert_eq!(word_in_files(&role), role.as_str());
        }
        for method in [
            AuthMethod::Psk,
            AuthMethod::CertRfc4945,
            AuthMethod::CertHpki,
        ] {
            assert_eq!(word_in_files(&method), method.as_str());
        }
    }

    fn word_in_files<T: Serialize>(value: &T) -> String {
        toml::Value::try_from(value)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }
}
