//! Building a root file system with mmdebstrap, packed as one squashfs file.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use super::definition::Definition;
use crate::error::{Blame, Fault, LabError};
use crate::sys;

/// What a router never reads.
const LEFT_OUT: &[&str] = &[
    "/usr/share/doc/*",
    "/usr/share/man/*",
    "/usr/share/locale/*",
    "/usr/share/info/*",
];
/// How long a build may take to tidy up after it was told to stop.
const GRACE: Duration = Duration::from_millis(1500);

/// What a build takes of the disk, in MiB: the packages, the tree they become, and the image of it.
const ROOM: u64 = 500;

/// Builds `folder/root.sqfs`. When the returned future is dropped, everything it started ends.
pub(super) async fn build(definition: &Definition, folder: &Path) -> Result<(), LabError> {
    check_room(definition, folder)?;
    let log_path = folder.join("build.log");
    let log =
        File::create(&log_path).blame(Fault::Files, || format!("write {}", log_path.display()))?;
    let hook = folder.join("hook.sh");
    write_hook(definition, &hook)?;

    let is_root = nix::unistd::geteuid().is_root();
    let mut bootstrap = if is_root {
        // Its mounts of /proc, /sys and /dev must not be seen outside, where somebody may remove the
        // folder that they are in; and a killed owner must take all of it along.
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--pid", "--fork", "--kill-child", "mmdebstrap"]);
        unshare
    } else {
        Command::new("mmdebstrap")
    };
    bootstrap
        .args(["--variant=essential", "--format=tar"])
        .arg("--aptopt=Apt::Install-Recommends \"0\"")
        .args(
            LEFT_OUT
                .iter()
                .map(|path| format!("--dpkgopt=path-exclude={path}")),
        )
        .arg(format!("--include={}", definition.packages.join(",")))
        .arg(format!(
            "--customize-hook=APT_CONFIG=$MMDEBSTRAP_APT_CONFIG sh {} \"$1\"",
            quoted(&hook.to_string_lossy())?
        ))
        .arg(&definition.suite)
        .arg("-")
        .env("LC_ALL", "C");
    if is_root {
        // So that whatever a killed build leaves is in the folder that is removed.
        bootstrap.env("TMPDIR", folder);
    }
    let (reader, writer) =
        std::io::pipe().blame(Fault::Image, || "make a pipe for the image".into())?;
    bootstrap
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(share(&log)?);
    let mut bootstrap = Group::start(bootstrap, "mmdebstrap")?;

    let mut pack = Command::new("tar2sqfs");
    pack.args(["--quiet", "--no-xattr", "--compressor", "lz4"])
        .arg(folder.join("root.sqfs"));
    pack.stdin(reader).stdout(share(&log)?).stderr(share(&log)?);
    let mut pack = Group::start(pack, "tar2sqfs")?;

    let (built, packed) = tokio::join!(bootstrap.child.wait(), pack.child.wait());
    for (program, status) in [("mmdebstrap", built), ("tar2sqfs", packed)] {
        let status = status.blame(Fault::Image, || format!("wait for {program}"))?;
        if !status.success() {
            return Err(LabError::new(
                Fault::Image,
                format!(
                    "{} could not be built: {program} ended with {status}\n{}",
                    definition.name,
                    last_lines(&log_path)
                ),
            )
            .remedy("a first build needs Debian's package archive and some 500 MB of disk"));
        }
    }
    Ok(())
}

/// Programs that meet a full disk say so in many ways, or not at all: it is told beforehand.
fn check_room(definition: &Definition, folder: &Path) -> Result<(), LabError> {
    let space = nix::sys::statvfs::statvfs(folder)
        .map_err(std::io::Error::from)
        .blame(Fault::Files, || {
            format!("ask for the room in {}", folder.display())
        })?;
    let free = space.blocks_available() * space.fragment_size() / (1024 * 1024);
    if free >= ROOM {
        return Ok(());
    }
    let what = format!(
        "{} could not be built: No space left on device: {} has {free} MiB free, and a build takes \
         {ROOM} MiB",
        definition.name,
        folder.display()
    );
    Err(LabError::new(Fault::Image, what)
        .remedy("free some of the disk, or name a folder on another one with --cache"))
}

/// A child with a process group of its own, which ends as a whole when this is dropped.
struct Group {
    child: Child,
}

impl Group {
    fn start(mut command: Command, program: &str) -> Result<Self, LabError> {
        command.process_group(0);
        // SIGKILL: mmdebstrap puts off any other until its own children have ended.
        sys::die_with_parent(command.as_std_mut(), Signal::SIGKILL);
        let child = command
            .spawn()
            .blame(Fault::Image, || format!("start {program}"))
            .map_err(|fault| fault.remedy("`ikematrix doctor` says what to install"))?;
        Ok(Self { child })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()) else {
            return;
        };
        // The programs are asked first, because they have mounts of their own to remove.
        let group = Pid::from_raw(pid);
        let _ = killpg(group, Signal::SIGTERM);
        let deadline = std::time::Instant::now() + GRACE;
        while std::time::Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = killpg(group, Signal::SIGKILL);
    }
}

fn write_hook(definition: &Definition, path: &Path) -> Result<(), LabError> {
    let doing = || format!("write {}", path.display());
    let mut script = File::create(path).blame(Fault::Files, doing)?;
    writeln!(script, "set -eu").blame(Fault::Files, doing)?;
    for argv in &definition.prepare {
        let words: Result<Vec<_>, LabError> = argv.iter().map(|word| quoted(word)).collect();
        writeln!(script, "chroot \"$1\" {}", words?.join(" ")).blame(Fault::Files, doing)?;
    }
    if let Some(hook) = &definition.hook {
        writeln!(script, "{hook}").blame(Fault::Files, doing)?;
    }
    Ok(())
}

fn quoted(word: &str) -> Result<String, LabError> {
    let quoted = shlex::try_quote(word).blame(Fault::Image, || format!("quote {word:?}"))?;
    Ok(quoted.into_owned())
}

fn share(log: &File) -> Result<File, LabError> {
    log.try_clone()
        .blame(Fault::Files, || "share the build log".into())
}

/// The part of a build's log that says why it failed.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(6)..].join("\n")
}
