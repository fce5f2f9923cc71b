//! The report for CI systems: one test case a cell, in the XML that JUnit made common.
//!
//! The writer of this XML copies what it is given, so that every text goes through [`clean`] first.

use std::path::Path;

use jiff::Timestamp;
use junit_report::{Duration, OffsetDateTime, Report, TestCase, TestSuite};

use crate::cause::Cause;
use crate::escape::visible;
use crate::file;
use crate::model::{Cell, Outcome, Run};
use crate::summary::repro_command;
use crate::text::{Lang, Text};
use crate::words::WORDS;

/// Longest text in characters; the rest is in the record.
const LONGEST: usize = 2000;
/// Pointers into the evidence that are told of a cell.
const MOST_PROOFS: usize = 20;

/// Why no report could be made.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Error {
    File(#[from] file::Error),
    /// The record's time is not one that the XML can name.
    Xml(String),
}

impl Error {
    /// What is wrong, in both languages.
    pub fn told(&self) -> Text {
        match self {
            Self::File(error) => error.told(),
            Self::Xml(why) => Text::new(
                format!("cannot write the report as JUnit XML: {why}"),
                format!("報告を JUnit XML として出力できません: {why}"),
            ),
        }
    }
}

/// The XML: a suite for each case, and in it a test case for each ordered pairing. The class is the
/// case, the name the pairing, and the message the sentence of the cause in this language.
///
/// What a vendor declares as unsupported, and what was not tried, counts as skipped; a fault of the
/// lab is an error and no failure. A cell that is unstable is a failure.
///
/// # Errors
///
/// When the run's time lies outside the years that the format knows.
pub fn render(run: &Run, lang: Lang) -> Result<String, Error> {
    let mut report = Report::new();
    for case in &run.cases {
        let name = clean(&case.id);
        let mut suite = TestSuite::new(&name);
        suite.package = clean(&run.tool.name);
        suite.set_timestamp(time_of(run.started)?);
        let cells = run.cells.iter().filter(|cell| cell.case == case.id);
        suite.add_testcases(cells.map(|cell| test_case(cell, &name, lang)));
        report.add_testsuite(suite);
    }
    let mut xml = Vec::new();
    report
        .write_xml(&mut xml)
        .map_err(|error| Error::Xml(error.to_string()))?;
    xml.push(b'\n');
    String::from_utf8(xml).map_err(|error| Error::Xml(error.to_string()))
}

/// Writes the report; whoever reads the file meets a whole report at any time.
///
/// # Errors
///
/// When the file cannot be written: what stood there before stays.
pub fn write(path: &Path, run: &Run, lang: Lang) -> Result<(), Error> {
    Ok(file::write_atomically(path, render(run, lang)?.as_bytes())?)
}

fn test_case(cell: &Cell, class: &str, lang: Lang) -> TestCase {
    let name = clean(&format!("{}:{}", cell.initiator, cell.responder));
    let millis: u64 = cell.stages.iter().map(|stage| stage.millis).sum();
    // A sum beyond the range would be three hundred million years.
    let time = Duration::milliseconds(i64::try_from(millis).unwrap_or(i64::MAX));
    let (code, message) = match &cell.cause {
        Some(cause) => (cause.code.as_str(), clean(cause.sentence.in_lang(lang))),
        None => ("unknown", WORDS.no_cause.in_lang(lang).to_owned()),
    };
    let message = match passed(cell, lang) {
        Some(passed) => format!("{passed}: {message}"),
        None => message,
    };
    let mut test = match cell.outcome {
        Outcome::Pass => TestCase::success(&name, time),
        Outcome::Fail | Outcome::Unstable => TestCase::failure(&name, time, code, &message),
        Outcome::Error => TestCase::error(&name, time, code, &message),
        Outcome::Unsupported | Outcome::Skipped => TestCase::skipped(&name),
    };
    test.set_classname(class);
    test.set_system_out(&said(cell, lang));
    test
}

/// `passed 9/10`, where there were several tries.
fn passed(cell: &Cell, lang: Lang) -> Option<String> {
    let tally = cell.tally()?;
    Some(format!("{} {tally}", WORDS.passed.in_lang(lang)))
}

/// Where to look further, line by line.
fn said(cell: &Cell, lang: Lang) -> String {
    let mut lines = vec![format!(
        "{}: {}",
        cell.id,
        cell.outcome.name().in_lang(lang)
    )];
    if let Some(passed) = passed(cell, lang) {
        let label = WORDS.tries.in_lang(lang);
        lines.push(format!("{label}: {passed}"));
    }
    if let Some(cause) = &cell.cause {
        lines.extend(reasons(cause, lang));
    }
    if let Some(evidence) = &cell.evidence {
        lines.push(format!("{}: {evidence}", WORDS.evidence.in_lang(lang)));
    }
    let again = repro_command(cell);
    lines.push(format!("{}: {again}", WORDS.reproduce.in_lang(lang)));
    let clean: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    clean.join("\n")
}

fn reasons(cause: &Cause, lang: Lang) -> Vec<String> {
    let mut lines = vec![format!(
        "{}: {}",
        cause.code.as_str(),
        cause.sentence.in_lang(lang)
    )];
    if let Some(rule) = &cause.rule {
        lines.push(format!("{}: {rule}", WORDS.rule.in_lang(lang)));
    }
    for proof in cause.proof.iter().take(MOST_PROOFS) {
        let excerpt = proof.excerpt.as_deref().unwrap_or_default();
        let place = proof.place();
        lines.push(format!("{}: {place} {excerpt}", WORDS.proof.in_lang(lang)));
    }
    let more = cause.proof.len().saturating_sub(MOST_PROOFS);
    if more > 0 {
        lines.push(format!("… {more} {}", WORDS.more_in_record.in_lang(lang)));
    }
    lines
}

/// One line in which nothing is left that XML forbids, that could end a CDATA section, or that acts
/// on a terminal.
fn clean(text: &str) -> String {
    let shown = visible(text, LONGEST).replace("]]>", "]] >");
    shown.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn time_of(moment: Timestamp) -> Result<OffsetDateTime, Error> {
    OffsetDateTime::from_unix_timestamp(moment.as_second())
        .map_err(|error| Error::Xml(error.to_string()))
}

#[cfg(test)]
mod tests;
