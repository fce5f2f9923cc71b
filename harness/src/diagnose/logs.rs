//! What the daemons themselves say: lines of their logs that match a pattern of their family.

use cases::Role;
use reports::cause::{CauseCode, Proof};
use vendors::{LogCause, LogSide};

use super::{Diagnosis, Logs, profile_of};
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

pub(super) fn last_line(role: Role, logs: &Logs) -> Option<Proof> {
    let lines = logs.of(role).lines().enumerate();
    let (number, text) = lines.filter(|(_, text)| !text.trim().is_empty()).last()?;
    let place = format!("{role}/{LOG}");
    Some(Proof::line(place, number as u64 + 1, excerpt(text)))
}

fn excerpt(line: &str) -> String {
    line.chars().take(EXCERPT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_cut_between_characters() {
        let line = "あ".repeat(EXCERPT_LIMIT + 1);
        assert_eq!(excerpt(&line).chars().count(), EXCERPT_LIMIT);
    }
}
