//! Copies of what a run is made of, laid out as in a project, so that any cell of it can be run again
//! where the project is another one or none.
//!
//! The vendors and cases of the plan are copied, every implementation and certificate profile with
//! them: a case may name settings of any implementation.

use std::fs;
use std::io;
use std::path::Path;

use files::source::MAX_BYTES;

use super::{CASES, CERTIFICATES, Project, SHEETS, VENDORS};
use crate::failure::Failure;
use crate::plan::Plan;

/// Folders below that of a vendor or an implementation; a link that leads back ends there.
const DEPTH: usize = 4;

impl Project {
    /// Copies what the plan is made of into a folder that is not there yet, and makes sure that the
    /// copies are what was loaded.
    pub(crate) fn keep_inputs(&self, plan: &Plan, folder: &Path) -> Result<(), Failure> {
        let mut wanted = vec![
            format!("{VENDORS}/implementations"),
            CERTIFICATES.to_owned(),
        ];
        if plan.has_external() {
            wanted.push(format!("{VENDORS}/{SHEETS}"));
        }
        let vendors = plan.profiles.iter();
        wanted.extend(vendors.map(|profile| format!("{VENDORS}/{}", profile.id)));
        for path in wanted {
            copy_folder(&self.folder.join(&path), &folder.join(&path), DEPTH)?;
        }
        for case in &plan.cases {
            let path = format!("{CASES}/{}.toml", case.id.replacen('.', "/", 1));
            copy_file(&self.folder.join(&path), &folder.join(&path))?;
        }
        let copied = Self::load(Some(folder))?;
        let changed = |what: &str| {
            Failure::input(format!(
                "{what} was changed while the run began; run again when nobody writes into {}",
                self.folder.display()
            ))
        };
        for profile in &plan.profiles {
            if copied.profile(&profile.id)?.sha256 != profile.sha256 {
                return Err(changed(&profile.id));
            }
        }
        for case in &plan.cases {
            if copied.case(&case.id)?.sha256 != case.sha256 {
                return Err(changed(&case.id));
            }
        }
        for profile in plan.certificates.iter() {
            if copied.certificates().get(&profile.id)?.sha256 != profile.sha256 {
                return Err(changed(&profile.id));
            }
        }
        Ok(())
    }
}

/// Copies the files that a loader would read: what is hidden, or larger than any of them reads, is
/// no input.
fn copy_folder(from: &Path, to: &Path, depth: usize) -> Result<(), Failure> {
    for path in files::source::entries(from).map_err(Failure::input)? {
        let target = to.join(path.file_name().unwrap_or_default());
        let about = fs::metadata(&path).map_err(|error| cannot(&path, &error))?;
        if about.is_dir() && depth > 0 {
            copy_folder(&path, &target, depth - 1)?;
        } else if about.is_file() && about.len() <= MAX_BYTES {
            copy_file(&path, &target)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), Failure> {
    // Not fs::copy: the copies shall not have the modes of the originals.
    let content = fs::read(from).map_err(|error| cannot(from, &error))?;
    let folder = to.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(to, content))
        .map_err(|error| cannot(to, &error))
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!(
        "cannot keep the inputs of the run: {}: {error}",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{project, root};

    fn plan(project: &Project) -> Plan {
        Plan::new(
            vec![project.profile("trial-a").unwrap()],
            vec![project.case("auth.cert-rfc4945").unwrap()],
            project.certificates().clone(),
            None,
        )
    }

    #[test]
    fn the_copies_are_a_project_of_the_vendors_and_cases_of_the_plan() {
        let project = project();
        let plan = plan(&project);
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("inputs");
        project.keep_inputs(&plan, &folder).unwrap();
        let copied = Project::load(Some(&folder)).unwrap();
        let ids: Vec<&str> = copied.profiles().iter().map(|p| p.id.as_str()).collect();
        assert_eq!(ids, ["trial-a"]);
        let ids: Vec<&str> = copied.cases().iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, ["auth.cert-rfc4945"]);
    }

    #[test]
    fn a_file_that_is_not_the_one_that_was_loaded_is_not_kept_as_it() {
        let mut project = Project::load(Some(root())).unwrap();
        let plan = plan(&project);
        let other = tempfile::tempdir().unwrap();
        project
            .keep_inputs(&plan, &other.path().join("project"))
            .unwrap();
        project.folder = other.path().join("project");
        let profile = project.folder.join("vendor-profiles/trial-a/profile.toml");
        let text = fs::read_to_string(&profile).unwrap();
        fs::write(&profile, format!("# changed\n{text}")).unwrap();
        let failure = project.keep_inputs(&plan, &other.path().join("inputs"));
        assert!(format!("{:?}", failure.unwrap_err()).contains("trial-a was changed"));
    }
}
