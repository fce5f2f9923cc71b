//! Finding the files of profiles, and reading each over its base.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use files::source::{entries, folders};
use files::{Checks, Problem, Problems, Source, use_known};

use super::file::ProfileFile;
use super::merge::Draft;
use super::resolve::resolve;
use super::{Profile, Profiles};

/// The files by the ids they should have.
type Sources = BTreeMap<String, Arc<Source>>;

impl Profiles {
    /// Loads every profile of a folder: the TOML files in it and in the folders right under it.
    ///
    /// # Errors
    ///
    /// Something is wrong with one or more of the files, or there is none.
    pub fn load(dir: &Path) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut sources = Sources::new();
        for path in paths(dir)? {
            match read(&path) {
                Ok((id, source)) => {
                    if let Some(first) = sources.insert(id.clone(), Arc::new(source)) {
                        let message = format!(
                            "there is a profile {id:?} already: {}\nname one of the two files \
                             differently",
                            first.path().display()
                        );
                        problems.push(Problem::of_file(&path, message));
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
        if sources.is_empty() && problems.is_empty() {
            let message = "no certificate profile in this folder\na profile is a TOML file, such \
                           as rfc4945.toml";
            problems.push(Problem::of_file(dir, message));
        }
        let (mut profiles, mut drafts) = (BTreeMap::new(), BTreeMap::new());
        for id in sources.keys() {
            match profile(id, &sources) {
                Ok((profile, draft)) => {
                    profiles.insert(id.clone(), profile);
                    drafts.insert(id.clone(), draft);
                }
                Err(found) => problems.extend(found.into_vec()),
            }
        }
        // A fault of a base shows up in all that is based on it.
        let mut seen = BTreeSet::new();
        problems.retain(|problem| seen.insert(problem.to_string()));
        Problems::none_in(problems)?;
        Ok(Self { profiles, drafts })
    }
}

fn paths(dir: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut paths = entries(dir)?;
    for folder in folders(dir)? {
        paths.extend(entries(&folder)?);
    }
    paths.retain(|path| path.extension() == Some(OsStr::new("toml")));
    Ok(paths)
}

fn read(path: &Path) -> Result<(String, Source), Problem> {
    let source = Source::read(path)?;
    match path.file_stem().and_then(OsStr::to_str) {
        Some(stem) if files::name::is_name(stem, &['-']) => Ok((stem.to_owned(), source)),
        Some(_) | None => {
            let message = "the name of the file cannot be an id\nuse lower-case letters, digits, \
                           and hyphens, such as rfc4945.toml";
            Err(Problem::of_file(path, message))
        }
    }
}

fn profile(id: &str, sources: &Sources) -> Result<(Profile, Draft), Problems> {
    let layers = layers(id, sources)?;
    let mut draft = Draft::default();
    let mut digest = digest::Context::new(&digest::SHA256);
    // The base comes first, so that what is laid over it counts.
    for source in layers.iter().rev() {
        let text = source.text().as_bytes();
        digest.update(&(text.len() as u64).to_be_bytes());
        digest.update(text);
        let file: ProfileFile = source.parse()?;
        let mut checks = Checks::new(source);
        draft.overlay(file, source, &mut checks);
        checks.finish()?;
    }
    // `layers` begins with the file of the profile itself.
    let Some(source) = layers.first() else {
        return Err(Problem::of_file(Path::new(id), "no such file").into());
    };
    let file: ProfileFile = source.parse()?;
    let mut checks = Checks::new(source);
    if file.id.get_ref() != id {
        let message = format_args!(
            "the id {0:?} is not the name of the file\nwrite id = {id:?}, or name the file \
             {0}.toml",
            file.id.get_ref()
        );
        checks.refuse(&file.id, message);
    }
    let title = checks.text(file.title);
    let description = checks.text(file.description);
    checks.finish()?;
    let assumptions = draft.assumptions.clone();
    let resolved = resolve(draft.clone(), source.path())?;
    let profile = Profile {
        id: id.to_owned(),
        title,
        description,
        assumptions,
        bases: layers
            .iter()
            .skip(1)
            .filter_map(|base| stem(base))
            .collect(),
        sha256: hex(digest.finish().as_ref()),
        files: layers
            .iter()
            .map(|source| source.path().to_owned())
            .collect(),
        certificates: resolved.certificates,
        anchors: resolved.anchors,
        crls: resolved.crls,
    };
    Ok((profile, draft))
}

/// The files of a profile: its own, then that of its base, and so on.
fn layers(id: &str, sources: &Sources) -> Result<Vec<Arc<Source>>, Problems> {
    let mut ids = vec![id.to_owned()];
    let mut layers: Vec<Arc<Source>> = Vec::new();
    let mut next = sources.get(id);
    while let Some(source) = next {
        layers.push(Arc::clone(source));
        let file: ProfileFile = source.parse()?;
        next = match file.base {
            None => None,
            Some(base) => {
                if ids.contains(base.get_ref()) {
                    let message = format!(
                        "the profile is based on itself: {}, based on {}\nremove one `base`",
                        ids.join(", based on "),
                        base.get_ref()
                    );
                    return Err(source.problem(base.span(), message).into());
                }
                let Some(found) = sources.get(base.get_ref()) else {
                    let known: Vec<&String> = sources.keys().filter(|known| *known != id).collect();
                    let message = format!(
                        "there is no profile {:?} to be the base\n{}",
                        base.get_ref(),
                        use_known(base.get_ref(), &known)
                    );
                    return Err(source.problem(base.span(), message).into());
                };
                ids.push(base.into_inner());
                Some(found)
            }
        };
    }
    Ok(layers)
}

/// The id of a profile by its file, whose name was checked when it was read.
fn stem(source: &Source) -> Option<String> {
    let stem = source.path().file_stem()?.to_str()?;
    Some(stem.to_owned())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
