//! The report as one page of HTML: no script, no request to anywhere, both languages.
//!
//! Everything that the page shows goes through [`escape`], whatever wrote it.

pub(crate) mod view;

use std::io;
use std::path::Path;

use tera::{Context, Tera};

use crate::escape::visible;
use crate::file;
use crate::html::view::View;
use crate::model::Run;
use crate::text::{Lang, Text};

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Error {
    File(#[from] file::Error),
    /// The template and what it is given do not fit: a fault of this program.
    Template(#[from] tera::Error),
}

impl Error {
    /// What is wrong, in both languages.
    pub fn told(&self) -> Text {
        match self {
            Self::File(error) => error.told(),
            Self::Template(error) => Text::new(
                format!("cannot render the page, which is a fault of this program: {error}"),
                format!("ページを生成できません（本プログラムの不具合）: {error}"),
            ),
        }
    }
}

/// The page; `lang` is the language that it opens in.
///
/// # Errors
///
/// Only when the embedded template is broken.
pub fn render(run: &Run, lang: Lang) -> Result<String, Error> {
    let mut tera = Tera::default();
    tera.set_escape_fn(escape);
    tera.add_raw_templates([
        ("style.css", include_str!("../templates/style.css")),
        ("parts.html", include_str!("../templates/parts.html.tera")),
        ("index.html", include_str!("../templates/index.html.tera")),
    ])?;
    let context = Context::from_serialize(&View::new(run, lang))?;
    Ok(tera.render("index.html", &context)?)
}

/// Writes the page; whoever reads the file meets a whole page at any time.
///
/// # Errors
///
/// When the file cannot be written: the page that stood there before stays.
pub fn write(path: &Path, run: &Run, lang: Lang) -> Result<(), Error> {
    let page = render(run, lang)?;
    Ok(file::write_atomically(path, page.as_bytes())?)
}

/// Longest text that the page shows in one place; the rest is in the evidence.
const LONGEST: usize = 600;

fn escape(text: &str, output: &mut dyn io::Write) -> io::Result<()> {
    tera::escape_html(&visible(text, LONGEST), output)
}

#[cfg(test)]
mod tests;
