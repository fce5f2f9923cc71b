//! A run in the form that the template walks through: every field is there, nothing is computed in
//! the template.

use serde::Serialize;

use crate::address;
use crate::cause::{Proof, Side};
use crate::comparison::{Comparison, Finding};
use crate::consistency::stays_inside;
use crate::matrix::{self, Direction, Folded, Mark, Row};
use crate::model::{
    CaseRecord, Cell, Observation, Outcome, Package, Run, Sight, Stage, Try, Vendor,
};
use crate::summary::{self, Group};
use crate::text::{Lang, Text, Words};
use crate::words::{BACK, BLANK, FORTH, MIRROR, Vocabulary, WORDS, cells, stage_name};

/// How much a page tells of one thing; the record holds the rest.
const MOST_PROOFS: usize = 20;
pub(crate) const MOST_CONTRADICTIONS: usize = 20;
pub(crate) const MOST_OBSERVATIONS: usize = 50;
pub(crate) const MOST_STAGES: usize = 50;
pub(crate) const MOST_TRIES: usize = 100;
pub(crate) const MOST_PACKAGES: usize = 1_000;
const MOST_FILES: usize = 1_000;
/// Cells that the one page of a run tells in full, over all; the site has a page for each.
const MOST_CELLS: usize = 5_000;

/// The beginning of a list, and how many more there are.
#[derive(Serialize)]
pub(crate) struct Beginning<T> {
    pub(crate) shown: Vec<T>,
    pub(crate) more: usize,
}

#[derive(Serialize)]
pub(super) struct View<'run> {
    lang: &'static str,
    words: &'static Vocabulary,
    run: &'run Run,
    started: String,
    finished: String,
    totals: Vec<Total>,
    legend: Vec<Mention>,
    /// The vendors across.
    columns: &'run [Vendor],
    blocks: Vec<BlockView<'run>>,
    /// So many columns that their heads stand upright.
    crowded: bool,
    groups: Vec<GroupView<'run>>,
    vendors: Vec<VendorView<'run>>,
    changed_files: Beginning<&'run str>,
    /// The cases are called by their titles.
    methods: bool,
    comparison: Option<ComparisonView<'run>>,
}

impl<T> Beginning<T> {
    /// At most so many, each as the page shows it.
    pub(crate) fn of<'list, S>(
        list: &'list [S],
        most: usize,
        view: impl FnMut(&'list S) -> T,
    ) -> Self {
        Self {
            shown: list.iter().take(most).map(view).collect(),
            more: list.len().saturating_sub(most),
        }
    }

    /// The list itself, cut.
    pub(crate) fn cut(mut list: Vec<T>, most: usize) -> Self {
        let more = list.len().saturating_sub(most);
        list.truncate(most);
        Self { shown: list, more }
    }
}

impl<'run> View<'run> {
    pub(super) fn new(run: &'run Run, lang: Lang) -> Self {
        const CROWDED: usize = 8;
        let matrix = matrix::fold(run);
        let blocks = matrix.blocks.iter().map(|block| BlockView {
            vendor: block.vendor,
            rows: block.rows.iter().map(RowView::new).collect(),
        });
        Self {
            lang: lang.tag(),
            words: &WORDS,
            run,
            started: time(run.started),
            finished: time(run.finished),
            totals: summary::totals(run).map(Total::new).into(),
            legend: legend(run),
            blocks: blocks.collect(),
            columns: matrix.vendors,
            methods: matrix.compares_methods(),
            comparison: run
                .comparison
                .as_ref()
                .map(|comparison| ComparisonView::new(comparison, run, &cell_address)),
            crowded: matrix.vendors.len() > CROWDED,
            vendors: run.vendors.iter().map(VendorView::new).collect(),
            changed_files: Beginning::of(
                run.selection
                    .as_ref()
                    .map_or(&[][..], |selection| &selection.files),
                MOST_FILES,
                String::as_str,
            ),
            groups: group_views(run),
        }
    }
}

/// A moment as people read it.
pub(crate) fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[derive(Serialize)]
pub(crate) struct Total {
    outcome: Outcome,
    label: Text,
    count: usize,
}

impl Total {
    pub(crate) fn new((outcome, count): (Outcome, usize)) -> Self {
        let label = |lang| {
            let (symbol, name) = (outcome.symbol().in_lang(lang), outcome.name().in_lang(lang));
            if symbol == name {
                name.to_owned()
            } else {
                format!("{symbol} {name}")
            }
        };
        Self {
            outcome,
            label: Text::new(label(Lang::En), label(Lang::Ja)),
            count,
        }
    }
}

/// An entry of the legend.
#[derive(Serialize)]
pub(crate) struct Mention {
    mark: Words,
    meaning: Words,
}

pub(crate) fn legend(run: &Run) -> Vec<Mention> {
    let outcomes = summary::OUTCOMES.map(|outcome| Mention {
        mark: outcome.symbol(),
        meaning: outcome.meaning(),
    });
    let blank = if run.complete {
        WORDS.blank
    } else {
        WORDS.blank_interrupted
    };
    let others = [
        (BLANK, blank),
        (MIRROR, WORDS.mirror),
        (FORTH, WORDS.forth),
        (BACK, WORDS.back),
    ];
    let others = others.map(|(mark, meaning)| Mention {
        mark: Words { en: mark, ja: mark },
        meaning,
    });
    outcomes.into_iter().chain(others).collect()
}

#[derive(Serialize)]
struct BlockView<'run> {
    vendor: &'run Vendor,
    rows: Vec<RowView<'run>>,
}

#[derive(Serialize)]
struct RowView<'run> {
    case: &'run CaseRecord,
    cells: Vec<CellView>,
}

impl<'run> RowView<'run> {
    fn new(row: &Row<'run>) -> Self {
        Self {
            case: row.case,
            cells: row.cells.iter().map(CellView::new).collect(),
        }
    }
}

/// A cell of the matrix: marks, or else one sign without a meaning of its own.
#[derive(Serialize)]
struct CellView {
    sign: &'static str,
    marks: Vec<MarkView>,
}

impl CellView {
    fn new(cell: &Folded<'_>) -> Self {
        let sign = match cell {
            Folded::Mirror => MIRROR,
            Folded::Blank => BLANK,
            Folded::Ended(_) => "",
        };
        Self {
            sign,
            marks: cell.marks().iter().map(MarkView::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct MarkView {
    outcome: Outcome,
    symbol: Words,
    name: Words,
    /// How many tries passed; empty where there was one.
    tally: String,
    arrow: &'static str,
    links: Vec<Link>,
}

impl MarkView {
    fn new(mark: &Mark<'_>) -> Self {
        Self {
            outcome: mark.outcome,
            symbol: mark.outcome.symbol(),
            name: mark.outcome.name(),
            tally: mark
                .tally
                .map_or_else(String::new, |tally| tally.to_string()),
            arrow: mark.direction.map_or("", arrow),
            links: mark
                .cells
                .iter()
                .filter_map(|(direction, cell)| Link::new(*direction, cell))
                .collect(),
        }
    }
}

pub(crate) fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Forth => FORTH,
        Direction::Back => BACK,
    }
}

/// Where to read more of a cell: its section of the page, or the evidence of a pass.
#[derive(Serialize)]
struct Link {
    arrow: &'static str,
    address: String,
    cell: String,
}

impl Link {
    fn new(direction: Direction, cell: &Cell) -> Option<Self> {
        Some(Self {
            arrow: arrow(direction),
            address: cell_address(cell)?,
            cell: cell.id.clone(),
        })
    }
}

fn cell_address(cell: &Cell) -> Option<String> {
    if cell.outcome == Outcome::Pass {
        cell.evidence.as_deref().map(address::below)
    } else {
        Some(format!("#{}", cell.id))
    }
}

/// The run beside an expected matrix.
#[derive(Serialize)]
pub(crate) struct ComparisonView<'run> {
    /// The first one is the whole in a few words.
    sentences: Vec<Text>,
    source: Text,
    digest: &'run str,
    findings: Vec<FindingView>,
}

impl<'run> ComparisonView<'run> {
    /// `address` leads to more about a cell.
    pub(crate) fn new(
        comparison: &'run Comparison,
        run: &'run Run,
        address: &dyn Fn(&Cell) -> Option<String>,
    ) -> Self {
        let findings = comparison.findings(run);
        Self {
            sentences: comparison.sentences(run),
            source: comparison.source(),
            digest: &comparison.expectation.sha256,
            findings: findings
                .iter()
                .map(|finding| FindingView::new(finding, address))
                .collect(),
        }
    }
}

/// A cell that is not as expected.
#[derive(Serialize)]
struct FindingView {
    /// The style of its sentence.
    class: &'static str,
    sentence: Text,
    tried: Vec<Tried>,
}

/// One direction of such a cell.
#[derive(Serialize)]
struct Tried {
    outcome: Outcome,
    symbol: Words,
    name: Words,
    address: Option<String>,
    id: String,
    repro: String,
}

impl FindingView {
    fn new(finding: &Finding<'_>, address: &dyn Fn(&Cell) -> Option<String>) -> Self {
        let tried = finding.tried.iter().map(|cell| Tried {
            outcome: cell.outcome,
            symbol: cell.outcome.symbol(),
            name: cell.outcome.name(),
            address: address(cell),
            id: cell.id.clone(),
            repro: summary::repro_command(cell),
        });
        Self {
            class: if finding.is_fault() { "error" } else { "fail" },
            sentence: finding.sentence(),
            tried: tried.collect(),
        }
    }
}

/// What did not pass, for one cause.
#[derive(Serialize)]
struct GroupView<'run> {
    outcome: Outcome,
    symbol: Words,
    title: Words,
    cause: Option<CauseView>,
    count: usize,
    counted: Words,
    nothing_ran: bool,
    cells: Beginning<Detail<'run>>,
}

/// A vendor as it took part.
#[derive(Serialize)]
struct VendorView<'run> {
    vendor: &'run Vendor,
    packages: Beginning<&'run Package>,
}

impl<'run> VendorView<'run> {
    fn new(vendor: &'run Vendor) -> Self {
        Self {
            vendor,
            packages: Beginning::of(&vendor.packages, MOST_PACKAGES, |package| package),
        }
    }
}

/// The groups, of which the first ones are told in full until there are too many cells.
fn group_views(run: &Run) -> Vec<GroupView<'_>> {
    let mut left = MOST_CELLS;
    let groups = summary::not_passed(run);
    let views = groups.iter().map(|group| {
        let view = GroupView::new(group, left);
        left -= view.cells.shown.len();
        view
    });
    views.collect()
}

#[derive(Serialize)]
struct CauseView {
    code: &'static str,
    side: Words,
    advice: Vec<AdviceView>,
}

/// What to change at one place.
#[derive(Serialize)]
struct AdviceView {
    at: Option<Words>,
    words: Words,
}

impl<'run> GroupView<'run> {
    fn new(group: &Group<'run>, most: usize) -> Self {
        Self {
            outcome: group.outcome,
            symbol: group.outcome.symbol(),
            title: group.title(),
            cause: group.cause.map(|(code, side)| CauseView {
                code: code.as_str(),
                side: side.name(),
                advice: group
                    .advice()
                    .into_iter()
                    .map(|advice| AdviceView {
                        at: advice.at.map(Side::name),
                        words: advice.words,
                    })
                    .collect(),
            }),
            count: group.cells.len(),
            counted: cells(group.cells.len()),
            nothing_ran: group.nothing_ran(),
            cells: Beginning::of(&group.cells, most, |cell| Detail::new(cell)),
        }
    }
}

/// One cell that did not pass.
#[derive(Serialize)]
struct Detail<'run> {
    id: &'run str,
    sentence: Option<&'run Text>,
    rule: Option<&'run str>,
    contradictions: Beginning<&'run Text>,
    proofs: Beginning<ProofView<'run>>,
    observations: Beginning<ObservationView<'run>>,
    stages: Beginning<StageView>,
    attempts: u32,
    tries: Beginning<TryView<'run>>,
    evidence: Option<Evidence<'run>>,
    repro: String,
}

/// One of several tries.
#[derive(Serialize)]
pub(crate) struct TryView<'run> {
    outcome: Outcome,
    symbol: Words,
    name: Words,
    code: Option<&'static str>,
    sentence: Option<&'run Text>,
    address: Option<String>,
}

impl<'run> TryView<'run> {
    pub(crate) fn new(one: &'run Try) -> Self {
        let cause = one.cause.as_ref();
        Self {
            outcome: one.outcome,
            symbol: one.outcome.symbol(),
            name: one.outcome.name(),
            code: cause.map(|cause| cause.code.as_str()),
            sentence: cause.map(|cause| &cause.sentence),
            address: one.evidence.as_deref().map(address::below),
        }
    }
}

#[derive(Serialize)]
struct Evidence<'run> {
    path: &'run str,
    address: String,
}

impl<'run> Detail<'run> {
    fn new(cell: &'run Cell) -> Self {
        let evidence = cell.evidence.as_deref();
        let cause = cell.cause.as_ref();
        let proofs = cause.map_or(&[][..], |cause| &cause.proof);
        let contradictions = cause.map_or(&[][..], |cause| &cause.contradictions);
        Self {
            id: &cell.id,
            sentence: cause.map(|cause| &cause.sentence),
            rule: cause.and_then(|cause| cause.rule.as_deref()),
            contradictions: Beginning::of(contradictions, MOST_CONTRADICTIONS, |text| text),
            proofs: Beginning::of(proofs, MOST_PROOFS, |proof| ProofView::new(proof, evidence)),
            observations: Beginning::of(
                &cell.observations,
                MOST_OBSERVATIONS,
                ObservationView::new,
            ),
            stages: Beginning::of(&cell.stages, MOST_STAGES, StageView::new),
            attempts: cell.attempts,
            tries: Beginning::of(&cell.tries, MOST_TRIES, TryView::new),
            evidence: evidence.map(|path| Evidence {
                path,
                address: address::below(path),
            }),
            repro: summary::repro_command(cell),
        }
    }
}

#[derive(Serialize)]
struct ProofView<'run> {
    place: String,
    /// None when the cell has no folder that the file could stand in, or names one outside it.
    address: Option<String>,
    excerpt: Option<&'run str>,
}

impl<'run> ProofView<'run> {
    fn new(proof: &'run Proof, evidence: Option<&str>) -> Self {
        Self {
            place: proof.place(),
            address: evidence
                .filter(|_| stays_inside(&proof.file))
                .map(|folder| address::below(&format!("{folder}/{}", proof.file))),
            excerpt: proof.excerpt.as_deref().map(str::trim),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct ObservationView<'run> {
    observer: Words,
    place: Words,
    good: bool,
    silent: bool,
    verdict: Words,
    detail: &'run Text,
}

impl<'run> ObservationView<'run> {
    pub(crate) fn new(observation: &'run Observation) -> Self {
        Self {
            observer: observation.observer.name(),
            place: observation.place.name(),
            good: observation.verdict == Sight::Good,
            silent: observation.verdict == Sight::Silent,
            verdict: observation.verdict.name(),
            detail: &observation.detail,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct StageView {
    pub(crate) name: Text,
    pub(crate) time: String,
}

impl StageView {
    pub(crate) fn new(stage: &Stage) -> Self {
        let name = stage_name(&stage.name).map_or_else(
            || Text::same(&*stage.name),
            |words| Text::new(words.en, words.ja),
        );
        let (seconds, rest) = (stage.millis / 1000, stage.millis % 1000);
        Self {
            name,
            time: format!("{seconds}.{rest:03} s"),
        }
    }
}
