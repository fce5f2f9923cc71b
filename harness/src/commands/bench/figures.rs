//! What was measured, and the arithmetic on it. Times are in milliseconds.

use std::time::Duration;

use pcap_file::pcapng::{Block, PcapNgReader};
use reports::model::{Cell, LabRecord};
use serde::Serialize;

use super::beside::Beside;
use super::reading::Reading;
use crate::judge::wire::{Kind, Packet};

#[cfg(test)]
mod tests;

/// The result of `ikematrix bench`, as `--json` prints it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    pub(super) lab: LabFigures,
    /// From the start of the lab until it can be used.
    pub(super) boot: u64,
    /// The images that were built, several at once.
    pub(super) images: Vec<Timed>,
    /// Medians with one cell at a time, over the cells that passed.
    pub(super) stages: Vec<Timed>,
    pub(super) cell: CellFigures,
    pub(super) diagnosis: DiagnosisFigures,
    /// A capture of 100 MB; absent when no cell passed.
    pub(super) reading: Option<Reading>,
    /// All pairings, by the number of cells at once.
    pub(super) parallel: Vec<Pace>,
    /// Some of the vendors, and all of them, with as many cells at once as the lab itself chooses.
    pub(super) growth: Vec<Pace>,
    /// The labs that were to be compared with this one.
    pub(super) beside: Vec<Beside>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct LabFigures {
    pub(super) backend: String,
    pub(super) kernel: String,
    pub(super) accel: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Timed {
    pub(super) name: String,
    pub(super) millis: u64,
}

/// Medians of one cell at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CellFigures {
    /// How many cells passed: the others are not measured.
    pub(super) measured: usize,
    pub(super) whole: u64,
    /// From the first IKE message to the last ESP packet on the wan.
    pub(super) exchange: u64,
    /// The whole cell without its exchange: starting, asking, judging, removing.
    pub(super) overhead: u64,
}

/// What it takes to judge a cell, to tell its transcript and to find its cause; over all cells, one
/// at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct DiagnosisFigures {
    pub(super) cells: usize,
    /// The median and the longest.
    pub(super) median: u64,
    pub(super) longest: u64,
    /// All together, of the time of all cells together.
    pub(super) percent: f64,
}

/// How fast a plan was carried out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Pace {
    pub(super) jobs: usize,
    pub(super) vendors: usize,
    pub(super) cells: usize,
    pub(super) passed: usize,
    pub(super) millis: u64,
    pub(super) cells_per_minute: f64,
}

/// What one cell took.
#[derive(Clone, Debug)]
pub(super) struct Cost {
    pub(super) cell: String,
    pub(super) stages: Vec<Timed>,
    pub(super) exchange: u64,
}

impl LabFigures {
    pub(super) fn of(lab: &LabRecord) -> Self {
        Self {
            backend: lab.backend.clone(),
            kernel: lab.kernel.clone(),
            accel: lab.accel.clone(),
        }
    }
}

impl Timed {
    pub(super) fn new(name: &str, millis: u64) -> Self {
        Self {
            name: name.to_owned(),
            millis,
        }
    }
}

impl CellFigures {
    pub(super) fn of<'a>(costs: impl IntoIterator<Item = &'a Cost>) -> Self {
        let costs: Vec<&Cost> = costs.into_iter().collect();
        let over = |what: fn(&Cost) -> u64| median(costs.iter().map(|cost| what(cost)).collect());
        Self {
            measured: costs.len(),
            whole: over(Cost::whole),
            exchange: over(|cost| cost.exchange),
            overhead: over(|cost| cost.whole().saturating_sub(cost.exchange)),
        }
    }
}

impl DiagnosisFigures {
    /// The stages that make up a diagnosis.
    const STAGES: [&'static str; 2] = ["judge", "diagnose"];

    pub(super) fn of(cells: &[Cell]) -> Self {
        let millis = |cell: &Cell, of_it: fn(&str) -> bool| -> u64 {
            let stages = cell.stages.iter().filter(|stage| of_it(&stage.name));
            stages.map(|stage| stage.millis).sum()
        };
        let ran: Vec<&Cell> = cells
            .iter()
            .filter(|cell| !cell.stages.is_empty())
            .collect();
        let each: Vec<u64> = ran
            .iter()
            .map(|cell| millis(cell, |name| Self::STAGES.contains(&name)))
            .collect();
        let whole: u64 = ran.iter().map(|cell| millis(cell, |_| true)).sum();
        Self {
            cells: ran.len(),
            longest: each.iter().copied().max().unwrap_or(0),
            percent: each.iter().sum::<u64>() as f64 * 100.0 / whole.max(1) as f64,
            median: median(each),
        }
    }
}

impl Cost {
    fn whole(&self) -> u64 {
        self.stages.iter().map(|stage| stage.millis).sum()
    }
}

impl Pace {
    pub(super) fn new(
        jobs: usize,
        vendors: usize,
        cells: usize,
        passed: usize,
        taken: Duration,
    ) -> Self {
        let millis = millis(taken);
        Self {
            jobs,
            vendors,
            cells,
            passed,
            millis,
            cells_per_minute: cells as f64 * 60_000.0 / millis.max(1) as f64,
        }
    }
}

/// From the first IKE message to the last ESP packet of a capture. What IKE says after the probes
/// belongs to neither the handshake nor the probes.
pub(super) fn exchange(pcapng: &[u8]) -> Option<Duration> {
    let mut reader = PcapNgReader::new(pcapng).ok()?;
    let (mut first, mut last) = (None, None);
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block.ok()? else {
            continue;
        };
        match Packet::of(&packet.data).map(|packet| packet.kind) {
            Some(Kind::Ike | Kind::Fragment) => first = first.or(Some(packet.timestamp)),
            Some(Kind::Esp(_)) => last = Some(packet.timestamp),
            None => {}
        }
    }
    last?.checked_sub(first?)
}

/// Medians by stage, in the order in which the stages ran.
pub(super) fn stage_medians(costs: &[Cost]) -> Vec<Timed> {
    let Some(any) = costs.first() else {
        return Vec::new();
    };
    let millis_of = |name: &str| {
        let stages = costs.iter().flat_map(|cost| &cost.stages);
        let named = stages.filter(|stage| stage.name == name);
        named.map(|stage| stage.millis).collect()
    };
    let names = any.stages.iter().map(|stage| stage.name.as_str());
    names
        .map(|name| Timed::new(name, median(millis_of(name))))
        .collect()
}

/// The middle value, or the mean of the middle two; 0 of none.
fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    let middle = values.len() / 2;
    match values.as_slice() {
        [] => 0,
        odd if odd.len() % 2 == 1 => odd[middle],
        even => even[middle - 1].midpoint(even[middle]),
    }
}

/// Numbers of vendors that show how a run grows: a third, two thirds, all.
pub(super) fn sizes(vendors: usize) -> Vec<usize> {
    let thirds = 1..=3;
    let mut sizes: Vec<usize> = thirds.map(|part| (vendors * part).div_ceil(3)).collect();
    sizes.dedup();
    sizes
}

/// So many of the items, evenly from all of them, because neighbours are often of one family.
pub(super) fn spread<T: Clone>(items: &[T], wanted: usize) -> Vec<T> {
    let chosen = (0..wanted).map(|number| items[number * items.len() / wanted].clone());
    chosen.collect()
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
