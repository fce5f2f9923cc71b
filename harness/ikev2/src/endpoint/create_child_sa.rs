//! CREATE_CHILD_SA (RFC 7296, section 1.3): another Child SA, or a new one in the place of an old
//! one (sections 2.8 and 2.25). What replaces the IKE SA itself is in `ike`.

mod ike;

use std::time::Instant;

pub(super) use ike::{IkeOffer, Inheritance};

use super::child_sa::{Agreed, OwnSide};
use super::event::{Event, Failure};
use super::ike_sa_init::{NONCE, key_exchange};
use super::payloads::{Payloads, notify};
use super::receive::{Answer, Incoming};
use super::sa::{IkeSa, Phase};
use super::window::Purpose;
use super::{Action, Core};
use crate::algorithm::{DhGroup, Transform as _};
use crate::key_exchange::KeyPair;
use crate::keys::Key;
use crate::message::{Body, KeyExchange, Notify, NotifyMeaning, Payload, TrafficSelector};
use crate::negotiation::offer_esp;
use crate::numbers::{ExchangeType, NotifyType, PayloadType, Protocol};
use crate::random;
use crate::schedule::Nonces;

const EXCHANGE: ExchangeType = ExchangeType::CREATE_CHILD_SA;

/// How many Child SAs an IKE SA has.
const CHILDREN: usize = 64;

/// A Child SA that this end has offered.
#[derive(Debug)]
pub(super) struct ChildOffer {
    /// Of incoming packets.
    pub(super) spi: u32,
    /// Empty in IKE_AUTH, which has the nonces of IKE_SA_INIT.
    pub(super) nonce: Vec<u8>,
    pub(super) key_pair: Option<KeyPair>,
    pub(super) replaces: Option<u32>,
    pub(super) initiator_selectors: Vec<TrafficSelector>,
    pub(super) responder_selectors: Vec<TrafficSelector>,
    /// The other end has already asked for another group.
    pub(super) has_repeated: bool,
    /// The lower nonce of an exchange in which the other end has replaced the same Child SA.
    pub(super) collision: Option<Vec<u8>>,
}

/// Why a request is refused.
pub(super) type Refusal = Payload;

impl Core {
    /// Asks for a Child SA. `repeated` is the group that the other end wants.
    pub(super) fn request_child(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        replaces: Option<u32>,
        repeated: Option<DhGroup>,
    ) {
        if sa.phase != Phase::Established {
            return self.fail(sa, EXCHANGE, Failure::State);
        }
        let old = replaces.map(|spi| sa.child_mut(spi).filter(|old| !old.is_being_deleted));
        let (initiator_selectors, responder_selectors) = match old {
            None => (
                self.config.local_selectors.clone(),
                self.config.remote_selectors.clone(),
            ),
            Some(Some(old)) => (old.local_selectors.clone(), old.remote_selectors.clone()),
            Some(None) => return self.fail(sa, EXCHANGE, Failure::NoSuchChild),
        };
        let first = self.config.esp.first();
        let first = first.and_then(|one| one.dh().first().copied());
        let key_pair = repeated
            .or(first)
            .and_then(|group| random::key_pair(&mut *self.random, group));
        let offer = ChildOffer {
            spi: random::esp_spi(&mut *self.random),
            nonce: random::octets(&mut *self.random, NONCE),
            key_pair,
            replaces,
            initiator_selectors,
            responder_selectors,
            has_repeated: repeated.is_some(),
            collision: None,
        };
        let mut payloads: Vec<Payload> = replaces.map(rekey_sa).into_iter().collect();
        payloads.push(Body::Sa(offer_esp(&self.config.esp, offer.spi, true)).into());
        payloads.push(Body::Nonce(offer.nonce.clone()).into());
        payloads.extend(offer.key_pair.as_ref().map(key_exchange));
        payloads.extend(offer.selectors());
        let purpose = Purpose::CreateChild(Box::new(offer));
        self.request(now, sa, EXCHANGE, payloads, purpose);
    }

    pub(super) fn answer_create_child_sa(&mut self, sa: &mut IkeSa, incoming: &Incoming) -> Answer {
        let payloads = incoming.payloads();
        if sa.phase != Phase::Established {
            return Answer::error(NotifyType::TEMPORARY_FAILURE);
        }
        let is_of_ike = payloads
            .sa()
            .is_ok_and(|sa| sa.proposals.iter().any(|one| one.protocol == Protocol::IKE));
        let answer = if is_of_ike {
            self.answer_rekey_ike(sa, incoming)
        } else {
            self.answer_child(sa, payloads)
        };
        Answer::new(answer.unwrap_or_else(|refusal| vec![refusal]))
    }

    fn answer_child(
        &mut self,
        sa: &mut IkeSa,
        payloads: Payloads<'_>,
    ) -> Result<Vec<Payload>, Refusal> {
        if sa.requests.rekeying_ike().is_some() {
            return Err(refusal(NotifyType::TEMPORARY_FAILURE));
        }
        let replaces = match payloads.notify(NotifyType::REKEY_SA) {
            Some(rekey) => Some(replaced_child(sa, rekey)?),
            None => None,
        };
        if sa.children.len() >= CHILDREN {
            return Err(refusal(NotifyType::NO_ADDITIONAL_SAS));
        }
        let nonce = payloads.nonce().map_err(missing)?;
        let agreed = Agreed::of_request(&self.config, payloads, true).map_err(refusal)?;
        let exchanged = agreed
            .choice
            .group
            .map(|group| self.exchange_keys(group, payloads))
            .transpose()?;
        let own = OwnSide {
            spi: random::esp_spi(&mut *self.random),
            is_initiator: false,
        };
        let own_nonce = random::octets(&mut *self.random, NONCE);
        let nonces = Nonces {
            initiator: nonce,
            responder: &own_nonce,
        };
        let [answer, initiator, responder] = agreed.payloads(own.spi);
        let (key_pair, secret) = exchanged.unzip();
        let child = agreed.child(sa, nonces, secret.as_ref(), own);
        let child = child.ok_or_else(|| refusal(NotifyType::TEMPORARY_FAILURE))?;
        if let Some(spi) = replaces
            && let Some(offer) = sa.requests.rekeying_child(spi)
        {
            offer.collision = Some(lower(nonces));
        }
        self.install(sa, child, replaces);
        let mut answer = vec![answer, Body::Nonce(own_nonce).into()];
        answer.extend(key_pair.as_ref().map(key_exchange));
        answer.extend([initiator, responder]);
        Ok(answer)
    }

    /// Answers the KE payload of a request.
    fn exchange_keys(
        &mut self,
        group: DhGroup,
        payloads: Payloads<'_>,
    ) -> Result<(KeyPair, Key), Refusal> {
        let wanted = || {
            let group = group.transform_id().to_be_bytes().to_vec();
            notify(NotifyType::INVALID_KE_PAYLOAD, group)
        };
        let ke = payloads.key_exchange().map_err(|_| wanted())?;
        if ke.group != group.into() {
            return Err(wanted());
        }
        let key_pair = random::key_pair(&mut *self.random, group);
        let key_pair = key_pair.ok_or_else(|| refusal(NotifyType::TEMPORARY_FAILURE))?;
        let secret = key_pair.agree(&ke.data);
        let secret = secret.map_err(|_| refusal(NotifyType::INVALID_SYNTAX))?;
        Ok((key_pair, secret))
    }

    pub(super) fn take_child_response(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        incoming: &Incoming,
        offer: ChildOffer,
    ) {
        let payloads = incoming.payloads();
        if let Some(error) = payloads.error() {
            let tried = offer.key_pair.as_ref().map(KeyPair::group);
            if let Some(group) = wanted_group(error, tried)
                && !offer.has_repeated
                && self.config.esp.iter().any(|one| one.dh().contains(&group))
            {
                self.request_child(now, sa, offer.replaces, Some(group));
                if let Some(spi) = offer.replaces
                    && let Some(again) = sa.requests.rekeying_child(spi)
                {
                    again.collision = offer.collision;
                }
                return;
            }
            return self.refused(sa, error);
        }
        match self.accepted_child(sa, payloads, &offer) {
            Ok((child, lowest)) => {
                let spi = child.incoming.spi;
                self.install(sa, child, offer.replaces);
                let Some(old) = offer.replaces else {
                    return;
                };
                // The new Child SA of the exchange with the lowest nonce is deleted by the end that
                // asked for it (section 2.8.1); the other end does the rest.
                let is_redundant = offer.collision.is_some_and(|other| lowest < other);
                let deleted = if is_redundant { spi } else { old };
                sa.requests.waiting.push_back(Action::DeleteChild(deleted));
            }
            Err(why) => {
                self.fail(sa, EXCHANGE, why);
                self.disown_child(now, sa, offer.spi);
            }
        }
    }

    fn accepted_child(
        &self,
        sa: &IkeSa,
        payloads: Payloads<'_>,
        offer: &ChildOffer,
    ) -> Result<(super::ChildSa, Vec<u8>), Failure> {
        let agreed = offer.accept(&self.config, payloads, true)?;
        let nonces = Nonces {
            initiator: &offer.nonce,
            responder: payloads.nonce().map_err(Failure::Payload)?,
        };
        let secret = match agreed.choice.group {
            None => None,
            Some(group) => {
                let ke = payloads.key_exchange().map_err(Failure::Payload)?;
                Some(agree(offer.key_pair.as_ref(), group, ke)?)
            }
        };
        let own = OwnSide {
            spi: offer.spi,
            is_initiator: true,
        };
        let child = agreed.child(sa, nonces, secret.as_ref(), own);
        Ok((child.ok_or(Failure::State)?, lower(nonces)))
    }

    fn refused(&mut self, sa: &IkeSa, error: &Notify) {
        self.events.push(Event::Refused {
            sa: sa.id,
            exchange: EXCHANGE,
            why: error.kind,
        });
    }
}

/// The shared secret, if both ends speak of the group that was chosen.
fn agree(pair: Option<&KeyPair>, group: DhGroup, ke: &KeyExchange) -> Result<Key, Failure> {
    let fits = |pair: &&KeyPair| pair.group() == group && ke.group == group.into();
    let pair = pair.filter(fits).ok_or(Failure::Group)?;
    Ok(pair.agree(&ke.data)?)
}

/// The group that INVALID_KE_PAYLOAD names, unless it is the one that was tried.
fn wanted_group(error: &Notify, tried: Option<DhGroup>) -> Option<DhGroup> {
    let NotifyMeaning::WantedGroup(wanted) = error.meaning() else {
        return None;
    };
    DhGroup::from_id(wanted.0).filter(|group| Some(*group) != tried)
}

/// The SPI of incoming packets of the Child SA that a request is to replace.
fn replaced_child(sa: &IkeSa, rekey: &Notify) -> Result<u32, Refusal> {
    let spi = <[u8; 4]>::try_from(rekey.spi.as_slice()).map(u32::from_be_bytes);
    let child = spi.ok().and_then(|spi| {
        let mut all = sa.children.iter();
        all.find(|child| child.outgoing.spi == spi && rekey.protocol == Protocol::ESP)
    });
    let Some(child) = child else {
        // It names the SPI that was not found (section 2.25).
        return Err(Body::Notify(Notify {
            protocol: rekey.protocol,
            spi: rekey.spi.clone(),
            kind: NotifyType::CHILD_SA_NOT_FOUND,
            data: Vec::new(),
        })
        .into());
    };
    if child.is_being_deleted {
        return Err(refusal(NotifyType::TEMPORARY_FAILURE));
    }
    Ok(child.incoming.spi)
}

/// REKEY_SA names the SPI of what its sender receives (section 1.3.3).
fn rekey_sa(incoming_spi: u32) -> Payload {
    Body::Notify(Notify {
        protocol: Protocol::ESP,
        spi: incoming_spi.to_be_bytes().to_vec(),
        kind: NotifyType::REKEY_SA,
        data: Vec::new(),
    })
    .into()
}

/// The lower one of the two nonces of an exchange, compared octet by octet.
fn lower(nonces: Nonces<'_>) -> Vec<u8> {
    nonces.initiator.min(nonces.responder).to_vec()
}

fn refusal(kind: NotifyType) -> Refusal {
    notify(kind, Vec::new())
}

fn missing(_: PayloadType) -> Refusal {
    refusal(NotifyType::INVALID_SYNTAX)
}
