//! RFC 5280: the rules around those of RFC 4945, on certificates and requests.

mod constraints;
mod fields;
mod identifiers;
mod names;

use crate::lint::Options;
use crate::lint::entity::Entity;
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};

pub(super) use constraints::CONSTRAINTS;
pub(super) use fields::FIELDS;
pub(super) use identifiers::IDENTIFIERS;
pub(super) use names::NAMES;

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
        Source::Rfc5280,
        ("RFC 5280", section),
        level,
        Check::Entity(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}
