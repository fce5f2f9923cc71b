//! The page of a cell: how it ended, why, and everything that shows it.

use serde::Serialize;

use crate::cause::{Advice, Cause, Proof, Side};
use crate::evidence::Evidence;
use crate::html::view::{
    Beginning, MOST_CONTRADICTIONS, MOST_OBSERVATIONS, MOST_STAGES, MOST_TRIES, StageView, TryView,
};
use crate::model::{Cell, Observation, Outcome, Sight, Stage};
use crate::summary::repro_command;
use crate::text::{Text, Words};

use super::Error;
use super::downloads::{self, Downloads};
use super::folder::Staging;
use super::marks::{ABOVE_CELL as ROOT, case_path, cell_path, vendor_path};
use super::pages::Pages;
use super::side_by_side::{self, Row};
use super::source::{Source, tabs_as_blanks};
use super::told::{self, Line};

/// Octets of a transcript, and of a configuration, that are shown.
const LONGEST_TRANSCRIPT: u64 = 128 * 1024;
const LONGEST_CONFIGURATION: u64 = 32 * 1024;
/// Lines before and after the one that proves something.
const AROUND: u64 = 3;
/// Proofs that are shown.
const MOST_PROOFS: usize = 12;
/// Configuration files of one router that are shown.
const MOST_FILES: usize = 12;
/// Lines of a log's end.
const LOG_END: usize = 30;

/// The ends as their folders in the evidence are called, and their nodes in the lab.
const ENDS: [(&str, &str, Side); 2] = [
    ("initiator", "moon", Side::Initiator),
    ("responder", "sun", Side::Responder),
];

/// The page, and the files that it leads to.
pub(super) fn page(
    pages: &Pages,
    source: &Source<'_>,
    cell: &Cell,
    staging: &Staging,
) -> Result<Vec<u8>, Error> {
    let evidence = Evidence::of(source.folder, cell);
    let mut view = View::new(source, cell, evidence.as_ref());
    if let Some(evidence) = &evidence {
        if !view.brief {
            view.configurations = configurations(evidence, staging)?;
        }
        view.downloads = downloads::put(staging, ROOT, cell, evidence, view.brief)?;
    }
    let title = format!("{} {}", cell.outcome.symbol().en, cell.id);
    pages.render("cell.html", ROOT, &title, &view)
}

#[derive(Serialize)]
struct View<'run> {
    id: &'run str,
    outcome: Outcome,
    symbol: Words,
    name: Words,
    meaning: Words,
    case: CaseView<'run>,
    ends: Vec<End<'run>>,
    /// The cell with the roles exchanged.
    reverse: Option<Reverse<'run>>,
    cause: Option<CauseView<'run>>,
    proofs: Beginning<ProofView>,
    observations: Beginning<Seen>,
    timeline: Beginning<Span>,
    attempts: u32,
    /// The tries, where there were several, and how many passed.
    tries: Beginning<TryView<'run>>,
    tally: String,
    /// Something ran.
    ran: bool,
    /// Transcript and configurations are among the downloads, and observations without details.
    brief: bool,
    /// The evidence is where the record says.
    found: bool,
    transcript: Vec<Line>,
    configurations: Vec<Configuration>,
    logs: Vec<Log>,
    downloads: Downloads,
    repro: String,
}

#[derive(Serialize)]
struct CaseView<'run> {
    id: &'run str,
    title: Text,
    clause: &'run str,
    address: String,
}

#[derive(Serialize)]
struct End<'run> {
    role: Words,
    node: &'static str,
    name: Text,
    id: &'run str,
    software: String,
    address: String,
}

#[derive(Serialize)]
struct Reverse<'run> {
    id: &'run str,
    outcome: Outcome,
    symbol: Words,
    name: Words,
    address: String,
}

#[derive(Serialize)]
struct CauseView<'run> {
    sentence: &'run Text,
    title: Words,
    code: &'static str,
    side: Words,
    rule: Option<&'run str>,
    advice: Vec<AdviceView>,
    contradictions: Beginning<&'run Text>,
}

#[derive(Serialize)]
struct AdviceView {
    at: Option<Words>,
    words: Words,
}

#[derive(Serialize)]
struct ProofView {
    place: String,
    /// What the record itself quotes, where the file is not at hand.
    excerpt: Option<String>,
    lines: Vec<Numbered>,
}

#[derive(Serialize)]
struct Numbered {
    number: u64,
    text: String,
    /// The line that proves it.
    hit: bool,
}

/// What one observer saw.
#[derive(Serialize)]
struct Seen {
    /// How many rows the observer has, in the first one of them.
    first: Option<usize>,
    observer: Words,
    places: Vec<Words>,
    good: bool,
    silent: bool,
    detail: Text,
}

/// A stage as a bar: begin and length in hundredths of the whole.
#[derive(Serialize)]
struct Span {
    name: Text,
    time: String,
    begin: String,
    length: String,
}

/// Files of one name, or of two that have no counterpart.
#[derive(Serialize)]
struct Configuration {
    left: Option<FileView>,
    right: Option<FileView>,
    /// Two files of the same name with the same content.
    same: bool,
    /// Of two files of the same name, row by row.
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct FileView {
    name: String,
    address: String,
    /// Of a file without a counterpart.
    lines: Vec<String>,
}

#[derive(Serialize)]
struct Log {
    role: Words,
    lines: Vec<String>,
}

impl<'run> View<'run> {
    fn new(source: &Source<'run>, cell: &'run Cell, evidence: Option<&Evidence>) -> Self {
        let ids = [&*cell.initiator, &*cell.responder];
        let ends = ENDS.into_iter().zip(ids);
        let reverse = (cell.initiator != cell.responder)
            .then(|| source.cell(&cell.case, &cell.responder, &cell.initiator))
            .flatten();
        let brief = source.brief && cell.outcome == Outcome::Pass;
        let proofs = cell.cause.as_ref().map_or(&[][..], |cause| &cause.proof);
        Self {
            id: &cell.id,
            outcome: cell.outcome,
            symbol: cell.outcome.symbol(),
            name: cell.outcome.name(),
            meaning: cell.outcome.meaning(),
            case: CaseView::new(source, &cell.case),
            ends: ends
                .map(|((_, node, side), id)| End::new(source, side.name(), node, id))
                .collect(),
            reverse: reverse.map(Reverse::new),
            cause: cell.cause.as_ref().map(CauseView::new),
            proofs: Beginning::of(proofs, MOST_PROOFS, |proof| ProofView::new(proof, evidence)),
            observations: Beginning::cut(seen(cell), MOST_OBSERVATIONS),
            timeline: Beginning::cut(timeline(cell), MOST_STAGES),
            attempts: cell.attempts,
            tries: Beginning::of(&cell.tries, MOST_TRIES, TryView::new),
            tally: cell
                .tally()
                .map_or_else(String::new, |tally| tally.to_string()),
            ran: cell.evidence.is_some(),
            found: evidence.is_some(),
            brief,
            transcript: evidence
                .filter(|_| !brief)
                .map(transcript)
                .unwrap_or_default(),
            configurations: Vec::new(),
            logs: logs(cell, evidence.filter(|_| !source.brief)),
            downloads: Downloads::default(),
            repro: repro_command(cell),
        }
    }
}

impl<'run> CaseView<'run> {
    fn new(source: &Source<'run>, id: &'run str) -> Self {
        let case = source.case(id);
        Self {
            id,
            title: case.map_or_else(|| Text::same(id), |case| case.title.clone()),
            clause: case.map_or("", |case| &case.clause),
            address: format!("{ROOT}{}", case_path(id)),
        }
    }
}

impl<'run> End<'run> {
    fn new(source: &Source<'run>, role: Words, node: &'static str, id: &'run str) -> Self {
        let software = source.vendor(id).map_or_else(String::new, |vendor| {
            format!("{} {}", vendor.implementation, vendor.version)
        });
        Self {
            role,
            node,
            name: source.name(id),
            id,
            software,
            address: format!("{ROOT}{}", vendor_path(id)),
        }
    }
}

impl<'run> Reverse<'run> {
    fn new(cell: &'run Cell) -> Self {
        Self {
            id: &cell.id,
            outcome: cell.outcome,
            symbol: cell.outcome.symbol(),
            name: cell.outcome.name(),
            address: format!("{ROOT}{}", cell_path(cell)),
        }
    }
}

impl<'run> CauseView<'run> {
    fn new(cause: &'run Cause) -> Self {
        let view = |advice: Advice| AdviceView {
            at: advice.at.map(Side::name),
            words: advice.words,
        };
        Self {
            sentence: &cause.sentence,
            title: cause.code.title(),
            code: cause.code.as_str(),
            side: cause.side.name(),
            rule: cause.rule.as_deref(),
            advice: cause.advice().into_iter().map(view).collect(),
            contradictions: Beginning::of(&cause.contradictions, MOST_CONTRADICTIONS, |text| text),
        }
    }
}

impl ProofView {
    fn new(proof: &Proof, evidence: Option<&Evidence>) -> Self {
        let around = proof.line.and_then(|line| {
            // Of a private key not even a line is shown.
            let evidence = evidence?;
            downloads::harmless(evidence, &proof.file)?;
            let lines = evidence.lines_around(&proof.file, line, AROUND)?;
            let numbered = |(number, text): (u64, String)| Numbered {
                number,
                text: tabs_as_blanks(&text),
                hit: number == line,
            };
            Some(lines.into_iter().map(numbered).collect::<Vec<_>>())
        });
        let excerpt = proof.excerpt.as_deref().map(str::trim);
        Self {
            place: proof.place(),
            excerpt: around
                .is_none()
                .then(|| excerpt.map(str::to_owned))
                .flatten(),
            lines: around.unwrap_or_default(),
        }
    }
}

/// What the observers saw, observer by observer. Places at which one of them saw the same stand in
/// one row.
fn seen(cell: &Cell) -> Vec<Seen> {
    let mut rows = Vec::new();
    for group in cell.observations.chunk_by(|a, b| a.observer == b.observer) {
        let alike =
            |a: &Observation, b: &Observation| a.verdict == b.verdict && a.detail == b.detail;
        let of_observer = group.chunk_by(alike);
        let count = of_observer.clone().count();
        let row = |(at, places): (usize, &'_ [Observation])| {
            let first = places.first()?;
            Some(Seen {
                first: (at == 0).then_some(count),
                observer: first.observer.name(),
                places: places.iter().map(|one| one.place.name()).collect(),
                good: first.verdict == Sight::Good,
                silent: first.verdict == Sight::Silent,
                detail: first.detail.clone(),
            })
        };
        rows.extend(of_observer.enumerate().filter_map(row));
    }
    rows
}

/// The stages one after the other.
fn timeline(cell: &Cell) -> Vec<Span> {
    let sum = |sum: u64, stage: &Stage| sum.saturating_add(stage.millis);
    let whole = cell.stages.iter().fold(0, sum).max(1);
    // Of a thousand, as hundredths with one decimal.
    let share = |millis: u64| millis.saturating_mul(1000) / whole;
    let decimal = |thousandths: u64| format!("{}.{}", thousandths / 10, thousandths % 10);
    let mut gone: u64 = 0;
    let span = |stage: &Stage| {
        let begin = share(gone);
        gone = sum(gone, stage);
        let StageView { name, time } = StageView::new(stage);
        Span {
            name,
            time,
            begin: decimal(begin),
            // The shortest stage can still be seen.
            length: decimal(share(gone).saturating_sub(begin).max(2)),
        }
    };
    cell.stages.iter().map(span).collect()
}

fn transcript(evidence: &Evidence) -> Vec<Line> {
    let told = |name| {
        downloads::harmless(evidence, name)?;
        evidence.lines(name, LONGEST_TRANSCRIPT)
    };
    match (told("transcript.txt"), told("transcript.ja.txt")) {
        (Some(en), Some(ja)) => told::merge(&en, &ja),
        (Some(only), None) | (None, Some(only)) => told::merge(&only, &only),
        (None, None) => Vec::new(),
    }
}

/// What either router was given: files of the same name beside each other, then the others.
fn configurations(evidence: &Evidence, staging: &Staging) -> Result<Vec<Configuration>, Error> {
    let files = evidence.files();
    let [(left_folder, ..), (right_folder, ..)] = ENDS;
    let left = names(&files, left_folder);
    let mut right = names(&files, right_folder);
    let mut configurations = Vec::new();
    let mut alone = Vec::new();
    for name in left {
        match right.iter().position(|other| *other == name) {
            Some(at) => {
                right.remove(at);
                let left = read(evidence, staging, left_folder, name)?;
                let right = read(evidence, staging, right_folder, name)?;
                configurations.extend(Configuration::of_one_name(left, right));
            }
            None => alone.extend(read(evidence, staging, left_folder, name)?),
        }
    }
    let mut right = right.into_iter();
    let mut left = alone.into_iter();
    loop {
        let right = match right.next() {
            Some(name) => read(evidence, staging, right_folder, name)?,
            None => None,
        };
        match (left.next(), right) {
            (None, None) => break,
            (left, right) => configurations.push(Configuration {
                left,
                right,
                same: false,
                rows: Vec::new(),
            }),
        }
    }
    Ok(configurations)
}

/// The names of the configuration files in the folder of a router.
fn names<'files>(files: &'files [String], folder: &str) -> Vec<&'files str> {
    let configurations = files
        .iter()
        .filter(|path| downloads::is_configuration(path));
    let in_folder = |path: &'files String| path.strip_prefix(folder)?.strip_prefix('/');
    configurations
        .filter_map(in_folder)
        .take(MOST_FILES)
        .collect()
}

fn read(
    evidence: &Evidence,
    staging: &Staging,
    folder: &str,
    name: &str,
) -> Result<Option<FileView>, Error> {
    let path = format!("{folder}/{name}");
    let Some(content) = downloads::harmless(evidence, &path) else {
        return Ok(None);
    };
    let lines = evidence.lines(&path, LONGEST_CONFIGURATION);
    let lines = lines.unwrap_or_default();
    Ok(Some(FileView {
        name: name.to_owned(),
        address: downloads::put_configuration(staging, ROOT, name, &content)?,
        lines: lines.iter().map(|line| tabs_as_blanks(line)).collect(),
    }))
}

impl Configuration {
    fn of_one_name(left: Option<FileView>, right: Option<FileView>) -> Option<Self> {
        let lines =
            |file: &Option<FileView>| file.as_ref().map_or(&[][..], |file| &file.lines).to_vec();
        let (of_left, of_right) = (lines(&left), lines(&right));
        (left.is_some() || right.is_some()).then(|| Self {
            same: left.is_some() && right.is_some() && of_left == of_right,
            rows: side_by_side::rows(&of_left, &of_right),
            left,
            right,
        })
    }
}

/// The ends of both logs of a cell that did not pass.
fn logs(cell: &Cell, evidence: Option<&Evidence>) -> Vec<Log> {
    if cell.outcome == Outcome::Pass {
        return Vec::new();
    }
    let end = |(folder, _, side): (&str, &str, Side)| {
        let (evidence, name) = (evidence?, format!("{folder}/daemon.log"));
        downloads::harmless(evidence, &name)?;
        let lines = evidence.last_lines(&name, LOG_END)?;
        Some(Log {
            role: side.name(),
            lines: lines.iter().map(|line| tabs_as_blanks(line)).collect(),
        })
    };
    ENDS.into_iter().filter_map(end).collect()
}
