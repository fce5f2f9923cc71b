use clap::Parser;
use reports::expectation::{Citation, Expected, ExpectedCell, ExpectedVendor};
use reports::json;
use reports::text::Text;

use super::*;
use crate::cli::{Cli, Command};
use crate::sample::project;

/// A record of cells with these outcomes.
fn record(complete: bool, outcomes: &[Outcome]) -> RunRecord {
    let cells = outcomes.iter().map(|outcome| {
        serde_json::json!({
            "id": "auth.psk/a:a", "case": "auth.psk", "initiator": "a", "responder": "a",
            "outcome": outcome, "attempts": 1
        })
    });
    serde_json::from_value(serde_json::json!({
        "schema": 1,
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:00:01Z",
        "complete": complete,
        "tool": { "name": "ikematrix", "version": "0" },
        "lab": {
            "backend": "vm", "kernel": "6", "accel": "tcg", "reason": { "en": "", "ja": "" }
        },
        "vendors": [], "cases": [], "cells": cells.collect::<Vec<_>>()
    }))
    .unwrap()
}

#[test]
fn the_exit_code_tells_the_worst_that_happened() {
    use Outcome::{Error, Fail, Pass, Skipped, Unstable, Unsupported};
    let expected = [
        (true, &[][..], 0),
        (true, &[Pass, Pass], 0),
        (true, &[Pass, Unsupported, Skipped], 0),
        (true, &[Pass, Fail, Unsupported], 1),
        (true, &[Pass, Unstable], 1),
        (true, &[Pass, Fail, Error], 3),
        (true, &[Error], 3),
        (false, &[Pass], 4),
        (false, &[Fail, Error], 4),
        (false, &[], 4),
    ];
    for (complete, outcomes, code) in expected {
        assert_eq!(
            exit_code(&record(complete, outcomes)),
            code,
            "{complete} {outcomes:?}"
        );
    }
}

#[test]
fn a_folder_belongs_to_one_run_at_a_time_and_the_next_one_starts_clean() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results of 試験");
    let claimed = OutFolder::claim(&out).unwrap();
    assert!(OutFolder::claim(&out).is_err());
    std::fs::create_dir_all(out.join("evidence/old")).unwrap();
    json::write(&out.join("run.json"), &record(true, &[])).unwrap();
    drop(claimed);
    let _claimed = OutFolder::claim(&out).unwrap();
    assert!(!out.join("run.json").exists() && !out.join("evidence").exists());
}

/// One case on one vendor with itself.
fn expectation(case: &str, vendor: &str, outcome: Expected) -> Expectation {
    Expectation {
        title: Text::same("a matrix"),
        source: Citation {
            title: Text::same("a report"),
            publisher: Text::same("somebody"),
            date: "2018-04-19".parse().unwrap(),
        },
        sha256: String::new(),
        vendors: vec![ExpectedVendor {
            id: vendor.into(),
            name: Text::same(vendor),
        }],
        cases: vec![case.into()],
        cells: vec![ExpectedCell {
            case: case.into(),
            row: vendor.into(),
            column: vendor.into(),
            outcome,
        }],
    }
}

#[test]
fn with_an_expectation_the_exit_code_tells_whether_it_was_met() {
    use Outcome::{Error, Fail, Pass};
    for (complete, outcome, expected, code) in [
        (true, Fail, Expected::Fail, 0),
        (true, Pass, Expected::Pass, 0),
        (true, Pass, Expected::Fail, 1),
        (true, Fail, Expected::Pass, 1),
        (true, Fail, Expected::Unsupported, 1),
        (true, Error, Expected::Fail, 3),
        (false, Fail, Expected::Fail, 4),
    ] {
        let mut record = record(complete, &[outcome]);
        record.comparison = Some(compare(expectation("auth.psk", "a", expected), &record));
        assert_eq!(
            exit_code(&record),
            code,
            "{complete} {outcome:?} {expected:?}"
        );
    }
}

/// Ids of the cells of the plan that these words ask for, beside an expectation of ESP on OpenIKED.
fn planned(words: &[&str]) -> Vec<String> {
    let words = ["ikematrix", "run"].iter().chain(words);
    let Command::Run(arguments) = Cli::parse_from(words).command else {
        unreachable!("the words are those of a run");
    };
    let expectation = expectation("esp.aes256-sha256", "openiked-7.4", Expected::Fail);
    let plan = plan(&project(), &arguments, Some(&expectation)).unwrap();
    plan.cells.into_iter().map(|cell| cell.id).collect()
}

#[test]
fn vendors_and_cases_are_those_of_the_expectation_unless_they_are_named() {
    for (words, cell) in [
        (&[][..], "esp.aes256-sha256/openiked-7.4:openiked-7.4"),
        (
            &["--case", "auth.psk"],
            "auth.psk/openiked-7.4:openiked-7.4",
        ),
        (
            &["--vendor", "strongswan-6.0"],
            "esp.aes256-sha256/strongswan-6.0:strongswan-6.0",
        ),
        (
            &["--pair", "openiked-7.4:libreswan-5.2"],
            "esp.aes256-sha256/openiked-7.4:libreswan-5.2",
        ),
    ] {
        assert_eq!(planned(words), [cell]);
    }
}
