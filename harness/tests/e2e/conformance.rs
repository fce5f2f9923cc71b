//! Single routers against the RFCs, with a tester of our own as their peer: what they do otherwise than
//! a clause says is known, case by case, and all else holds.

use std::collections::BTreeMap;
use std::fs;

use reports::cause::CauseCode;
use reports::model::{Outcome, Run};

use crate::support::alone;
use crate::support::program::Call;
use crate::support::project::Project;

const ROUTERS: [&str; 3] = ["strongswan-6.0", "libreswan-5.2", "openiked-7.4"];

/// Deviations of the daemons, each told in `docs/findings.md`.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    (
        "rfc7296-3.3.6.unknown-attribute-passed-over",
        "strongswan-6.0",
        VIOLATED,
    ),
    (
        "rfc7296-3.3.6.unknown-attribute-passed-over",
        "libreswan-5.2",
        VIOLATED,
    ),
    (
        "rfc7296-2.3.beyond-window-not-answered",
        "libreswan-5.2",
        VIOLATED,
    ),
    (
        "rfc7296-2.9.wide-selectors-narrowed",
        "libreswan-5.2",
        ADVICE,
    ),
    (
        "rfc7296-2.3.beyond-window-not-answered",
        "openiked-7.4",
        VIOLATED,
    ),
    (
        "rfc7296-2.5.critical-payload-refused-in-init",
        "openiked-7.4",
        VIOLATED,
    ),
    (
        "rfc7296-2.5.critical-payload-refused-in-auth",
        "openiked-7.4",
        VIOLATED,
    ),
    (
        "rfc7296-2.5.critical-payload-refused-in-informational",
        "openiked-7.4",
        VIOLATED,
    ),
    ("rfc7296-2.5.major-version-refused", "openiked-7.4", ADVICE),
    (
        "rfc7296-2.9.foreign-selectors-refused",
        "openiked-7.4",
        VIOLATED,
    ),
    (
        "rfc7296-2.21.3.malformed-request-refused",
        "openiked-7.4",
        VIOLATED,
    ),
    (
        "rfc7296-3.3.6.unknown-attribute-passed-over",
        "openiked-7.4",
        VIOLATED,
    ),
];

const VIOLATED: &str = "conformance.violated";
const ADVICE: &str = "conformance.advice-ignored";

#[test]
fn routers_do_what_the_clauses_say_except_for_what_is_known() {
    let _machine = alone();
    let vendors = ROUTERS.iter().flat_map(|id| ["--vendor", id]);
    let ran = Call::conform(&Project::new()).args(vendors).done();
    let run = ran.expect_code(1).record();
    assert!(run.complete);
    let mut expected = BTreeMap::new();
    for (case, router, code) in DEVIATIONS {
        expected.insert((*case, *router), *code);
    }
    assert_eq!(deviations(&run), expected);
    for cell in &run.cells {
        let transcript = fs::read_to_string(ran.evidence(cell).join("transcript.txt")).unwrap();
        assert!(transcript.contains("IKE_SA_INIT"), "{}", cell.id);
    }
}

fn deviations(run: &Run) -> BTreeMap<(&str, &str), &'static str> {
    let mut found = BTreeMap::new();
    for cell in &run.cells {
        let code = cell.cause.as_ref().map(|cause| cause.code);
        match (cell.outcome, code) {
            (Outcome::Pass, None)
            | (Outcome::Unsupported, Some(CauseCode::ConformanceNotApplicable)) => {}
            (_, code) => {
                let code = code.map_or("", CauseCode::as_str);
                found.insert((cell.case.as_str(), cell.responder.as_str()), code);
            }
        }
    }
    found
}
