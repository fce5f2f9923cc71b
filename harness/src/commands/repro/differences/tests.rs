use reports::model::{Inputs, LabRecord, Outcome, Package, SCHEMA, Tool};

use super::*;
use crate::sample::project;

const CELL: &str = "auth.psk/strongswan-6.0:strongswan-6.0";

/// A record of one cell with the real profile and case.
fn record(project: &Project) -> Run {
    let (profile, case) = (
        project.profile("strongswan-6.0").unwrap(),
        project.case("auth.psk").unwrap(),
    );
    let package = |name: &str| Package {
        name: name.to_owned(),
        version: "6.0.1-6".to_owned(),
    };
    Run {
        schema: SCHEMA,
        started: "2026-05-04T03:02:01Z".parse().unwrap(),
        finished: "2026-05-04T03:05:21Z".parse().unwrap(),
        complete: true,
        tool: Tool {
            name: "ikematrix".to_owned(),
            version: "0.1.0".to_owned(),
        },
        lab: LabRecord {
            backend: "vm".to_owned(),
            kernel: "6.12.30-amd64".to_owned(),
            accel: "kvm".to_owned(),
            reason: Text::same("asked for"),
        },
        vendors: vec![Vendor {
            id: profile.id.clone(),
            name: profile.name.clone(),
            basis: None,
            implementation: profile.implementation.id.clone(),
            version: profile.version.clone(),
            packages: ["charon-systemd", "libc6"].map(package).to_vec(),
            image: format!("sha256:{:064x}", 1),
            profile_sha256: profile.sha256.clone(),
        }],
        cases: vec![reports::model::CaseRecord {
            id: case.id.clone(),
            abbreviation: case.abbreviation.clone(),
            title: case.title.clone(),
            clause: case.clause.to_string(),
            requirement: case.clause.restated.clone(),
            case_sha256: case.sha256.clone(),
        }],
        cells: vec![Cell {
            id: CELL.to_owned(),
            case: case.id.clone(),
            initiator: profile.id.clone(),
            responder: profile.id.clone(),
            outcome: Outcome::Pass,
            cause: None,
            observations: Vec::new(),
            stages: Vec::new(),
            attempts: 1,
            evidence: None,
            inputs_sha256: None,
            tries: Vec::new(),
        }],
        comparison: None,
        selection: None,
        inputs: Some(Inputs {
            project: "inputs".to_owned(),
            certificate_seed: "0".repeat(64),
            certificate_time: "2026-05-04T03:02:01Z".parse().unwrap(),
        }),
    }
}

fn told(then: &Run, now: &Run, project: Option<&Project>) -> String {
    let comparison = Comparison {
        then,
        now,
        cell: CELL,
        project,
        certificate_time: then.inputs.as_ref().unwrap().certificate_time,
    };
    [Lang::En, Lang::Ja]
        .map(|lang| comparison.tell(lang))
        .concat()
}

#[test]
fn a_cell_under_the_same_conditions_differs_in_nothing() {
    let project = project();
    let run = record(&project);
    insta::assert_snapshot!(told(&run, &run, Some(&project)));
}

#[test]
fn everything_that_is_not_as_it_was_is_told() {
    let project = project();
    let now = record(&project);
    let mut then = now.clone();
    then.tool.version = "0.0.9\u{1b}[2J".to_owned();
    then.lab.kernel = "6.1.0".to_owned();
    then.lab.accel = "tcg".to_owned();
    then.vendors[0].packages[0].version = "6.0.1-5".to_owned();
    then.vendors[0].packages[1].name = "libssl3".to_owned();
    then.vendors[0].profile_sha256 = "1".repeat(64);
    then.cases[0].case_sha256 = "2".repeat(64);
    then.cells[0].outcome = Outcome::Fail;
    then.inputs.as_mut().unwrap().certificate_time = "2020-05-04T03:02:01Z".parse().unwrap();
    let text = told(&then, &now, Some(&project));
    // Digests change with the files.
    let digests = [
        project.profile("strongswan-6.0").unwrap().sha256.clone(),
        project.case("auth.psk").unwrap().sha256.clone(),
    ];
    let text = digests
        .iter()
        .fold(text, |text, digest| text.replace(&digest[..12], "<digest>"));
    insta::assert_snapshot!(text);
}

#[test]
fn without_a_project_it_says_that_nothing_was_compared() {
    let run = record(&project());
    assert!(told(&run, &run, None).contains("There is no project here"));
}
