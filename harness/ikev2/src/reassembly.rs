//! Putting fragments of messages together (RFC 7383, section 2.6), within bounds.
//!
//! A piece is what the caller wants to join: normally the plaintext of a verified SKF payload.
//! Where keys are missing, pieces may be empty, and it is still told which fragments are there.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use crate::numbers::{ExchangeType, PayloadType};
use crate::wire::MessageView;

/// Which message a fragment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetKey {
    pub initiator_spi: u64,
    pub responder_spi: u64,
    pub exchange: ExchangeType,
    pub message_id: u32,
    /// Sent by the original initiator of the IKE SA.
    pub from_initiator: bool,
    pub is_response: bool,
}

impl From<&MessageView<'_>> for SetKey {
    fn from(view: &MessageView<'_>) -> Self {
        Self {
            initiator_spi: view.initiator_spi(),
            responder_spi: view.responder_spi(),
            exchange: view.exchange_type(),
            message_id: view.message_id(),
            from_initiator: view.flags().is_initiator(),
            is_response: view.flags().is_response(),
        }
    }
}

/// One fragment.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// The Next Payload field of the SKF payload.
    pub first: PayloadType,
    /// From 1.
    pub number: u16,
    pub total: u16,
    pub piece: &'a [u8],
}

/// How much a [`Reassembler`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fragments of one message.
    pub fragments: u16,
    /// Octets of all pieces of one message.
    pub octets: usize,
    /// Messages of which something is remembered, finished ones included; the oldest is forgotten
    /// for a new one.
    pub sets: usize,
    /// Octets of all pieces that are kept at once; older messages are forgotten for new pieces.
    pub total_octets: usize,
}

impl Default for Limits {
    /// 512 fragments and 1 MiB of each message, 1024 messages, 16 MiB altogether.
    fn default() -> Self {
        Self {
            fragments: 512,
            octets: 1 << 20,
            sets: 1024,
            total_octets: 16 << 20,
        }
    }
}

/// What became of a fragment that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Others are missing.
    Incomplete { have: u16, total: u16 },
    /// It was the last one that was missing.
    Complete(Complete),
    /// This fragment had come before, or its message was complete already.
    Duplicate,
    /// It belongs to a newer set of the same message, cut into more fragments after the path had
    /// turned out to be narrower; `discarded` fragments of the older set are thrown away. It also
    /// ends an older set that was complete; then none is thrown away.
    Restarted {
        discarded: u16,
        have: u16,
        total: u16,
    },
}

/// A message that was put together.
#[derive(Clone, PartialEq, Eq)]
pub struct Complete {
    /// The type of its first payload.
    pub first: PayloadType,
    /// The pieces, in order.
    pub plaintext: Vec<u8>,
    pub total: u16,
}

impl fmt::Debug for Complete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Complete")
            .field("first", &self.first)
            .field("octets", &self.plaintext.len())
            .field("total", &self.total)
            .finish()
    }
}

/// Why a fragment was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("fragment {number} of {total} cannot be: numbers run from 1 to the total")]
    Number { number: u16, total: u16 },
    #[error("a message of {total} fragments is more than the {limit} that are put together")]
    TooMany { total: u16, limit: u16 },
    #[error("the fragment says that there are {total}, and one before said {before}")]
    FewerThanBefore { total: u16, before: u16 },
    #[error("the fragments have more than {limit} octets together")]
    TooLong { limit: usize },
    #[error("fragment {number} came a second time with another content")]
    Contradicts { number: u16 },
}

/// A message of which fragments are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete {
    pub key: SetKey,
    pub have: u16,
    pub total: u16,
    /// The numbers of the missing fragments, in ascending order.
    pub missing: Vec<u16>,
}

/// Puts fragments together.
///
/// Its memory is bounded by its [`Limits`]: `total_octets`, and about 24 octets for each of
/// `fragments` in each of `sets`.
#[derive(Debug, Default)]
pub struct Reassembler {
    limits: Limits,
    sets: HashMap<SetKey, Set>,
    /// The keys of `sets`, the oldest first.
    order: VecDeque<SetKey>,
    octets: usize,
    forgotten: u64,
}

#[derive(Debug)]
struct Set {
    total: u16,
    first: PayloadType,
    state: State,
}

#[derive(Debug)]
enum State {
    /// A place for each fragment, of which `have` are filled.
    Open {
        pieces: Vec<Option<Box<[u8]>>>,
        have: u16,
        octets: usize,
    },
    Finished,
}

impl Reassembler {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Takes a fragment. With the last missing one comes the message.
    ///
    /// # Errors
    ///
    /// The fragment contradicts itself or those that came before, or it exceeds a limit. Nothing
    /// changes then.
    pub fn insert(&mut self, key: SetKey, fragment: Fragment<'_>) -> Result<Progress, Refused> {
        let Fragment { number, total, .. } = fragment;
        if number == 0 || number > total {
            return Err(Refused::Number { number, total });
        }
        if total > self.limits.fragments {
            let limit = self.limits.fragments;
            return Err(Refused::TooMany { total, limit });
        }
        let limit = self.limits.octets.min(self.limits.total_octets);
        if fragment.piece.len() > limit {
            return Err(Refused::TooLong { limit });
        }
        let discarded = match self.sets.get(&key) {
            Some(set) if total < set.total => {
                let before = set.total;
                return Err(Refused::FewerThanBefore { total, before });
            }
            Some(set) if total == set.total => match set.accepts(fragment, limit)? {
                Accepted::Duplicate => return Ok(Progress::Duplicate),
                Accepted::New => None,
            },
            Some(set) => {
                let discarded = set.have();
                self.octets -= set.octets();
                self.sets.insert(key, Set::new(total));
                Some(discarded)
            }
            None => {
                self.make_room_for_a_set();
                self.sets.insert(key, Set::new(total));
                self.order.push_back(key);
                None
            }
        };
        self.make_room(fragment.piece.len(), key);
        Ok(self.fill(key, fragment, discarded))
    }

    /// The messages of which fragments are missing, those first that began first.
    pub fn incomplete(&self) -> impl Iterator<Item = Incomplete> {
        self.order.iter().filter_map(|key| {
            let set = self.sets.get(key)?;
            let State::Open { pieces, have, .. } = &set.state else {
                return None;
            };
            let numbered = (1..).zip(pieces);
            let missing = numbered.filter(|(_, piece)| piece.is_none());
            Some(Incomplete {
                key: *key,
                have: *have,
                total: set.total,
                missing: missing.map(|(number, _)| number).collect(),
            })
        })
    }

    /// How many unfinished messages were forgotten to stay within the limits.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Octets of the pieces that are kept now.
    pub fn octets(&self) -> usize {
        self.octets
    }

    fn fill(&mut self, key: SetKey, fragment: Fragment<'_>, discarded: Option<u16>) -> Progress {
        let Fragment { number, total, .. } = fragment;
        let Some(set) = self.sets.get_mut(&key) else {
            unreachable!("the set was found or made by the caller, and room is made of others");
        };
        if number == 1 {
            set.first = fragment.first;
        }
        let State::Open {
            pieces,
            have,
            octets,
        } = &mut set.state
        else {
            unreachable!("a finished set takes no fragment but of a greater total");
        };
        pieces[usize::from(number) - 1] = Some(fragment.piece.into());
        *have += 1;
        *octets += fragment.piece.len();
        self.octets += fragment.piece.len();
        if *have == total {
            let plaintext = pieces.iter().flatten().flatten().copied().collect();
            self.octets -= *octets;
            set.state = State::Finished;
            return Progress::Complete(Complete {
                first: set.first,
                plaintext,
                total,
            });
        }
        let have = *have;
        match discarded {
            Some(discarded) => Progress::Restarted {
                discarded,
                have,
                total,
            },
            None => Progress::Incomplete { have, total },
        }
    }

    fn make_room_for_a_set(&mut self) {
        while self.sets.len() >= self.limits.sets.max(1) {
            self.forget_oldest();
        }
    }

    /// Forgets the oldest sets, but never `wanted`, until a piece fits.
    fn make_room(&mut self, piece: usize, wanted: SetKey) {
        let mut kept = false;
        while self.octets + piece > self.limits.total_octets {
            if self.order.front() == Some(&wanted) {
                if kept {
                    break;
                }
                kept = true;
                self.order.rotate_left(1);
            } else if !self.forget_oldest() {
                break;
            }
        }
    }

    fn forget_oldest(&mut self) -> bool {
        let Some(key) = self.order.pop_front() else {
            return false;
        };
        if let Some(set) = self.sets.remove(&key) {
            self.octets -= set.octets();
            if matches!(set.state, State::Open { .. }) {
                self.forgotten += 1;
            }
        }
        true
    }
}

enum Accepted {
    New,
    Duplicate,
}

impl Set {
    fn new(total: u16) -> Self {
        Self {
            total,
            first: PayloadType::NONE,
            state: State::Open {
                pieces: vec![None; total.into()],
                have: 0,
                octets: 0,
            },
        }
    }

    fn accepts(&self, fragment: Fragment<'_>, limit: usize) -> Result<Accepted, Refused> {
        let State::Open { pieces, octets, .. } = &self.state else {
            return Ok(Accepted::Duplicate);
        };
        match &pieces[usize::from(fragment.number) - 1] {
            Some(piece) if **piece == *fragment.piece => Ok(Accepted::Duplicate),
            Some(_) => Err(Refused::Contradicts {
                number: fragment.number,
            }),
            None if octets + fragment.piece.len() > limit => Err(Refused::TooLong { limit }),
            None => Ok(Accepted::New),
        }
    }

    fn have(&self) -> u16 {
        match self.state {
            State::Open { have, .. } => have,
            State::Finished => 0,
        }
    }

    fn octets(&self) -> usize {
        match self.state {
            State::Open { octets, .. } => octets,
            State::Finished => 0,
        }
    }
}

#[cfg(test)]
mod tests;
