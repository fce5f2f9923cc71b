//! A finished cell: its story from the record and the evidence.

use std::path::Path;

use files::use_known;
use reports::cause::{Cause, Proof};
use reports::conformance::command_again;
use reports::evidence::Evidence;
use reports::file;
use reports::json as record;
use reports::model::{Cell, Run};
use reports::terminal;
use serde::Serialize;
use transcript::model::Transcript;
use transcript::tell;

use super::page::{AROUND, Page};
use super::{IKE_TABLE, Told, json, last_message, read_table, words};
use crate::cli::{Common, parse_cell};
use crate::commands::run::terminal_options;
use crate::engine::CAPTURE;
use crate::failure::Failure;
use crate::story;

/// Proofs that are shown with what surrounds them.
const MOST_PROOFS: usize = 6;

/// What `--json` prints.
#[derive(Serialize)]
struct Explanation<'a> {
    cell: &'a Cell,
    /// What the wire alone shows; absent without a capture.
    #[serde(skip_serializing_if = "Option::is_none")]
    wire: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<&'a Transcript>,
}

pub(super) fn explain(
    common: &Common,
    from: &Path,
    id: &str,
    as_json: bool,
) -> Result<String, Failure> {
    parse_cell(id).map_err(|why| Failure::input(format!("{id:?}: {why}")))?;
    let run = record::read(&from.join("run.json"))?;
    let Some(cell) = run.cells.iter().find(|cell| cell.id == id) else {
        let known: Vec<&str> = run.cells.iter().map(|cell| cell.id.as_str()).collect();
        return Err(Failure::input(format!(
            "there is no cell {id:?} in {}\n{}",
            from.display(),
            use_known(id, &known)
        )));
    };
    let evidence = Evidence::of(from, cell);
    let transcript = evidence.as_ref().map(transcript).transpose()?.flatten();
    if as_json {
        return json(&Explanation {
            cell,
            wire: transcript.as_ref().map(Told::of),
            transcript: transcript.as_ref(),
        });
    }
    let story = Story {
        run: &run,
        cell,
        evidence: evidence.as_ref(),
        transcript: transcript.as_ref(),
    };
    Ok(story.render(terminal_options(common)))
}

/// The transcript of the cell's capture; none without a capture.
fn transcript(evidence: &Evidence) -> Result<Option<Transcript>, Failure> {
    let Some(capture) = evidence.file(CAPTURE) else {
        return Ok(None);
    };
    let table = evidence.file(&format!("keys/{IKE_TABLE}"));
    let keys = table.as_deref().map(read_table).transpose()?;
    let keys = keys.unwrap_or_default();
    let read = story::unlock(file::open(&capture, u64::MAX)?, &keys);
    let told = read.map_err(|error| {
        let what = error.to_string().replace('\n', "; ");
        Failure::input(format!("{}: {what}", capture.display()))
    })?;
    Ok(Some(told.transcript))
}

struct Story<'a> {
    run: &'a Run,
    cell: &'a Cell,
    evidence: Option<&'a Evidence>,
    transcript: Option<&'a Transcript>,
}

impl Story<'_> {
    fn render(&self, options: terminal::Options) -> String {
        let mut page = Page::new(options);
        page.title(&self.cell.id);
        self.tried(&mut page);
        self.outcome(&mut page);
        if let Some(cause) = &self.cell.cause {
            self.stopped(&mut page);
            self.cause(&mut page, cause);
            page.advice(&cause.advice());
        }
        page.gap();
        page.heading(words::NEGOTIATION);
        match self.transcript {
            Some(transcript) => page.block(&tell::render(transcript, options.lang)),
            None if self.evidence.is_some() => {
                let words = page.say(words::NO_CAPTURE);
                page.paragraph(2, words);
            }
            None => {
                let words = page.say(words::NO_EVIDENCE);
                page.paragraph(2, words);
            }
        }
        page.gap();
        page.heading(words::AGAIN);
        page.unbroken(2, &command_again(&self.cell.id));
        page.finish()
    }

    fn tried(&self, page: &mut Page) {
        page.gap();
        page.heading(words::TRIED);
        let case = self.run.cases.iter().find(|case| case.id == self.cell.case);
        if let Some(case) = case {
            let lang = page.lang();
            page.paragraph(
                2,
                &format!("{} ({})", case.title.in_lang(lang), case.clause),
            );
            page.paragraph(2, case.requirement.in_lang(lang));
        }
        let ends = [
            (words::INITIATOR, "moon", &self.cell.initiator),
            (words::RESPONDER, "sun", &self.cell.responder),
        ];
        for (role, node, id) in ends {
            let vendor = self.run.vendors.iter().find(|vendor| vendor.id == *id);
            let name = vendor.map_or(id.as_str(), |vendor| vendor.name.in_lang(page.lang()));
            let version = vendor.map_or("", |vendor| vendor.version.as_str());
            let role = page.say(role);
            page.unbroken(2, &format!("{role} {node}: {name} ({id} {version})"));
        }
    }

    fn outcome(&self, page: &mut Page) {
        page.gap();
        page.heading(words::OUTCOME);
        let (symbol, name) = (self.cell.outcome.symbol(), self.cell.outcome.name());
        let text = format!("{} {}", page.say(symbol), page.say(name));
        match self.cell.tally() {
            Some(tally) => page.unbroken(2, &format!("{text} {tally}")),
            None => page.unbroken(2, &text),
        }
        for (one, number) in self.cell.tries.iter().zip(1..) {
            let symbol = page.say(one.outcome.symbol());
            let code = one.cause.as_ref().map_or("", |cause| cause.code.as_str());
            let evidence = one.evidence.as_deref().unwrap_or_default();
            page.unbroken(4, &format!("{number}. {symbol} {code} {evidence}"));
        }
        if self.cell.observations.is_empty() {
            return;
        }
        let label = page.say(words::OBSERVED);
        page.unbroken(2, &format!("{label}:"));
        for seen in &self.cell.observations {
            let text = format!(
                "{} ({}): {}: {}",
                page.say(seen.observer.name()),
                page.say(seen.place.name()),
                page.say(seen.verdict.name()),
                seen.detail.in_lang(page.lang())
            );
            page.paragraph(4, &text);
        }
    }

    fn stopped(&self, page: &mut Page) {
        page.gap();
        page.heading(words::STOPPED);
        let stages: Vec<String> = self
            .cell
            .stages
            .iter()
            .map(|stage| format!("{} {} ms", stage.name, stage.millis))
            .collect();
        if !stages.is_empty() {
            let label = page.say(words::STAGES);
            page.paragraph(2, &format!("{label}: {}", stages.join(", ")));
        }
        // A cell that was not judged ended before, at a stage that says so.
        if self.cell.observations.is_empty()
            && let Some(stage) = self
                .cell
                .stages
                .iter()
                .rfind(|stage| stage.name != "teardown")
        {
            let label = page.say(words::LAST_STAGE);
            page.unbroken(2, &format!("{label}: {}", stage.name));
        }
        if let Some(line) = self
            .transcript
            .and_then(|transcript| last_message(transcript, page.lang()))
        {
            let label = page.say(words::LAST_MESSAGE);
            page.unbroken(2, &format!("{label}: {}", line.trim_start()));
        }
    }

    fn cause(&self, page: &mut Page, cause: &Cause) {
        page.gap();
        page.heading(words::CAUSE);
        page.paragraph(2, cause.sentence.in_lang(page.lang()));
        page.cause(cause.code, cause.side, cause.rule.as_deref());
        for contradiction in &cause.contradictions {
            let label = page.say(words::CONTRADICTION);
            let text = format!("{label}: {}", contradiction.in_lang(page.lang()));
            page.paragraph(2, &text);
        }
        if cause.proof.is_empty() {
            return;
        }
        page.gap();
        page.heading(words::PROOF);
        for proof in cause.proof.iter().take(MOST_PROOFS) {
            page.unbroken(2, &proof.place());
            self.proof(page, proof);
        }
    }

    /// The proof with what surrounds it.
    fn proof(&self, page: &mut Page, proof: &Proof) {
        if let (Some(packet), Some(transcript)) = (proof.packet, self.transcript) {
            page.packet(transcript, packet);
            return;
        }
        let around = proof.line.and_then(|line| {
            self.evidence?
                .lines_around(&proof.file, line, AROUND as u64)
        });
        match around {
            Some(lines) => {
                for (number, text) in lines {
                    let mark = if Some(number) == proof.line { '>' } else { ' ' };
                    page.unbroken(4, &format!("{mark} {number:>5}  {text}"));
                }
            }
            None => {
                if let Some(excerpt) = &proof.excerpt {
                    page.unbroken(4, &format!("> {excerpt}"));
                }
            }
        }
    }
}
