use reports::json;

use super::*;

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
    use Outcome::{Error, Fail, Pass, Skipped, Unsupported};
    let expected = [
        (true, &[][..], 0),
        (true, &[Pass, Pass], 0),
        (true, &[Pass, Unsupported, Skipped], 0),
        (true, &[Pass, Fail, Unsupported], 1),
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
