//! Where the vendor profiles and the cases are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cases::vector::{self, Vectors};
use cases::{Case, Level, Role};
use certs::Profiles;
use files::use_known;
use vendors::{Catalogue, Profile};

use crate::failure::Failure;

mod inputs;

/// The folders that make a project.
pub(crate) const VENDORS: &str = "vendor-profiles";
pub(crate) const CASES: &str = "cases";
/// Of the configuration sheets, in that of the vendors.
pub(crate) const SHEETS: &str = "sheets";
const CERTIFICATES: &str = "certs/profiles";

/// All profiles and cases, loaded and checked.
pub(crate) struct Project {
    folder: PathBuf,
    catalogue: Catalogue,
    cases: Vec<Arc<Case>>,
    certificates: Arc<Profiles>,
}

impl Project {
    /// Loads the project in `folder`, or else the one around the working folder.
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self, Failure> {
        let folder = locate(folder)?;
        let catalogue = Catalogue::load(&folder.join(VENDORS));
        let cases = cases::load(&folder.join(CASES));
        let certificates = Profiles::load(&folder.join(CERTIFICATES));
        // All are looked at, so that all mistakes are told at once.
        match (catalogue, cases, certificates) {
            (Ok(catalogue), Ok(cases), Ok(certificates)) => {
                check_certificates(&cases, &certificates)?;
                check_settings(&cases, &catalogue)?;
                Ok(Self {
                    folder,
                    catalogue,
                    cases: cases.into_iter().map(Arc::new).collect(),
                    certificates: Arc::new(certificates),
                })
            }
            (catalogue, cases, certificates) => {
                let problems = [catalogue.err(), cases.err(), certificates.err()];
                let problems: Vec<String> =
                    problems.iter().flatten().map(ToString::to_string).collect();
                Err(Failure::input(problems.join("\n")))
            }
        }
    }

    /// The folder that holds all of it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn certificates(&self) -> &Arc<Profiles> {
        &self.certificates
    }

    /// The certificate vectors, if the project has any.
    ///
    /// # Errors
    ///
    /// Something is wrong with one of their files.
    pub(crate) fn vectors(&self) -> Result<Option<Vectors>, Failure> {
        let folder = self.folder.join(CASES).join(vector::THEME);
        if !folder.is_dir() {
            return Ok(None);
        }
        Ok(Some(vector::load(&folder, &self.certificates)?))
    }

    pub(crate) fn profiles(&self) -> &[Arc<Profile>] {
        &self.catalogue.profiles
    }

    pub(crate) fn cases(&self) -> &[Arc<Case>] {
        &self.cases
    }

    pub(crate) fn profile(&self, id: &str) -> Result<Arc<Profile>, Failure> {
        self.catalogue.profile(id).cloned().map_err(Failure::input)
    }

    pub(crate) fn case(&self, id: &str) -> Result<Arc<Case>, Failure> {
        let found = self.cases.iter().find(|case| case.id == id).cloned();
        found.ok_or_else(|| {
            let known: Vec<_> = self.cases.iter().map(|case| case.id.as_str()).collect();
            Failure::input(format!(
                "there is no case {id:?}; known cases: {}",
                known.join(", ")
            ))
        })
    }

    /// The named profiles in the given order, or all of them.
    pub(crate) fn select_profiles(&self, ids: &[String]) -> Result<Vec<Arc<Profile>>, Failure> {
        if ids.is_empty() {
            return Ok(self.profiles().to_vec());
        }
        unique(ids).map(|id| self.profile(id)).collect()
    }

    /// The named cases in the given order, or all of the core.
    pub(crate) fn select_cases(&self, ids: &[String]) -> Result<Vec<Arc<Case>>, Failure> {
        if ids.is_empty() {
            let core = self.cases.iter().filter(|case| case.level == Level::Core);
            return Ok(core.cloned().collect());
        }
        unique(ids).map(|id| self.case(id)).collect()
    }
}

/// Every certificate profile that a case names is there.
fn check_certificates(cases: &[Case], certificates: &Profiles) -> Result<(), Failure> {
    for case in cases {
        for role in Role::BOTH {
            let named = [case.setup.certificates_of(role), case.setup.trust_of(role)];
            for id in named.into_iter().flatten() {
                if let Err(unknown) = certificates.get(id) {
                    return Err(Failure::input(format!("the case {}: {unknown}", case.id)));
                }
            }
        }
    }
    Ok(())
}

/// Every setting that a case gives to an implementation is one of it.
fn check_settings(cases: &[Case], catalogue: &Catalogue) -> Result<(), Failure> {
    for case in cases {
        let settings = Role::BOTH.map(|role| &case.setup.end(role).settings);
        for (id, values) in settings.into_iter().flatten() {
            let refuse =
                |message: String| Failure::input(format!("the case {}: {message}", case.id));
            let known = &catalogue.implementations;
            let Some(implementation) = known.iter().find(|known| known.id == *id) else {
                let ids: Vec<&str> = known.iter().map(|known| known.id.as_str()).collect();
                return Err(refuse(format!(
                    "there is no implementation {id:?}\n{}",
                    use_known(id, &ids)
                )));
            };
            let mut refused = values
                .iter()
                .filter_map(|(name, value)| implementation.refuses_setting(name, value));
            if let Some(message) = refused.next() {
                return Err(refuse(message));
            }
        }
    }
    Ok(())
}

/// Loads the certificate profiles of the project in `folder`, or else of the one around the working
/// folder.
pub(crate) fn certificate_profiles(folder: Option<&Path>) -> Result<Profiles, Failure> {
    Ok(Profiles::load(&locate(folder)?.join(CERTIFICATES))?)
}

fn locate(folder: Option<&Path>) -> Result<PathBuf, Failure> {
    match folder {
        Some(folder) => Ok(folder.to_owned()),
        None => find(),
    }
}

fn unique(ids: &[String]) -> impl Iterator<Item = &String> {
    ids.iter()
        .enumerate()
        .filter(|(at, id)| !ids[..*at].contains(id))
        .map(|(_, id)| id)
}

/// The nearest folder above the working folder that has both.
fn find() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::input(format!("the working folder is gone: {error}")))?;
    let is_project = |folder: &&Path| folder.join(VENDORS).is_dir() && folder.join(CASES).is_dir();
    here.ancestors().find(is_project).map(Path::to_owned).ok_or_else(|| {
        Failure::input(format!(
            "neither {} nor a folder above it has {VENDORS}/ and {CASES}/; go there, or name the \
             folder with --project",
            here.display()
        ))
    })
}
