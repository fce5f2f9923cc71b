//! `ikematrix conform`: single routers against the clauses of the RFCs, with a tester as their peer.

use std::sync::Arc;

use cases::vector::Vectors;
use conformance::Level;
use reports::{html, json, junit, seal, terminal};
use vendors::Profile;

use super::outputs::{check_beside, check_folder_of};
use super::print;
use super::run::{OutFolder, exit_code, stop_on_signal, terminal_options};
use super::verify::signing_key;
use crate::cli::{Common, Conform, LeastLevel};
use crate::engine::{self, Issuing, Orders, Preparation, Subject, Test};
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
    let vectors = project.vectors()?;
    let subjects = choose(arguments, vectors.as_ref())?;
    let has_vectors = subjects.iter().any(Subject::is_vector);
    let baseline = vectors.filter(|_| has_vectors);
    let test = Test {
        profiles: of_the_lab(
            project.select_profiles(&arguments.vendors)?,
            &arguments.vendors,
        )?,
        subjects,
        baseline: baseline.map(|vectors| Arc::clone(vectors.baseline())),
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
        desk: None,
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

/// The tester stands in the place of a router's peer, and that is in the lab.
fn of_the_lab(profiles: Vec<Arc<Profile>>, named: &[String]) -> Result<Vec<Arc<Profile>>, Failure> {
    let external = profiles.iter().find(|profile| profile.external.is_some());
    if let Some(profile) = external.filter(|profile| named.contains(&profile.id)) {
        return Err(Failure::input(format!(
            "--vendor {}: conform tries routers that the lab runs, and this one is external; try \
             it in pairings with `ikematrix run`",
            profile.id
        )));
    }
    let ours = profiles
        .into_iter()
        .filter(|profile| profile.external.is_none());
    Ok(ours.collect())
}

/// What is asked for: the cases in the order of the RFCs, then the vectors by who begins.
fn choose(arguments: &Conform, vectors: Option<&Vectors>) -> Result<Vec<Subject>, Failure> {
    let all = all(vectors);
    for id in &arguments.cases {
        if !all.iter().any(|case| case.id() == *id) {
            let known: Vec<String> = all.iter().map(Subject::id).collect();
            return Err(Failure::input(format!(
                "there is no conformance case {id:?}; known cases: {}",
                known.join(", ")
            )));
        }
    }
    for theme in &arguments.themes {
        if !all.iter().any(|case| is_of_theme(case, theme)) {
            let mut known: Vec<String> = Vec::new();
            for theme in all.iter().map(theme_of) {
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
        let named = arguments.cases.is_empty() || arguments.cases.contains(&case.id());
        let of_theme = arguments.themes.is_empty()
            || arguments
                .themes
                .iter()
                .any(|theme| is_of_theme(case, theme));
        named && of_theme && case.level() >= least
    });
    let chosen: Vec<Subject> = chosen.collect();
    if chosen.is_empty() {
        return Err(Failure::input(
            "no conformance case is of these ids, themes and this level; leave one of them out",
        ));
    }
    Ok(chosen)
}

fn all(vectors: Option<&Vectors>) -> Vec<Subject> {
    let mut shown: Vec<Subject> = vectors
        .into_iter()
        .flat_map(Vectors::iter)
        .flat_map(Subject::of_vector)
        .collect();
    // A router is set up once for each of its roles.
    shown.sort_by_key(|subject| subject.setup());
    let cases = conformance::all().map(Subject::Clause);
    cases.chain(shown).collect()
}

/// Document and section, such as `rfc7296-2.5`, or `certificates`.
fn theme_of(case: &Subject) -> String {
    let id = case.id();
    match id.rsplit_once('.') {
        Some((theme, _)) => theme.to_owned(),
        None => id,
    }
}

/// A theme is a document or one of its sections, with all that is below.
fn is_of_theme(case: &Subject, theme: &str) -> bool {
    let of_case = theme_of(case);
    let rest = of_case.strip_prefix(theme);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}
