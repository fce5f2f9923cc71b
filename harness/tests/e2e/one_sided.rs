//! `esp.aes256-sha256`: OpenIKED on Linux answers before its kernel has refused the SA.

use crate::support::alone;
use crate::support::expect::{Expected, PASS, check, fail};
use crate::support::program::{Call, cell};
use crate::support::project::Project;

const CASE: &str = "esp.aes256-sha256";

/// As responder it leaves the initiator with half a tunnel, and as initiator itself with none.
const CELLS: &[(&str, Expected)] = &[
    (
        "strongswan-6.0:openiked-7.4",
        fail("esp.one-sided", "responder"),
    ),
    (
        "libreswan-5.2:openiked-7.4",
        fail("esp.one-sided", "responder"),
    ),
    (
        "strongswan-5.9:openiked-7.2",
        fail("esp.one-sided", "responder"),
    ),
    (
        "libreswan-4.10:openiked-7.2",
        fail("esp.one-sided", "responder"),
    ),
    (
        "openiked-7.4:strongswan-6.0",
        fail("esp.one-sided", "initiator"),
    ),
    (
        "openiked-7.2:libreswan-4.10",
        fail("esp.one-sided", "initiator"),
    ),
    ("strongswan-6.0:libreswan-5.2", PASS),
];

#[test]
fn a_child_sa_at_one_end_only_fails_and_the_cause_says_so() {
    let _machine = alone();
    let project = Project::new();
    let pairs = CELLS.iter().map(|(pair, _)| *pair);
    let ran = Call::run(&project).cases([CASE]).pairs(pairs).done();
    let run = ran.expect_code(1).record();
    println!("{} cells in {:?}", run.cells.len(), ran.took);
    let table: Vec<_> = CELLS
        .iter()
        .map(|(pair, expected)| (format!("{CASE}/{pair}"), *expected))
        .collect();
    check(&ran, &run, &table);
    for (id, expected) in table {
        let Some(("esp.one-sided", _)) = expected.cause else {
            continue;
        };
        let sentence = &cell(&run, &id).cause.as_ref().unwrap().sentence;
        assert!(sentence.en.contains("one-sided"), "{id}: {}", sentence.en);
        assert!(sentence.ja.contains("片側"), "{id}: {}", sentence.ja);
    }
}
