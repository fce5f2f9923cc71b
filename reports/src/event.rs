//! What the engine tells while it works. Whoever shows progress only listens to these.

use crate::model::{Cell, LabRecord, Outcome};
use crate::text::Text;

/// One thing that happened in a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// Work before the first cell, such as an image build, has begun.
    PreparationStarted {
        what: Text,
    },
    /// The piece of preparation with the same `what` ended.
    PreparationFinished {
        what: Text,
        millis: u64,
    },
    /// The lab is up; cells follow.
    LabReady {
        lab: LabRecord,
        cells: usize,
        parallel: usize,
    },
    CellStarted {
        id: String,
    },
    /// A lab fault ended this attempt; the cell starts again.
    CellRetried {
        id: String,
        reason: Text,
    },
    /// A person has to do something before the cell goes on.
    Asked {
        what: Text,
    },
    /// One of several tries of a cell ended.
    TryFinished {
        id: String,
        /// From 1.
        number: u16,
        /// How many there will be.
        tries: u16,
        outcome: Outcome,
    },
    CellFinished {
        cell: Box<Cell>,
    },
    /// The run is over, complete or not.
    RunFinished {
        complete: bool,
    },
}
