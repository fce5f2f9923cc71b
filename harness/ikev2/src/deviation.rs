//! Doing wrong on purpose: what a message has that a correct one has not.
//!
//! An endpoint builds every message as the RFCs say; then the deviations that are meant for it
//! change it, in the order of their list, once in each step: as a [`Draft`], as plaintext, as
//! fragments, as encrypted octets, and as packets to send. Without deviations every message is
//! correct. What is retransmitted is what was sent first.

mod octets;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use octets::{Octets, Place};

use crate::message::{Header, Payload};
use crate::numbers::{ExchangeType, PayloadType};
use crate::wire::Flags;

/// One wrong thing in the messages of an endpoint.
#[derive(Clone, Debug)]
pub struct Deviation {
    pub at: At,
    pub change: Change,
}

impl Deviation {
    pub fn new(at: At, change: impl Into<Change>) -> Self {
        Self {
            at,
            change: change.into(),
        }
    }
}

/// Which messages are meant. Every condition must hold; `None` holds always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    pub exchange: Option<ExchangeType>,
    pub is_response: Option<bool>,
    pub message_id: Option<u32>,
    /// Of those that the other conditions choose, only this one, counted from 0.
    pub nth: Option<u32>,
}

impl At {
    /// Every message.
    pub const EVERY: Self = Self {
        exchange: None,
        is_response: None,
        message_id: None,
        nth: None,
    };

    /// The requests of an exchange.
    pub fn request(exchange: ExchangeType) -> Self {
        Self {
            exchange: Some(exchange),
            is_response: Some(false),
            ..Self::EVERY
        }
    }

    /// The responses of an exchange.
    pub fn response(exchange: ExchangeType) -> Self {
        Self {
            exchange: Some(exchange),
            is_response: Some(true),
            ..Self::EVERY
        }
    }

    /// Only the one of this number, counted from 0.
    #[must_use]
    pub fn nth(self, nth: u32) -> Self {
        Self {
            nth: Some(nth),
            ..self
        }
    }

    fn holds(&self, header: &Header) -> bool {
        self.exchange
            .is_none_or(|exchange| exchange == header.exchange)
            && self
                .is_response
                .is_none_or(|is_response| is_response == header.flags.is_response())
            && self.message_id.is_none_or(|id| id == header.message_id)
    }
}

/// What is changed, by the step in which it is.
#[derive(Clone, Debug)]
pub enum Change {
    /// Fields and payloads, before anything is encrypted.
    Message(MessageChange),
    /// The octets that are going to be encrypted; of a message in clear, nothing.
    Plaintext(Octets),
    /// The padding of every encrypted payload (RFC 7296, section 3.14): octets of this value, and so
    /// many blocks more than are needed. Any is right.
    Padding { fill: u8, more_blocks: u8 },
    /// How an encrypted message is cut (RFC 7383).
    Fragments(FragmentChange),
    /// The octets of every packet, after encryption; an encrypted message no longer fits its
    /// checksum then.
    Sealed(Octets),
    /// When and how often the packets are sent.
    Sending(SendingChange),
}

/// Another field or payload.
#[derive(Clone, Debug)]
pub enum MessageChange {
    InitiatorSpi(u64),
    ResponderSpi(u64),
    MinorVersion(u8),
    Exchange(ExchangeType),
    Flags(Flags),
    MessageId(u32),
    /// A payload more, among those that are encrypted if any are.
    Add {
        payload: Payload,
        at: Position,
    },
    /// A payload more, in clear before the SK payload.
    AddInClear(Payload),
    /// Without any payload of this type.
    Drop(PayloadType),
    /// The first payload of this type twice.
    Double(PayloadType),
    /// Another payload in the place of the first one of this type.
    Replace(PayloadType, Payload),
    /// The first payload of this type at another place.
    Move(PayloadType, Position),
    /// All payloads in the opposite order.
    Reverse,
    /// The critical bit of every payload of this type.
    Critical(PayloadType, bool),
    /// The reserved bits of every payload of this type.
    Reserved(PayloadType, u8),
    /// What should be encrypted is sent in clear.
    InClear,
    /// Anything else.
    Edit(Edit),
}

/// A place in a chain of payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    First,
    Last,
    /// Before the first payload of this type; last if there is none.
    Before(PayloadType),
}

/// A change that only code can tell, under the name that reports show.
#[derive(Clone)]
pub struct Edit {
    pub name: &'static str,
    /// Says whether it changed anything.
    pub run: Arc<dyn Fn(&mut Draft) -> bool + Send + Sync>,
}

impl Edit {
    pub fn new(
        name: &'static str,
        run: impl Fn(&mut Draft) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            run: Arc::new(run),
        }
    }
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Edit").field(&self.name).finish()
    }
}

/// Another way to cut a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FragmentChange {
    /// Into pieces of so many octets of plaintext, whether it is long or not.
    Cut(usize),
    /// Without this fragment, counted from 1.
    Drop(u16),
    /// This one twice.
    Double(u16),
    /// The last one first.
    Reverse,
    /// This Total Fragments field in every one.
    Total(u16),
    /// This Fragment Number field in the one that is counted `of`.
    Number { of: u16, becomes: u16 },
    /// Nothing in this one.
    Empty(u16),
}

/// Another time, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendingChange {
    /// The first transmission does not take place; retransmissions do.
    Withhold,
    Delay(Duration),
    /// Sent again, unchanged, after this time, so many times.
    Replay {
        after: Duration,
        times: u8,
    },
    /// The packets of one message in the opposite order.
    Reverse,
}

impl From<MessageChange> for Change {
    fn from(change: MessageChange) -> Self {
        Self::Message(change)
    }
}

impl From<FragmentChange> for Change {
    fn from(change: FragmentChange) -> Self {
        Self::Fragments(change)
    }
}

impl From<SendingChange> for Change {
    fn from(change: SendingChange) -> Self {
        Self::Sending(change)
    }
}

/// A message before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub header: Header,
    /// Payloads in clear; before the SK payload if there is one.
    pub clear: Vec<Payload>,
    /// What the SK payload will hold; `None` for a message in clear.
    pub protected: Option<Vec<Payload>>,
}

impl Draft {
    /// The payloads that the message is about: those to be encrypted, or those in clear.
    pub fn payloads(&mut self) -> &mut Vec<Payload> {
        self.protected.as_mut().unwrap_or(&mut self.clear)
    }
}

/// A part of a message that becomes one SKF payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) number: u16,
    pub(crate) total: u16,
    pub(crate) plaintext: Vec<u8>,
}

/// The deviations of an endpoint, with what became of them.
#[derive(Debug, Default)]
pub(crate) struct Deviations(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    deviation: Deviation,
    /// Messages for which the conditions held.
    seen: u32,
    applied: u32,
}

/// The changes that are meant for one message.
pub(crate) struct Chosen<'a>(Vec<&'a mut Entry>);

impl Deviations {
    pub(crate) fn add(&mut self, deviation: Deviation) {
        self.0.push(Entry {
            deviation,
            seen: 0,
            applied: 0,
        });
    }

    /// Those that have changed nothing yet.
    pub(crate) fn unapplied(&self) -> impl Iterator<Item = &Deviation> {
        let unapplied = self.0.iter().filter(|entry| entry.applied == 0);
        unapplied.map(|entry| &entry.deviation)
    }

    pub(crate) fn choose(&mut self, header: &Header) -> Chosen<'_> {
        let chosen = self.0.iter_mut().filter_map(|entry| {
            let at = entry.deviation.at;
            if !at.holds(header) {
                return None;
            }
            let nth = entry.seen;
            entry.seen = entry.seen.saturating_add(1);
            at.nth.is_none_or(|wanted| wanted == nth).then_some(entry)
        });
        Chosen(chosen.collect())
    }
}

impl Chosen<'_> {
    fn each(&mut self, mut apply: impl FnMut(&Change) -> bool) {
        for entry in &mut self.0 {
            if apply(&entry.deviation.change) {
                entry.applied = entry.applied.saturating_add(1);
            }
        }
    }

    pub(crate) fn on_draft(&mut self, draft: &mut Draft) {
        self.each(|change| match change {
            Change::Message(change) => change.apply(draft),
            Change::Plaintext(_)
            | Change::Padding { .. }
            | Change::Fragments(_)
            | Change::Sealed(_)
            | Change::Sending(_) => false,
        });
    }

    pub(crate) fn on_plaintext(&mut self, plaintext: &mut Vec<u8>) {
        self.each(|change| match change {
            Change::Plaintext(change) => change.apply(plaintext),
            Change::Message(_)
            | Change::Padding { .. }
            | Change::Fragments(_)
            | Change::Sealed(_)
            | Change::Sending(_) => false,
        });
    }

    /// Changes the least padding of an encrypted payload; `block` is what it is made of.
    pub(crate) fn on_padding(&mut self, padding: &mut Vec<u8>, block: usize) {
        self.each(|change| match change {
            Change::Padding { fill, more_blocks } => {
                // One octet tells the length.
                let room = usize::from(u8::MAX).saturating_sub(padding.len());
                let blocks = usize::from(*more_blocks).min(room / block.max(1));
                let octets = padding.len() + blocks * block;
                let before = std::mem::replace(padding, vec![*fill; octets]);
                before != *padding
            }
            Change::Message(_)
            | Change::Plaintext(_)
            | Change::Fragments(_)
            | Change::Sealed(_)
            | Change::Sending(_) => false,
        });
    }

    /// Of how many octets the pieces must be, whether the message is long or not.
    pub(crate) fn cut(&self) -> Option<usize> {
        self.0
            .iter()
            .find_map(|entry| match entry.deviation.change {
                Change::Fragments(FragmentChange::Cut(octets)) => Some(octets.max(1)),
                Change::Message(_)
                | Change::Plaintext(_)
                | Change::Padding { .. }
                | Change::Fragments(_)
                | Change::Sealed(_)
                | Change::Sending(_) => None,
            })
    }

    pub(crate) fn on_pieces(&mut self, pieces: &mut Vec<Piece>) {
        self.each(|change| match change {
            Change::Fragments(change) => change.apply(pieces),
            Change::Message(_)
            | Change::Plaintext(_)
            | Change::Padding { .. }
            | Change::Sealed(_)
            | Change::Sending(_) => false,
        });
    }

    pub(crate) fn on_packets(&mut self, packets: &mut [Vec<u8>]) {
        self.each(|change| match change {
            Change::Sealed(change) => packets.iter_mut().fold(false, |any, packet| {
                let changed = change.apply(packet);
                any || changed
            }),
            Change::Message(_)
            | Change::Plaintext(_)
            | Change::Padding { .. }
            | Change::Fragments(_)
            | Change::Sending(_) => false,
        });
    }

    /// The packets with the time from now at which each is sent.
    pub(crate) fn on_sending(&mut self, packets: &[Vec<u8>]) -> Vec<(Duration, Vec<u8>)> {
        let mut all: Vec<_> = packets
            .iter()
            .map(|packet| (Duration::ZERO, packet.clone()))
            .collect();
        self.each(|change| match change {
            Change::Sending(change) => change.apply(&mut all),
            Change::Message(_)
            | Change::Plaintext(_)
            | Change::Padding { .. }
            | Change::Fragments(_)
            | Change::Sealed(_) => false,
        });
        all
    }
}

impl MessageChange {
    fn apply(&self, draft: &mut Draft) -> bool {
        let header = &mut draft.header;
        match self {
            Self::InitiatorSpi(spi) => header.initiator_spi = *spi,
            Self::ResponderSpi(spi) => header.responder_spi = *spi,
            Self::MinorVersion(version) => header.minor_version = *version,
            Self::Exchange(exchange) => header.exchange = *exchange,
            Self::Flags(flags) => header.flags = *flags,
            Self::MessageId(id) => header.message_id = *id,
            Self::Add { payload, at } => insert(draft.payloads(), payload.clone(), *at),
            Self::AddInClear(payload) => draft.clear.push(payload.clone()),
            Self::Drop(kind) => {
                let payloads = draft.payloads();
                let before = payloads.len();
                payloads.retain(|payload| payload.kind() != *kind);
                return payloads.len() != before;
            }
            Self::Double(kind) => {
                let payloads = draft.payloads();
                let Some(at) = position(payloads, *kind) else {
                    return false;
                };
                payloads.insert(at, payloads[at].clone());
            }
            Self::Replace(kind, payload) => {
                let payloads = draft.payloads();
                let Some(at) = position(payloads, *kind) else {
                    return false;
                };
                payloads[at] = payload.clone();
            }
            Self::Move(kind, at) => {
                let payloads = draft.payloads();
                let Some(from) = position(payloads, *kind) else {
                    return false;
                };
                let payload = payloads.remove(from);
                insert(payloads, payload, *at);
            }
            Self::Reverse => draft.payloads().reverse(),
            Self::Critical(kind, critical) => {
                return each(draft.payloads(), *kind, |one| one.critical = *critical);
            }
            Self::Reserved(kind, bits) => {
                return each(draft.payloads(), *kind, |one| one.reserved = *bits);
            }
            Self::InClear => match draft.protected.take() {
                Some(mut payloads) => draft.clear.append(&mut payloads),
                None => return false,
            },
            Self::Edit(edit) => return (edit.run)(draft),
        }
        true
    }
}

fn position(payloads: &[Payload], kind: PayloadType) -> Option<usize> {
    payloads.iter().position(|payload| payload.kind() == kind)
}

fn insert(payloads: &mut Vec<Payload>, payload: Payload, at: Position) {
    let last = payloads.len();
    let at = match at {
        Position::First => 0,
        Position::Last => last,
        Position::Before(kind) => position(payloads, kind).unwrap_or(last),
    };
    payloads.insert(at, payload);
}

fn each(payloads: &mut [Payload], kind: PayloadType, change: impl Fn(&mut Payload)) -> bool {
    let mut any = false;
    for payload in payloads.iter_mut().filter(|one| one.kind() == kind) {
        change(payload);
        any = true;
    }
    any
}

impl FragmentChange {
    fn apply(self, pieces: &mut Vec<Piece>) -> bool {
        let counted = |number: u16| usize::from(number).checked_sub(1);
        let at = |number: u16| counted(number).filter(|&at| at < pieces.len());
        match self {
            // Done when the pieces were made.
            Self::Cut(_) => return !pieces.is_empty(),
            Self::Drop(number) => match at(number) {
                Some(at) => drop(pieces.remove(at)),
                None => return false,
            },
            Self::Double(number) => match at(number) {
                Some(at) => pieces.insert(at, pieces[at].clone()),
                None => return false,
            },
            Self::Reverse => pieces.reverse(),
            Self::Total(total) => pieces.iter_mut().for_each(|piece| piece.total = total),
            Self::Number { of, becomes } => match at(of) {
                Some(at) => pieces[at].number = becomes,
                None => return false,
            },
            Self::Empty(number) => match at(number) {
                Some(at) => pieces[at].plaintext.clear(),
                None => return false,
            },
        }
        !pieces.is_empty()
    }
}

impl SendingChange {
    fn apply(self, all: &mut Vec<(Duration, Vec<u8>)>) -> bool {
        match self {
            Self::Withhold => all.clear(),
            Self::Delay(time) => all.iter_mut().for_each(|(at, _)| *at += time),
            Self::Replay { after, times } => {
                let once = all.clone();
                for time in 1..=u32::from(times) {
                    let again = once.iter().cloned();
                    all.extend(again.map(|(at, packet)| (at + after * time, packet)));
                }
            }
            Self::Reverse => all.reverse(),
        }
        true
    }
}

#[cfg(test)]
mod tests;
