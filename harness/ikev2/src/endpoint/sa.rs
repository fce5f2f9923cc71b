//! The security associations of an endpoint.

use std::time::Instant;

use super::Path;
use super::window::{Requests, Responses};
use crate::algorithm::{DhGroup, Encryption, Integrity};
use crate::key_exchange::KeyPair;
use crate::keys::{Key, SkKeys, Suite};
use crate::message::TrafficSelector;
use crate::nat::NatDetected;
use crate::numbers::HashAlgorithm;
use crate::reassembly::{Limits, Reassembler};
use crate::schedule::Nonces;

/// Names an IKE SA of one endpoint, also after it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SaId(pub(super) u32);

/// An IKE SA, from its first message on.
#[derive(Debug)]
pub struct IkeSa {
    pub(super) id: SaId,
    pub(super) initiator_spi: u64,
    pub(super) responder_spi: u64,
    pub(super) is_initiator: bool,
    pub(super) path: Path,
    pub(super) phase: Phase,
    pub(super) protection: Option<Protection>,
    /// Both ends have said that they can join fragments.
    pub(super) can_fragment: bool,
    /// `None` if the other end announced none.
    pub(super) peer_hashes: Option<Vec<HashAlgorithm>>,
    pub(super) nat: Option<NatDetected>,
    pub(super) handshake: Handshake,
    pub(super) requests: Requests,
    pub(super) responses: Responses,
    pub(super) reassembler: Reassembler,
    pub(super) children: Vec<ChildSa>,
    /// When a half-open or closed SA is forgotten.
    pub(super) expires: Option<Instant>,
}

/// How far an IKE SA has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// An initiator waits for the response to IKE_SA_INIT.
    InitSent,
    /// A responder waits for IKE_AUTH.
    AwaitingAuth,
    /// An initiator waits for the response to IKE_AUTH.
    AuthSent,
    Established,
    /// Another IKE SA has taken its place, and it will be deleted.
    Replaced,
    /// This end has asked for its deletion.
    Closing,
    /// Only what is sent again is still answered.
    Closed,
}

/// The algorithms and keys of an IKE SA.
#[derive(Clone, Debug)]
pub(super) struct Protection {
    pub(super) suite: Suite,
    pub(super) group: DhGroup,
    pub(super) keys: SkKeys,
    /// The initialization vector of the next message where it is a counter.
    pub(super) next_iv: u64,
}

/// What the first two exchanges need of each other.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    pub(super) initiator_nonce: Vec<u8>,
    pub(super) responder_nonce: Vec<u8>,
    /// The IKE_SA_INIT request as it was sent or received last.
    pub(super) request: Vec<u8>,
    pub(super) response: Vec<u8>,
    pub(super) key_pair: Option<KeyPair>,
    pub(super) cookie: Option<Vec<u8>>,
    /// How often the responder has asked for another IKE_SA_INIT.
    pub(super) repeated: u32,
}

/// A Child SA: two SAs of ESP in tunnel mode, with 32-bit sequence numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildSa {
    pub incoming: EspSa,
    pub outgoing: EspSa,
    pub encryption: Encryption,
    /// `None` with an AEAD.
    pub integrity: Option<Integrity>,
    /// The group of a key exchange of its own.
    pub group: Option<DhGroup>,
    pub local_selectors: Vec<TrafficSelector>,
    pub remote_selectors: Vec<TrafficSelector>,
    pub(crate) is_being_deleted: bool,
}

/// One direction of a Child SA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EspSa {
    pub spi: u32,
    /// With the salt at its end, where there is one.
    pub encryption_key: Key,
    /// Empty with an AEAD.
    pub integrity_key: Key,
}

impl Handshake {
    pub(super) fn nonces(&self) -> Nonces<'_> {
        Nonces {
            initiator: &self.initiator_nonce,
            responder: &self.responder_nonce,
        }
    }
}

impl IkeSa {
    pub(super) fn new(
        id: SaId,
        (initiator_spi, responder_spi): (u64, u64),
        is_initiator: bool,
        path: Path,
        window: u32,
    ) -> Self {
        Self {
            id,
            initiator_spi,
            responder_spi,
            is_initiator,
            path,
            phase: if is_initiator {
                Phase::InitSent
            } else {
                Phase::AwaitingAuth
            },
            protection: None,
            can_fragment: false,
            peer_hashes: None,
            nat: None,
            handshake: Handshake::default(),
            requests: Requests::default(),
            responses: Responses::new(window),
            reassembler: Reassembler::new(Limits {
                fragments: 256,
                octets: 1 << 17,
                sets: 8,
                total_octets: 1 << 19,
            }),
            children: Vec::new(),
            expires: None,
        }
    }

    pub fn id(&self) -> SaId {
        self.id
    }

    /// Of the original initiator, and of the original responder; 0 while it is not known.
    pub fn spis(&self) -> (u64, u64) {
        (self.initiator_spi, self.responder_spi)
    }

    /// Whether this end is the original initiator (RFC 7296, section 2.2).
    pub fn is_initiator(&self) -> bool {
        self.is_initiator
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Where its next request goes.
    pub fn path(&self) -> Path {
        self.path
    }

    /// The keys, once IKE_SA_INIT has made them.
    pub fn keys(&self) -> Option<&SkKeys> {
        self.protection.as_ref().map(|protection| &protection.keys)
    }

    pub fn suite(&self) -> Option<Suite> {
        self.protection.as_ref().map(|protection| protection.suite)
    }

    /// The group of its key exchange.
    pub fn group(&self) -> Option<DhGroup> {
        self.protection.as_ref().map(|protection| protection.group)
    }

    /// Whether messages that are too long are cut (RFC 7383).
    pub fn can_fragment(&self) -> bool {
        self.can_fragment
    }

    /// The Child SAs that have not been deleted.
    pub fn children(&self) -> &[ChildSa] {
        &self.children
    }

    /// The message id of this end's next request.
    pub fn next_request(&self) -> u32 {
        self.requests.next_id
    }

    /// The message id that the other end's next request must have.
    pub fn expected_request(&self) -> u32 {
        self.responses.expected()
    }

    /// How many requests of this end wait for their response.
    pub fn outstanding(&self) -> usize {
        self.requests.outstanding.len()
    }

    pub(super) fn child_mut(&mut self, incoming_spi: u32) -> Option<&mut ChildSa> {
        let mut all = self.children.iter_mut();
        all.find(|child| child.incoming.spi == incoming_spi)
    }

    pub(super) fn take_child(&mut self, incoming_spi: u32) -> Option<ChildSa> {
        let mut all = self.children.iter();
        let at = all.position(|child| child.incoming.spi == incoming_spi)?;
        Some(self.children.remove(at))
    }

    /// SK_d, of which keys of other SAs are derived; empty before there are keys.
    pub(super) fn sk_d(&self) -> &[u8] {
        let key = self.keys().and_then(|keys| keys.sk_d.as_ref());
        key.map_or(&[], Key::as_bytes)
    }
}
