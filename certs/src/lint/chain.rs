//! Rules on certificates together: who issued whom, and whether paths hold (RFC 5280 section 6).

mod constraints;
mod links;
mod paths;

use crate::lint::Options;
use crate::lint::entity::Set;
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};

pub(super) use links::LINKS;
pub(super) use paths::PATHS;

const fn rule(
    id: &'static str,
    place: (&'static str, &'static str),
    level: Level,
    check: fn(&Set<'_>, &Options, &mut Hits),
    title: (&'static str, &'static str),
    change: (&'static str, &'static str),
) -> Rule {
    Rule::new(
        id,
        Source::Chain,
        place,
        level,
        Check::Set(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}
