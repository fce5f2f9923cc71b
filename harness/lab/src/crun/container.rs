//! Starting and removing containers by crun: a root file system over an image, and crun to isolate
//! it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use async_trait::async_trait;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use serde_json::json;
use tokio::process::Command;

use crate::error::{Blame, Fault, LabError};
use crate::linux::{Container, PATH, Runtime};
use crate::sys;

/// A container that crun has started.
struct CrunContainer {
    id: String,
    folder: PathBuf,
    state: PathBuf,
}

/// A container that is to be started.
pub(super) struct Order<'a> {
    pub(super) id: String,
    pub(super) hostname: &'a str,
    /// Its own, and new.
    pub(super) folder: &'a Path,
    /// The root file system that it lies over.
    pub(super) image: &'a Path,
    pub(super) netns: &'a Path,
    /// crun's folder.
    pub(super) state: &'a Path,
    /// Whether it gets the device for ESP in user space.
    pub(super) tunnels: bool,
}

/// Starts a parked container.
pub(super) async fn start(order: Order<'_>) -> Result<Container, LabError> {
    let Order {
        id,
        folder,
        image,
        state,
        ..
    } = &order;
    let (folder, image, state) = (*folder, *image, *state);
    if !image.is_dir() {
        return Err(LabError::new(
            Fault::Image,
            format!("the root file system {} is missing", image.display()),
        )
        .remedy("remove it from the image cache and run again"));
    }
    let root = mount_root(folder, image)?;
    std::fs::write(folder.join("config.json"), bundle(&order).to_string())
        .blame(Fault::Files, || format!("write the bundle of {id}"))?;
    let pid = match launch(id, folder, state).await {
        Ok(pid) => pid,
        Err(fault) => {
            let _ = umount2(&root, MntFlags::MNT_DETACH);
            return Err(fault);
        }
    };
    let started = CrunContainer {
        id: id.clone(),
        folder: folder.to_owned(),
        state: state.to_owned(),
    };
    Container::parked(id, pid, Box::new(started))
}

#[async_trait]
impl Runtime for CrunContainer {
    async fn stop(&self) -> Result<(), LabError> {
        let removed = remove(&self.id, &self.state).await;
        umount2(&self.folder.join("rootfs"), MntFlags::MNT_DETACH)
            .blame(Fault::Files, || format!("unmount the root of {}", self.id))?;
        removed
    }
}

/// Kills and removes a container by crun's word.
async fn remove(id: &str, state: &Path) -> Result<(), LabError> {
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
fn bundle(order: &Order<'_>) -> serde_json::Value {
    let Order {
        hostname, netns, ..
    } = order;
    // Through it a program gets the packets that it protects itself.
    let tunnel = order.tunnels.then(|| {
        json!({
            "path": "/dev/net/tun", "type": "c", "major": 10, "minor": 200, "fileMode": 0o666,
        })
    });
    let devices: Vec<_> = tunnel.into_iter().collect();
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
            "devices": devices,
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
