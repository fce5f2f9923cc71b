//! The field trial of 2018, by real daemons. Only this comparison knows what must come out.

use reports::comparison::as_expected;
use reports::model::Outcome;

use crate::support::alone;
use crate::support::expect::{Expected, check, fail};
use crate::support::program::Call;
use crate::support::project::{Project, repository};

const NO_POLICIES: &str = "credential.policy-critical-unsupported";
const FOREIGN_IDENTITY: &str = "credential.id-not-in-certificate";

/// Why the pairings of the trial fail: who refuses, and what.
const CAUSES: [(&str, Expected); 10] = [
    ("cert-hpki/trial-a:trial-a", fail(NO_POLICIES, "initiator")),
    ("cert-hpki/trial-a:trial-b", fail(NO_POLICIES, "initiator")),
    ("cert-hpki/trial-a:trial-c", fail(NO_POLICIES, "initiator")),
    ("cert-hpki/trial-b:trial-a", fail(NO_POLICIES, "initiator")),
    ("cert-hpki/trial-b:trial-b", fail(NO_POLICIES, "initiator")),
    ("cert-hpki/trial-b:trial-c", fail(NO_POLICIES, "initiator")),
    ("cert-hpki/trial-c:trial-a", fail(NO_POLICIES, "responder")),
    ("cert-hpki/trial-c:trial-b", fail(NO_POLICIES, "responder")),
    (
        "cert-rfc4945/trial-b:trial-c",
        fail(FOREIGN_IDENTITY, "responder"),
    ),
    (
        "cert-rfc4945/trial-c:trial-b",
        fail(FOREIGN_IDENTITY, "initiator"),
    ),
];

#[test]
fn all_thirty_cells_agree_with_the_trial_and_every_failure_has_its_cause() {
    let _machine = alone();
    let project = Project::new();
    let expectation = repository().join("vendor-profiles/trial-2018.toml");
    let ran = Call::run(&project).expecting(&expectation).done();
    let run = ran.record();
    println!("{} cells in {:?}", run.cells.len(), ran.took);
    assert_eq!(run.cells.len(), 48);
    let table = CAUSES.map(|(cell, expected)| (format!("auth.{cell}"), expected));
    check(&ran, &run, &table);
    let failed = run
        .cells
        .iter()
        .filter(|cell| cell.outcome == Outcome::Fail);
    assert_eq!(failed.count(), table.len());
    let comparison = run.comparison.as_ref().unwrap();
    assert_eq!(comparison.verdicts.len(), 30);
    assert!(as_expected(&run), "{ran}");
    assert!(ran.stdout.contains("30 of 30"), "{ran}");
    ran.expect_code(0);
}
