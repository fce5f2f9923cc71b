//! Finds the keys that fit an IKE SA, and decrypts with them.

use ikev2::decrypt::{DecryptError, decrypt};
use ikev2::keys::SkKeys;
use ikev2::message::Proposal;
use ikev2::numbers::PayloadType;

use crate::keys::IkeKeys;

/// What is known of the keys of an SA.
#[derive(Default)]
pub(super) enum Lock {
    /// Nothing encrypted was met.
    #[default]
    Unasked,
    /// These keys fit: the integrity of a message was verified with them.
    Open(Box<SkKeys>),
    /// No keys fit so many messages.
    Closed { tried: u32 },
}

/// What became of an encrypted message.
pub(super) enum Unlocked {
    NoKeys,
    Failed(String),
    Plain(Plain),
}

/// What was inside.
pub(super) struct Plain {
    pub(super) first: PayloadType,
    pub(super) octets: Vec<u8>,
}

/// Messages of an SA with which keys are tried: the first one may be damaged.
const MOST_MESSAGES: u32 = 4;

impl Lock {
    /// Tries all keys on a message, unless they are known or were tried often enough.
    pub(super) fn find(
        &mut self,
        keys: &[IkeKeys],
        spis: (u64, u64),
        chosen: Option<&Proposal>,
        (parts, from_initiator): (&[&[u8]], bool),
        trials: &mut u32,
    ) {
        let tried = match self {
            Self::Open(_) => return,
            Self::Unasked => 0,
            Self::Closed { tried } => *tried,
        };
        let Some(part) = parts.first() else {
            return;
        };
        *self = Self::Closed { tried: tried + 1 };
        if tried >= MOST_MESSAGES {
            return;
        }
        for set in keys {
            for candidate in set.candidates(spis, chosen) {
                if *trials == 0 {
                    return;
                }
                *trials -= 1;
                match decrypt(part, &candidate, from_initiator) {
                    // Wrong padding comes after the integrity check, so that the keys are right.
                    Ok(_) | Err(DecryptError::Padding { .. } | DecryptError::NotBlocks { .. }) => {
                        *self = Self::Open(Box::new(candidate));
                        return;
                    }
                    Err(_) => {}
                }
            }
        }
    }

    pub(super) fn open(
        &self,
        parts: &[&[u8]],
        from_initiator: bool,
        total: Option<u16>,
    ) -> Unlocked {
        let Self::Open(keys) = self else {
            return Unlocked::NoKeys;
        };
        let (mut first, mut octets) = (PayloadType::NONE, Vec::new());
        for (position, part) in parts.iter().enumerate() {
            let plain = match decrypt(part, keys, from_initiator) {
                Ok(plain) => plain,
                Err(why) => return Unlocked::Failed(why.to_string()),
            };
            if position == 0 {
                first = plain.first;
            }
            octets.extend(plain.plaintext);
        }
        match total {
            Some(total) if usize::from(total) != parts.len() => {
                Unlocked::Failed(format!("{} of {total} fragments are there", parts.len()))
            }
            Some(_) | None => Unlocked::Plain(Plain { first, octets }),
        }
    }
}
