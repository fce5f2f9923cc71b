//! INFORMATIONAL (RFC 7296, sections 1.4 and 1.5): deletion, errors, and whether the other end lives.

use std::time::Instant;

use super::Core;
use super::event::{Closed, Event, Failure};
use super::receive::{Answer, Incoming};
use super::sa::{IkeSa, Phase};
use super::window::Purpose;
use crate::message::{Body, Delete, Payload};
use crate::numbers::{ExchangeType, NotifyType, Protocol};

const EXCHANGE: ExchangeType = ExchangeType::INFORMATIONAL;

impl Core {
    pub(super) fn check_liveness(&mut self, now: Instant, sa: &mut IkeSa) {
        self.request(now, sa, EXCHANGE, Vec::new(), Purpose::Other);
    }

    pub(super) fn delete_ike(&mut self, now: Instant, sa: &mut IkeSa) {
        let delete = Body::Delete(Delete {
            protocol: Protocol::IKE,
            ..Delete::default()
        });
        sa.phase = Phase::Closing;
        let payloads = vec![delete.into()];
        self.request(now, sa, EXCHANGE, payloads, Purpose::DeleteIke);
    }

    pub(super) fn delete_child(&mut self, now: Instant, sa: &mut IkeSa, spi: u32) {
        let Some(child) = sa.child_mut(spi).filter(|child| !child.is_being_deleted) else {
            return self.fail(sa, EXCHANGE, Failure::NoSuchChild);
        };
        child.is_being_deleted = true;
        let payloads = vec![delete(&[spi])];
        self.request(now, sa, EXCHANGE, payloads, Purpose::DeleteChild(spi));
    }

    /// Deletes what the other end believes to be a Child SA, and this end does not.
    pub(super) fn disown_child(&mut self, now: Instant, sa: &mut IkeSa, spi: u32) {
        let payloads = vec![delete(&[spi])];
        self.request(now, sa, EXCHANGE, payloads, Purpose::Other);
    }

    pub(super) fn answer_informational(&mut self, sa: &mut IkeSa, incoming: &Incoming) -> Answer {
        let payloads = incoming.payloads();
        let mut answered = Vec::new();
        for one in payloads.deletes() {
            if one.protocol == Protocol::IKE {
                self.bequeath_before_deletion(sa);
                return Answer::new(Vec::new()).closing(Closed::DeletedByPeer);
            }
            if one.protocol == Protocol::ESP && one.spi_size == 4 {
                answered.extend(one.each().filter_map(|spi| self.take_deleted(sa, spi)));
            }
        }
        // The other end does not accept the proof of this one (section 2.21.2).
        if payloads.notify(NotifyType::AUTHENTICATION_FAILED).is_some() {
            self.events.push(Event::Refused {
                sa: sa.id,
                exchange: ExchangeType::IKE_AUTH,
                why: NotifyType::AUTHENTICATION_FAILED,
            });
            return Answer::new(Vec::new()).closing(Closed::NotEstablished);
        }
        let payloads = (!answered.is_empty()).then(|| delete(&answered));
        Answer::new(payloads.into_iter().collect())
    }

    /// Forgets the Child SA whose outgoing packets have this SPI. It returns the SPI of the other
    /// direction, unless that was told already: two deletions that cross are not answered by each
    /// other (section 1.4.1).
    fn take_deleted(&mut self, sa: &mut IkeSa, spi: &[u8]) -> Option<u32> {
        let spi = u32::from_be_bytes(spi.try_into().ok()?);
        let mut all = sa.children.iter();
        let at = all.position(|child| child.outgoing.spi == spi)?;
        let child = sa.children.remove(at);
        let incoming = child.incoming.spi;
        self.events.push(Event::ChildSaDeleted {
            sa: sa.id,
            spi: incoming,
        });
        (!child.is_being_deleted).then_some(incoming)
    }
}

/// The Delete payload for these SPIs of incoming packets.
fn delete(spis: &[u32]) -> Payload {
    Body::Delete(Delete {
        protocol: Protocol::ESP,
        spi_size: 4,
        count: u16::try_from(spis.len()).unwrap_or(u16::MAX),
        spis: spis.iter().flat_map(|spi| spi.to_be_bytes()).collect(),
    })
    .into()
}
