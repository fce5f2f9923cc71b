use super::*;
use crate::cli::{Cli, Command};
use clap::Parser;

fn chosen(words: &[&str]) -> Result<Vec<&'static str>, String> {
    let words = ["ikematrix", "conform"].iter().chain(words);
    let Command::Conform(arguments) = Cli::try_parse_from(words).unwrap().command else {
        panic!("another command");
    };
    match choose(&arguments) {
        Ok(cases) => Ok(cases.iter().map(|case| case.id).collect()),
        Err(failure) => Err(format!("{failure:?}")),
    }
}

#[test]
fn every_case_is_chosen_when_nothing_is_asked_for() {
    assert_eq!(chosen(&[]).unwrap().len(), conformance::all().count());
}

#[test]
fn a_theme_is_a_document_or_a_section_with_all_below() {
    let ids = chosen(&["--theme", "rfc7296-2.2"]).unwrap();
    assert!(ids.iter().all(|id| id.starts_with("rfc7296-2.2.")));
    let unknown = chosen(&["--theme", "rfc7296-2.4"]);
    assert!(unknown.unwrap_err().contains("known themes: rfc7296-1.2, "));
    let errors = chosen(&["--theme", "rfc7296-2.21"]).unwrap();
    assert!(errors.iter().all(|id| id.starts_with("rfc7296-2.21.")));
    assert!(errors.len() > 2);
    let fragments = chosen(&["--theme", "rfc7383"]).unwrap();
    assert!(fragments.iter().all(|id| id.starts_with("rfc7383-")));
}

#[test]
fn a_level_leaves_out_what_binds_less() {
    let musts = chosen(&["--level", "must"]).unwrap();
    assert!(!musts.contains(&"rfc7296-2.23.nat-detection-answered"));
    assert!(musts.contains(&"rfc7296-1.2.initial-exchanges"));
    let nothing = chosen(&["--level", "must", "--theme", "rfc7296-2.25"]);
    assert!(nothing.unwrap_err().contains("leave one of them out"));
}

#[test]
fn an_unknown_case_is_named_with_those_that_there_are() {
    let refused = chosen(&["--case", "rfc7296-9.9.none"]).unwrap_err();
    assert!(
        refused.contains("rfc7296-1.2.initial-exchanges"),
        "{refused}"
    );
}
