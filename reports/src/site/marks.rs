//! Where the pages are, and the marks that lead to them.

use serde::Serialize;

use crate::html::view::{Total, arrow};
use crate::matrix::{Direction, Folded, Mark};
use crate::model::{Cell, Outcome, Tally};
use crate::summary::OUTCOMES;
use crate::text::{Lang, Text, Words};
use crate::words::{BLANK, MIRROR};

use super::source::Source;

/// From a page of a cell to the folder of the site.
pub(super) const ABOVE_CELL: &str = "../../../";
/// From a page of a case or a vendor.
pub(super) const ABOVE: &str = "../";

// Ids have characters that need no escape in an address.

pub(super) fn cell_path(cell: &Cell) -> String {
    let Cell {
        case,
        initiator,
        responder,
        ..
    } = cell;
    format!("cells/{case}/{initiator}/{responder}.html")
}

pub(super) fn case_path(id: &str) -> String {
    format!("cases/{id}.html")
}

pub(super) fn vendor_path(id: &str) -> String {
    format!("vendors/{id}.html")
}

/// A place in a table where outcomes stand.
#[derive(Serialize)]
pub(super) struct Place {
    /// A sign without a meaning of its own, where there are no marks.
    sign: &'static str,
    marks: Vec<MarkView>,
    /// What the filter asks for: outcomes, the case, the vendors, and causes.
    filter: Option<Filter>,
}

#[derive(Serialize)]
struct Filter {
    outcomes: Vec<Outcome>,
    case: String,
    vendors: String,
    causes: Vec<&'static str>,
}

/// One outcome.
#[derive(Serialize)]
struct MarkView {
    outcome: Outcome,
    symbol: Words,
    name: Words,
    /// How many tries passed, such as `9/10`; empty where there was one.
    tally: String,
    arrow: &'static str,
    links: Vec<Link>,
}

/// To the page of a cell.
#[derive(Serialize)]
struct Link {
    arrow: &'static str,
    address: String,
    /// For who hears the page: the outcome and whose it is.
    label: Text,
}

impl Place {
    /// Both directions in one.
    pub(super) fn folded(source: &Source<'_>, root: &str, folded: &Folded<'_>) -> Self {
        let sign = match folded {
            Folded::Mirror => MIRROR,
            Folded::Blank => BLANK,
            Folded::Ended(_) => "",
        };
        let marks = folded.marks();
        let cells = marks.iter().flat_map(|mark| &mark.cells);
        Self {
            sign,
            marks: marks
                .iter()
                .map(|mark| MarkView::new(source, root, mark))
                .collect(),
            filter: Filter::new(cells.map(|(_, cell)| *cell)),
        }
    }

    /// One direction, without an arrow.
    pub(super) fn single(source: &Source<'_>, root: &str, cell: Option<&Cell>) -> Self {
        let mark = cell.map(|cell| MarkView::single(source, root, cell, None));
        Self {
            sign: if mark.is_none() { BLANK } else { "" },
            marks: mark.into_iter().collect(),
            filter: Filter::new(cell.into_iter()),
        }
    }

    /// Two directions, each with its arrow; with itself a vendor has one.
    pub(super) fn both(
        source: &Source<'_>,
        root: &str,
        forth: Option<&Cell>,
        back: Option<&Cell>,
    ) -> Self {
        let directions = [(Direction::Forth, forth), (Direction::Back, back)];
        let ended = directions
            .into_iter()
            .filter_map(|(direction, cell)| Some((direction, cell?)));
        let mark = |(direction, cell)| MarkView::single(source, root, cell, Some(direction));
        let marks: Vec<MarkView> = ended.map(mark).collect();
        Self {
            sign: if marks.is_empty() { BLANK } else { "" },
            marks,
            filter: Filter::new(forth.into_iter().chain(back)),
        }
    }
}

impl Filter {
    fn new<'cell>(cells: impl Iterator<Item = &'cell Cell>) -> Option<Self> {
        let cells: Vec<&Cell> = cells.collect();
        let first = cells.first()?;
        let mut outcomes: Vec<Outcome> = cells.iter().map(|cell| cell.outcome).collect();
        outcomes.dedup();
        let causes = cells.iter().filter_map(|cell| cell.cause.as_ref());
        let mut causes: Vec<&str> = causes.map(|cause| cause.code.as_str()).collect();
        causes.dedup();
        Some(Self {
            outcomes,
            case: first.case.clone(),
            vendors: format!("{} {}", first.initiator, first.responder),
            causes,
        })
    }
}

impl MarkView {
    fn new(source: &Source<'_>, root: &str, mark: &Mark<'_>) -> Self {
        let link = |(direction, cell): &(Direction, &Cell)| {
            Link::new(source, root, cell, arrow(*direction))
        };
        Self {
            outcome: mark.outcome,
            symbol: mark.outcome.symbol(),
            name: mark.outcome.name(),
            tally: spelled(mark.tally),
            arrow: mark.direction.map_or("", arrow),
            links: mark.cells.iter().map(link).collect(),
        }
    }

    fn single(source: &Source<'_>, root: &str, cell: &Cell, direction: Option<Direction>) -> Self {
        let arrow = direction.map_or("", arrow);
        Self {
            outcome: cell.outcome,
            symbol: cell.outcome.symbol(),
            name: cell.outcome.name(),
            tally: spelled(cell.tally()),
            arrow,
            links: vec![Link::new(source, root, cell, arrow)],
        }
    }
}

fn spelled(tally: Option<Tally>) -> String {
    tally.map_or_else(String::new, |tally| tally.to_string())
}

impl Link {
    fn new(source: &Source<'_>, root: &str, cell: &Cell, arrow: &'static str) -> Self {
        let (from, to) = (source.name(&cell.initiator), source.name(&cell.responder));
        let label = |lang: Lang| {
            let outcome = cell.outcome.name().in_lang(lang);
            let tally = spelled(cell.tally());
            let separator = if tally.is_empty() { "" } else { " " };
            format!(
                "{outcome}{separator}{tally}: {} → {}",
                from.in_lang(lang),
                to.in_lang(lang)
            )
        };
        Self {
            arrow,
            address: format!("{root}{}", cell_path(cell)),
            label: Text::new(label(Lang::En), label(Lang::Ja)),
        }
    }
}

/// How many of some cells ended in each way, those alone that there are.
pub(super) fn totals<'cell>(cells: impl Iterator<Item = &'cell Cell>) -> Vec<Total> {
    let mut counts = [0; OUTCOMES.len()];
    for cell in cells {
        let at = OUTCOMES.iter().position(|outcome| *outcome == cell.outcome);
        if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    let counted = OUTCOMES.into_iter().zip(counts);
    counted
        .filter(|(_, count)| *count > 0)
        .map(Total::new)
        .collect()
}
