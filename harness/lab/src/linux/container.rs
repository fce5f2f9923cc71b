//! One router: a parked container that the lab's own threads and programs enter.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::Mode;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::error::{Blame, Fault, LabError};
use crate::operation::Output;
use crate::sys;

/// What every program in a router finds in its environment.
pub(crate) const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/libexec/ipsec";

pub(crate) struct Container {
    id: String,
    pid: i32,
    /// The parked first process: whoever wants in enters its namespaces.
    init: Arc<OwnedFd>,
    /// The root directory as the container sees it.
    root: OwnedFd,
    runtime: Box<dyn Runtime>,
}

/// What has started a container and can end it.
#[async_trait]
pub(crate) trait Runtime: Send + Sync {
    /// Kills everything in it and takes it apart.
    async fn stop(&self) -> Result<(), LabError>;
}

impl Container {
    /// A container that was started, whose parked first process has this id.
    pub(crate) fn parked(id: &str, pid: i32, runtime: Box<dyn Runtime>) -> Result<Self, LabError> {
        let init = sys::open_pidfd(pid).blame(Fault::Runtime, || {
            format!("the first process of {id} is gone")
        })?;
        let seen = File::open(format!("/proc/{pid}/root")).blame(Fault::Runtime, || {
            format!("the root of {id} cannot be opened")
        })?;
        Ok(Self {
            id: id.to_owned(),
            pid,
            init: Arc::new(init),
            root: seen.into(),
            runtime,
        })
    }

    /// The name that its runtime knows it by.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The id of the parked first process.
    pub(super) fn pid(&self) -> i32 {
        self.pid
    }

    /// A command to be run inside.
    pub(super) fn command(&self, argv: &[String]) -> Result<Command, LabError> {
        let [program, arguments @ ..] = argv else {
            return Err(LabError::new(Fault::Harness, "a command without a program"));
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", PATH)
            .env("LC_ALL", "C")
            .env("HOME", "/root");
        sys::run_inside(&mut command, self.init.clone());
        Ok(command)
    }

    /// Runs a program to its end, or kills it when the time is up.
    pub(super) async fn exec(
        &self,
        argv: &[String],
        limit: Duration,
        bytes: u64,
    ) -> Result<Output, LabError> {
        let mut command = self.command(argv)?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.kill_on_drop(true);
        let mut child = match command.spawn() {
            Ok(child) => child,
            // As a shell would say it: the router has no such program.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = format!("{}: {error}\n", argv[0]).into_bytes();
                return Ok(Output {
                    code: Some(127),
                    timed_out: false,
                    text,
                    cut: false,
                });
            }
            Err(error) => {
                return Err(error)
                    .blame(Fault::Runtime, || format!("run {} in {}", argv[0], self.id));
            }
        };
        let mut text = Vec::new();
        // Both streams in one buffer; a program that prints without end is cut and then killed.
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(LabError::new(Fault::Harness, "the child has no pipes"));
        };
        let work = async {
            let mut errors = Vec::new();
            let (mut stdout, mut stderr) = (stdout.take(bytes + 1), stderr.take(bytes + 1));
            let (a, b) = tokio::join!(
                stdout.read_to_end(&mut text),
                stderr.read_to_end(&mut errors)
            );
            a.and(b)?;
            text.append(&mut errors);
            child.wait().await
        };
        let (code, timed_out) = match tokio::time::timeout(limit, work).await {
            Ok(status) => (
                status
                    .blame(Fault::Runtime, || format!("wait for {}", argv[0]))?
                    .code(),
                false,
            ),
            Err(_) => (None, true),
        };
        let limit = usize::try_from(bytes).unwrap_or(usize::MAX);
        let cut = text.len() > limit;
        text.truncate(limit);
        Ok(Output {
            code,
            timed_out,
            text,
            cut,
        })
    }

    /// Writes a file, making its folders. The path is resolved as the router would resolve it: a
    /// hostile link in there cannot lead outside.
    pub(super) fn put(&self, path: &str, mode: u32, bytes: &[u8]) -> Result<(), LabError> {
        let doing = || format!("write {path} in {}", self.id);
        let relative = Path::new(path.trim_start_matches('/'));
        let mut made = PathBuf::new();
        for part in relative.parent().into_iter().flat_map(Path::components) {
            made.push(part);
            match nix::sys::stat::mkdirat(&self.root, &made, Mode::from_bits_truncate(0o755)) {
                Ok(()) | Err(nix::errno::Errno::EEXIST) => {}
                Err(error) => return Err(error).blame(Fault::Files, doing),
            }
        }
        let mut file = self
            .open(
                relative,
                OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_TRUNC,
                mode,
            )
            .blame(Fault::Files, doing)?;
        file.write_all(bytes).blame(Fault::Files, doing)?;
        // The mode given on opening holds for a new file only, and less the mask.
        nix::sys::stat::fchmod(&file, Mode::from_bits_truncate(mode)).blame(Fault::Files, doing)
    }

    /// The last `limit` bytes of a regular file.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LabError> {
        let relative = Path::new(path.trim_start_matches('/'));
        // Not blocking, lest the router put a pipe in the place of its log.
        let file = self
            .open(relative, OFlag::O_RDONLY | OFlag::O_NONBLOCK, 0)
            .blame(Fault::Files, || format!("read {path} in {}", self.id))?;
        read_end(file, limit).blame(Fault::Files, || format!("read {path} in {}", self.id))
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.open(Path::new(path.trim_start_matches('/')), OFlag::O_PATH, 0)
            .is_ok()
    }

    fn open(&self, path: &Path, flags: OFlag, mode: u32) -> nix::Result<File> {
        let mut how = OpenHow::new()
            .flags(flags | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
        if flags.contains(OFlag::O_CREAT) {
            how = how.mode(Mode::from_bits_truncate(mode));
        }
        openat2(self.root.as_fd(), path, how).map(File::from)
    }

    /// Kills everything in it and takes it apart.
    pub(crate) async fn stop(&self) -> Result<(), LabError> {
        self.runtime.stop().await
    }
}

/// The last `limit` bytes of a regular file.
fn read_end(mut file: File, limit: u64) -> std::io::Result<Vec<u8>> {
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    file.seek(SeekFrom::Start(about.len().saturating_sub(limit)))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
