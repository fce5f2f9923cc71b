//! What a program that was killed has left of its writing: `.NAME.PID.tmp` of a file, `.NAME.PID.new`
//! and `.NAME.PID.old` of a folder.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use nix::fcntl::{Flock, FlockArg, OFlag};

/// What is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remains {
    File,
    Folder,
}

/// Keeps others from taking what is in the making for remains.
pub(crate) fn hold(file: File) -> io::Result<Flock<File>> {
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error.into())
}

/// Takes away what killed programs have left of files in this folder.
pub fn clear_remains(folder: &Path) {
    for (path, kind, _) in all_in(folder) {
        if kind == "tmp" {
            remove(&path, Remains::File);
        }
    }
}

/// Takes away what killed programs have left of this one file or folder.
pub(crate) fn remains_of(target: &Path, what: Remains) {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let wanted = target.file_name().unwrap_or_default().to_string_lossy();
    for (path, kind, name) in all_in(folder) {
        match (what, kind) {
            _ if name != wanted => {}
            (Remains::File, "tmp") | (Remains::Folder, "new") => remove(&path, what),
            // Killed between the two steps of replacing it: this is all that there is of it.
            (Remains::Folder, "old") if fs::symlink_metadata(target).is_err() => {
                if is_left(&path, what).is_some() {
                    // What cannot be put back stays where it is.
                    let _ = fs::rename(&path, target);
                }
            }
            (Remains::Folder, "old") => remove(&path, what),
            (_, _) => {}
        }
    }
}

/// Everything that has such a name and whose program is no more: path, kind, and the name of what it
/// was to become.
fn all_in(folder: &Path) -> Vec<(PathBuf, &'static str, String)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| {
        let name = entry.file_name();
        let (kind, name) = of_dead(name.to_str()?)?;
        Some((entry.path(), kind, name.to_owned()))
    });
    named.collect()
}

/// Takes `.NAME.PID.KIND` apart, if no such process is there.
fn of_dead(name: &str) -> Option<(&'static str, &str)> {
    let (rest, kind) = name.strip_prefix('.')?.rsplit_once('.')?;
    let kind = ["tmp", "new", "old"].into_iter().find(|one| *one == kind)?;
    let (name, pid) = rest.rsplit_once('.')?;
    let digits = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
    let pid: u32 = digits.then(|| pid.parse().ok())??;
    let is_alive = pid == process::id() || Path::new("/proc").join(pid.to_string()).exists();
    (!is_alive && !name.is_empty()).then_some((kind, name))
}

fn remove(path: &Path, what: Remains) {
    // What cannot be removed harms nobody, and is tried again the next time.
    if let Some(_held) = is_left(path, what) {
        let _ = match what {
            Remains::File => fs::remove_file(path),
            Remains::Folder => fs::remove_dir_all(path),
        };
    }
}

/// Whether it is of the kind that this program makes, and nobody holds it: process ids of another
/// container say nothing here.
fn is_left(path: &Path, what: Remains) -> Option<Flock<File>> {
    let about = fs::symlink_metadata(path).ok()?;
    let fits = match what {
        Remains::File => about.is_file(),
        Remains::Folder => about.is_dir(),
    };
    let mut options = File::options();
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW).bits();
    let options = options.read(true).custom_flags(flags);
    hold(fits.then(|| options.open(path).ok())??).ok()
}
