//! The folder `vendor-profiles`: the daemon families, and the vendors built on them.

use std::path::Path;
use std::sync::Arc;

use files::source::folders;
use files::{Problem, Problems};

use crate::checks::name_of;
use crate::implementation::Implementation;
use crate::profile::{Families, Profile};
use files::use_known;

/// The folder of the daemon families; every other folder is a vendor.
const IMPLEMENTATIONS: &str = "implementations";
/// The folder of the configuration sheets, no vendor either.
pub(crate) const SHEETS: &str = "sheets";

/// Every vendor that the suite knows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Catalogue {
    /// By the names of their folders.
    pub implementations: Vec<Arc<Implementation>>,
    /// By the names of their folders; never empty.
    pub profiles: Vec<Arc<Profile>>,
}

impl Catalogue {
    /// Loads the folder `vendor-profiles` and checks all that is in it.
    ///
    /// # Errors
    ///
    /// Something is wrong with one or more of the files; every file is looked at.
    pub fn load(dir: &Path) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut vendors = folders(dir)?;
        let families = families(&dir.join(IMPLEMENTATIONS), &mut problems)?;
        let mut profiles = Vec::new();
        vendors.retain(|folder| ![IMPLEMENTATIONS, SHEETS].contains(&name_of(folder)));
        for folder in &vendors {
            match Profile::load(folder, &families) {
                Ok(profile) => profiles.extend(profile.map(Arc::new)),
                Err(found) => add_new(&mut problems, found),
            }
        }
        if vendors.is_empty() {
            let message = "no vendor in this folder\na vendor is a folder with a profile.toml";
            problems.push(Problem::of_file(dir, message));
        }
        Problems::none_in(problems)?;
        Ok(Self {
            implementations: families.into_values().flatten().collect(),
            profiles,
        })
    }

    /// The profile with this id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn profile(&self, id: &str) -> Result<&Arc<Profile>, UnknownProfile> {
        self.profiles
            .iter()
            .find(|profile| profile.id == id)
            .ok_or_else(|| UnknownProfile {
                id: id.to_owned(),
                known: self.profiles.iter().map(|known| known.id.clone()).collect(),
            })
    }
}

/// An id that no vendor profile has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no vendor profile {id:?}\n{}", use_known(id, known))]
pub struct UnknownProfile {
    pub id: String,
    pub known: Vec<String>,
}

fn families(dir: &Path, problems: &mut Vec<Problem>) -> Result<Families, Problem> {
    let mut families = Families::new();
    for folder in folders(dir)? {
        let loaded = match Implementation::load(&folder) {
            Ok(implementation) => Some(Arc::new(implementation)),
            Err(found) => {
                problems.extend(found.into_vec());
                None
            }
        };
        families.insert(name_of(&folder).to_owned(), loaded);
    }
    Ok(families)
}

/// A template of an implementation shows the same problem under every profile built on it.
fn add_new(problems: &mut Vec<Problem>, found: Problems) {
    for problem in found.into_vec() {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
}
