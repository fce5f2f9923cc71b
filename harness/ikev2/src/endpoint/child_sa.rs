//! Child SAs: what both ends agree on, and the keys (RFC 7296, sections 2.9 and 2.17).

use super::Core;
use super::config::Config;
use super::create_child_sa::ChildOffer;
use super::event::{Event, Failure};
use super::payloads::Payloads;
use super::sa::{ChildSa, EspSa, IkeSa};
use crate::algorithm::Integrity;
use crate::keys::Key;
use crate::message::{Body, Payload, SecurityAssociation, TrafficSelector, TrafficSelectors};
use crate::negotiation::selectors::{covers, narrow};
use crate::negotiation::{EspChoice, accept_esp, choose_esp};
use crate::numbers::NotifyType;
use crate::schedule::{Nonces, child_keymat};

/// What a responder takes of an offer.
pub(super) struct Agreed {
    pub(super) choice: EspChoice,
    initiator_selectors: Vec<TrafficSelector>,
    responder_selectors: Vec<TrafficSelector>,
}

/// Which of the two ends of an exchange this end is, and its SPI for incoming packets.
#[derive(Clone, Copy)]
pub(super) struct OwnSide {
    pub(super) spi: u32,
    pub(super) is_initiator: bool,
}

impl Agreed {
    /// Chooses of the proposals and selectors of a request; or the notification that refuses it.
    pub(super) fn of_request(
        config: &Config,
        payloads: Payloads<'_>,
        with_groups: bool,
    ) -> Result<Self, NotifyType> {
        let missing = |_| NotifyType::INVALID_SYNTAX;
        let offered = payloads.sa().map_err(missing)?;
        let initiator = payloads.initiator_selectors().map_err(missing)?;
        let responder = payloads.responder_selectors().map_err(missing)?;
        let choice =
            choose_esp(offered, &config.esp, with_groups).ok_or(NotifyType::NO_PROPOSAL_CHOSEN)?;
        let agreed = Self {
            choice,
            initiator_selectors: narrow(&initiator.selectors, &config.remote_selectors),
            responder_selectors: narrow(&responder.selectors, &config.local_selectors),
        };
        if agreed.initiator_selectors.is_empty() || agreed.responder_selectors.is_empty() {
            return Err(NotifyType::TS_UNACCEPTABLE);
        }
        Ok(agreed)
    }

    /// SA, TSi and TSr of the response.
    pub(super) fn payloads(&self, own_spi: u32) -> [Payload; 3] {
        let mut answer = self.choice.answer.clone();
        answer.spi = own_spi.to_be_bytes().to_vec();
        let proposals = vec![answer];
        let [initiator, responder] =
            selectors(&self.initiator_selectors, &self.responder_selectors);
        let sa = Body::Sa(SecurityAssociation { proposals });
        [sa.into(), initiator, responder]
    }

    /// The Child SA; `None` before the IKE SA has keys.
    pub(super) fn child(
        self,
        sa: &IkeSa,
        nonces: Nonces<'_>,
        secret: Option<&Key>,
        own: OwnSide,
    ) -> Option<ChildSa> {
        let choice = self.choice;
        let integrity_octets = choice.integrity.map_or(0, Integrity::key_octets);
        let encryption_octets = choice.encryption.key_octets();
        let octets = 2 * (encryption_octets + integrity_octets);
        let secrets: Vec<&[u8]> = secret.into_iter().map(Key::as_bytes).collect();
        let material = child_keymat(sa.suite()?.prf, sa.sk_d(), nonces, &secrets, octets).ok()?;
        let mut rest = material.as_bytes();
        let mut take = |octets| {
            let (key, others) = rest.split_at(octets);
            rest = others;
            Key::from(key)
        };
        let mut direction = |spi| EspSa {
            spi,
            encryption_key: take(encryption_octets),
            integrity_key: take(integrity_octets),
        };
        let (incoming, outgoing, local_selectors, remote_selectors) = if own.is_initiator {
            let outgoing = direction(choice.spi);
            let incoming = direction(own.spi);
            let (local, remote) = (self.initiator_selectors, self.responder_selectors);
            (incoming, outgoing, local, remote)
        } else {
            let incoming = direction(own.spi);
            let outgoing = direction(choice.spi);
            let (local, remote) = (self.responder_selectors, self.initiator_selectors);
            (incoming, outgoing, local, remote)
        };
        Some(ChildSa {
            incoming,
            outgoing,
            encryption: choice.encryption,
            integrity: choice.integrity,
            group: choice.group,
            local_selectors,
            remote_selectors,
            is_being_deleted: false,
        })
    }
}

impl ChildOffer {
    /// TSi and TSr.
    pub(super) fn selectors(&self) -> [Payload; 2] {
        selectors(&self.initiator_selectors, &self.responder_selectors)
    }

    /// Takes the answer to the offer, if it is one.
    pub(super) fn accept(
        &self,
        config: &Config,
        payloads: Payloads<'_>,
        with_groups: bool,
    ) -> Result<Agreed, Failure> {
        let answer = payloads.sa().map_err(Failure::Payload)?;
        let initiator = payloads.initiator_selectors().map_err(Failure::Payload)?;
        let responder = payloads.responder_selectors().map_err(Failure::Payload)?;
        let choice = accept_esp(answer, &config.esp, with_groups).ok_or(Failure::Proposal)?;
        let is_within = covers(&self.initiator_selectors, &initiator.selectors)
            && covers(&self.responder_selectors, &responder.selectors);
        if !is_within {
            return Err(Failure::Selectors);
        }
        Ok(Agreed {
            choice,
            initiator_selectors: initiator.selectors.clone(),
            responder_selectors: responder.selectors.clone(),
        })
    }
}

impl Core {
    pub(super) fn install(&mut self, sa: &mut IkeSa, child: ChildSa, replaces: Option<u32>) {
        sa.children.push(child.clone());
        self.events.push(Event::ChildSaEstablished {
            sa: sa.id,
            child: Box::new(child),
            replaces,
        });
    }
}

fn selectors(initiator: &[TrafficSelector], responder: &[TrafficSelector]) -> [Payload; 2] {
    let body = |selectors: &[TrafficSelector]| TrafficSelectors {
        reserved: [0; 3],
        selectors: selectors.to_vec(),
    };
    [
        Body::TsI(body(initiator)).into(),
        Body::TsR(body(responder)).into(),
    ]
}
