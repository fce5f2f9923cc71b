//! A negotiation that did not lead to a tunnel: refused, or not answered.

use cases::{IkeVersion, Role};
use reports::cause::{Cause, CauseCode, Proof, Side};

use super::reason::Refusal;
use super::wire::Finding;
use super::{Seen, is_silence, named, side_of, words};
use crate::engine::CAPTURE;
use crate::engine::topology::Site;

impl Seen<'_> {
    /// Somebody did not accept something. The word of the one who refused counts more than that of
    /// the one who was told, and a reason more than a bare refusal.
    pub(super) fn refused_in_negotiation(&self) -> Option<Cause> {
        if self.both_installed() {
            return None;
        }
        let said = self.case.said();
        let told = said.iter().find(|said| !is_silence(said.cause));
        if let Some(told) = told
            && !told.is_bare()
        {
            return Some(self.case.refused(told));
        }
        let finding = self.case.wire_finding().filter(is_refusal);
        if let Some(finding) = &finding
            && !finding.code.is_bare()
        {
            return Some(self.precise(finding));
        }
        // A refusal without a reason: what the lab finds itself of what was refused.
        let refusal = match (told, &finding) {
            (_, Some(finding)) => Refusal {
                by: finding.by,
                of: finding.by.peer(),
                own: true,
            },
            (Some(told), None) => told.refusal(),
            (None, None) => return None,
        };
        let mut cause = match self.case.explain(refusal) {
            Some(reason) => {
                let (by, holder) = (
                    named(self.case.planned, refusal.by),
                    named(self.case.planned, refusal.of),
                );
                let sentence = words::refused(reason.code, by, holder);
                let sentence = words::with_detail(&sentence, &reason.detail);
                let sentence = words::found_by_the_lab(&sentence);
                Cause::new(reason.code, side_of(refusal.by), sentence).with_proof(reason.proof)
            }
            None => match (told, &finding) {
                (Some(told), _) => self.case.refused(told),
                (None, Some(finding)) => self.case.on_wire(finding),
                (None, None) => return None,
            },
        };
        let lines = told.map(|told| told.proof.clone());
        let packets = finding.as_ref().map(|finding| self.case.on_wire(finding));
        let packets = packets.into_iter().flat_map(|cause| cause.proof);
        for proof in lines.into_iter().chain(packets) {
            if !cause.proof.contains(&proof) {
                cause.proof.insert(0, proof);
            }
        }
        Some(cause)
    }

    /// The wire shows a refusal with its kind; the settings of both ends show what does not meet.
    fn precise(&self, finding: &Finding) -> Cause {
        let mut finding = finding.clone();
        if let Some(settings) = self.case.settings
            && let Some(detail) = super::proposals::apart(finding.code, settings)
        {
            finding.detail = words::joined(&finding.detail, &detail);
        }
        self.case.on_wire(&finding)
    }

    /// A router without the connection, or with another version of IKE: what its peer hears, if
    /// anything, has another reason then.
    pub(super) fn half_configured(&self) -> Option<Cause> {
        let settings = self.case.settings.filter(|_| !self.both_installed())?;
        let found = Role::BOTH.into_iter().find_map(|role| {
            let own = &settings.of(role).departures;
            let peer = &settings.of(role.peer()).departures;
            if !own.connection {
                Some((role, CauseCode::RouterNoConnection))
            } else if own.ike_version == IkeVersion::V1 && peer.ike_version == IkeVersion::V2 {
                Some((role, CauseCode::RouterIkeVersion))
            } else {
                None
            }
        });
        let (role, code) = found?;
        let sentence = words::refused(
            code,
            named(self.case.planned, role),
            named(self.case.planned, role.peer()),
        );
        let follows = [
            CauseCode::RouterNoConnection,
            CauseCode::RouterIkeVersion,
            CauseCode::ProposalIkeNoneInCommon,
            CauseCode::PathNoAnswer,
        ];
        let mut said = self.case.said().into_iter();
        let line = said.find(|said| follows.iter().any(|code| said.is(*code)));
        // Only what the negotiation shows is explained by how a router is set up: a word of its own,
        // a wire on which it went wrong, or one on which it never began.
        let began = self.seen.wire.ike.values().any(|crossed| crossed.sent > 0);
        if line.is_none() && began && self.case.wire_finding().is_none() {
            return None;
        }
        let files = &super::profile_of(self.case.planned, role)
            .implementation
            .files;
        let main = files.iter().filter_map(|file| file.path.file_name());
        let configuration =
            main.map(|name| Proof::file(format!("{role}/{}", name.to_string_lossy())));
        Some(
            Cause::new(code, side_of(role), sentence)
                .with_proof(line.map(|said| said.proof))
                .with_proof(configuration),
        )
    }

    /// Messages went out, and nothing, or not all, came back.
    pub(super) fn on_the_path(&self) -> Option<Cause> {
        if self.both_installed() {
            return None;
        }
        let Some(finding) = self.case.wire_finding().filter(is_on_path) else {
            return self.fragments_lost().or_else(|| self.no_answer());
        };
        let finding = super::path::located(finding, self.case);
        let mut cause = self.case.on_wire(&finding);
        cause.proof.extend(self.unanswered());
        Some(cause)
    }

    /// A Child SA that was asked for after the first one, and refused.
    pub(super) fn refused_later(&self) -> Option<Cause> {
        let finding = self.case.wire_finding();
        if let Some(finding) = finding
            && finding.reached == super::wire::Reached::Child
        {
            return Some(self.precise(&self.by_group(finding)));
        }
        if self.seen.not_rekeyed.is_empty() {
            return None;
        }
        // The wire cannot be read: the daemons tell. The first Child SA came up with the same
        // algorithms, so what is refused later is the key exchange.
        let refused = |code| {
            matches!(
                code,
                CauseCode::ProposalEspNoneInCommon | CauseCode::ProposalPfsMismatch
            )
        };
        let mut said = self.case.said().into_iter();
        let mut told =
            said.find(|said| matches!(said.cause, vendors::LogCause::Code(code) if refused(code)))?;
        told.cause = vendors::LogCause::Code(CauseCode::ProposalPfsMismatch);
        Some(self.case.refused(&told))
    }

    /// A later Child SA that was refused for want of a key exchange: the settings of both ends show that
    /// their groups alone do not meet.
    fn by_group(&self, mut finding: Finding) -> Finding {
        let groups = self
            .case
            .settings
            .is_some_and(super::proposals::groups_apart);
        if finding.code == CauseCode::ProposalEspNoneInCommon && groups {
            finding.code = CauseCode::ProposalPfsMismatch;
        }
        finding
    }

    /// Messages went as IP fragments, and the tunnel did not come up though nobody refused.
    fn fragments_lost(&self) -> Option<Cause> {
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
        let sentence = words::fragments_lost(
            named(self.case.planned, from),
            fragments.crossed.sent,
            fragments.first,
        );
        Some(
            Cause::new(CauseCode::PathFragmentsLost, Side::Path, sentence)
                .with_proof([Proof::file(CAPTURE)])
                .with_proof(self.unanswered()),
        )
    }

    /// The line in which a router says that it waits in vain.
    fn unanswered(&self) -> Option<Proof> {
        let mut said = self.case.said().into_iter();
        let waiting = said.find(|said| is_silence(said.cause));
        waiting.map(|said| said.proof)
    }

    /// Messages went out, and none came back.
    fn no_answer(&self) -> Option<Cause> {
        let messages = |role| {
            let address = Site::of(role).wan_address();
            let count = self.seen.wire.ike.get(&address).copied();
            count.unwrap_or_default().sent
        };
        let (asked, answered) = (messages(Role::Initiator), messages(Role::Responder));
        if asked == 0 || answered > 0 {
            return None;
        }
        let sentence = words::no_answer(named(self.case.planned, Role::Responder), asked);
        Some(
            Cause::new(CauseCode::PathNoAnswer, Side::Path, sentence)
                .with_proof([Proof::file(CAPTURE)])
                .with_proof(self.unanswered()),
        )
    }
}

/// Whether somebody did not accept something.
fn is_refusal(finding: &Finding) -> bool {
    finding.code != CauseCode::Unknown && !is_on_path(finding)
}

/// Whether something did not get through, or was not answered.
fn is_on_path(finding: &Finding) -> bool {
    finding.code.blame() == "path"
}
