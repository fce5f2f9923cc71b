//! Folds a run into the layout of a published matrix: vendors down, each with its cases, and vendors
//! across. A pair of vendors has one cell, in the lower triangle, which holds both directions.

use std::collections::HashMap;

use crate::conformance;
use crate::model::{CaseRecord, Cell, Outcome, Run, Tally, Vendor};

/// A run as a matrix.
#[derive(Debug)]
pub struct Matrix<'run> {
    /// The vendors of the columns, which are those of the blocks.
    pub vendors: &'run [Vendor],
    /// One block of rows a vendor.
    pub blocks: Vec<Block<'run>>,
}

/// The rows of one vendor.
#[derive(Debug)]
pub struct Block<'run> {
    pub vendor: &'run Vendor,
    pub rows: Vec<Row<'run>>,
}

/// One case of one vendor, with every vendor.
#[derive(Debug)]
pub struct Row<'run> {
    pub case: &'run CaseRecord,
    /// One for each column.
    pub cells: Vec<Folded<'run>>,
}

/// Both directions of one case on one pair.
#[derive(Debug, PartialEq)]
pub enum Folded<'run> {
    /// The upper triangle: the pair has its cell in the lower one.
    Mirror,
    /// No direction ended.
    Blank,
    /// One mark, or two when the directions ended differently.
    Ended(Vec<Mark<'run>>),
}

/// One outcome in a folded cell.
#[derive(Debug, PartialEq)]
pub struct Mark<'run> {
    pub outcome: Outcome,
    /// How many tries passed in each of its directions, where there were several.
    pub tally: Option<Tally>,
    /// Which direction ended so; none when it goes for all that the pair has.
    pub direction: Option<Direction>,
    /// The cells that ended so, with the direction of each.
    pub cells: Vec<(Direction, &'run Cell)>,
}

/// Who initiates, seen from a folded cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The vendor of the row.
    Forth,
    /// The vendor of the column.
    Back,
}

/// Folds the run; each of its cells comes to stand in exactly one folded cell.
pub fn fold(run: &Run) -> Matrix<'_> {
    fold_cases(run, |_| true)
}

/// Folds the cells of some of the run's cases.
pub fn fold_cases(run: &Run, chosen: impl Fn(&CaseRecord) -> bool) -> Matrix<'_> {
    let ended: Index<'_> = run
        .cells
        .iter()
        .map(|cell| {
            let coordinates = (&*cell.case, &*cell.initiator, &*cell.responder);
            (coordinates, cell)
        })
        .collect();
    if let Some(routers) = conformance::routers_under_test(run) {
        return fold_conformance(run, routers, &ended);
    }
    let fold_row = |case: &str, row: usize| {
        let fold_column = |column| fold_cell(&ended, case, &run.vendors, row, column);
        (0..run.vendors.len()).map(fold_column).collect()
    };
    let blocks = run.vendors.iter().enumerate().map(|(row, vendor)| Block {
        vendor,
        rows: run
            .cases
            .iter()
            .filter(|case| chosen(case))
            .map(|case| Row {
                case,
                cells: fold_row(&case.id, row),
            })
            .collect(),
    });
    Matrix {
        vendors: &run.vendors,
        blocks: blocks.collect(),
    }
}

/// One block, that of the tester: cases down, and the routers under test across.
fn fold_conformance<'run>(
    run: &'run Run,
    routers: &'run [Vendor],
    ended: &Index<'run>,
) -> Matrix<'run> {
    let fold = |case: &CaseRecord, router: &Vendor| {
        let (case, tester, router) = (&*case.id, conformance::TESTER, &*router.id);
        let responds = ended.get(&(case, tester, router));
        let cell = responds.or_else(|| ended.get(&(case, router, tester)));
        cell.map_or(Folded::Blank, |cell| {
            Folded::Ended(vec![Mark {
                direction: None,
                ..Mark::one_way(Direction::Forth, cell)
            }])
        })
    };
    let rows = run.cases.iter().map(|case| Row {
        case,
        cells: routers.iter().map(|router| fold(case, router)).collect(),
    });
    let block = run.vendors.first().map(|tester| Block {
        vendor: tester,
        rows: rows.collect(),
    });
    Matrix {
        vendors: routers,
        blocks: block.into_iter().collect(),
    }
}

/// The cells that ended, by case, initiator and responder.
type Index<'run> = HashMap<(&'run str, &'run str, &'run str), &'run Cell>;

fn fold_cell<'run>(
    ended: &Index<'run>,
    case: &str,
    vendors: &[Vendor],
    row: usize,
    column: usize,
) -> Folded<'run> {
    if column > row {
        return Folded::Mirror;
    }
    let (down, across) = (&*vendors[row].id, &*vendors[column].id);
    let forth = ended.get(&(case, down, across)).copied();
    if row == column {
        return match forth {
            None => Folded::Blank,
            Some(cell) => Folded::Ended(vec![Mark {
                direction: None,
                ..Mark::one_way(Direction::Forth, cell)
            }]),
        };
    }
    let back = ended.get(&(case, across, down)).copied();
    match (forth, back) {
        (None, None) => Folded::Blank,
        (Some(forth), None) => Folded::Ended(vec![Mark::one_way(Direction::Forth, forth)]),
        (None, Some(back)) => Folded::Ended(vec![Mark::one_way(Direction::Back, back)]),
        (Some(forth), Some(back)) if same(forth, back) => Folded::Ended(vec![Mark {
            outcome: forth.outcome,
            tally: forth.tally(),
            direction: None,
            cells: vec![(Direction::Forth, forth), (Direction::Back, back)],
        }]),
        (Some(forth), Some(back)) => Folded::Ended(vec![
            Mark::one_way(Direction::Forth, forth),
            Mark::one_way(Direction::Back, back),
        ]),
    }
}

fn same(forth: &Cell, back: &Cell) -> bool {
    forth.outcome == back.outcome && forth.tally() == back.tally()
}

impl<'run> Mark<'run> {
    fn one_way(direction: Direction, cell: &'run Cell) -> Self {
        Self {
            outcome: cell.outcome,
            tally: cell.tally(),
            direction: Some(direction),
            cells: vec![(direction, cell)],
        }
    }
}

impl<'run> Matrix<'run> {
    /// Whether its cases are ways to authenticate and nothing else, as in the field trial's matrix.
    pub fn compares_methods(&self) -> bool {
        let mut rows = self.blocks.iter().flat_map(|block| &block.rows);
        rows.all(|row| row.case.id.starts_with("auth."))
    }

    /// Every folded cell, row by row.
    pub fn cells(&self) -> impl Iterator<Item = &Folded<'run>> {
        let rows = self.blocks.iter().flat_map(|block| &block.rows);
        rows.flat_map(|row| &row.cells)
    }
}

impl<'run> Folded<'run> {
    /// The outcomes to show; none for a mirror or a blank.
    pub fn marks(&self) -> &[Mark<'run>] {
        match self {
            Self::Mirror | Self::Blank => &[],
            Self::Ended(marks) => marks,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::example;

    /// A folded cell in a few letters.
    fn brief(folded: &Folded<'_>) -> String {
        let marks = match folded {
            Folded::Mirror => return "-".to_owned(),
            Folded::Blank => return ".".to_owned(),
            Folded::Ended(marks) => marks,
        };
        let brief = |mark: &Mark<'_>| {
            let arrow = match mark.direction {
                None => "",
                Some(Direction::Forth) => ">",
                Some(Direction::Back) => "<",
            };
            format!("{:?}{arrow}", mark.outcome)
        };
        marks.iter().map(brief).collect::<Vec<_>>().join(" ")
    }

    /// The folded cell of v2 (row) and v1 (column) for these outcomes of v2:v1 and v1:v2.
    fn folded(forth: Option<Outcome>, back: Option<Outcome>) -> String {
        let mut run = example::all_pass(2, 1);
        for (id, outcome) in [("auth.psk/v2:v1", forth), ("auth.psk/v1:v2", back)] {
            run.cells.retain(|cell| cell.id != id || outcome.is_some());
            if let Some(outcome) = outcome {
                example::set(&mut run, id, outcome);
            }
        }
        brief(&fold(&run).blocks[1].rows[0].cells[0])
    }

    #[test]
    fn two_directions_fold_into_one_cell() {
        use Outcome::{Error, Fail, Pass, Skipped, Unsupported};
        for (forth, back, expected) in [
            (Some(Pass), Some(Pass), "Pass"),
            (Some(Fail), Some(Fail), "Fail"),
            (Some(Pass), Some(Fail), "Pass> Fail<"),
            (Some(Fail), Some(Error), "Fail> Error<"),
            (Some(Error), Some(Error), "Error"),
            (Some(Skipped), Some(Pass), "Skipped> Pass<"),
            (Some(Skipped), Some(Skipped), "Skipped"),
            (Some(Unsupported), Some(Unsupported), "Unsupported"),
            (Some(Unsupported), Some(Fail), "Unsupported> Fail<"),
            (Some(Pass), None, "Pass>"),
            (None, Some(Fail), "Fail<"),
            (None, None, "."),
        ] {
            assert_eq!(folded(forth, back), expected);
        }
    }

    #[test]
    fn a_run_of_methods_has_no_case_of_another_theme() {
        assert!(fold(&example::trial()).compares_methods());
        assert!(!fold(&example::mixed(2)).compares_methods());
    }

    #[test]
    fn the_upper_triangle_mirrors_the_lower_and_the_diagonal_has_no_direction() {
        let run = example::all_pass(3, 1);
        let rows: Vec<Vec<String>> = fold(&run)
            .blocks
            .iter()
            .map(|block| block.rows[0].cells.iter().map(brief).collect())
            .collect();
        assert_eq!(
            rows,
            [
                ["Pass", "-", "-"],
                ["Pass", "Pass", "-"],
                ["Pass", "Pass", "Pass"]
            ]
        );
    }

    #[test]
    fn every_cell_of_a_run_stands_in_exactly_one_folded_cell() {
        for vendors in 1..=24 {
            for (keep_every, cases) in [(1, 1), (2, 2), (3, 3), (7, 1)] {
                let mut run = example::outcomes_in_turn(vendors, cases);
                let mut number = 0;
                run.cells.retain(|_| {
                    number += 1;
                    number % keep_every == 0
                });
                let matrix = fold(&run);
                let marks = matrix.cells().flat_map(Folded::marks);
                let folded: Vec<_> = marks
                    .flat_map(|mark| {
                        let same = |(_, cell): &(_, &Cell)| cell.outcome == mark.outcome;
                        assert!(mark.cells.iter().all(same));
                        mark.cells.iter().map(|(_, cell)| cell.id.as_str())
                    })
                    .collect();
                assert_eq!(folded.len(), run.cells.len());
                let distinct: HashSet<_> = folded.into_iter().collect();
                assert!(
                    run.cells
                        .iter()
                        .all(|cell| distinct.contains(cell.id.as_str()))
                );
            }
        }
    }

    #[test]
    fn a_run_without_vendors_or_cases_folds_into_nothing() {
        assert_eq!(fold(&example::all_pass(0, 1)).cells().count(), 0);
        assert_eq!(fold(&example::all_pass(2, 0)).cells().count(), 0);
    }
}
