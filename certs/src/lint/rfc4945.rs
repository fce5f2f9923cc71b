//! RFC 4945: what it demands of those who issue certificates for IKE, and what receivers must
//! reject.

mod extensions;
mod identity;

use crate::lint::Options;
use crate::lint::entity::Entity;
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};

pub(super) use extensions::EXTENSIONS;
pub(super) use identity::IDENTITY;

const fn rule(
    id: &'static str,
    section: &'static str,
    level: Level,
    check: fn(&Entity<'_>, &Options, &mut Hits),
    title: (&'static str, &'static str),
    change: (&'static str, &'static str),
) -> Rule {
    Rule::new(
        id,
        Source::Rfc4945,
        ("RFC 4945", section),
        level,
        Check::Entity(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}
