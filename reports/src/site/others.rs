//! The list of all cells that did not pass, by cause.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{Cell, Outcome};
use crate::summary::{self, Group};
use crate::text::{Text, Words};
use crate::words::cells as counted;

use super::Error;
use super::marks::{case_path, cell_path};
use super::pages::Pages;
use super::source::Source;

pub(super) const PATH: &str = "others.html";
/// A group of more cells than this is told by cases: a list of thousands takes seconds to open.
const MOST_LINES: usize = 500;

pub(super) fn page(pages: &Pages, source: &Source<'_>) -> Result<Vec<u8>, Error> {
    let groups = summary::not_passed(source.run);
    let view = View {
        empty: source.run.cells.is_empty(),
        groups: groups
            .iter()
            .map(|group| GroupView::new(source, group))
            .collect(),
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
    /// Of a group with too many cells to list.
    cases: Vec<CaseLine<'run>>,
    cells: Vec<Line<'run>>,
}

/// The cells of one case in a group.
#[derive(Serialize)]
struct CaseLine<'run> {
    id: &'run str,
    title: &'run Text,
    address: String,
    vendors: Vec<&'run str>,
    count: usize,
    counted: Words,
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
    fn new(source: &Source<'run>, group: &Group<'run>) -> Self {
        let many = group.cells.len() > MOST_LINES;
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
            counted: counted(group.cells.len()),
            cases: if many {
                CaseLine::of(source, group)
            } else {
                Vec::new()
            },
            cells: if many {
                Vec::new()
            } else {
                let lines = group.cells.iter().map(|cell| Line::new(cell, told));
                lines.collect()
            },
        }
    }
}

impl<'run> CaseLine<'run> {
    fn of(source: &Source<'run>, group: &Group<'run>) -> Vec<Self> {
        let mut by_case: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
        for cell in &group.cells {
            by_case.entry(&cell.case).or_default().push(cell);
        }
        let line = |(id, cells): (&'run str, Vec<&'run Cell>)| {
            let vendors: BTreeSet<&str> = cells
                .iter()
                .flat_map(|cell| [&*cell.initiator, &*cell.responder])
                .collect();
            Some(Self {
                id,
                title: &source.case(id)?.title,
                address: case_path(id),
                vendors: vendors.into_iter().collect(),
                count: cells.len(),
                counted: counted(cells.len()),
            })
        };
        by_case.into_iter().filter_map(line).collect()
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
