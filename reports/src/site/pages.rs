//! The templates of the site, and what every page has.

use std::io;

use serde::Serialize;
use tera::{Context, Tera};

use crate::escape::{is_plain, visible};
use crate::summary::OUTCOMES;
use crate::text::{Lang, Words};
use crate::words::WORDS;

use super::Error;
use super::words::SITE;

/// Files that every page refers to.
pub(super) const ASSETS: [(&str, &str); 3] = [
    ("style.css", include_str!("../../templates/style.css")),
    ("site.css", include_str!("../../templates/site/site.css")),
    ("site.js", include_str!("../../templates/site/site.js")),
];

const TEMPLATES: [(&str, &str); 10] = [
    (
        "common.html",
        include_str!("../../templates/site/common.html.tera"),
    ),
    (
        "frame.html",
        include_str!("../../templates/site/frame.html.tera"),
    ),
    (
        "overview.html",
        include_str!("../../templates/site/overview.html.tera"),
    ),
    (
        "others.html",
        include_str!("../../templates/site/others.html.tera"),
    ),
    (
        "case.html",
        include_str!("../../templates/site/case.html.tera"),
    ),
    (
        "vendor.html",
        include_str!("../../templates/site/vendor.html.tera"),
    ),
    (
        "history.html",
        include_str!("../../templates/site/history.html.tera"),
    ),
    (
        "changes.html",
        include_str!("../../templates/site/changes.html.tera"),
    ),
    (
        "over_time.html",
        include_str!("../../templates/site/over_time.html.tera"),
    ),
    (
        "cell.html",
        include_str!("../../templates/site/cell.html.tera"),
    ),
];

/// Longest text in one place, in characters; the rest is in the evidence.
const LONGEST: usize = 1000;

pub(super) struct Pages {
    tera: Tera,
}

impl Pages {
    /// `above` leads from the site of a run to the pages of all runs, where there are any.
    pub(super) fn new(lang: Lang, above: Option<&str>) -> Result<Self, Error> {
        let mut tera = Tera::default();
        tera.set_escape_fn(escape);
        tera.add_raw_templates(TEMPLATES)?;
        let context = tera.global_context();
        context.insert("lang", lang.tag());
        context.insert("above", &above);
        context.insert("words", &WORDS);
        context.insert("site", &SITE);
        context.insert("filter_words", &filter_words());
        Ok(Self { tera })
    }

    /// A page. `root` leads from its folder to that of the site, such as `../`; `title` needs no
    /// translation.
    pub(super) fn render(
        &self,
        template: &str,
        root: &str,
        title: &str,
        page: &impl Serialize,
    ) -> Result<Vec<u8>, Error> {
        let mut context = Context::new();
        context.insert("root", root);
        context.insert("title", title);
        context.insert("page", page);
        let mut octets = Vec::new();
        self.tera.render_to(template, &context, &mut octets)?;
        Ok(octets)
    }
}

/// A word that the script of the filter knows by its key.
#[derive(Serialize)]
struct Keyed {
    key: serde_json::Value,
    words: Words,
}

/// The names of the fields, what the fields hold beside ids, and what the filter says.
fn filter_words() -> Vec<Keyed> {
    let fixed = [
        ("outcome", SITE.outcome),
        ("case", WORDS.case),
        ("vendor", WORDS.vendor),
        ("cause", SITE.cause),
        ("all", SITE.all),
        ("clear", SITE.clear),
        ("shown", SITE.shown),
    ];
    let fixed = fixed.map(|(key, words)| Keyed {
        key: key.into(),
        words,
    });
    let outcomes = OUTCOMES.map(|outcome| Keyed {
        // An outcome is a word in JSON.
        key: serde_json::to_value(outcome).unwrap_or_default(),
        words: outcome.name(),
    });
    fixed.into_iter().chain(outcomes).collect()
}

fn escape(text: &str, output: &mut dyn io::Write) -> io::Result<()> {
    if is_plain(text, LONGEST) {
        tera::escape_html(text, output)
    } else {
        tera::escape_html(&visible(text, LONGEST), output)
    }
}
