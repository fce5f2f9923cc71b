//! What an endpoint tells of what happens to it.

use std::collections::VecDeque;

use super::{ChildSa, SaId};
use crate::authentication::{AuthenticationError, Scheme};
use crate::decrypt::{DecryptError, EncryptError};
use crate::key_exchange::KeyExchangeError;
use crate::message::{Header, Identification, Message, Payload};
use crate::nat::NatDetected;
use crate::numbers::{ExchangeType, NotifyType, PayloadType};
use crate::reassembly::Refused;
use crate::wire::Malformed;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message came, whole and, if it was encrypted, with its integrity verified. It is told
    /// before anything is done about it.
    Received {
        sa: Option<SaId>,
        header: Header,
        /// In clear first, then those of SK or of joined SKF payloads.
        payloads: Vec<Payload>,
        is_protected: bool,
    },
    /// A message of these octets is sent for the first time, with the deviations in it.
    Sent { sa: SaId, message: Message },
    /// A datagram, or a part of it, is not used.
    Discarded { sa: Option<SaId>, why: Discarded },
    /// The other end does, or does not do, NAT traversal.
    NatDetection { sa: SaId, nat: Option<NatDetected> },
    /// Both ends have proved who they are.
    IkeSaEstablished {
        sa: SaId,
        peer: Identification,
        /// How the other end signed; `None` with a shared key.
        scheme: Option<Scheme>,
    },
    ChildSaEstablished {
        sa: SaId,
        child: Box<ChildSa>,
        /// The SPI of incoming packets of the Child SA that it replaces.
        replaces: Option<u32>,
    },
    /// The Child SAs of `old` now belong to `new`.
    IkeSaRekeyed { old: SaId, new: SaId },
    /// A Child SA is gone, named by the SPI of incoming packets.
    ChildSaDeleted { sa: SaId, spi: u32 },
    /// An IKE SA is gone, and its Child SAs with it.
    IkeSaClosed { sa: SaId, why: Closed },
    /// The other end refused a request.
    Refused {
        sa: SaId,
        exchange: ExchangeType,
        why: NotifyType,
    },
    /// A response that this end asked for came, and nothing else is to be told of it.
    Answered {
        sa: SaId,
        exchange: ExchangeType,
        message_id: u32,
    },
    /// The other end did what it must not, or this end could not do what it should.
    Failed {
        sa: SaId,
        exchange: ExchangeType,
        why: Failure,
    },
    /// A packet of ESP, from its SPI on; within UDP (RFC 3948) or not.
    Esp(Vec<u8>),
}

/// Why an IKE SA is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// This end deleted it.
    Deleted,
    DeletedByPeer,
    /// A request was sent as often as it should be, and no response came.
    NoAnswer,
    /// IKE_SA_INIT or IKE_AUTH failed.
    NotEstablished,
    /// A message within its protection was malformed (RFC 7296, section 2.21.3).
    InvalidSyntax,
    /// No IKE_AUTH request came, or others took its place.
    Abandoned,
}

/// Why a datagram is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discarded {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("no IKE SA has these SPIs")]
    UnknownSa,
    #[error(transparent)]
    Undecryptable(#[from] DecryptError),
    #[error("the message is in clear and must be protected")]
    InClear,
    #[error("fragmentation was not negotiated")]
    Fragment,
    #[error(transparent)]
    Reassembly(#[from] Refused),
    #[error("message id {0} is not within the window")]
    MessageId(u32),
    #[error("no request of message id {0} waits for a response")]
    NotAsked(u32),
    #[error("a payload of type {0} is missing or wrong")]
    Payload(PayloadType),
    #[error("{0} is not expected now")]
    Exchange(ExchangeType),
    #[error("a request that is no beginning of an IKE SA")]
    NotInitial,
    #[error("too many of them were asked for already")]
    Repetition,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("the other end's proof is not accepted: {0}")]
    Authentication(#[from] AuthenticationError),
    #[error("no public key for the other end: {0}")]
    NoPublicKey(String),
    #[error("the other end is not who it should be")]
    Identity,
    #[error(transparent)]
    KeyExchange(#[from] KeyExchangeError),
    #[error("a payload of type {0} is missing or wrong")]
    Payload(PayloadType),
    #[error("the answer to the proposals is none of them")]
    Proposal,
    #[error("the answered traffic selectors are not within those that were offered")]
    Selectors,
    #[error("the message could not be encrypted: {0}")]
    Encrypt(#[from] EncryptError),
    #[error("the answer asks for a group that was not offered, or asks again")]
    Group,
    #[error("the answer has to be rejected: {0}")]
    Rejected(NotifyType),
    #[error("all message ids are used up")]
    MessageIds,
    #[error("there is no such Child SA")]
    NoSuchChild,
    #[error("nothing of it can be done in this state")]
    State,
}

/// Events that wait to be taken; of too many, the oldest are lost.
#[derive(Debug, Default)]
pub(super) struct Events {
    queue: VecDeque<Event>,
    lost: u64,
}

impl Events {
    const MOST: usize = 1 << 12;

    pub(super) fn push(&mut self, event: Event) {
        if self.queue.len() == Self::MOST {
            self.queue.pop_front();
            self.lost = self.lost.saturating_add(1);
        }
        self.queue.push_back(event);
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        self.queue.pop_front()
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }
}
