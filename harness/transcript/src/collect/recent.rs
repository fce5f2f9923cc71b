//! Packets that were just recorded, to know them again on the next interface.

use std::collections::HashMap;

use super::{At, TRANSIT};

/// Remembers the packets of the last seconds by the hash of what does not change on their way.
#[derive(Default)]
pub(super) struct Recent {
    now: HashMap<u64, Copies>,
    before: HashMap<u64, Copies>,
    turned: i64,
}

/// How often a packet was recorded, and where.
#[derive(Clone, Copy)]
struct Copies {
    interface: usize,
    sent: u32,
    /// The last other interface and how often it was recorded there.
    elsewhere: Option<(usize, u32)>,
}

/// What the recording of a packet means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    /// It was sent.
    Sent,
    /// It was sent before on another interface and is recorded here on its way.
    Again,
    /// It is recorded here more often than it was sent.
    Surplus,
}

impl Recent {
    /// Packets that are remembered; half of them, at the worst.
    const ROOM: usize = 100_000;

    pub(super) fn see(&mut self, hash: u64, at: At) -> Sighting {
        if self.now.len() >= Self::ROOM / 2 || at.time.saturating_sub(self.turned) > TRANSIT {
            self.before = std::mem::take(&mut self.now);
            self.turned = at.time;
        }
        let known = if self.now.contains_key(&hash) {
            self.now.get_mut(&hash)
        } else {
            self.before.get_mut(&hash)
        };
        let Some(copies) = known else {
            let copies = Copies {
                interface: at.interface,
                sent: 1,
                elsewhere: None,
            };
            self.now.insert(hash, copies);
            return Sighting::Sent;
        };
        if copies.interface == at.interface {
            copies.sent = copies.sent.saturating_add(1);
            return Sighting::Sent;
        }
        let count = match copies.elsewhere {
            Some((interface, count)) if interface == at.interface => count + 1,
            Some(_) | None => 1,
        };
        if count > copies.sent {
            return Sighting::Surplus;
        }
        copies.elsewhere = Some((at.interface, count));
        Sighting::Again
    }
}
