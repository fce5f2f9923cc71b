//! A capture from anywhere: the story and a conclusion, without a lab and without a run.

use std::path::Path;

use reports::{file, terminal};
use serde::Serialize;
use transcript::keys::IkeKeys;
use transcript::model::Transcript;
use transcript::{Options, tell};

use super::page::Page;
use super::{Told, json, words};
use crate::cli::Common;
use crate::commands::run::terminal_options;
use crate::failure::Failure;

/// What `--json` prints.
#[derive(Serialize)]
struct Explanation<'a> {
    conclusion: &'a Told,
    transcript: &'a Transcript,
}

pub(super) fn explain(
    common: &Common,
    path: &Path,
    keys: &[IkeKeys],
    as_json: bool,
) -> Result<String, Failure> {
    let options = Options {
        keys,
        ..Options::default()
    };
    let transcript = transcript::read(file::open(path, u64::MAX)?, &options).map_err(|error| {
        let what = error.to_string().replace('\n', "; ");
        Failure::input(format!("{}: {what}", path.display()))
    })?;
    let told = Told::of(&transcript);
    if as_json {
        return json(&Explanation {
            conclusion: &told,
            transcript: &transcript,
        });
    }
    Ok(render(&transcript, &told, terminal_options(common)))
}

pub(super) fn render(transcript: &Transcript, told: &Told, options: terminal::Options) -> String {
    let mut page = Page::new(options);
    page.block(&tell::render(transcript, options.lang));
    page.gap();
    conclusion(&mut page, transcript, told);
    page.finish()
}

/// Why it failed, where that shows, and what to change.
pub(super) fn conclusion(page: &mut Page, transcript: &Transcript, told: &Told) {
    page.heading(words::CONCLUSION);
    page.paragraph(2, told.sentence.in_lang(page.lang()));
    let (Some(code), Some(side)) = (told.code, told.side) else {
        return;
    };
    page.cause(code, side, Some(code.rule()));
    if let Some(packet) = told.packet {
        page.packet(transcript, packet);
    }
    page.advice(&code.advice(side, false));
}
