use super::*;
use crate::cli::{Cli, Command};
use crate::sample::project;
use clap::Parser;

fn chosen(words: &[&str]) -> Result<Vec<String>, String> {
    let words = ["ikematrix", "conform"].iter().chain(words);
    let Command::Conform(arguments) = Cli::try_parse_from(words).unwrap().command else {
        panic!("another command");
    };
    let vectors = project().vectors().unwrap();
    match choose(&arguments, vectors.as_ref()) {
        Ok(cases) => Ok(cases.iter().map(Subject::id).collect()),
        Err(failure) => Err(format!("{failure:?}")),
    }
}

#[test]
fn every_case_is_chosen_when_nothing_is_asked_for() {
    let all = chosen(&[]).unwrap();
    let of_vectors = all.iter().filter(|id| id.starts_with("certificates."));
    let of_vectors = of_vectors.count();
    assert!(of_vectors > 150, "{of_vectors}");
    assert_eq!(all.len() - of_vectors, conformance::all().count());
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
    let has = |id: &str| musts.iter().any(|known| known == id);
    assert!(!has("rfc7296-2.23.nat-detection-answered"));
    assert!(has("rfc7296-1.2.initial-exchanges"));
    assert!(has("certificates.v01") && !has("certificates.v14"));
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

#[test]
fn vectors_are_a_theme_and_come_by_who_begins() {
    let ids = chosen(&["--theme", "certificates"]).unwrap();
    assert_eq!(ids[0], "certificates.v01");
    let first = ids.iter().position(|id| id.ends_with("-of-responder"));
    let later = &ids[first.unwrap()..];
    assert!(later.iter().all(|id| id.ends_with("-of-responder")));
    // The identity of this one is not what a router that initiates is told.
    assert!(ids.iter().any(|id| id == "certificates.b07"));
    assert!(!ids.iter().any(|id| id == "certificates.b07-of-responder"));
    let one = chosen(&["--case", "certificates.x17-long"]).unwrap();
    assert_eq!(one, ["certificates.x17-long"]);
}
