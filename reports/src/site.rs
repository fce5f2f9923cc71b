//! A run as a folder of static pages that can be published: an overview, and one page for each cell,
//! vendor and case.
//!
//! Every page holds both languages, and the address says which of them is shown: `#ja` or `#en`,
//! which works from a file and without a script. A tree of pages for each language would double the
//! greatest part of a site, logs and configurations, which have no language.
//!
//! Nothing is asked of anybody: style and script lie beside the pages, and a policy in every page
//! forbids all else. The script only filters tables, tells ages and repeats labels as tool tips.

mod case;
mod cell;
mod downloads;
mod folder;
mod history;
mod marks;
mod others;
mod overview;
mod pages;
mod side_by_side;
mod source;
mod told;
mod vendor;
mod words;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::model::{Cell, Run};
use crate::text::{Lang, Text};
use crate::{file, seal};

pub use history::{Published, publish, refresh};

use folder::Staging;
use pages::Pages;
use source::Source;

/// Why a site could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Error {
    File(#[from] file::Error),
    NotASite {
        path: PathBuf,
    },
    /// The run lies in the place that the site would replace.
    RunInside {
        path: PathBuf,
    },
    /// A run that was published cannot be read any more.
    Lost {
        folder: PathBuf,
        reason: Text,
    },
    /// A template and what it is given do not fit: a fault of this program.
    Template(#[from] tera::Error),
    /// A fault of this program.
    Record(#[from] serde_json::Error),
    /// Of the run itself, which is not published then.
    Seal(#[from] seal::Error),
}

impl Error {
    /// What is wrong and what to do, in both languages.
    pub fn told(&self) -> Text {
        match self {
            Self::File(error) => error.told(),
            Self::Seal(error) => error.told(),
            Self::NotASite { path } => {
                let path = path.display();
                Text::new(
                    format!(
                        "{path} holds something that is not a site of ikematrix, and stays as it is; name \
                         an empty or a new folder"
                    ),
                    format!(
                        "{path} には ikematrix のサイトではない内容があるため、変更しません。空のフォルダーか\
                         新しいフォルダーを指定してください"
                    ),
                )
            }
            Self::RunInside { path } => {
                let path = path.display();
                Text::new(
                    format!(
                        "the run itself is in {path}, which the site would replace; name a folder beside \
                         the run"
                    ),
                    format!(
                        "サイトで置き換える {path} の中に実行結果があります。実行結果の外のフォルダーを\
                         指定してください"
                    ),
                )
            }
            Self::Lost { folder, reason } => {
                let folder = folder.display();
                Text::new(
                    format!(
                        "{folder} is a run that was published, and cannot be read: {}; nothing was \
                         changed, so that it is not lost from the pages: put the folder back from a \
                         copy, or move it out of the site and publish the run again",
                        reason.en
                    ),
                    format!(
                        "公開済みの実行結果 {folder} を読み込めません: {}。ページから失われないよう、\
                         何も変更していません。バックアップから復元するか、フォルダーをサイトの外へ移動して\
                         公開し直してください",
                        reason.ja
                    ),
                )
            }
            Self::Template(error) => Text::new(
                format!("cannot render a page, which is a fault of this program: {error}"),
                format!("ページを生成できません（本プログラムの不具合）: {error}"),
            ),
            Self::Record(error) => Text::new(
                format!(
                    "cannot write the record as JSON, which is a fault of this program: {error}"
                ),
                format!("記録を JSON として出力できません（本プログラムの不具合）: {error}"),
            ),
        }
    }
}

/// Name of the record in a site.
const RECORD: &str = "run.json.gz";

/// Makes the site of a run, in place of an earlier one. `evidence` is the folder of `run.json`, and
/// `lang` the language of an address that names none.
///
/// # Errors
///
/// The place holds anything else than a site, or cannot be written. What stood there stays then.
pub fn write(target: &Path, run: &Run, evidence: &Path, lang: Lang) -> Result<(), Error> {
    prepare(target, run, evidence, lang)?.finish()
}

/// A site that is whole and not yet in its place. Dropped, nothing of it stays.
#[must_use]
pub struct Pending(Staging);

impl Pending {
    /// Puts the site into its place.
    ///
    /// # Errors
    ///
    /// As [`write`].
    pub fn finish(self) -> Result<(), Error> {
        self.0.finish()
    }
}

/// The first half of [`write`].
///
/// # Errors
///
/// As [`write`].
pub fn prepare(target: &Path, run: &Run, evidence: &Path, lang: Lang) -> Result<Pending, Error> {
    let real = |path: &Path| path.canonicalize().ok();
    if let (Some(site), Some(run)) = (real(target), real(evidence))
        && run.starts_with(&site)
    {
        return Err(Error::RunInside { path: site });
    }
    let staging = Staging::begin(target)?;
    fill(&staging, run, evidence, &Pages::new(lang, None)?)?;
    Ok(Pending(staging))
}

fn fill(staging: &Staging, run: &Run, evidence: &Path, pages: &Pages) -> Result<(), Error> {
    let source = Source::new(run, evidence)?;
    for (name, content) in pages::ASSETS {
        staging.write(name, content.as_bytes())?;
    }
    staging.create(RECORD, |file| packed(file, run))?;
    staging.write("index.html", &overview::page(pages, &source)?)?;
    staging.write(others::PATH, &others::page(pages, &source)?)?;
    for case in &run.cases {
        let page = case::page(pages, &source, case)?;
        staging.write(&marks::case_path(&case.id), &page)?;
    }
    for vendor in &run.vendors {
        let page = vendor::page(pages, &source, vendor)?;
        staging.write(&marks::vendor_path(&vendor.id), &page)?;
    }
    in_parallel(&run.cells, |cell| {
        let page = cell::page(pages, &source, cell, staging)?;
        Ok(staging.write(&marks::cell_path(cell), &page)?)
    })
}

/// Writes a record as compressed JSON.
fn packed(file: &mut File, run: &Run) -> io::Result<()> {
    let mut packer = GzEncoder::new(io::BufWriter::new(file), Compression::fast());
    serde_json::to_writer(&mut packer, run)?;
    packer
        .finish()?
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    Ok(())
}

/// Does the work for every cell, on all processors; stops at the first error.
fn in_parallel(
    cells: &[Cell],
    work: impl Fn(&Cell) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let take = || -> Result<(), Error> {
        loop {
            let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return Ok(());
            };
            work(cell).inspect_err(|_| next.store(cells.len(), Ordering::Relaxed))?;
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        for worker in workers {
            match worker.join() {
                Ok(done) => done?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;
