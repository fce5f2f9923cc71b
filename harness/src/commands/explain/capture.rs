//! A capture from anywhere: the story and a conclusion, without a lab and without a run.

use std::path::Path;

use reports::text::Text;
use reports::{file, terminal};
use serde::Serialize;
use transcript::keys::IkeKeys;
use transcript::model::Transcript;
use transcript::{Options, tell};

use super::page::Page;
use super::{Told, json, keys_fit_nothing, words};
use crate::cli::Common;
use crate::commands::run::terminal_options;
use crate::failure::Failure;

/// What `--json` prints.
#[derive(Serialize)]
struct Explanation<'a> {
    /// Of the first pair of peers.
    conclusion: Option<&'a Told>,
    /// Of every further pair.
    #[serde(skip_serializing_if = "<[Told]>::is_empty")]
    further_conclusions: &'a [Told],
    /// What limits every conclusion from this capture.
    #[serde(skip_serializing_if = "<[Text]>::is_empty")]
    limits: &'a [Text],
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
    let told = Told::of_each(&transcript);
    let limits = limits(&transcript, keys);
    if as_json {
        return json(&Explanation {
            conclusion: told.first(),
            further_conclusions: told.get(1..).unwrap_or_default(),
            limits: &limits,
            transcript: &transcript,
        });
    }
    Ok(render(
        &transcript,
        &told,
        &limits,
        terminal_options(common),
    ))
}

fn limits(transcript: &Transcript, keys: &[IkeKeys]) -> Vec<Text> {
    let nothing = words::KEYS_FIT_NOTHING;
    let fits = keys_fit_nothing(transcript, keys).then(|| Text::new(nothing.en, nothing.ja));
    let notes = transcript.notes.iter().filter_map(words::limit);
    fits.into_iter().chain(notes).collect()
}

pub(super) fn render(
    transcript: &Transcript,
    told: &[Told],
    limits: &[Text],
    options: terminal::Options,
) -> String {
    let mut page = Page::new(options);
    page.block(&tell::render(transcript, options.lang));
    for told in told {
        page.gap();
        conclusion(&mut page, transcript, told);
    }
    for limit in limits {
        page.gap();
        page.paragraph(0, limit.in_lang(options.lang));
    }
    page.finish()
}

/// Why it failed, where that shows, and what to change.
pub(super) fn conclusion(page: &mut Page, transcript: &Transcript, told: &Told) {
    match told.peers {
        Some([one, other]) => {
            let title = page.say(words::CONCLUSION);
            page.title(&format!("{title}: {one} ⇔ {other}"));
        }
        None => page.heading(words::CONCLUSION),
    }
    page.paragraph(2, told.sentence.in_lang(page.lang()));
    let (Some(code), Some(side)) = (told.code, told.side) else {
        if let Some(packet) = told.packet {
            page.packet(transcript, packet);
        }
        return;
    };
    page.cause(code, side, Some(code.rule()));
    if let Some(packet) = told.packet {
        page.packet(transcript, packet);
    }
    page.advice(&code.advice(side, false));
}
