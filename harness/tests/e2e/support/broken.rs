//! Cases in which one thing is wrong, tried on every daemon family.

use super::cases::TestCase;
use super::expect::{Expected, check};
use super::program::Call;
use super::project::Project;

/// Every daemon family is an initiator and a responder.
pub(crate) const PAIRS: [&str; 3] = [
    "strongswan-6.0:libreswan-5.2",
    "libreswan-5.2:openiked-7.4",
    "openiked-7.4:strongswan-6.0",
];

/// What is wrong, and what each of [`PAIRS`] must come to.
pub(crate) type Broken = (TestCase, [Expected; 3]);

/// Runs the cases, which are in the project, on all pairs.
pub(crate) fn expect_failures(project: &Project, broken: &[Broken]) {
    let ids: Vec<String> = broken.iter().map(|(case, _)| case.id()).collect();
    let ran = Call::run(project)
        .cases(ids.iter().map(String::as_str))
        .pairs(PAIRS)
        .done();
    let run = ran.expect_code(1).record();
    println!("{} cells in {:?}", run.cells.len(), ran.took);
    let table: Vec<_> = broken
        .iter()
        .flat_map(|(case, expected)| {
            let cells = PAIRS.map(|pair| format!("{}/{pair}", case.id()));
            cells.into_iter().zip(*expected)
        })
        .collect();
    assert_eq!(run.cells.len(), table.len());
    check(&ran, &run, &table);
}
