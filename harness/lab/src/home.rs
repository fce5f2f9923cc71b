//! Where a lab keeps its state while it lives, and how the remains of a dead one are removed.
//!
//! A lab's folder holds a lock file that its owner keeps locked. The kernel drops the lock when the
//! owner dies, however it dies, so an unlocked folder is a leftover.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::mount::{MntFlags, umount2};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::error::{Blame, Fault, LabError};
use crate::testbed::LabFacts;

/// crun's own folder in a lab's folder.
pub(crate) const CONTAINERS: &str = "crun";
const LOCK: &str = "lock";
const KEPT: &str = "kept.json";
/// Makes the passing names of this process different.
static COUNT: AtomicU32 = AtomicU32::new(0);
/// Begins the name of a folder that is still being made.
const YOUNG: &str = "new-";
/// Labs of one user at a time.
const LAB_LIMIT: u32 = 1000;

/// The folder of a living lab. It goes, with all that is in it, when this is dropped.
pub struct Home {
    path: PathBuf,
    kept: bool,
    /// Absent where another program owns the folder.
    _lock: Option<Flock<File>>,
}

/// What is known of a lab that was left up on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub facts: LabFacts,
    /// The cell that it was made for.
    pub cell: String,
}

impl Home {
    /// Makes the folder of a new lab, readable by its owner alone.
    pub fn create() -> Result<Self, LabError> {
        let root = root();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root)
            .blame(Fault::Files, || format!("make {}", root.display()))?;
        // Made and locked under a passing name, so that nobody takes it for a leftover meanwhile.
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let young = root.join(format!("{YOUNG}{}-{count}", std::process::id()));
        DirBuilder::new()
            .mode(0o700)
            .create(&young)
            .blame(Fault::Files, || format!("make {}", young.display()))?;
        let lock = lock(&young).blame(Fault::Files, || format!("lock {}", young.display()))?;
        let mut number = 1;
        loop {
            let path = root.join(number.to_string());
            match std::fs::rename(&young, &path) {
                Ok(()) => {
                    return Ok(Self {
                        path,
                        kept: false,
                        _lock: Some(lock),
                    });
                }
                // The number is taken: a folder with a lock in it is never replaced.
                Err(error)
                    if error.kind() == ErrorKind::DirectoryNotEmpty && number < LAB_LIMIT =>
                {
                    number += 1;
                }
                Err(error) => {
                    return Err(error).blame(Fault::Files, || format!("make {}", path.display()));
                }
            }
        }
    }

    /// The folder of a lab that another program owns, and removes.
    pub(crate) fn of_another(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            kept: true,
            _lock: None,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Marks the lab as one that outlives its owner, gives up ownership, and says where it is.
    pub fn keep(mut self, kept: &Kept) -> Result<PathBuf, LabError> {
        let path = self.path.join(KEPT);
        let text = serde_json::to_vec_pretty(kept).blame(Fault::Harness, || "describe".into())?;
        std::fs::write(&path, text).blame(Fault::Files, || format!("write {}", path.display()))?;
        self.kept = true;
        Ok(self.path.clone())
    }

    /// Removes the folder with all that is left in it.
    ///
    /// # Errors
    /// What could not be removed: the next run, or [`Leftover::remove`], tries again.
    pub fn remove(mut self) -> Result<(), LabError> {
        // Dropping it must not try once more.
        self.kept = true;
        remove_remains(&self.path)
    }
}

/// Leaves a lab up, unless it is closed already, and says where it is.
pub(crate) fn keep(home: Option<Home>, facts: &LabFacts, cell: &str) -> Result<PathBuf, LabError> {
    let home = home.ok_or_else(|| LabError::new(Fault::Harness, "the lab is closed"))?;
    home.keep(&Kept {
        facts: facts.clone(),
        cell: cell.into(),
    })
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.kept
            && let Err(fault) = remove_remains(&self.path)
        {
            tracing::warn!(%fault, "a lab was not removed");
        }
    }
}

/// A lab's folder that nobody owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    pub path: PathBuf,
    /// Set when it was left up on purpose.
    pub kept: Option<Kept>,
}

/// Every lab of this user whose owner is gone.
pub fn leftovers() -> Vec<Leftover> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root()).into_iter().flatten().flatten() {
        let path = entry.path();
        if lock(&path).is_ok() {
            let kept = std::fs::read(path.join(KEPT))
                .ok()
                .and_then(|text| serde_json::from_slice(&text).ok());
            found.push(Leftover { path, kept });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The lab that was left up last.
///
/// # Errors
/// When none was.
pub fn newest_kept() -> Result<Leftover, LabError> {
    let newest = leftovers()
        .into_iter()
        .filter(|found| found.kept.is_some())
        .max_by_key(|found| when_kept(&found.path));
    newest.ok_or_else(|| {
        LabError::new(Fault::Harness, "no lab was left up")
            .remedy("leave one up with `ikematrix repro CELL --keep`")
    })
}

/// When the lab in this folder was left up.
fn when_kept(home: &Path) -> Option<SystemTime> {
    std::fs::metadata(home.join(KEPT)).ok()?.modified().ok()
}

impl Leftover {
    /// Whether it is in a virtual machine, which has been left up with it.
    pub(crate) fn is_in_machine(&self) -> bool {
        let kept = self.kept.as_ref();
        kept.is_some_and(|kept| kept.facts.backend == crate::vm::BACKEND)
    }

    pub fn remove(&self) -> Result<(), LabError> {
        remove_remains(&self.path)
    }
}

/// The folder of all labs of this user.
pub fn root() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/run/ikematrix");
    }
    match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(folder) => PathBuf::from(folder).join("ikematrix"),
        None => std::env::temp_dir().join(format!("ikematrix-{}", nix::unistd::geteuid())),
    }
}

/// Takes the folder's lock, or fails when its owner lives.
fn lock(folder: &Path) -> std::io::Result<Flock<File>> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(folder.join(LOCK))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error.into())
}

/// Ends what runs in a lab's containers or carries it, unmounts what is mounted below its folder,
/// and removes the folder.
fn remove_remains(path: &Path) -> Result<(), LabError> {
    let doing = || format!("remove what is left of the lab in {}", path.display());
    end_machines(path);
    crate::served::end_agent(path);
    crate::docker::remove_lab(path)?;
    end_containers(path).blame(Fault::Runtime, doing)?;
    for mounted in mounts_below(path).blame(Fault::Files, doing)? {
        match umount2(&mounted, MntFlags::MNT_DETACH) {
            Ok(()) | Err(Errno::EINVAL | Errno::ENOENT) => {}
            Err(error) => return Err(error).blame(Fault::Files, doing),
        }
    }
    remove_folder(path).blame(Fault::Files, doing)
}

/// Removes a folder in which others may just be looking whether its owner lives, which makes the
/// file of its lock anew; it may also be gone already.
fn remove_folder(path: &Path) -> std::io::Result<()> {
    /// More often than anybody looks.
    const TRIES: usize = 100;
    let mut removed = std::fs::remove_dir_all(path);
    for _ in 1..TRIES {
        if !matches!(&removed, Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty) {
            break;
        }
        removed = std::fs::remove_dir_all(path);
    }
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Kills the virtual machines whose sockets are in the lab's folder.
fn end_machines(path: &Path) {
    let needle = format!("{}/", path.display());
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let name = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if name.starts_with("qemu-system") && String::from_utf8_lossy(&line).contains(&needle) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

/// Removes every container that crun remembers in the lab's folder. crun knows a process by its
/// start time as well as by its number, so no stranger is killed.
fn end_containers(path: &Path) -> std::io::Result<()> {
    let state = path.join(CONTAINERS);
    for entry in std::fs::read_dir(&state).into_iter().flatten().flatten() {
        std::process::Command::new("crun")
            .arg("--root")
            .arg(&state)
            .args(["--cgroup-manager=disabled", "delete", "--force"])
            .arg(entry.file_name())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()?;
    }
    Ok(())
}

/// Mount points below a folder, the innermost first.
pub(crate) fn mounts_below(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let table = std::fs::read_to_string("/proc/self/mountinfo")?;
    // The fifth field is the mount point (proc(5)); our folders hold no character it would escape.
    let mut mounts: Vec<PathBuf> = table
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(PathBuf::from)
        .filter(|mounted| mounted.starts_with(path) && mounted != path)
        .collect();
    mounts.reverse();
    Ok(mounts)
}
