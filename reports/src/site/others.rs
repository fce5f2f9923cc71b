//! The list of all cells that did not pass, by cause.

use serde::Serialize;

use crate::model::{Cell, Outcome};
use crate::summary::{self, Group};
use crate::text::{Text, Words};
use crate::words::cells;

use super::Error;
use super::marks::cell_path;
use super::pages::Pages;
use super::source::Source;

pub(super) const PATH: &str = "others.html";

pub(super) fn page(pages: &Pages, source: &Source<'_>) -> Result<Vec<u8>, Error> {
    let groups = summary::not_passed(source.run);
    let view = View {
        empty: source.run.cells.is_empty(),
        groups: groups.iter().map(GroupView::new).collect(),
    };
    let date = source
        .run
        .started
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string();
    pages.render("others.html", "", &date, &view)
}

#[derive(Serialize)]
struct View<'run> {
    /// Nothing ended.
    empty: bool,
    groups: Vec<GroupView<'run>>,
}

#[derive(Serialize)]
struct GroupView<'run> {
    outcome: Outcome,
    symbol: Words,
    title: Words,
    code: &'static str,
    side: Option<Words>,
    advice: Vec<AdviceView>,
    count: usize,
    counted: Words,
    cells: Vec<Line<'run>>,
}

#[derive(Serialize)]
struct AdviceView {
    at: Option<Words>,
    words: Words,
}

#[derive(Serialize)]
struct Line<'run> {
    id: &'run str,
    address: String,
    sentence: Option<&'run Text>,
    outcome: Outcome,
    case: &'run str,
    initiator: &'run str,
    responder: &'run str,
}

impl<'run> GroupView<'run> {
    fn new(group: &Group<'run>) -> Self {
        let advice = group.advice().into_iter().map(|advice| AdviceView {
            at: advice.at.map(crate::cause::Side::name),
            words: advice.words,
        });
        // A sentence that says the same of every cell needs to stand there once.
        let told = !group.nothing_ran();
        Self {
            outcome: group.outcome,
            symbol: group.outcome.symbol(),
            title: group.title(),
            code: group.cause.map_or("", |(code, _)| code.as_str()),
            side: group.cause.map(|(_, side)| side.name()),
            advice: advice.collect(),
            count: group.cells.len(),
            counted: cells(group.cells.len()),
            cells: group
                .cells
                .iter()
                .map(|cell| Line::new(cell, told))
                .collect(),
        }
    }
}

impl<'run> Line<'run> {
    fn new(cell: &'run Cell, told: bool) -> Self {
        let cause = cell.cause.as_ref().filter(|_| told);
        Self {
            id: &cell.id,
            address: cell_path(cell),
            sentence: cause.map(|cause| &cause.sentence),
            outcome: cell.outcome,
            case: &cell.case,
            initiator: &cell.initiator,
            responder: &cell.responder,
        }
    }
}
