//! Why a router refused a vector, in its own words.

use vendors::{LogCause, LogSide, Profile};

/// An excerpt is cut here; the file has the whole line.
const EXCERPT_LIMIT: usize = 300;

/// A line of a log that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// From 1.
    pub(super) line: u64,
    pub(super) text: String,
}

/// The most telling line of what the router logged: one that names a reason before one that tells
/// only that something was refused.
pub(super) fn reason(profile: &Profile, log: &str) -> Option<Reason> {
    let patterns = &profile.implementation.log_patterns;
    let mut found: Option<(u8, Reason)> = None;
    for (number, text) in log.lines().enumerate() {
        let known = patterns.iter().find(|known| known.pattern.is_match(text));
        let Some(known) = known.filter(|known| known.side == LogSide::Own) else {
            continue;
        };
        let rank = match known.cause {
            LogCause::Code(reports::cause::CauseCode::AuthFailed) => 2,
            LogCause::Code(code) if code.is_bare() => 1,
            LogCause::Code(_)
            | LogCause::NoPath
            | LogCause::OutsideValidity
            | LogCause::CrlOutsideValidity => 0,
        };
        if found.as_ref().is_none_or(|(best, _)| rank < *best) {
            let reason = Reason {
                line: number as u64 + 1,
                text: excerpt(text),
            };
            found = Some((rank, reason));
        }
    }
    found.map(|(_, reason)| reason)
}

/// The words of a line, without what could move a terminal's cursor.
fn excerpt(line: &str) -> String {
    let plain = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(EXCERPT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::project;

    #[test]
    fn a_reason_comes_before_a_bare_refusal_whatever_their_order() {
        let project = project();
        let profile = project.profile("strongswan-6.0").unwrap();
        let log = "\
10[IKE] <1> ready
10[ENC] <1> generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]
10[CFG] <1> no trusted RSA public key found for 'gw1'
10[CFG] <1>   rejecting certificate without digitalSignature or nonRepudiation\u{7}
";
        let found = reason(&profile, log).unwrap();
        assert_eq!(found.line, 4);
        assert!(found.text.ends_with("nonRepudiation "), "{}", found.text);
        let bare = reason(&profile, log.lines().nth(1).unwrap()).unwrap();
        assert_eq!(bare.line, 1);
        assert_eq!(reason(&profile, "ready\n"), None);
    }
}
