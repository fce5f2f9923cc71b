//! What is wrong with a tunnel that stands, at one end or at both.

use cases::Role;
use reports::cause::{Cause, CauseCode, Proof, Side};
use vendors::LogCause;

use super::{Seen, named, side_of};
use crate::engine::topology::Site;
use crate::engine::{CAPTURE, SAS};
use crate::judge::Ends;
use crate::judge::wire::Crossed;
use crate::words;

impl Seen<'_> {
    /// One end holds its SAs and the other does not.
    pub(super) fn one_sided(&self) -> Option<Cause> {
        let has = |role: Role| self.seen.has_both_directions(role);
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

    /// The tunnel stands for other networks than those that were asked for.
    pub(super) fn not_narrowed(&self) -> Option<Cause> {
        let finding = self.case.wire_finding()?;
        (finding.code == CauseCode::SelectorsNotNarrowed).then(|| self.case.on_wire(&finding))
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

    /// The tunnel stands, and one end looks for another mode than the one that was negotiated: its
    /// policies then find no SA.
    pub(super) fn modes_apart(&self) -> Option<Cause> {
        let settings = self.case.settings.filter(|_| self.both_installed())?;
        let reason = super::selectors::modes_apart(settings)?;
        let other = Role::BOTH
            .into_iter()
            .find(|role| settings.of(*role).departures.mode == cases::Mode::Transport)?;
        let sentence = words::refused(
            reason.code,
            named(self.case.planned, other),
            named(self.case.planned, other.peer()),
        );
        let sentence = words::with_detail(&sentence, &reason.detail);
        let cause = Cause::new(reason.code, side_of(other), sentence);
        Some(cause.with_proof([Proof::file(format!("{other}/{SAS}"))]))
    }

    /// The tunnel stands at both ends, and probes are lost.
    pub(super) fn no_traffic(&self) -> Option<Cause> {
        if !self.both_installed() {
            return None;
        }
        let from = Role::BOTH.into_iter().find(|from| {
            let traffic = self.seen.traffic.of(*from);
            traffic.sent == 0 || traffic.received < traffic.sent
        })?;
        self.dropped_by(from.peer())
            .or_else(|| self.route_missing())
            .or_else(|| self.lost_on_the_way(from))
            .or_else(|| Some(self.lost_somewhere(from)))
    }

    /// The kernel of a router counts packets that it threw away.
    fn dropped_by(&self, receiver: Role) -> Option<Cause> {
        let own = self.seen.sites.of(receiver).own_address();
        let sas = self.seen.sas.of(receiver).iter();
        let drops = sas.filter(|sa| sa.destination == own).map(|sa| sa.dropped);
        let (mut replayed, mut broken) = (0, 0);
        for drop in drops {
            replayed += drop.replay + drop.replay_window;
            broken += drop.integrity;
        }
        let (code, count) = match (replayed, broken) {
            (0, 0) => return None,
            (_, 0) => (CauseCode::EspReplayRejected, replayed),
            (_, _) => (CauseCode::EspIntegrityFailed, broken),
        };
        let (by, peer) = (
            named(self.case.planned, receiver),
            named(self.case.planned, receiver.peer()),
        );
        let sentence = words::refused(code, by, peer);
        let sentence = words::with_detail(&sentence, &words::dropped(count));
        let cause = Cause::new(code, side_of(receiver), sentence);
        Some(cause.with_proof([
            Proof::file(format!("{receiver}/{SAS}")),
            Proof::file(CAPTURE),
        ]))
    }

    /// The kernel of a host did not know where to send its packets.
    fn route_missing(&self) -> Option<Cause> {
        let (role, why) = Role::BOTH
            .into_iter()
            .find_map(|role| Some((role, self.seen.traffic.of(role).refused.as_ref()?)))?;
        let code = CauseCode::PathRouteMissing;
        let (by, peer) = (
            named(self.case.planned, role),
            named(self.case.planned, role.peer()),
        );
        let sentence = words::refused(code, by, peer);
        let sentence = words::with_detail(&sentence, &words::host_said(Site::of(role).host, why));
        Some(Cause::new(code, side_of(role), sentence).with_proof([Proof::file(CAPTURE)]))
    }

    /// ESP left the router in this direction, and did not reach the other one.
    fn lost_on_the_way(&self, from: Role) -> Option<Cause> {
        let way = self.seen.direction(from);
        let wire = &self.seen.wire;
        let Crossed { sent, arrived } = wire.esp_packets(way.source, way.destination, &way.shared);
        if sent == 0 || arrived >= sent {
            return None;
        }
        let passes = |size: fn(&super::PathCheck) -> &Ends<bool>, role: Role| {
            self.case.path.is_none_or(|check| *size(&check).of(role))
        };
        let code = if !passes(|check| &check.small, from) {
            CauseCode::PathOneWay
        } else if !passes(|check| &check.large, from) {
            CauseCode::PathMtuBlackHole
        } else {
            CauseCode::PathEspBlocked
        };
        let by = super::path::speaks_of(code, from);
        let (by, peer) = (
            named(self.case.planned, by),
            named(self.case.planned, by.peer()),
        );
        let sentence = words::refused(code, by, peer);
        let sentence = words::with_detail(&sentence, &words::esp_lost(sent, arrived));
        Some(Cause::new(code, Side::Path, sentence).with_proof([Proof::file(CAPTURE)]))
    }

    /// Nothing tells where the probes of this end were lost.
    fn lost_somewhere(&self, from: Role) -> Cause {
        let way = self.seen.direction(from);
        let wire = &self.seen.wire;
        let sent = wire
            .esp_packets(way.source, way.destination, &way.shared)
            .sent;
        let sentence = words::no_traffic(
            Site::of(from).host,
            Site::of(from.peer()).host,
            self.seen.traffic.of(from),
            sent,
        );
        Cause::new(CauseCode::EspNoTraffic, Side::Path, sentence).with_proof([Proof::file(CAPTURE)])
    }

    pub(super) fn both_installed(&self) -> bool {
        let mut roles = Role::BOTH.into_iter();
        roles.all(|role| self.seen.has_both_directions(role))
    }
}
