//! Single routers against the RFCs, with a tester of our own as their peer: what they do otherwise than
//! a clause says is known, case by case, and all else holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use conformance::{Case, Setup};
use reports::cause::CauseCode;
use reports::conformance::TESTER;
use reports::model::{Cell, Outcome, Run};

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

/// Of the cases with certificates, one that shows that they work.
const SIGNED: &str = "rfc7427-3.rsa-sha2-256-taken";

/// Cases that set up a tunnel with one algorithm after the other, and send traffic through it.
fn is_of_algorithms(case: &Case) -> bool {
    let is_signed = case.setup.has_certificates && case.id.ends_with("-taken");
    is_signed || case.id.starts_with("rfc7296-2.7.each-")
}

fn ids(wanted: impl Fn(&Case) -> bool) -> Vec<&'static str> {
    let chosen = conformance::all().filter(|case| wanted(case));
    chosen.flat_map(|case| ["--case", case.id]).collect()
}

#[test]
fn routers_do_what_the_clauses_say_except_for_what_is_known() {
    let _machine = alone();
    let vendors = ROUTERS.iter().flat_map(|id| ["--vendor", id]);
    let cases = ids(|case| {
        let responds = case.setup == Setup::RESPONDS && !is_of_algorithms(case);
        responds || case.id == SIGNED
    });
    let project = Project::new();
    let ran = Call::conform(&project).args(vendors).args(cases).done();
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

#[test]
#[ignore = "takes minutes: six routers, in both parts, with every algorithm and signature"]
fn every_router_has_a_tunnel_with_each_of_its_algorithms_in_both_parts() {
    let _machine = alone();
    let run = Call::conform(&Project::new())
        .args(ids(is_of_algorithms))
        .done()
        .record();
    assert!(run.complete);
    let routers: BTreeSet<&str> = run.cells.iter().map(router).collect();
    let mut wrong = Vec::new();
    for case in conformance::all().filter(|case| is_of_algorithms(case)) {
        print!("{:56}", case.id);
        for name in &routers {
            let mut all = run.cells.iter();
            let cell = all.find(|cell| cell.case == case.id && router(cell) == *name);
            let word = match cell.map(|cell| cell.outcome) {
                Some(Outcome::Pass) => "ok",
                Some(Outcome::Unsupported) => "unsupported",
                _ => {
                    wrong.push((case.id, *name));
                    "wrong"
                }
            };
            print!(" {name}: {word:12}");
        }
        println!();
    }
    assert_eq!(wrong, []);
}

#[test]
fn a_vector_counts_between_two_baselines_and_a_router_without_policies_conforms_and_cannot_serve_hpki()
 {
    let _machine = alone();
    let vectors = ["v16", "b07", "b26", "b26-of-responder"].map(|id| format!("certificates.{id}"));
    let vectors = vectors.iter().flat_map(|id| ["--case", id]);
    let ran = Call::conform(&Project::new())
        .args(["--vendor", "strongswan-6.0", "--vendor", "trial-a"])
        .args(vectors)
        .done();
    let run = ran.expect_code(0).record();
    assert!(run.complete);
    let outcome = |id: &str, name: &str| {
        let mut all = run.cells.iter();
        let cell =
            all.find(|cell| cell.case == format!("certificates.{id}") && router(cell) == name);
        let cell = cell.unwrap();
        (
            cell.outcome,
            cell.cause.as_ref().map(|cause| cause.code.as_str()),
        )
    };
    for name in ["strongswan-6.0", "trial-a"] {
        for id in ["b07", "b26", "b26-of-responder"] {
            assert_eq!(outcome(id, name), (Outcome::Pass, None), "{id} {name}");
        }
    }
    assert_eq!(outcome("v16", "strongswan-6.0"), (Outcome::Pass, None));
    let without = (
        Outcome::Unsupported,
        Some("conformance.policies-unsupported"),
    );
    assert_eq!(outcome("v16", "trial-a"), without);
    for cell in &run.cells {
        // The vector and the baseline after it; before the first one, the baseline too.
        let told = fs::read_to_string(ran.evidence(cell).join("transcript.txt")).unwrap();
        let begun = told.matches("IKE_SA_INIT request").count();
        assert!(begun >= 2, "{}: {told}", cell.id);
    }
}

/// The one of both ends that is not the tester.
fn router(cell: &Cell) -> &str {
    if cell.initiator == TESTER {
        &cell.responder
    } else {
        &cell.initiator
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
                found.insert((cell.case.as_str(), router(cell)), code);
            }
        }
    }
    found
}
