//! The cells that a change of some files can affect.
//!
//! A cell is decided by its two profiles with their implementations, its case, and the certificate
//! profiles that the case names with those they are based on. Whatever else a file may be, a change
//! of it can affect every cell.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use cases::{Case, Role};
use reports::model::{LeftOut, Selection};
use reports::text::Text;

use crate::plan::{Plan, PlannedCell};
use crate::project::{CASES, Project, VENDORS};

#[cfg(test)]
mod tests;

/// What a change of one file can affect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The cells in which this vendor takes part.
    Vendor(String),
    /// The cells in which a router runs this implementation.
    Implementation(String),
    /// The cells of this case.
    Case(String),
    /// The cells whose case names this certificate profile, or one that is based on it.
    Certificates(String),
    /// Every cell.
    Everything,
}

impl Reach {
    /// What a file can affect, by its place in the project: `vendor-profiles/a/profile.toml`. A file
    /// that is not there any more, or that the project does not know, can affect everything.
    fn of(file: &Path, project: &Project) -> Self {
        let Some(parts) = parts(file) else {
            return Self::Everything;
        };
        let reach = match parts[..] {
            [VENDORS, "implementations", id, _, ..] => {
                let known = project.profiles().iter();
                let mut known = known.map(|profile| profile.implementation.id.as_str());
                known
                    .any(|known| known == id)
                    .then(|| Self::Implementation(id.to_owned()))
            }
            [VENDORS, id, _, ..] => {
                let mut known = project.profiles().iter();
                known
                    .any(|profile| profile.id == id)
                    .then(|| Self::Vendor(id.to_owned()))
            }
            [CASES, theme, name] => {
                let id = name
                    .strip_suffix(".toml")
                    .map(|name| format!("{theme}.{name}"));
                id.filter(|id| project.cases().iter().any(|case| case.id == *id))
                    .map(Self::Case)
            }
            ["certs", "profiles", .., name] => {
                let id = name.strip_suffix(".toml");
                id.filter(|id| project.certificates().get(id).is_ok())
                    .map(|id| Self::Certificates(id.to_owned()))
            }
            _ => None,
        };
        reach.unwrap_or(Self::Everything)
    }

    fn covers(&self, cell: &PlannedCell, project: &Project) -> bool {
        let profiles = [&cell.initiator, &cell.responder];
        match self {
            Self::Vendor(id) => profiles.iter().any(|profile| profile.id == *id),
            Self::Implementation(id) => profiles
                .iter()
                .any(|profile| profile.implementation.id == *id),
            Self::Case(id) => cell.case.id == *id,
            Self::Certificates(id) => certificates(&cell.case).any(|named| {
                let profile = project.certificates().get(named);
                profile.is_ok_and(|profile| profile.id == *id || profile.bases.contains(id))
            }),
            Self::Everything => true,
        }
    }

    /// `every cell`, or which ones, as part of a sentence.
    fn name(&self) -> Text {
        match self {
            Self::Vendor(id) => Text::new(format!("cells with {id}"), format!("{id} を含む試験")),
            Self::Implementation(id) => Text::new(
                format!("cells with a router on {id}"),
                format!("{id} を用いるルーターを含む試験"),
            ),
            Self::Case(id) => Text::new(format!("cells of {id}"), format!("試験項目 {id}")),
            Self::Certificates(id) => Text::new(
                format!("cells with certificates of {id}"),
                format!("証明書プロファイル {id} を用いる試験"),
            ),
            Self::Everything => Text::new("every cell", "すべての試験"),
        }
    }
}

/// The certificate profiles that a case names.
pub(crate) fn certificates(case: &Case) -> impl Iterator<Item = &str> {
    Role::BOTH.into_iter().flat_map(move |role| {
        let setup = &case.setup;
        [setup.certificates_of(role), setup.trust_of(role)]
            .into_iter()
            .flatten()
    })
}

/// The components of a path without detours.
fn parts(file: &Path) -> Option<Vec<&str>> {
    file.components()
        .map(|component| match component {
            Component::Normal(name) => name.to_str(),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        })
        .collect()
}

/// A file that was named as changed, and what it can affect.
#[derive(Debug)]
pub(crate) struct Changed {
    /// As it was given.
    file: String,
    reach: Reach,
}

impl Changed {
    /// One line for people: `vendor-profiles/a/profile.toml: cells with a`.
    pub(crate) fn line(&self) -> Text {
        let name = self.reach.name();
        Text::new(
            format!("{}: {}", self.file, name.en),
            format!("{}: {}", self.file, name.ja),
        )
    }
}

/// Finds out what files can affect. Relative paths start at `here`; one that does not lie in the
/// project can affect everything.
pub(crate) fn changed(files: &[PathBuf], here: &Path, project: &Project) -> Vec<Changed> {
    let files = files.iter().map(|file| {
        let within = inside(&here.join(file), project.folder());
        Changed {
            file: file.to_string_lossy().into_owned(),
            reach: within.map_or(Reach::Everything, |file| Reach::of(&file, project)),
        }
    });
    files.collect()
}

/// The path in the project, without detours. Links are followed where something is there; a file may
/// have been removed.
fn inside(file: &Path, folder: &Path) -> Option<PathBuf> {
    let plain = without_detours(file);
    let folder = folder.canonicalize().ok()?;
    let within = |path: &Path| path.strip_prefix(&folder).ok().map(Path::to_owned);
    // A link inside the project stands for itself: replacing what it leads to changes no file here.
    let parent = plain.parent()?.canonicalize();
    let real = parent.map(|parent| parent.join(plain.file_name().unwrap_or_default()));
    real.ok()
        .and_then(|real| within(&real))
        .or_else(|| within(&plain))
}

fn without_detours(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                plain.push(component);
            }
        }
    }
    plain
}

/// Takes the cells out of a plan that no changed file can affect, and the vendors and cases that
/// have no cell any more.
pub(crate) fn narrow(plan: &mut Plan, changed: &[Changed], project: &Project) -> Selection {
    let reaches: BTreeSet<&Reach> = changed.iter().map(|changed| &changed.reach).collect();
    let mut left_out = Vec::new();
    plan.cells.retain(|cell| {
        let affected = reaches.iter().any(|reach| reach.covers(cell, project));
        if !affected {
            left_out.push(LeftOut {
                id: cell.id.clone(),
                inputs_sha256: cell.inputs_sha256.clone(),
            });
        }
        affected
    });
    let cells = &plan.cells;
    let takes_part = |id: &str| {
        let mut cells = cells.iter();
        cells.any(|cell| cell.initiator.id == id || cell.responder.id == id)
    };
    plan.profiles.retain(|profile| takes_part(&profile.id));
    plan.cases
        .retain(|case| cells.iter().any(|cell| cell.case.id == case.id));
    Selection {
        files: changed.iter().map(|changed| changed.file.clone()).collect(),
        left_out,
    }
}
