//! The templates of a router's files.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::LazyLock;

use files::source::entries;
use files::{Problem, Problems, Source};
use regex::Regex;
use serde::Serialize;
use tera::{Context, Tera};

pub(crate) use variables::known;

mod variables;

/// Templates by file name, compiled together so that one can include another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Templates {
    sources: BTreeMap<String, Source>,
    tera: Tera,
}

impl Templates {
    /// Reads the templates that stand in a folder.
    pub(crate) fn read(folder: &Path) -> Result<BTreeMap<String, Source>, Problems> {
        let mut sources = BTreeMap::new();
        let mut problems = Vec::new();
        for path in entries(folder)? {
            if path.extension() != Some(OsStr::new("tera")) {
                continue;
            }
            let Some(name) = path.file_name().and_then(OsStr::to_str) else {
                problems.push(Problem::of_file(&path, "the name of the file is not UTF-8"));
                continue;
            };
            match Source::read(&path) {
                Ok(source) => {
                    sources.insert(name.to_owned(), source);
                }
                Err(problem) => problems.push(problem),
            }
        }
        Problems::none_in(problems)?;
        Ok(sources)
    }

    /// Compiles templates.
    pub(crate) fn compile(sources: BTreeMap<String, Source>) -> Result<Self, Problem> {
        let mut tera = Tera::default();
        // What comes out is no HTML.
        tera.autoescape_on(Vec::<&str>::new());
        let texts = sources.iter().map(|(name, source)| (name, source.text()));
        match tera.add_raw_templates(texts) {
            Ok(()) => Ok(Self { sources, tera }),
            Err(error) => Err(explain(&error, &sources)),
        }
    }

    /// These templates with some replaced by others of the same name.
    pub(crate) fn with(&self, own: BTreeMap<String, Source>) -> Result<Self, Problem> {
        if own.is_empty() {
            return Ok(self.clone());
        }
        let mut sources = self.sources.clone();
        sources.extend(own);
        Self::compile(sources)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// Names and texts, in the order of the names.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources
            .iter()
            .map(|(name, source)| (name.as_str(), source.text()))
    }

    /// Every use of a variable that no template is given.
    ///
    /// Rendering finds such a use only on the way that it takes through the conditions.
    pub(crate) fn unknown_variables(&self, known: &[String]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, source) in &self.sources {
            match self.tera.get_template_variables(name) {
                Ok(free) => problems.extend(variables::unknown(source, &free, known)),
                Err(error) => problems.push(explain(&error, &self.sources)),
            }
        }
        problems
    }

    pub(crate) fn render(&self, template: &str, view: &impl Serialize) -> Result<String, Problem> {
        Context::from_serialize(view)
            .and_then(|context| self.tera.render(template, &context))
            .map_err(|error| explain(&error, &self.sources))
    }
}

/// Puts an error of the template engine into the form of the other problems.
///
/// The engine hands out the place of some errors and only prints that of others, so all are taken
/// from print.
fn explain(error: &tera::Error, sources: &BTreeMap<String, Source>) -> Problem {
    let report = error.to_string();
    let Some(place) = REPORT.captures(&report) else {
        let folder = sources.values().find_map(|source| source.path().parent());
        return Problem::of_file(
            folder.unwrap_or_else(|| Path::new("")),
            report.replace('\n', " "),
        );
    };
    let template = &place["template"];
    let path = sources
        .get(template)
        .map_or_else(|| Path::new(template), Source::path);
    let what = format!(
        "{}{}",
        place["first"].to_lowercase(),
        place["rest"].trim_end_matches('.')
    );
    let help = if what.contains("undefined") {
        "a proposal has encryption, integrity, dh, and in ike also prf"
    } else {
        "see https://docs.rs/tera for what a template can hold"
    };
    let number = |name: &str| place[name].parse().unwrap_or(1);
    Problem::of_file(path, format_args!("{what}\n{help}")).at(number("line"), number("column"))
}

/// The first two lines of an error as the engine prints it.
static REPORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^error: (?<first>.)(?<rest>.*)\n",
        r" *--> (?<template>.+):(?<line>\d+):(?<column>\d+)\n",
    ))
    .expect("a constant expression, used by the tests of faulty templates")
});
