//! `ikematrix publish`: runs added to a site that grows.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use reports::model::Run;
use reports::site::{self, Published};
use reports::text::Text;
use reports::{file, seal};

use super::outputs::check_outside;
use super::{print, read_run};
use crate::cli::{Common, Publish};
use crate::failure::{AS_EXPECTED, Failure};
use crate::words;

pub(crate) fn publish(common: &Common, arguments: &Publish) -> Result<u8, Failure> {
    // All of them are read before any is added: a mistyped name or a broken seal changes nothing.
    let runs: Vec<(Run, PathBuf)> = arguments
        .runs
        .iter()
        .map(|path| {
            let folder = folder_of(path);
            check_outside("--site", &arguments.site, &folder)?;
            let run = read_run(path)?;
            seal::read_for_site(&folder)?;
            Ok((run, folder))
        })
        .collect::<Result<_, Failure>>()?;
    let lang = common.lang();
    let _alone = alone_in(&arguments.site)?;
    for (run, evidence) in &runs {
        let published = site::publish(&arguments.site, run, evidence, lang)?;
        let said = match &published {
            Published::Added(place) => words::published(place),
            Published::AlreadyThere(place) => words::published_before(place),
        };
        print(&format!("{}\n", said.in_lang(lang)));
    }
    for foreign in site::refresh(&arguments.site, lang)? {
        let said = passed_over(&foreign);
        print(&format!("{}\n", said.in_lang(lang)));
    }
    Ok(AS_EXPECTED)
}

/// Where the evidence of a run lies.
fn folder_of(run: &Path) -> PathBuf {
    if run.is_dir() {
        return run.to_owned();
    }
    match run.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => ".".into(),
    }
}

/// Makes the folder, and waits until nobody else writes into it: two runs may be published at once.
fn alone_in(site: &Path) -> Result<Flock<File>, Failure> {
    let cannot = |reason: io::Error| {
        Failure::from(file::Error {
            action: file::Action::Write,
            path: site.to_owned(),
            reason,
        })
    };
    fs::create_dir_all(site).map_err(cannot)?;
    // A lock on the folder itself leaves no file in it.
    let folder = File::open(site).map_err(cannot)?;
    Flock::lock(folder, FlockArg::LockExclusive).map_err(|(_, error)| cannot(error.into()))
}

/// Something in the folder of published runs is none.
fn passed_over(place: &Path) -> Text {
    let place = place.display();
    Text::new(
        format!(
            "warning: {place} is no run that was published here; it stays as it is, and no page leads \
             to it. Move it out of the site if it does not belong there."
        ),
        format!(
            "警告: {place} は公開された実行結果ではありません。変更せずに残しますが、どのページからも\
             参照されません。不要な場合はサイトの外へ移動してください。"
        ),
    )
}
