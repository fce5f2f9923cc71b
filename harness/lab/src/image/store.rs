//! Where images are kept.
//!
//! An image appears in the store by one rename of a complete, synced folder. Whatever is not named
//! as an image is the remains of a build that did not end, and is removed by the next one.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::fcntl::{Flock, FlockArg};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::build::build;
use super::definition::{Definition, hex};
use crate::error::{Blame, Fault, LabError};
use crate::home::mounts_below;

const ABOUT: &str = "image.json";
const PACKED: &str = "root.sqfs";
const UNPACKED: &str = "root";

/// A folder of images, shared by every run of a user.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A complete image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub key: String,
    /// `sha256:` and the digest of the packed file.
    pub digest: String,
    /// Every Debian package in it.
    pub packages: Vec<Package>,
    folder: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
}

#[derive(Serialize, Deserialize)]
struct About {
    definition: Definition,
    digest: String,
    size: u64,
    packages: Vec<Package>,
}

impl Store {
    /// The store in the given cache folder.
    pub fn new(cache: &Path) -> Self {
        Self {
            folder: cache.join("images"),
        }
    }

    /// The image of this definition, if it is there and whole.
    pub fn find(&self, definition: &Definition) -> Option<Image> {
        let key = definition.key();
        let folder = self.folder.join(&key);
        let about = std::fs::read(folder.join(ABOUT)).ok()?;
        let about: About = serde_json::from_slice(&about).ok()?;
        let size = std::fs::metadata(folder.join(PACKED)).ok()?.len();
        (about.definition == *definition && about.size == size).then_some(Image {
            key,
            digest: about.digest,
            packages: about.packages,
            folder,
        })
    }

    /// The image of this definition, built first if need be. Two runs that need the same image at
    /// the same time build it once.
    pub async fn obtain(&self, definition: &Definition) -> Result<Image, LabError> {
        if let Some(image) = self.find(definition) {
            return Ok(image);
        }
        let key = definition.key();
        let _lock = self.lock(&key).await?;
        if let Some(image) = self.find(definition) {
            return Ok(image);
        }
        let doing = || format!("keep image {key} in {}", self.folder.display());
        let passing = self.folder.join(format!(".{key}"));
        for remains in [&passing, &self.folder.join(&key)] {
            remove_tree(remains).blame(Fault::Files, doing)?;
        }
        std::fs::create_dir(&passing).blame(Fault::Files, doing)?;
        let passing = RemovedOnDrop(passing);
        build(definition, &passing.0).await?;

        let packed = passing.0.join(PACKED);
        let (digest, size) = digest_file(&packed).blame(Fault::Files, doing)?;
        let packages = installed_packages(&packed)?;
        let about = About {
            definition: definition.clone(),
            digest,
            size,
            packages,
        };
        let text = serde_json::to_vec_pretty(&about).blame(Fault::Harness, doing)?;
        let about_path = passing.0.join(ABOUT);
        std::fs::write(&about_path, text).blame(Fault::Files, doing)?;
        for path in [&packed, &about_path, &passing.0] {
            File::open(path)
                .and_then(|file| file.sync_all())
                .blame(Fault::Files, doing)?;
        }
        std::fs::rename(&passing.0, self.folder.join(&key)).blame(Fault::Files, doing)?;
        self.find(definition)
            .ok_or_else(|| LabError::new(Fault::Image, format!("image {key} vanished")))
    }

    async fn lock(&self, key: &str) -> Result<Flock<File>, LabError> {
        let doing = || format!("use the image store {}", self.folder.display());
        std::fs::create_dir_all(&self.folder).blame(Fault::Files, doing)?;
        let path = self.folder.join(format!(".{key}.lock"));
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .blame(Fault::Files, doing)?;
        tokio::task::spawn_blocking(move || Flock::lock(file, FlockArg::LockExclusive))
            .await
            .blame(Fault::Harness, doing)?
            .map_err(|(_, error)| error)
            .blame(Fault::Files, doing)
    }
}

impl Image {
    /// The root file system as one squashfs file.
    pub fn packed(&self) -> PathBuf {
        self.folder.join(PACKED)
    }

    /// One file out of the image.
    pub fn extract(&self, path: &str) -> Result<Vec<u8>, LabError> {
        cat(&self.packed(), path)
    }

    /// A file out of the image, as a file beside it.
    pub fn extracted(&self, path: &str) -> Result<PathBuf, LabError> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let target = self.folder.join(name);
        if !target.exists() {
            let passing = self.folder.join(format!(".{name}.{}", std::process::id()));
            let doing = || format!("write {}", target.display());
            std::fs::write(&passing, self.extract(path)?).blame(Fault::Files, doing)?;
            std::fs::rename(&passing, &target).blame(Fault::Files, doing)?;
        }
        Ok(target)
    }

    /// The root file system as a folder with its owners and modes. Needs root.
    pub fn unpacked(&self) -> Result<PathBuf, LabError> {
        let target = self.folder.join(UNPACKED);
        if target.is_dir() {
            return Ok(target);
        }
        let doing = || format!("unpack image {}", self.key);
        let passing = self
            .folder
            .join(format!(".{UNPACKED}.{}", std::process::id()));
        std::fs::create_dir(&passing).blame(Fault::Files, doing)?;
        let passing = RemovedOnDrop(passing);
        let mut unpack = Command::new("sqfs2tar")
            .arg(self.packed())
            .stdout(Stdio::piped())
            .spawn()
            .blame(Fault::Image, || "start sqfs2tar".into())?;
        let tar = unpack.stdout.take().map_or_else(Stdio::null, Stdio::from);
        let status = Command::new("tar")
            .args([
                "--extract",
                "--numeric-owner",
                "--same-permissions",
                "--directory",
            ])
            .arg(&passing.0)
            .stdin(tar)
            .status()
            .blame(Fault::Image, || "start tar".into())?;
        let unpacked = unpack.wait().blame(Fault::Image, doing)?;
        if !status.success() || !unpacked.success() {
            return Err(LabError::new(
                Fault::Image,
                format!("{}: tar: {status}", doing()),
            ));
        }
        match std::fs::rename(&passing.0, &target) {
            // Another run was quicker.
            Err(_) if target.is_dir() => Ok(target),
            renamed => renamed.blame(Fault::Files, doing).map(|()| target),
        }
    }
}

/// A folder that goes away unless it was renamed meanwhile.
struct RemovedOnDrop(PathBuf);

impl Drop for RemovedOnDrop {
    fn drop(&mut self) {
        let _ = remove_tree(&self.0);
    }
}

/// Removes a folder of the store, and never what is mounted in it.
fn remove_tree(path: &Path) -> std::io::Result<()> {
    if let Some(mounted) = mounts_below(path)?.first() {
        let what = format!("{} is mounted; unmount it first", mounted.display());
        return Err(std::io::Error::new(std::io::ErrorKind::ResourceBusy, what));
    }
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Err(_) | Ok(()) => Ok(()),
    }
}

fn digest_file(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let (mut context, mut size) = (Context::new(&SHA256), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok((format!("sha256:{}", hex(context.finish().as_ref())), size));
        }
        context.update(&buffer[..length]);
        size += length as u64;
    }
}

/// Reads what dpkg says is installed.
fn installed_packages(packed: &Path) -> Result<Vec<Package>, LabError> {
    let status = cat(packed, "/var/lib/dpkg/status")?;
    let packages = parse_status(&String::from_utf8_lossy(&status));
    if packages.is_empty() {
        return Err(LabError::new(
            Fault::Image,
            "no packages are installed in the image",
        ));
    }
    Ok(packages)
}

/// dpkg's status file: paragraphs of `Field: value` lines.
pub(crate) fn parse_status(status: &str) -> Vec<Package> {
    let field = |paragraph: &str, name: &str| {
        paragraph
            .lines()
            .find_map(|line| line.strip_prefix(name).map(|rest| rest.trim().to_owned()))
    };
    let mut packages: Vec<Package> = status
        .split("\n\n")
        .filter(|paragraph| paragraph.contains("\nStatus: install ok installed"))
        .filter_map(|paragraph| {
            let (name, version) = (field(paragraph, "Package:")?, field(paragraph, "Version:")?);
            Some(Package { name, version })
        })
        .collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}

fn cat(packed: &Path, path: &str) -> Result<Vec<u8>, LabError> {
    let output = Command::new("rdsquashfs")
        .arg("--cat")
        .arg(path)
        .arg(packed)
        .output();
    let output = output.blame(Fault::Image, || "start rdsquashfs".into())?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(LabError::new(
        Fault::Image,
        format!("read {path} from {}: {said}", packed.display()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_are_listed() {
        let status = "Package: b\nStatus: install ok installed\nVersion: 1-2\n\n\
                      Package: a\nStatus: install ok installed\nVersion: 3\nDescription: x\n\n\
                      Package: gone\nStatus: deinstall ok config-files\nVersion: 9\n";
        let names: Vec<_> = parse_status(status)
            .into_iter()
            .map(|p| format!("{} {}", p.name, p.version))
            .collect();
        assert_eq!(names, ["a 3", "b 1-2"]);
    }
}
