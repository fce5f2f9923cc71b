//! The IKE SAs of a capture, and what becomes known of each.

use std::collections::HashMap;
use std::net::SocketAddr;

use ikev2::MessageView;
use ikev2::message::{self, Body};
use ikev2::numbers::{ExchangeType, Protocol};

use super::unlock::{Lock, Unlocked};
use crate::Options;
use crate::bytes::hex;
use crate::collect::RawMessage;
use crate::describe;
use crate::keys::IkeKeys;
use crate::model::query::{CREATE_CHILD_SA, IKE_SA_INIT};
use crate::model::{IkeSa, Keys, Message};

/// All IKE SAs, in the order in which they began.
pub(super) struct Sas<'a> {
    options: &'a Options<'a>,
    sas: Vec<Sa>,
    /// Positions by the initiator's SPI: several when more than one responder answered.
    by_spi: HashMap<u64, Vec<usize>>,
    left_out: u64,
    /// How many keys may still be tried: hostile captures and tables may be large together.
    trials: u32,
}

struct Sa {
    spi_i: u64,
    spi_r: u64,
    initiator: SocketAddr,
    responder: SocketAddr,
    from_the_beginning: bool,
    chosen: Option<message::Proposal>,
    rekeys: Option<usize>,
    /// SPIs that a request to rekey offered, by message id.
    offered: HashMap<u32, u64>,
    lock: Lock,
}

/// Keys that are tried at most, in all.
const MOST_TRIALS: u32 = 50_000;
/// Requests to rekey one SA that are remembered.
const MOST_OFFERS: usize = 64;

impl<'a> Sas<'a> {
    pub(super) fn new(options: &'a Options<'a>) -> Self {
        Self {
            options,
            sas: Vec::new(),
            by_spi: HashMap::new(),
            left_out: 0,
            trials: MOST_TRIALS,
        }
    }

    /// The position of the SA that a message belongs to; none beyond the limit.
    pub(super) fn place(&mut self, view: &MessageView<'_>, raw: &RawMessage) -> Option<usize> {
        let (spi_i, spi_r) = (view.initiator_spi(), view.responder_spi());
        let of_init = view.exchange_type() == ExchangeType::IKE_SA_INIT;
        let is_response = view.flags().is_response();
        let same = self
            .by_spi
            .get(&spi_i)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = same.iter().copied().find(|at| {
            let known = self.sas.get(*at).map_or(0, |sa| sa.spi_r);
            spi_r == 0 || known == spi_r || known == 0
        });
        let at = match found {
            Some(at) => at,
            None if self.sas.len() >= self.options.limits.ike_sas => {
                self.left_out += 1;
                return None;
            }
            None => {
                let from_initiator = view.flags().is_initiator() || view.is_ikev1();
                let (initiator, responder) = if from_initiator {
                    (raw.source, raw.destination)
                } else {
                    (raw.destination, raw.source)
                };
                self.by_spi.entry(spi_i).or_default().push(self.sas.len());
                self.sas.push(Sa {
                    spi_i,
                    spi_r: 0,
                    initiator,
                    responder,
                    from_the_beginning: false,
                    chosen: None,
                    rekeys: None,
                    offered: HashMap::new(),
                    lock: Lock::default(),
                });
                self.sas.len() - 1
            }
        };
        if let Some(sa) = self.sas.get_mut(at) {
            if sa.spi_r == 0 {
                sa.spi_r = spi_r;
            }
            sa.from_the_beginning |= of_init && !is_response;
        }
        Some(at)
    }

    /// Notes what a message says of its SA, or of one that replaces it. Whether it is IKE_SA_INIT,
    /// which cannot be encrypted.
    pub(super) fn learn(
        &mut self,
        at: usize,
        message: &Message,
        payloads: &[message::Payload],
    ) -> bool {
        let proposals = payloads.iter().find_map(|payload| {
            if let Body::Sa(sa) = &payload.body {
                Some(&sa.proposals)
            } else {
                None
            }
        });
        let is_init = message.is(IKE_SA_INIT);
        let Some(proposals) = proposals else {
            return is_init;
        };
        if is_init && message.response {
            if let Some(sa) = self.sas.get_mut(at) {
                sa.chosen = proposals.first().cloned();
            }
        } else if message.is(CREATE_CHILD_SA) {
            self.learn_rekeying(at, message, proposals);
        }
        is_init
    }

    /// CREATE_CHILD_SA for a new IKE SA names both new SPIs (RFC 7296, section 1.3.2).
    fn learn_rekeying(&mut self, at: usize, message: &Message, proposals: &[message::Proposal]) {
        let of_ike = |proposal: &&message::Proposal| proposal.protocol == Protocol::IKE;
        let Some(proposal) = proposals.iter().find(of_ike) else {
            return;
        };
        let Some(spi) = proposal
            .spi
            .as_slice()
            .try_into()
            .ok()
            .map(u64::from_be_bytes)
        else {
            return;
        };
        let Some(sa) = self.sas.get_mut(at) else {
            return;
        };
        if !message.response {
            if sa.offered.len() < MOST_OFFERS {
                sa.offered.insert(message.message_id, spi);
            }
            return;
        }
        let Some(spi_i) = sa.offered.get(&message.message_id).copied() else {
            return;
        };
        let new = self
            .sas
            .iter_mut()
            .find(|sa| sa.spi_i == spi_i && sa.spi_r == spi);
        if let Some(new) = new {
            new.rekeys = Some(at);
            new.chosen = Some(proposal.clone());
            // Who asked for the new SA is its initiator.
            new.initiator = message.destination;
            new.responder = message.source;
        }
    }

    /// Decrypts a message of an SA.
    pub(super) fn unlock(
        &mut self,
        at: usize,
        parts: &[&[u8]],
        from_initiator: bool,
        total: Option<u16>,
    ) -> Unlocked {
        let Some(sa) = self.sas.get_mut(at) else {
            return Unlocked::NoKeys;
        };
        let spis = (sa.spi_i, sa.spi_r);
        sa.lock.find(
            self.options.keys,
            spis,
            sa.chosen.as_ref(),
            (parts, from_initiator),
            &mut self.trials,
        );
        sa.lock.open(parts, from_initiator, total)
    }

    pub(super) fn initiator(&self, at: usize) -> SocketAddr {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        self.sas.get(at).map_or(nowhere, |sa| sa.initiator)
    }

    /// Messages of SAs beyond the limit.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The keys that fit, by the SPIs of their SAs.
    pub(super) fn keys(&self) -> Vec<IkeKeys> {
        let open = self.sas.iter().filter_map(|sa| match &sa.lock {
            Lock::Open(keys) => Some(IkeKeys {
                spis: Some((sa.spi_i, sa.spi_r)),
                encryption: Some(keys.encryption),
                integrity: keys.integrity,
                sk_ai: keys.sk_ai.clone(),
                sk_ar: keys.sk_ar.clone(),
                sk_ei: keys.sk_ei.clone(),
                sk_er: keys.sk_er.clone(),
            }),
            Lock::Unasked | Lock::Closed { .. } => None,
        });
        open.collect()
    }

    pub(super) fn finish(self) -> Vec<IkeSa> {
        let told = |sa: Sa| IkeSa {
            spi_i: hex(&sa.spi_i.to_be_bytes()),
            spi_r: (sa.spi_r != 0).then(|| hex(&sa.spi_r.to_be_bytes())),
            initiator: sa.initiator,
            responder: sa.responder,
            chosen: sa.chosen.as_ref().map(describe::proposal),
            from_the_beginning: sa.from_the_beginning,
            rekeys: sa.rekeys,
            keys: match sa.lock {
                Lock::Unasked => Keys::NotNeeded,
                Lock::Open(_) => Keys::Known,
                Lock::Closed { .. } => Keys::Unknown,
            },
        };
        self.sas.into_iter().map(told).collect()
    }
}
