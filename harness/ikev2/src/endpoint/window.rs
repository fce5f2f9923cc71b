//! Message ids, windows and retransmission (RFC 7296, sections 2.1 to 2.4).

use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use super::Action;
use super::create_child_sa::{ChildOffer, IkeOffer};
use crate::numbers::ExchangeType;

/// The requests of this end.
#[derive(Debug)]
pub(super) struct Requests {
    pub(super) next_id: u32,
    /// How many the other end takes at a time.
    pub(super) window: usize,
    pub(super) outstanding: Vec<Outstanding>,
    /// What is to be asked for when the window allows it.
    pub(super) waiting: VecDeque<Action>,
}

/// A request that waits for its response.
#[derive(Debug)]
pub(super) struct Outstanding {
    pub(super) id: u32,
    pub(super) exchange: ExchangeType,
    pub(super) purpose: Purpose,
    pub(super) packets: Vec<Vec<u8>>,
    /// How often it was sent.
    pub(super) times: u32,
    /// When it is sent again, or given up.
    pub(super) next: Instant,
}

/// What a request is for.
#[derive(Debug)]
pub(super) enum Purpose {
    Init,
    Auth(Box<ChildOffer>),
    CreateChild(Box<ChildOffer>),
    RekeyIke(Box<IkeOffer>),
    /// The SPI of incoming packets.
    DeleteChild(u32),
    DeleteIke,
    /// To tell the other end that it is not who it says (RFC 7296, section 2.21.2).
    RejectPeer,
    Other,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            next_id: 0,
            window: 1,
            outstanding: Vec::new(),
            waiting: VecDeque::new(),
        }
    }
}

impl Requests {
    /// The most requests that are sent before the first response, whatever the other end allows.
    const MOST: usize = 32;

    pub(super) fn widen(&mut self, window: u32) {
        let window = usize::try_from(window).unwrap_or(usize::MAX);
        self.window = window.clamp(1, Self::MOST);
    }

    pub(super) fn has_room(&self) -> bool {
        self.outstanding.len() < self.window
    }

    /// The request that a response of this id and exchange answers.
    pub(super) fn take(&mut self, id: u32, exchange: ExchangeType) -> Option<Outstanding> {
        let mut all = self.outstanding.iter();
        let at = all.position(|one| one.id == id && one.exchange == exchange)?;
        Some(self.outstanding.remove(at))
    }

    /// The Child SA offer that would replace this Child SA.
    pub(super) fn rekeying_child(&mut self, spi: u32) -> Option<&mut ChildOffer> {
        self.outstanding
            .iter_mut()
            .find_map(|one| match &mut one.purpose {
                Purpose::CreateChild(offer) if offer.replaces == Some(spi) => Some(&mut **offer),
                Purpose::Init
                | Purpose::Auth(_)
                | Purpose::CreateChild(_)
                | Purpose::RekeyIke(_)
                | Purpose::DeleteChild(_)
                | Purpose::DeleteIke
                | Purpose::RejectPeer
                | Purpose::Other => None,
            })
    }

    pub(super) fn rekeying_ike(&mut self) -> Option<&mut IkeOffer> {
        self.outstanding
            .iter_mut()
            .find_map(|one| match &mut one.purpose {
                Purpose::RekeyIke(offer) => Some(&mut **offer),
                Purpose::Init
                | Purpose::Auth(_)
                | Purpose::CreateChild(_)
                | Purpose::DeleteChild(_)
                | Purpose::DeleteIke
                | Purpose::RejectPeer
                | Purpose::Other => None,
            })
    }

    /// Whether a Child SA is being made, replaced or deleted.
    pub(super) fn is_changing_children(&self) -> bool {
        self.outstanding.iter().any(|one| match one.purpose {
            Purpose::CreateChild(_) | Purpose::DeleteChild(_) => true,
            Purpose::Init
            | Purpose::Auth(_)
            | Purpose::RekeyIke(_)
            | Purpose::DeleteIke
            | Purpose::RejectPeer
            | Purpose::Other => false,
        })
    }
}

/// The requests of the other end, and this end's responses to them.
#[derive(Debug)]
pub(super) struct Responses {
    /// The lowest id that has not come.
    expected: u32,
    window: u32,
    /// Those above `expected` that have come.
    beyond: BTreeSet<u32>,
    /// The newest last.
    cached: VecDeque<(u32, Vec<Vec<u8>>)>,
}

/// What an id says about a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement<'a> {
    New,
    /// It was answered with these packets.
    Repeated(&'a [Vec<u8>]),
    /// So old that its response is forgotten, or beyond the window.
    Outside,
}

impl Responses {
    pub(super) fn new(window: u32) -> Self {
        Self {
            expected: 0,
            window: window.clamp(1, 64),
            beyond: BTreeSet::new(),
            cached: VecDeque::new(),
        }
    }

    pub(super) fn expected(&self) -> u32 {
        self.expected
    }

    pub(super) fn judge(&self, id: u32) -> Judgement<'_> {
        if let Some((_, packets)) = self.cached.iter().find(|(answered, _)| *answered == id) {
            return Judgement::Repeated(packets);
        }
        let is_within = id >= self.expected && id - self.expected < self.window;
        if is_within && !self.beyond.contains(&id) {
            Judgement::New
        } else {
            Judgement::Outside
        }
    }

    /// Remembers a response; without packets, that there is none.
    pub(super) fn answered(&mut self, id: u32, packets: Vec<Vec<u8>>) {
        self.beyond.insert(id);
        while self.beyond.remove(&self.expected) {
            self.expected = self.expected.saturating_add(1);
        }
        self.cached.push_back((id, packets));
        let most = usize::try_from(self.window).unwrap_or(usize::MAX);
        while self.cached.len() > most {
            self.cached.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_beyond_the_window_are_not_taken() {
        let mut responses = Responses::new(2);
        let packets = |id: u8| vec![vec![id]];
        assert_eq!(responses.judge(1), Judgement::New);
        assert_eq!(responses.judge(2), Judgement::Outside);
        responses.answered(1, packets(1));
        assert_eq!(responses.expected(), 0);
        assert_eq!(responses.judge(1), Judgement::Repeated(&packets(1)));
        assert_eq!(responses.judge(2), Judgement::Outside);
        responses.answered(0, packets(0));
        assert_eq!(responses.expected(), 2);
        responses.answered(2, packets(2));
        // Of the window's size so many responses are kept.
        assert_eq!(responses.judge(1), Judgement::Outside);
        assert_eq!(responses.judge(0), Judgement::Repeated(&packets(0)));
        assert_eq!(responses.judge(3), Judgement::New);
        assert_eq!(responses.judge(u32::MAX), Judgement::Outside);
    }
}
