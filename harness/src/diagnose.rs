//! Why a cell failed: the observers' findings and the daemons' own words, weighed.
//!
//! What was seen outranks what was said: a dead daemon, or a Child SA at one end only, is the cause
//! whatever the logs hold. The logs decide where no tunnel came up at all.

use cases::Role;
use reports::cause::{Cause, CauseCode, Proof, Side};
use reports::text::Text;
use vendors::{LogCause, LogSide, Profile};

use crate::engine::credentials::Shown;
use crate::engine::router::Refusal;
use crate::engine::topology::Site;
use crate::engine::{CAPTURE, LOG, SAS, STATUS};
use crate::judge::{Ends, Sightings};
use crate::plan::PlannedCell;
use crate::words::{self, Named};

mod certificate;
mod refused;
#[cfg(test)]
mod tests;

/// Both daemons' logs, without secrets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logs {
    pub(crate) initiator: String,
    pub(crate) responder: String,
}

impl Logs {
    pub(crate) fn of(&self, role: Role) -> &str {
        match role {
            Role::Initiator => &self.initiator,
            Role::Responder => &self.responder,
        }
    }
}

/// An excerpt is cut here; the file has the whole line.
const EXCERPT_LIMIT: usize = 400;

/// The cause of a failure that the observers saw.
pub(crate) fn cause(case: &Diagnosis<'_>, seen: &Sightings) -> Cause {
    let case = Seen { case, seen };
    case.stopped()
        .or_else(|| case.one_sided())
        .or_else(|| case.refused_in_negotiation())
        .or_else(|| case.fragments_lost())
        .or_else(|| case.no_answer())
        .or_else(|| case.clear_text())
        .or_else(|| case.wrong_spi())
        .or_else(|| case.no_traffic())
        .unwrap_or_else(|| case.unknown())
}

/// The cause when a router did not come up.
pub(crate) fn refusal(case: &Diagnosis<'_>, role: Role, refusal: &Refusal) -> Cause {
    // The daemon's own reason, if it gave one: it may have refused its own certificate.
    let reason = case.said().into_iter().find(|said| {
        said.by == role && said.own && said.cause != LogCause::Code(CauseCode::RouterStopped)
    });
    if let Some(said) = reason {
        // Nothing of the other end has reached it yet.
        return case.refused(&Said {
            holder: role,
            ..said
        });
    }
    let router = named(case.planned, role);
    let (code, sentence) = match refusal {
        Refusal::Stopped { code } => (
            CauseCode::RouterStopped,
            words::stopped_at_start(router, *code),
        ),
        Refusal::NotReady { waited } => (
            CauseCode::RouterNotReady,
            words::not_ready(router, waited.as_secs()),
        ),
        Refusal::Configuration { command, said } => (
            CauseCode::RouterRefusedConfiguration,
            words::refused_configuration(router, command, said),
        ),
    };
    Cause::new(code, side_of(role), sentence).with_proof(last_line(role, case.logs))
}

/// What is known of a cell whatever became of it.
#[derive(Clone, Copy)]
pub(crate) struct Diagnosis<'a> {
    pub(crate) planned: &'a PlannedCell,
    pub(crate) logs: &'a Logs,
    /// The certificates of both ends, with a method that has some.
    pub(crate) shown: Option<&'a Ends<Shown>>,
    /// How many lines each log had when the negotiation began: those before explain only why it did
    /// not begin.
    pub(crate) before: Ends<usize>,
}

/// A cell that came as far as the observers.
struct Seen<'a> {
    case: &'a Diagnosis<'a>,
    seen: &'a Sightings,
}

/// A line of a log that says something.
struct Said {
    cause: LogCause,
    /// Who did not accept.
    by: Role,
    /// Whether that one said so itself.
    own: bool,
    /// Whose credentials it speaks of: mostly those of the other end.
    holder: Role,
    proof: Proof,
}

impl Seen<'_> {
    /// A tunnel stands, and probes go beside it. Without a tunnel that is no cause: it follows.
    fn clear_text(&self) -> Option<Cause> {
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
            .with_proof([proof_of(CAPTURE.into())]),
        )
    }

    fn stopped(&self) -> Option<Cause> {
        let role = Role::BOTH
            .into_iter()
            .find(|role| !self.seen.control.of(*role).running)?;
        Some(
            Cause::new(
                CauseCode::RouterStopped,
                side_of(role),
                words::stopped(named(self.case.planned, role)),
            )
            .with_proof(last_line(role, self.case.logs)),
        )
    }

    /// One end holds its SAs and the other does not.
    fn one_sided(&self) -> Option<Cause> {
        let has = |role: Role| {
            let own = Site::of(role).wan_address();
            crate::judge::kernel_sa::has_both_directions(self.seen.sas.of(role), own)
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
        proof.push(proof_of(format!("{without}/{SAS}")));
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

    /// A line in a log that says what was not accepted. The word of the one who refused counts more
    /// than that of the one who was told.
    fn refused_in_negotiation(&self) -> Option<Cause> {
        if self.both_installed() {
            return None;
        }
        let said = self.case.said();
        let said = said
            .iter()
            .find(|said| said.cause != LogCause::Code(CauseCode::PathNoAnswer))?;
        Some(self.case.refused(said))
    }

    /// Messages went as IP fragments, and the tunnel did not come up though nobody refused.
    fn fragments_lost(&self) -> Option<Cause> {
        if self.both_installed() {
            return None;
        }
        let wire = &self.seen.wire;
        let answered = |role: Role, first: u64| {
            let peer = Site::of(role.peer()).wan_address();
            wire.last_ike.get(&peer).is_some_and(|last| *last > first)
        };
        let sent = |role: Role| {
            let address = Site::of(role).wan_address();
            let fragments = wire.fragments.get(&address).copied();
            fragments.filter(|fragments| !answered(role, fragments.first))
        };
        let (from, fragments) = Role::BOTH
            .into_iter()
            .find_map(|role| sent(role).map(|fragments| (role, fragments)))?;
        let mut proof = vec![proof_of(CAPTURE.into())];
        proof.extend(self.unanswered());
        Some(
            Cause::new(
                CauseCode::PathFragmentsLost,
                Side::Path,
                words::fragments_lost(
                    named(self.case.planned, from),
                    fragments.count,
                    fragments.first,
                ),
            )
            .with_proof(proof),
        )
    }

    /// The line in which a router says that it waits in vain.
    fn unanswered(&self) -> Option<Proof> {
        let said = self.case.said().into_iter();
        said.into_iter()
            .find(|said| said.cause == LogCause::Code(CauseCode::PathNoAnswer))
            .map(|said| said.proof)
    }

    /// Messages went out, and none came back.
    fn no_answer(&self) -> Option<Cause> {
        let messages = |role| {
            let address = Site::of(role).wan_address();
            self.seen
                .wire
                .ike
                .get(&address)
                .copied()
                .unwrap_or_default()
        };
        let (asked, answered) = (messages(Role::Initiator), messages(Role::Responder));
        if asked == 0 || answered > 0 {
            return None;
        }
        let mut proof = vec![proof_of(CAPTURE.into())];
        proof.extend(self.unanswered());
        Some(
            Cause::new(
                CauseCode::PathNoAnswer,
                Side::Path,
                words::no_answer(named(self.case.planned, Role::Responder), asked),
            )
            .with_proof(proof),
        )
    }

    /// Both ends are installed, but no SPI is common to them, or the wire carries others.
    fn wrong_spi(&self) -> Option<Cause> {
        if !self.both_installed() {
            return None;
        }
        let wrong = Role::BOTH.into_iter().find(|from| {
            let way = self.seen.direction(*from);
            let wire = &self.seen.wire;
            way.shared.is_empty()
                || (wire.esp_between(way.source, way.destination) > 0
                    && wire.esp_packets(way.source, way.destination, &way.shared) == 0)
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
                    .map(|role| proof_of(format!("{role}/{SAS}")))
                    .to_vec(),
            ),
        )
    }

    /// The tunnel stands at both ends, and probes are lost.
    fn no_traffic(&self) -> Option<Cause> {
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
            .esp_packets(way.source, way.destination, &way.shared);
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
            .with_proof([proof_of(CAPTURE.into())]),
        )
    }

    fn unknown(&self) -> Cause {
        let bad: Vec<Text> = self
            .seen
            .observations()
            .into_iter()
            .filter(|seen| seen.verdict == reports::model::Sight::Bad)
            .map(|seen| seen.detail)
            .collect();
        let mut proof: Vec<Proof> = Role::BOTH
            .map(|role| proof_of(format!("{role}/{STATUS}")))
            .into();
        proof.extend(
            Role::BOTH
                .into_iter()
                .filter_map(|role| last_line(role, self.case.logs)),
        );
        Cause::new(CauseCode::Unknown, Side::Both, words::unknown(&bad)).with_proof(proof)
    }

    fn both_installed(&self) -> bool {
        Role::BOTH.iter().all(|role| {
            let own = Site::of(*role).wan_address();
            crate::judge::kernel_sa::has_both_directions(self.seen.sas.of(*role), own)
        })
    }
}

impl Diagnosis<'_> {
    fn refused(&self, said: &Said) -> Cause {
        let (code, sentence) = refused::refused(said, self.planned, self.shown);
        Cause::new(code, side_of(said.by), sentence).with_proof([said.proof.clone()])
    }

    /// What the logs say, the most telling first: a router's own refusal before what its peer was
    /// told of it, and a reason before a bare refusal.
    fn said(&self) -> Vec<Said> {
        let mut found: Vec<((u8, bool), Said)> = Vec::new();
        for role in Role::BOTH {
            let profile = profile_of(self.planned, role);
            let lines = self.logs.of(role).lines().enumerate();
            for (line, text) in lines.skip(*self.before.of(role)) {
                let patterns = &profile.implementation.log_patterns;
                let Some(known) = patterns.iter().find(|known| known.pattern.is_match(text)) else {
                    continue;
                };
                let own = known.side == LogSide::Own;
                let by = if own { role } else { role.peer() };
                let holder = if self.names(role, text) {
                    role
                } else {
                    by.peer()
                };
                // What a daemon says of its own certificate while it starts need not be the reason.
                let bare = if known.cause == LogCause::Code(CauseCode::AuthFailed) {
                    3
                } else if known.cause == LogCause::Code(CauseCode::CredentialRefused) {
                    2
                } else {
                    u8::from(own && holder == role)
                };
                let rank = (bare, !own);
                let said = Said {
                    own,
                    holder,
                    cause: known.cause,
                    by,
                    proof: Proof {
                        file: format!("{role}/{LOG}"),
                        line: Some(line as u64 + 1),
                        packet: None,
                        excerpt: Some(excerpt(text)),
                    },
                };
                found.push((rank, said));
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, said)| said).collect()
    }

    /// Whether a line names the certificate of a router, and not that of the other.
    fn names(&self, role: Role, line: &str) -> bool {
        let has = |role: Role| {
            let attributes = self.shown.map(|shown| &shown.of(role).subject.attributes);
            let names = attributes.into_iter().flatten();
            names
                .filter(|attribute| attribute.kind == "CN")
                .any(|name| line.contains(&name.value))
        };
        has(role) && !has(role.peer())
    }
}

fn profile_of(planned: &PlannedCell, role: Role) -> &Profile {
    match role {
        Role::Initiator => &planned.initiator,
        Role::Responder => &planned.responder,
    }
}

fn named(planned: &PlannedCell, role: Role) -> Named<'_> {
    Named {
        role,
        vendor: &profile_of(planned, role).name,
    }
}

fn side_of(role: Role) -> Side {
    match role {
        Role::Initiator => Side::Initiator,
        Role::Responder => Side::Responder,
    }
}

fn proof_of(file: String) -> Proof {
    Proof::file(file)
}

fn last_line(role: Role, logs: &Logs) -> Option<Proof> {
    let lines = logs.of(role).lines().enumerate();
    let (number, text) = lines.filter(|(_, text)| !text.trim().is_empty()).last()?;
    Some(Proof {
        file: format!("{role}/{LOG}"),
        line: Some(number as u64 + 1),
        packet: None,
        excerpt: Some(excerpt(text)),
    })
}

fn excerpt(line: &str) -> String {
    line.chars().take(EXCERPT_LIMIT).collect()
}
