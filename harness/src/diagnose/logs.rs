//! What the daemons themselves say: lines of their logs that match a pattern of their family.

use cases::Role;
use reports::cause::{CauseCode, Proof};
use vendors::{LogCause, LogSide};

use super::reason::Refusal;
use super::{Diagnosis, profile_of};
use crate::engine::LOG;

/// An excerpt is cut here; the file has the whole line.
const EXCERPT_LIMIT: usize = 400;

/// A line of a log that says something.
pub(super) struct Said {
    pub(super) cause: LogCause,
    /// Who did not accept.
    pub(super) by: Role,
    /// Whether that one said so itself.
    pub(super) own: bool,
    /// Whose credentials it speaks of: mostly those of the other end.
    pub(super) holder: Role,
    pub(super) proof: Proof,
}

impl Said {
    /// Whether it says only that something was refused, and not why.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.cause, LogCause::Code(code) if code.is_bare())
    }

    pub(super) fn refusal(&self) -> Refusal {
        Refusal {
            by: self.by,
            of: self.holder,
            own: self.own,
        }
    }

    /// Whether a cause is more than it says, and what the lab made of it.
    pub(super) fn says_less_than(&self, code: CauseCode) -> bool {
        match self.cause {
            LogCause::Code(said) => said != code,
            LogCause::NoPath => code != CauseCode::CredentialUntrustedIssuer,
            LogCause::OutsideValidity | LogCause::CrlOutsideValidity => true,
        }
    }

    pub(super) fn is(&self, code: CauseCode) -> bool {
        self.cause == LogCause::Code(code)
    }
}

impl Diagnosis<'_> {
    /// What the logs say, the most telling first: a router's own refusal before what its peer was
    /// told of it, and a reason before a bare refusal.
    pub(super) fn said(&self) -> Vec<Said> {
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
                let holder = if known.holder == Some(LogSide::Own) || self.names(role, text) {
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
                    proof: Proof::line(format!("{role}/{LOG}"), line as u64 + 1, excerpt(text)),
                };
                found.push((rank, said));
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, said)| said).collect()
    }

    /// The last line of a router's log that a person can read: none of a dump of octets, and not the
    /// one that announces it.
    pub(super) fn last_line(&self, role: Role) -> Option<Proof> {
        let dumps = profile_of(self.planned, role)
            .implementation
            .session_keys
            .as_ref();
        let is_row = |line: &str| dumps.is_some_and(|how| how.row.is_match(line.trim_end()));
        let mut last = None;
        let mut lines = self.logs.of(role).lines().enumerate().peekable();
        while let Some((number, text)) = lines.next() {
            let dump = is_row(text) || lines.peek().is_some_and(|(_, next)| is_row(next));
            if !dump && !text.trim().is_empty() {
                last = Some((number, text));
            }
        }
        let (number, text) = last?;
        let place = format!("{role}/{LOG}");
        Some(Proof::line(place, number as u64 + 1, excerpt(text)))
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

fn excerpt(line: &str) -> String {
    line.chars().take(EXCERPT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Logs;
    use crate::diagnose::tests::alone;
    use crate::sample::planned;

    #[test]
    fn the_last_line_is_none_of_a_dump_of_octets() {
        let planned = planned("strongswan-6.0", "openiked-7.4");
        let logs = Logs {
            initiator: "\
2026-11-25T04:26:17.557 15[IKE] <1> waiting for the peer
2026-11-25T04:26:17.557 15[IKE] <1> Sk_er secret => 20 bytes @ 0x7f990c00a5e0
2026-11-25T04:26:17.557 15[IKE] <1>    0: 4C 42 50 92 5D 78 9F F9 12 00 92 0C AF 1E 37 6E  LBP.]x........7n
2026-11-25T04:26:17.557 15[IKE] <1>   16: 98 CB 1F 59                                      ...Y
"
            .into(),
            responder: "ikev2_sa_keys: SK_ai with 4 bytes\n98cb1f59\nready\n\n".into(),
        };
        let case = alone(&planned, &logs);
        let line = |role| case.last_line(role).and_then(|proof| proof.line);
        assert_eq!(line(Role::Initiator), Some(1));
        assert_eq!(line(Role::Responder), Some(3));
    }

    #[test]
    fn an_excerpt_is_cut_between_characters() {
        let line = "あ".repeat(EXCERPT_LIMIT + 1);
        assert_eq!(excerpt(&line).chars().count(), EXCERPT_LIMIT);
    }
}
