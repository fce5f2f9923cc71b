//! `ikematrix conform`: single routers against the clauses of the RFCs, with a tester as their peer.

use conformance::{Case, Level};
use reports::{html, json, junit, seal, terminal};

use super::outputs::{check_beside, check_folder_of};
use super::print;
use super::run::{OutFolder, exit_code, stop_on_signal, terminal_options};
use super::verify::signing_key;
use crate::cli::{Common, Conform, LeastLevel};
use crate::engine::{self, Issuing, Orders, Preparation, Test};
use crate::failure::Failure;
use crate::plan::Plan;
use crate::progress;
use crate::project::Project;

#[cfg(test)]
mod tests;

pub(crate) async fn conform(common: &Common, arguments: &Conform) -> Result<u8, Failure> {
    if let Some(file) = &arguments.junit {
        check_folder_of("--junit", file)?;
        check_beside("--junit", file, &arguments.out)?;
    }
    let project = Project::load(common.project.as_deref())?;
    let test = Test {
        profiles: project.select_profiles(&arguments.vendors)?,
        cases: choose(arguments)?,
        certificates: project.certificates().clone(),
    };
    let _folder = OutFolder::claim(&arguments.out)?;
    let stop = stop_on_signal()?;
    let listener = progress::listener(common.lang());
    let preparation = Preparation {
        choice: arguments.place.lab,
        cache: common.cache(),
        keep: false,
        kernel_words: arguments.place.kernel_word.clone(),
        docker_base: arguments.place.docker_base(&[])?,
        // The routers' certificates are made with each router.
        issuing: Issuing::now()?,
    };
    let key = signing_key(arguments.sign.as_deref())?;
    let orders = Orders {
        parallel: arguments.jobs.map(usize::from),
        out: arguments.out.clone(),
        keep: false,
        tries: 1,
    };
    // A plan of no cells: the routers and their images are all that it takes.
    let profiles = test.profiles.clone();
    let plan = Plan::new(profiles, Vec::new(), project.certificates().clone(), None);
    let prepared = tokio::select! {
        prepared = engine::prepare(&plan, &preparation, &listener) => prepared,
        () = stop.cancelled() => return Err(Failure::interrupted()),
    };
    let ran = engine::conform(&test, &prepared, &orders, &listener, &stop).await;
    prepared.close().await;
    let record = ran?;
    let lang = common.lang();
    json::write(&orders.out.join("run.json"), &record)?;
    html::write(&orders.out.join("index.html"), &record, lang)?;
    print(&terminal::render(&record, &terminal_options(common)));
    if let Some(file) = &arguments.junit {
        junit::write(file, &record, lang)?;
    }
    seal::seal(&arguments.out, key.as_ref())?;
    Ok(exit_code(&record))
}

/// The cases that are asked for, in the order of the RFCs.
fn choose(arguments: &Conform) -> Result<Vec<&'static Case>, Failure> {
    let all: Vec<&'static Case> = conformance::all().collect();
    for id in &arguments.cases {
        if !all.iter().any(|case| case.id == id) {
            let known: Vec<&str> = all.iter().map(|case| case.id).collect();
            return Err(Failure::input(format!(
                "there is no conformance case {id:?}; known cases: {}",
                known.join(", ")
            )));
        }
    }
    for theme in &arguments.themes {
        if !all.iter().any(|case| is_of_theme(case, theme)) {
            let mut known: Vec<&str> = Vec::new();
            for theme in all.iter().map(|case| theme_of(case)) {
                if !known.contains(&theme) {
                    known.push(theme);
                }
            }
            return Err(Failure::input(format!(
                "there is no conformance theme {theme:?}; known themes: {}",
                known.join(", ")
            )));
        }
    }
    let least = match arguments.level {
        LeastLevel::Must => Level::Must,
        LeastLevel::Should => Level::Should,
        LeastLevel::May => Level::May,
    };
    let chosen = all.into_iter().filter(|case| {
        let named = arguments.cases.is_empty() || arguments.cases.iter().any(|id| id == case.id);
        let of_theme = arguments.themes.is_empty()
            || arguments
                .themes
                .iter()
                .any(|theme| is_of_theme(case, theme));
        named && of_theme && case.level >= least
    });
    let chosen: Vec<&'static Case> = chosen.collect();
    if chosen.is_empty() {
        return Err(Failure::input(
            "no conformance case is of these ids, themes and this level; leave one of them out",
        ));
    }
    Ok(chosen)
}

/// Document and section, such as `rfc7296-2.5`.
fn theme_of(case: &'static Case) -> &'static str {
    case.id.rsplit_once('.').map_or(case.id, |(theme, _)| theme)
}

/// A theme is a document or one of its sections, with all that is below.
fn is_of_theme(case: &'static Case, theme: &str) -> bool {
    let rest = theme_of(case).strip_prefix(theme);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}
