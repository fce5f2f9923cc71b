//! Why a cell failed: the observers' findings, the wire and the daemons' own words, weighed.
//!
//! What was seen outranks what was said: a dead daemon, or a Child SA at one end only, is the cause
//! whatever the logs hold. Where no tunnel came up, a router's own reason decides, then what the lab
//! itself finds of that which was refused, then the wire.

use cases::Role;
use reports::cause::{Cause, CauseCode, Proof, Side};
use reports::text::Text;
use transcript::model::Transcript;
use vendors::{LogCause, Profile, RouterSettings};

use crate::engine::credentials::Shown;
use crate::engine::router::Refusal;
use crate::engine::topology::Site;
use crate::engine::{CAPTURE, STATUS};
use crate::judge::{Ends, Sightings};
use crate::plan::PlannedCell;
use crate::words::{self, Named};

mod certificate;
mod contradictions;
mod examine;
mod logs;
mod nat;
mod negotiation;
mod path;
mod proposals;
mod reason;
mod refused;
mod selectors;
#[cfg(test)]
mod tests;
mod tunnel;
pub(crate) mod wire;

use logs::Said;
pub(crate) use path::PathCheck;

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

/// The cause of a failure that the observers saw.
pub(crate) fn cause(case: &Diagnosis<'_>, seen: &Sightings) -> Cause {
    let case = Seen { case, seen };
    let mut cause = case
        .stopped()
        .or_else(|| case.hang())
        .or_else(|| case.half_configured())
        .or_else(|| case.one_sided())
        .or_else(|| case.refused_in_negotiation())
        .or_else(|| case.nat_without_traversal())
        .or_else(|| case.on_the_path())
        .or_else(|| case.not_narrowed())
        .or_else(|| case.clear_text())
        .or_else(|| case.wrong_spi())
        .or_else(|| case.refused_later())
        .or_else(|| case.modes_apart())
        .or_else(|| case.no_traffic())
        .unwrap_or_else(|| case.unknown());
    cause.contradictions = contradictions::find(case.case, seen);
    cause
}

/// Whether it matters what passes between the routers besides IKE and ESP.
pub(crate) fn needs_path(case: &Diagnosis<'_>, seen: &Sightings) -> bool {
    let tunnel = Seen { case, seen }.both_installed();
    let lost = Role::BOTH.iter().any(|role| {
        let traffic = seen.traffic.of(*role);
        traffic.received < traffic.sent
    });
    let on_path = case
        .wire_finding()
        .is_some_and(|finding| finding.code.blame() == "path");
    on_path || (tunnel && lost)
}

/// The cause when a router sent so much that no capture could hold it.
pub(crate) fn flooded(planned: &PlannedCell, by: Role, packets: u64, octets: u64) -> Cause {
    let sentence = words::flooded(named(planned, by), packets, octets);
    Cause::new(CauseCode::RouterFloodedWan, side_of(by), sentence)
        .with_proof([Proof::file(CAPTURE)])
}

/// The cause when a router did not come up.
pub(crate) fn refusal(case: &Diagnosis<'_>, role: Role, refusal: &Refusal) -> Cause {
    // The daemon's own reason, if it gave one: it may have refused its own certificate.
    let reason = case
        .said()
        .into_iter()
        .find(|said| said.by == role && said.own && !said.is(CauseCode::RouterStopped));
    if let Some(said) = reason {
        // Nothing of the other end has reached it yet.
        return case.refused(&Said {
            holder: role,
            ..said
        });
    }
    let (code, sentence) = refused_to_start(named(case.planned, role), refusal);
    Cause::new(code, side_of(role), sentence).with_proof(case.last_line(role))
}

/// What it means that a router did not come up, as far as that tells by itself.
pub(crate) fn refused_to_start(router: Named<'_>, refusal: &Refusal) -> (CauseCode, Text) {
    match refusal {
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
    }
}

/// What is known of a cell whatever became of it.
#[derive(Clone, Copy)]
pub(crate) struct Diagnosis<'a> {
    pub(crate) planned: &'a PlannedCell,
    pub(crate) logs: &'a Logs,
    /// The certificates of both ends, with a method that has some.
    pub(crate) shown: Option<&'a Ends<Shown>>,
    /// What each router was told; absent when nothing was rendered yet.
    pub(crate) settings: Option<&'a Ends<RouterSettings>>,
    /// What crossed the wan; absent when nothing was captured.
    pub(crate) transcript: Option<&'a Transcript>,
    /// What passes between the routers besides IKE and ESP; absent when nobody had to ask.
    pub(crate) path: Option<PathCheck>,
    /// How many lines each log had when the negotiation began: those before explain only why it did
    /// not begin.
    pub(crate) before: Ends<usize>,
}

/// A cell that came as far as the observers.
struct Seen<'a> {
    case: &'a Diagnosis<'a>,
    seen: &'a Sightings,
}

impl Seen<'_> {
    fn stopped(&self) -> Option<Cause> {
        let role = Role::BOTH
            .into_iter()
            .find(|role| !self.seen.control.of(*role).running)?;
        let sentence = words::stopped(named(self.case.planned, role));
        let cause = Cause::new(CauseCode::RouterStopped, side_of(role), sentence);
        Some(cause.with_proof(self.case.last_line(role)))
    }

    /// A daemon that is there and takes nothing: neither its own control command nor the packets
    /// that wait for it.
    fn hang(&self) -> Option<Cause> {
        let hangs = |role: &Role| {
            let control = self.seen.control.of(*role);
            let waiting = control.sockets.iter().any(|socket| socket.waiting > 0);
            control.running && (!control.stopped.is_empty() || (!control.answered && waiting))
        };
        let role = Role::BOTH.into_iter().find(hangs)?;
        let code = CauseCode::RouterHang;
        let (by, peer) = (
            named(self.case.planned, role),
            named(self.case.planned, role.peer()),
        );
        let control = self.seen.control.of(role);
        let waiting = control.sockets.iter().map(|socket| socket.waiting).sum();
        let sentence = words::refused(code, by, peer);
        let sentence = words::with_detail(&sentence, &words::waiting(waiting));
        let unanswered = self
            .case
            .wire_finding()
            .map(|finding| self.case.on_wire(&finding));
        let packets = unanswered.into_iter().flat_map(|cause| cause.proof);
        Some(
            Cause::new(code, side_of(role), sentence)
                .with_proof([Proof::file(format!("{role}/{STATUS}"))])
                .with_proof(packets),
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
        let states = Role::BOTH.map(|role| Proof::file(format!("{role}/{STATUS}")));
        let lines = Role::BOTH
            .into_iter()
            .filter_map(|role| self.case.last_line(role));
        Cause::new(CauseCode::Unknown, Side::Both, words::unknown(&bad))
            .with_proof(states.into_iter().chain(lines))
    }
}

impl Diagnosis<'_> {
    /// The cause that a line of a log is.
    fn refused(&self, said: &Said) -> Cause {
        let told = refused::refused(said, self);
        let (by, peer) = (
            named(self.planned, said.by),
            named(self.planned, said.by.peer()),
        );
        let of_its_own = said.holder == said.by && told.code.blame() == CREDENTIAL;
        let mut sentence = if of_its_own {
            told.code.own_sentence(&by.text())
        } else {
            words::refused(told.code, by, peer)
        };
        if let Some(detail) = &told.detail {
            sentence = words::with_detail(&sentence, detail);
        }
        if said.says_less_than(told.code) {
            sentence = words::found_by_the_lab(&sentence);
        }
        let cause = Cause::new(told.code, side_of(said.by), sentence);
        let cause = if of_its_own {
            cause.of_its_own()
        } else {
            cause
        };
        cause
            .with_proof([said.proof.clone()])
            .with_proof(told.proof)
    }

    /// The cause that the wire shows.
    fn on_wire(&self, finding: &wire::Finding) -> Cause {
        let (by, peer) = (
            named(self.planned, finding.by),
            named(self.planned, finding.by.peer()),
        );
        let sentence = words::refused(finding.code, by, peer);
        let sentence = words::with_detail(&sentence, &finding.detail);
        let cause = Cause::new(finding.code, finding.side, sentence);
        let proof = match finding.packet {
            Some(packet) => Proof::packet(CAPTURE, packet, finding.detail.en.clone()),
            None => Proof::file(CAPTURE),
        };
        cause.with_proof([proof])
    }

    /// What the wire alone tells of the failure. What became of a tunnel that stood is for the
    /// observers to see.
    fn wire_finding(&self) -> Option<wire::Finding> {
        let finding = match wire::conclude(self.transcript?) {
            wire::Conclusion::Failed(finding) | wire::Conclusion::Unclear(finding) => finding,
            wire::Conclusion::Established
            | wire::Conclusion::SeemsEstablished
            | wire::Conclusion::NoIke => return None,
        };
        (finding.reached < wire::Reached::Later).then(|| self.as_planned(finding))
    }

    /// A finding with the ends as they were planned: either router may begin an IKE SA.
    fn as_planned(&self, mut finding: wire::Finding) -> wire::Finding {
        if finding.sa.is_some_and(|sa| self.is_turned(sa)) {
            finding.by = finding.by.peer();
            finding.side = finding.side.peer();
        }
        finding
    }

    /// Who takes part in an IKE SA as this end.
    fn planned_role(&self, sa: usize, end: transcript::model::Role) -> Role {
        let role = match end {
            transcript::model::Role::Initiator => Role::Initiator,
            transcript::model::Role::Responder => Role::Responder,
        };
        if self.is_turned(sa) {
            role.peer()
        } else {
            role
        }
    }

    /// Whether the planned responder began an IKE SA.
    fn is_turned(&self, sa: usize) -> bool {
        let sa = self.transcript.and_then(|told| told.ike_sas.get(sa));
        let [moon, sun] = Role::BOTH.map(|role| Site::of(role).wan_address());
        // Either may be behind a NAT and have another address there.
        sa.is_some_and(|sa| sa.initiator.ip() == sun || sa.responder.ip() == moon)
    }
}

/// The group of causes that speak of a certificate.
const CREDENTIAL: &str = "credential";

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

/// Whether a line only tells that nobody answered.
fn is_silence(cause: LogCause) -> bool {
    cause == LogCause::Code(CauseCode::PathNoAnswer)
}
