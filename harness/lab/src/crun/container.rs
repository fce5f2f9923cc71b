//! One router: a root file system over an image, and crun to isolate it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::Mode;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::error::{Blame, Fault, LabError};
use crate::operation::Output;
use crate::sys;

/// What every program in a router finds in its environment.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/libexec/ipsec";

pub(super) struct Container {
    id: String,
    folder: PathBuf,
    state: PathBuf,
    pid: i32,
    /// The parked first process: whoever wants in enters its namespaces.
    init: Arc<OwnedFd>,
    /// The root directory as the container sees it.
    root: OwnedFd,
}

impl Container {
    /// Starts a parked container: `folder` is its own, new folder; `image` the root file system that
    /// it lies over; `state` crun's folder.
    pub(super) async fn start(
        id: &str,
        hostname: &str,
        folder: &Path,
        image: &Path,
        netns: &Path,
        state: &Path,
    ) -> Result<Self, LabError> {
        if !image.is_dir() {
            return Err(LabError::new(
                Fault::Image,
                format!("the root file system {} is missing", image.display()),
            )
            .remedy("remove it from the image cache and run again"));
        }
        let root = mount_root(folder, image)?;
        std::fs::write(
            folder.join("config.json"),
            bundle(hostname, netns).to_string(),
        )
        .blame(Fault::Files, || format!("write the bundle of {id}"))?;
        let pid = match launch(id, folder, state).await {
            Ok(pid) => pid,
            Err(fault) => {
                let _ = umount2(&root, MntFlags::MNT_DETACH);
                return Err(fault);
            }
        };
        let init = sys::open_pidfd(pid).blame(Fault::Runtime, || {
            format!("the first process of {id} is gone")
        })?;
        let seen = File::open(format!("/proc/{pid}/root")).blame(Fault::Runtime, || {
            format!("the root of {id} cannot be opened")
        })?;
        Ok(Self {
            id: id.to_owned(),
            folder: folder.to_owned(),
            state: state.to_owned(),
            pid,
            init: Arc::new(init),
            root: seen.into(),
        })
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
    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LabError> {
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
    pub(super) async fn stop(&self) -> Result<(), LabError> {
        let removed = remove(&self.id, &self.state).await;
        umount2(&self.folder.join("rootfs"), MntFlags::MNT_DETACH)
            .blame(Fault::Files, || format!("unmount the root of {}", self.id))?;
        removed
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

/// Kills and removes a container by crun's word.
pub(super) async fn remove(id: &str, state: &Path) -> Result<(), LabError> {
    let output = crun(state).args(["delete", "--force", id]).output().await;
    let output = output.blame(Fault::Runtime, || "start crun".into())?;
    if output.status.success() {
        return Ok(());
    }
    Err(LabError::new(
        Fault::Runtime,
        format!(
            "crun delete {id}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
    ))
}

fn mount_root(folder: &Path, image: &Path) -> Result<PathBuf, LabError> {
    let [upper, work, root] = ["upper", "work", "rootfs"].map(|name| folder.join(name));
    for path in [&upper, &work, &root] {
        std::fs::create_dir(path).blame(Fault::Files, || format!("make {}", path.display()))?;
    }
    let options = format!(
        "lowerdir={},upperdir={},workdir={}",
        escaped(&image.to_string_lossy()),
        upper.display(),
        work.display()
    );
    mount(
        Some("overlay"),
        &root,
        Some("overlay"),
        MsFlags::empty(),
        Some(options.as_str()),
    )
    .blame(Fault::Kernel, || {
        format!("lay an overlay over {}", image.display())
    })?;
    Ok(root)
}

/// A path as an overlay's option takes it: the folder of images may be anywhere.
fn escaped(path: &str) -> String {
    let mut escaped = String::new();
    for character in path.chars() {
        if matches!(character, '\\' | ':' | ',') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

async fn launch(id: &str, folder: &Path, state: &Path) -> Result<i32, LabError> {
    let pid_file = folder.join("pid");
    // crun's own messages go to a file: a pipe would stay open in the container's first process.
    let log = folder.join("crun.log");
    let status = crun(state)
        .arg("--log")
        .arg(&log)
        .args(["run", "--detach", "--pid-file"])
        .arg(&pid_file)
        .arg("--bundle")
        .arg(folder)
        .arg(id)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await
        .blame(Fault::Runtime, || "start crun".into())
        .map_err(|fault| fault.remedy("install crun; `ikematrix doctor` says how"))?;
    if !status.success() {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        return Err(LabError::new(
            Fault::Runtime,
            format!("crun run {id} ended with {status}: {}", said.trim()),
        ));
    }
    let pid = std::fs::read_to_string(&pid_file)
        .blame(Fault::Runtime, || format!("read the process id of {id}"))?;
    pid.trim().parse().blame(Fault::Runtime, || {
        format!("the process id of {id} is {pid:?}")
    })
}

fn crun(state: &Path) -> Command {
    let mut command = Command::new("crun");
    command
        .arg("--root")
        .arg(state)
        .arg("--cgroup-manager=disabled");
    command
}

/// The OCI bundle of a parked router (OCI runtime specification 1.0.2).
fn bundle(hostname: &str, netns: &Path) -> serde_json::Value {
    let capabilities: Vec<&str> = sys::ROUTER_CAPABILITIES
        .iter()
        .map(|(name, _)| *name)
        .collect();
    json!({
        "ociVersion": "1.0.2",
        "hostname": hostname,
        "root": { "path": "rootfs", "readonly": false },
        "process": {
            "terminal": false,
            "user": { "uid": 0, "gid": 0 },
            "args": ["/usr/bin/sleep", "infinity"],
            "env": [format!("PATH={PATH}")],
            "cwd": "/",
            "noNewPrivileges": true,
            "capabilities": {
                "bounding": capabilities, "effective": capabilities, "permitted": capabilities,
            },
        },
        "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/sys", "type": "sysfs", "source": "sysfs",
              "options": ["nosuid", "noexec", "nodev", "ro"] },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
              "options": ["nosuid", "strictatime", "mode=755", "size=64k"] },
            { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
              "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] },
            { "destination": "/run", "type": "tmpfs", "source": "tmpfs",
              "options": ["nosuid", "nodev", "mode=755", "size=16m"] },
        ],
        "linux": {
            "namespaces": [
                { "type": "pid" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" },
                { "type": "network", "path": netns },
            ],
            "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/latency_stats",
                "/proc/timer_list", "/proc/sched_debug", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                "/proc/sysrq-trigger"],
        },
    })
}
