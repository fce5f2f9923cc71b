//! What an endpoint is set up with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::algorithm::DhGroup;
use crate::authentication::{PublicKey, Scheme, SigningKey};
use crate::keys::Key;
use crate::message::{Certificate, CertificateRequest, Identification, TrafficSelector};
use crate::numbers::HashAlgorithm;
use crate::proposal::{EspProposal, IkeProposal};

/// The settings of an endpoint. [`Self::new`] sets all that need not be chosen.
#[derive(Clone, Debug)]
pub struct Config {
    /// In order of preference; those for the IKE SA.
    pub ike: Vec<IkeProposal>,
    /// In order of preference; those for Child SAs.
    pub esp: Vec<EspProposal>,
    /// The group of the first KE payload; `None` for the first of `ike`.
    pub first_group: Option<DhGroup>,
    /// What this end says that it is.
    pub identity: Identification,
    pub credential: Credential,
    /// Who the other end must be; `None` for anybody whose proof is good.
    pub peer_identity: Option<Identification>,
    /// Whether an initiator names `peer_identity` in IDr (RFC 7296, section 1.2).
    pub ask_for_peer: bool,
    pub trust: Trust,
    /// Whether an initiator says that it has no other IKE SA with the other end (RFC 7296, section
    /// 2.4).
    pub initial_contact: bool,
    /// CERTREQ payloads to send.
    pub certificate_requests: Vec<CertificateRequest>,
    /// The hashes for signatures that are announced and accepted (RFC 7427, section 4); none at all
    /// turns RFC 7427 off.
    pub hashes: Vec<HashAlgorithm>,
    /// What lies behind this end.
    pub local_selectors: Vec<TrafficSelector>,
    /// What lies behind the other end.
    pub remote_selectors: Vec<TrafficSelector>,
    /// Whether NAT is looked for, and UDP port 4500 used where there is one (RFC 7296, section
    /// 2.23).
    pub nat_traversal: bool,
    /// The most octets of an IKE message in one datagram, without UDP header and marker; longer ones
    /// are cut if both ends can (RFC 7383). `None` announces no support.
    pub fragment_octets: Option<u16>,
    /// Whether a responder asks every initiator for a cookie (RFC 7296, section 2.6).
    pub demand_cookie: bool,
    /// How many requests of the other end are taken at a time (RFC 7296, section 2.3). More than 1
    /// is announced.
    pub window: u32,
    pub retransmission: Retransmission,
    /// How long a responder waits for IKE_AUTH, and how long a closed IKE SA answers what is sent
    /// again.
    pub linger: Duration,
}

impl Config {
    /// Settings with all hashes of RFC 7427 and RFC 8420, NAT traversal, fragments of 1280 octets, a
    /// window of 1, and selectors for all traffic.
    pub fn new(
        ike: Vec<IkeProposal>,
        esp: Vec<EspProposal>,
        identity: Identification,
        credential: Credential,
        trust: Trust,
    ) -> Self {
        Self {
            ike,
            esp,
            first_group: None,
            identity,
            credential,
            peer_identity: None,
            ask_for_peer: false,
            initial_contact: false,
            trust,
            certificate_requests: Vec::new(),
            hashes: vec![
                HashAlgorithm::SHA2_256,
                HashAlgorithm::SHA2_384,
                HashAlgorithm::SHA2_512,
                HashAlgorithm::IDENTITY,
            ],
            local_selectors: TrafficSelector::everything(),
            remote_selectors: TrafficSelector::everything(),
            nat_traversal: true,
            fragment_octets: Some(1280),
            demand_cookie: false,
            window: 1,
            retransmission: Retransmission::default(),
            linger: Duration::from_secs(30),
        }
    }
}

/// When a request is sent again (RFC 7296, section 2.4): after `first`, then after twice that time,
/// and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retransmission {
    pub first: Duration,
    /// How often it is sent, the first time included.
    pub times: u32,
}

impl Default for Retransmission {
    /// Five times, given up after 31 seconds.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            times: 5,
        }
    }
}

impl Retransmission {
    /// How long to wait after it was sent for the `times`th time, counted from 1.
    pub(super) fn wait(self, times: u32) -> Duration {
        let doubled = times.saturating_sub(1).min(16);
        self.first.saturating_mul(1 << doubled)
    }
}

/// How this end proves who it is.
#[derive(Clone, Debug)]
pub enum Credential {
    SharedKey(Key),
    Signature {
        key: Arc<SigningKey>,
        /// `None` lets the hashes of the other end decide.
        scheme: Option<Scheme>,
        /// What the CERT payloads hold, the end's own certificate first.
        certificates: Vec<Certificate>,
    },
}

/// What the other end's proof is checked with.
#[derive(Clone)]
pub enum Trust {
    SharedKey(Key),
    /// This key, whatever certificates say.
    PublicKey(PublicKey),
    /// The key that is found for an identity and certificates, or why there is none.
    Certificates(Arc<FindKey>),
}

/// Finds the public key for what the other end shows: its ID and CERT payloads.
pub type FindKey =
    dyn Fn(&Identification, &[Certificate]) -> Result<PublicKey, String> + Send + Sync;

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SharedKey(key) => f.debug_tuple("SharedKey").field(key).finish(),
            Self::PublicKey(key) => f.debug_tuple("PublicKey").field(key).finish(),
            Self::Certificates(_) => f.debug_tuple("Certificates").finish_non_exhaustive(),
        }
    }
}
