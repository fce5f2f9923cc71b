//! What is wrong with a tunnel that stands, at one end or at both.

use cases::Role;
use reports::cause::{Cause, CauseCode, Proof, Side};
use vendors::LogCause;

use super::{Seen, named, side_of};
use crate::engine::topology::Site;
use crate::engine::{CAPTURE, SAS};
use crate::judge::kernel_sa::has_both_directions;
use crate::words;

impl Seen<'_> {
    /// One end holds its SAs and the other does not.
    pub(super) fn one_sided(&self) -> Option<Cause> {
        let has = |role: Role| {
            let own = Site::of(role).wan_address();
            has_both_directions(self.seen.sas.of(role), own)
        };
        let without = match (has(Role::Initiator), has(Role::Responder)) {
            (true, false) => Role::Responder,
            (false, true) => Role::Initiator,
            (true, true) | (false, false) => return None,
        };
        // Why it has none: its kernel's refusal first, then any other word of its own.
        let said = self.case.said();
        let why = said
            .iter()
            .find(|said| {
                said.by == without && said.cause == LogCause::Code(CauseCode::EspRefusedByKernel)
            })
            .or_else(|| said.iter().find(|said| said.by == without && said.own));
        // It refused what the other had already settled on: the refusal is the cause.
        if let Some(why) = why
            && why.cause != LogCause::Code(CauseCode::EspRefusedByKernel)
            && why.cause != LogCause::Code(CauseCode::PathNoAnswer)
        {
            return Some(self.case.refused(why));
        }
        let mut proof: Vec<Proof> = why.map(|said| said.proof.clone()).into_iter().collect();
        proof.push(Proof::file(format!("{without}/{SAS}")));
        let with = without.peer();
        Some(
            Cause::new(
                CauseCode::EspOneSided,
                side_of(without),
                words::one_sided(
                    named(self.case.planned, with),
                    named(self.case.planned, without),
                    why.is_some_and(|said| {
                        said.cause == LogCause::Code(CauseCode::EspRefusedByKernel)
                    }),
                ),
            )
            .with_proof(proof),
        )
    }

    /// A tunnel stands, and probes go beside it. Without a tunnel that is no cause: it follows.
    pub(super) fn clear_text(&self) -> Option<Cause> {
        if !self.both_installed() {
            return None;
        }
        let first = *self.seen.wire.clear.first()?;
        Some(
            Cause::new(
                CauseCode::EspClearText,
                Side::Both,
                words::clear_text(self.seen.wire.clear.len(), first),
            )
            .with_proof([Proof::file(CAPTURE)]),
        )
    }

    /// Both ends are installed, but no SPI is common to them, or the wire carries others.
    pub(super) fn wrong_spi(&self) -> Option<Cause> {
        if !self.both_installed() {
            return None;
        }
        let wrong = Role::BOTH.into_iter().find(|from| {
            let way = self.seen.direction(*from);
            let wire = &self.seen.wire;
            way.shared.is_empty()
                || (wire.esp_between(way.source, way.destination).sent > 0
                    && wire
                        .esp_packets(way.source, way.destination, &way.shared)
                        .sent
                        == 0)
        })?;
        Some(
            Cause::new(
                CauseCode::EspWrongSpi,
                Side::Both,
                words::wrong_spi(
                    named(self.case.planned, wrong),
                    named(self.case.planned, wrong.peer()),
                ),
            )
            .with_proof(
                Role::BOTH
                    .map(|role| Proof::file(format!("{role}/{SAS}")))
                    .to_vec(),
            ),
        )
    }

    /// The tunnel stands at both ends, and probes are lost.
    pub(super) fn no_traffic(&self) -> Option<Cause> {
        if !self.both_installed() {
            return None;
        }
        let lost = Role::BOTH.into_iter().find(|from| {
            let traffic = self.seen.traffic.of(*from);
            traffic.sent == 0 || traffic.received < traffic.sent
        })?;
        let way = self.seen.direction(lost);
        let on_wire = self
            .seen
            .wire
            .esp_packets(way.source, way.destination, &way.shared)
            .sent;
        Some(
            Cause::new(
                CauseCode::EspNoTraffic,
                Side::Path,
                words::no_traffic(
                    Site::of(lost).host,
                    Site::of(lost.peer()).host,
                    self.seen.traffic.of(lost),
                    on_wire,
                ),
            )
            .with_proof([Proof::file(CAPTURE)]),
        )
    }

    pub(super) fn both_installed(&self) -> bool {
        Role::BOTH.iter().all(|role| {
            let own = Site::of(*role).wan_address();
            has_both_directions(self.seen.sas.of(*role), own)
        })
    }
}
