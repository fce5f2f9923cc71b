//! A new IKE SA in the place of an old one (RFC 7296, sections 1.3.2, 2.8.2 and 2.18).

use std::collections::VecDeque;
use std::mem;
use std::time::Instant;

use super::super::event::Failure;
use super::super::ike_sa_init::{NONCE, SAS, key_exchange};
use super::super::payloads::Payloads;
use super::super::receive::Incoming;
use super::super::sa::{ChildSa, IkeSa, Phase, Protection, SaId};
use super::super::window::Purpose;
use super::super::{Action, Core};
use super::{EXCHANGE, Refusal, agree, lower, missing, refusal, wanted_group};
use crate::algorithm::DhGroup;
use crate::key_exchange::KeyPair;
use crate::keys::Key;
use crate::message::{Body, Payload, SecurityAssociation};
use crate::negotiation::{IkeChoice, accept_ike, choose_ike, offer_ike};
use crate::numbers::NotifyType;
use crate::random;
use crate::schedule::{Nonces, sk_keys, skeyseed_from_sk_d};

/// An IKE SA that this end has offered.
#[derive(Debug)]
pub(in super::super) struct IkeOffer {
    spi: u64,
    nonce: Vec<u8>,
    key_pair: KeyPair,
    has_repeated: bool,
    collision: Option<Collision>,
}

/// An exchange in which the other end has replaced the same IKE SA.
#[derive(Clone, Debug)]
struct Collision {
    lowest_nonce: Vec<u8>,
    new: SaId,
}

/// Child SAs, and what else is to be done, on their way from an IKE SA to the one that replaces it.
#[derive(Debug)]
pub(in super::super) struct Inheritance {
    pub(in super::super) old: SaId,
    pub(in super::super) new: SaId,
    pub(in super::super) children: Vec<ChildSa>,
    pub(in super::super) waiting: VecDeque<Action>,
}

impl Core {
    /// Asks for a new IKE SA. `repeated` is the group that the other end wants.
    pub(in super::super) fn request_ike(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        repeated: Option<DhGroup>,
    ) {
        if sa.phase != Phase::Established || sa.requests.rekeying_ike().is_some() {
            return self.fail(sa, EXCHANGE, Failure::State);
        }
        let group = repeated.or_else(|| sa.group().filter(|group| self.offers(*group)));
        let group = group.or_else(|| self.config.ike.first()?.dh().first().copied());
        let key_pair = group.and_then(|group| random::key_pair(&mut *self.random, group));
        let Some(key_pair) = key_pair else {
            return self.fail(sa, EXCHANGE, Failure::Group);
        };
        let offer = IkeOffer {
            spi: random::ike_spi(&mut *self.random),
            nonce: random::octets(&mut *self.random, NONCE),
            key_pair,
            has_repeated: repeated.is_some(),
            collision: None,
        };
        let payloads = vec![
            Body::Sa(offer_ike(&self.config.ike, &offer.spi.to_be_bytes())).into(),
            Body::Nonce(offer.nonce.clone()).into(),
            key_exchange(&offer.key_pair),
        ];
        let purpose = Purpose::RekeyIke(Box::new(offer));
        self.request(now, sa, EXCHANGE, payloads, purpose);
    }

    fn offers(&self, group: DhGroup) -> bool {
        self.config.ike.iter().any(|one| one.dh().contains(&group))
    }

    pub(super) fn answer_rekey_ike(
        &mut self,
        sa: &mut IkeSa,
        incoming: &Incoming,
    ) -> Result<Vec<Payload>, Refusal> {
        let payloads = incoming.payloads();
        // Child SAs that change meanwhile would belong to neither IKE SA (section 2.25.2). A second
        // new IKE SA of the same old one would be of no use.
        let own = sa.requests.rekeying_ike();
        let has_collided = own.is_some_and(|own| own.collision.is_some());
        if has_collided || sa.requests.is_changing_children() {
            return Err(refusal(NotifyType::TEMPORARY_FAILURE));
        }
        if self.sa_count >= SAS {
            return Err(refusal(NotifyType::NO_ADDITIONAL_SAS));
        }
        let nonce = payloads.nonce().map_err(missing)?;
        let offered = payloads.sa().map_err(missing)?;
        let choice = choose_ike(offered, &self.config.ike)
            .ok_or_else(|| refusal(NotifyType::NO_PROPOSAL_CHOSEN))?;
        let peer_spi = ike_spi(&choice).ok_or_else(|| refusal(NotifyType::INVALID_SYNTAX))?;
        let (key_pair, secret) = self.exchange_keys(choice.group, payloads)?;
        let own_spi = random::ike_spi(&mut *self.random);
        let own_nonce = random::octets(&mut *self.random, NONCE);
        let nonces = Nonces {
            initiator: nonce,
            responder: &own_nonce,
        };
        let new = self.replacement(sa, &choice, (peer_spi, own_spi), nonces, &secret, false);
        let new = new.ok_or_else(|| refusal(NotifyType::TEMPORARY_FAILURE))?;
        match sa.requests.rekeying_ike() {
            Some(own) => {
                own.collision = Some(Collision {
                    lowest_nonce: lower(nonces),
                    new: new.id,
                });
            }
            None => self.bequeath(sa, new.id),
        }
        self.born.push(new);
        let mut answer = choice.answer;
        answer.spi = own_spi.to_be_bytes().to_vec();
        let proposals = vec![answer];
        Ok(vec![
            Body::Sa(SecurityAssociation { proposals }).into(),
            Body::Nonce(own_nonce).into(),
            key_exchange(&key_pair),
        ])
    }

    pub(in super::super) fn take_ike_response(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        incoming: &Incoming,
        offer: IkeOffer,
    ) {
        let payloads = incoming.payloads();
        if let Some(error) = payloads.error() {
            let tried = offer.key_pair.group();
            if let Some(group) = wanted_group(error, Some(tried))
                && !offer.has_repeated
                && self.offers(group)
            {
                self.request_ike(now, sa, Some(group));
                if let Some(again) = sa.requests.rekeying_ike() {
                    again.collision = offer.collision;
                }
                return;
            }
            self.refused(sa, error);
            if let Some(collision) = offer.collision {
                self.bequeath(sa, collision.new);
            }
            return;
        }
        match self.accepted_ike(sa, payloads, &offer) {
            Ok((new, lowest)) => {
                let own = new.id;
                self.born.push(new);
                // As with Child SAs (section 2.8.2).
                match offer.collision {
                    Some(other) if lowest < other.lowest_nonce => {
                        self.bequeath(sa, other.new);
                        self.doomed.push(own);
                    }
                    Some(_) | None => {
                        self.bequeath(sa, own);
                        self.doomed.push(sa.id);
                    }
                }
            }
            Err(why) => {
                self.fail(sa, EXCHANGE, why);
                if let Some(collision) = offer.collision {
                    self.bequeath(sa, collision.new);
                }
            }
        }
    }

    fn accepted_ike(
        &mut self,
        sa: &IkeSa,
        payloads: Payloads<'_>,
        offer: &IkeOffer,
    ) -> Result<(IkeSa, Vec<u8>), Failure> {
        let answer = payloads.sa().map_err(Failure::Payload)?;
        let choice = accept_ike(answer, &self.config.ike).ok_or(Failure::Proposal)?;
        let peer_spi = ike_spi(&choice).ok_or(Failure::Proposal)?;
        let nonces = Nonces {
            initiator: &offer.nonce,
            responder: payloads.nonce().map_err(Failure::Payload)?,
        };
        let ke = payloads.key_exchange().map_err(Failure::Payload)?;
        let secret = agree(Some(&offer.key_pair), choice.group, ke)?;
        let spis = (offer.spi, peer_spi);
        let new = self.replacement(sa, &choice, spis, nonces, &secret, true);
        Ok((new.ok_or(Failure::State)?, lower(nonces)))
    }

    /// The IKE SA that a rekeying makes; `None` before the old one has keys.
    fn replacement(
        &mut self,
        old: &IkeSa,
        choice: &IkeChoice,
        spis: (u64, u64),
        nonces: Nonces<'_>,
        secret: &Key,
        is_initiator: bool,
    ) -> Option<IkeSa> {
        let function = old.suite()?.prf;
        let seed = skeyseed_from_sk_d(function, old.sk_d(), nonces, secret.as_bytes(), &[]);
        let keys = sk_keys(choice.suite, seed.as_bytes(), nonces, spis.0, spis.1);
        let id = self.next_id();
        let mut new = IkeSa::new(id, spis, is_initiator, old.path, self.config.window);
        new.phase = Phase::Established;
        new.protection = Some(Protection {
            suite: choice.suite,
            group: choice.group,
            keys,
            next_iv: 0,
        });
        new.can_fragment = old.can_fragment;
        new.peer_hashes.clone_from(&old.peer_hashes);
        new.nat = old.nat;
        new.requests.window = old.requests.window;
        Some(new)
    }

    /// Gives the Child SAs of an IKE SA to the one that replaces it.
    pub(in super::super) fn bequeath(&mut self, sa: &mut IkeSa, new: SaId) {
        sa.phase = Phase::Replaced;
        self.inheritances.push(Inheritance {
            old: sa.id,
            new,
            children: mem::take(&mut sa.children),
            waiting: mem::take(&mut sa.requests.waiting),
        });
    }

    /// What a deletion by the other end leaves behind while a rekeying of both ends collides.
    pub(in super::super) fn bequeath_before_deletion(&mut self, sa: &mut IkeSa) {
        let collision = sa
            .requests
            .rekeying_ike()
            .and_then(|own| own.collision.take());
        if let Some(collision) = collision {
            self.bequeath(sa, collision.new);
        }
    }
}

/// The SPI that a proposal brought.
fn ike_spi(choice: &IkeChoice) -> Option<u64> {
    let spi: [u8; 8] = choice.spi.as_slice().try_into().ok()?;
    Some(u64::from_be_bytes(spi)).filter(|spi| *spi != 0)
}
