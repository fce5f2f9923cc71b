use std::path::PathBuf;
use std::process::Command;

use quick_junit::{NonSuccessKind, TestCaseStatus};

use super::*;
use crate::example;

#[test]
fn every_outcome_has_its_kind_and_failures_their_cause() {
    insta::assert_snapshot!(render(&example::mixed(4), Lang::En).unwrap());
}

#[test]
fn the_sentence_is_in_the_language_that_was_asked_for() {
    let xml = render(&example::mixed(3), Lang::Ja).unwrap();
    assert!(xml.contains("は確立していない"), "{xml}");
}

#[test]
fn an_unstable_cell_is_a_failure_that_says_how_many_tries_passed() {
    let xml = render(&example::repeated(2, 10), Lang::En).unwrap();
    assert!(xml.contains("passed 9/10: v1 established"), "{xml}");
    assert_eq!(xml.matches("<failure ").count(), 2);
}

#[test]
fn another_reader_finds_every_cell_with_its_outcome() {
    for run in [
        example::mixed(4),
        example::outcomes_in_turn(3, 2),
        example::hostile(),
        example::differing_trial(),
        example::repeated(3, 10),
    ] {
        let xml = render(&run, Lang::En).unwrap();
        let read = quick_junit::Report::deserialize_from_str(&xml).unwrap();
        let cases = read.test_suites.iter().flat_map(|suite| &suite.test_cases);
        let mut found = 0;
        for (cell, case) in run.cells.iter().zip(cases) {
            found += 1;
            let pairing = format!("{}:{}", cell.initiator, cell.responder);
            assert_eq!(case.name.as_str(), pairing);
            assert_eq!(case.classname.as_ref().unwrap().as_str(), cell.case);
            let expected = match &case.status {
                TestCaseStatus::Success { .. } => vec![Outcome::Pass],
                TestCaseStatus::NonSuccess { kind, message, .. } => {
                    if let (Some(cause), Some(message)) = (&cell.cause, message) {
                        let passed = cell.tally().map(|tally| format!("passed {tally}: "));
                        let sentence = clean(&cause.sentence.en);
                        let expected = passed.unwrap_or_default() + &sentence;
                        assert_eq!(message.as_str(), expected);
                    }
                    match kind {
                        NonSuccessKind::Failure => vec![Outcome::Fail, Outcome::Unstable],
                        NonSuccessKind::Error => vec![Outcome::Error],
                    }
                }
                TestCaseStatus::Skipped { .. } => vec![Outcome::Unsupported, Outcome::Skipped],
            };
            assert!(expected.contains(&cell.outcome), "{}", cell.id);
            let said = case.system_out.as_ref().unwrap().as_str();
            if let Some(evidence) = &cell.evidence {
                assert!(said.contains(&clean(evidence)), "{}: {said}", cell.id);
            }
        }
        assert_eq!(found, run.cells.len());
    }
}

#[test]
fn hostile_text_cannot_leave_its_place() {
    let mut run = example::hostile();
    let sentence = "]]></failure><script>&lt;\u{0}\u{b}\u{fffe}\u{202e}";
    run.cells[1].cause.as_mut().unwrap().sentence = crate::text::Text::same(sentence);
    let xml = render(&run, Lang::En).unwrap();
    let allowed = |c: char| {
        matches!(c, '\n' | '\t' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{7f}'..='\u{9f}' | '\u{202e}')
    };
    assert_eq!(xml.chars().find(|c| !allowed(*c)), None);
    assert!(xml.len() < 100_000, "{}", xml.len());
    // Well-formed, with as many elements as there are cells.
    let read = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    assert_eq!(read.test_suites[0].test_cases.len(), run.cells.len());
}

/// The schema that readers of this XML share: that of Jenkins, which comes with the sources of the
/// writer.
#[test]
fn reports_are_valid_under_the_common_schema() {
    let schema = schema();
    for run in [
        example::mixed(4),
        example::hostile(),
        example::interrupted(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("junit.xml");
        write(&path, &run, Lang::En).unwrap();
        let checked = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .args([&schema, &path])
            .output()
            .expect("xmllint, which scripts/setup.sh installs");
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{said}");
    }
}

fn schema() -> PathBuf {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let writer = packages
        .iter()
        .find(|package| package["name"] == "junit-report")
        .unwrap();
    let manifest = PathBuf::from(writer["manifest_path"].as_str().unwrap());
    manifest.with_file_name("tests").join("JUnit.xsd")
}
