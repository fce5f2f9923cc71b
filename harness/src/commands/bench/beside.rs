//! Another lab beside the measured one: what the same cells take there.

use std::collections::BTreeMap;

use lab::LabError;
use reports::model::LabRecord;
use reports::text::Text;
use serde::{Serialize, Serializer};

use super::figures::{CellFigures, Cost, LabFigures};
use crate::words;

/// A lab that was to be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Beside {
    pub(super) lab: LabFigures,
    /// Or why there is nothing to compare.
    #[serde(serialize_with = "either")]
    pub(super) measured: Result<Comparison, Text>,
}

/// Medians over the cells that passed in both labs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Comparison {
    /// In the lab that everything else was measured in.
    pub(super) here: CellFigures,
    /// In the other one.
    pub(super) there: CellFigures,
}

impl Beside {
    pub(super) fn not_measured(lab: &LabRecord, fault: &LabError) -> Self {
        Self {
            lab: LabFigures::of(lab),
            measured: Err(words::lab_fault(fault)),
        }
    }

    /// Compares what the cells that passed took in both labs.
    pub(super) fn of(lab: &LabRecord, here: &[Cost], there: &[Cost]) -> Self {
        let there: BTreeMap<&str, &Cost> = there.iter().map(|cost| (&*cost.cell, cost)).collect();
        let both: Vec<(&Cost, &Cost)> = here
            .iter()
            .filter_map(|cost| Some((cost, *there.get(&*cost.cell)?)))
            .collect();
        let measured = if both.is_empty() {
            Err(Text::new(
                "no cell passed in both labs",
                "両方の試験環境で合格した試験がありません",
            ))
        } else {
            Ok(Comparison {
                here: CellFigures::of(both.iter().map(|(here, _)| *here)),
                there: CellFigures::of(both.iter().map(|(_, there)| *there)),
            })
        };
        Self {
            lab: LabFigures::of(lab),
            measured,
        }
    }
}

/// `{"compared": …}` or `{"not_measured": …}`.
fn either<S: Serializer>(
    measured: &Result<Comparison, Text>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Either<'a> {
        Compared(&'a Comparison),
        NotMeasured(&'a Text),
    }
    let either = match measured {
        Ok(compared) => Either::Compared(compared),
        Err(why) => Either::NotMeasured(why),
    };
    either.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use lab::Fault;

    use super::super::figures::Timed;
    use super::*;

    fn lab() -> LabRecord {
        LabRecord {
            backend: "docker".into(),
            kernel: "6.1.0".into(),
            accel: "none".into(),
            reason: Text::same("asked for"),
        }
    }

    fn cost(cell: &str, whole: u64, exchange: u64) -> Cost {
        Cost {
            cell: cell.into(),
            stages: vec![Timed::new("steps", whole)],
            exchange,
        }
    }

    #[test]
    fn labs_are_compared_on_the_cells_that_passed_in_both() {
        let here = [cost("a", 1_000, 100), cost("b", 9_000, 100)];
        let there = [cost("c", 7_000, 50), cost("a", 3_000, 500)];
        let measured = Beside::of(&lab(), &here, &there).measured.unwrap();
        assert_eq!(measured.here, CellFigures::of(&here[..1]));
        assert_eq!(measured.there, CellFigures::of(&there[1..]));
        assert_eq!(
            (measured.here.overhead, measured.there.overhead),
            (900, 2_500)
        );
    }

    #[test]
    fn where_no_cell_passed_in_both_labs_nothing_is_compared() {
        let beside = Beside::of(&lab(), &[cost("a", 10, 1)], &[cost("b", 10, 1)]);
        let json = serde_json::to_value(&beside).unwrap();
        assert_eq!(
            json["measured"]["not_measured"]["en"],
            "no cell passed in both labs"
        );
    }

    #[test]
    fn a_lab_that_does_not_start_is_not_measured_and_says_why() {
        let fault = LabError::new(Fault::Runtime, "no Docker engine answers at unix:///x");
        let why = Beside::not_measured(&lab(), &fault).measured.unwrap_err();
        assert!(why.en.contains("no Docker engine answers"), "{}", why.en);
    }
}
