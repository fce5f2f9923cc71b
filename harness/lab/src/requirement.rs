//! What a lab needs of the machine it runs on, each tried by doing it once. Nothing is left behind.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::vm::QEMU;

/// Why a requirement is not met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    #[error("{0} is not installed")]
    NotInstalled(String),
    #[error("{0}")]
    Failed(String),
}

/// How long a program may take. The slowest of them needs less than a second.
const LIMIT: Duration = Duration::from_secs(10);
/// What a program says beyond this is not kept.
const OUTPUT_LIMIT: u64 = 64 * 1024;
/// The exit code of the trial container, which nothing else gives.
const CONTAINER_CODE: i32 = 42;

/// Whether the labs take this user for root.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Makes a network namespace with a mount namespace of its own, lays an overlay over a folder in it,
/// and writes through the overlay.
pub async fn try_namespaces() -> Result<(), Unmet> {
    let scratch = scratch()?;
    let folder = scratch.path().to_owned();
    on_own_thread(move || {
        unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS)
            .map_err(|error| failed("make namespaces", error))?;
        let plain = None::<&str>;
        mount(
            plain,
            "/",
            plain,
            MsFlags::MS_REC | MsFlags::MS_PRIVATE,
            plain,
        )
        .map_err(|error| failed("keep mounts to a namespace", error))?;
        // Labs live on a tmpfs, too.
        mount(
            Some("tmpfs"),
            &folder,
            Some("tmpfs"),
            MsFlags::empty(),
            plain,
        )
        .map_err(|error| failed("mount a tmpfs", error))?;
        let [lower, upper, work, root] =
            ["lower", "upper", "work", "root"].map(|name| folder.join(name));
        for path in [&lower, &upper, &work, &root] {
            std::fs::create_dir(path).map_err(|error| failed("make a folder", error))?;
        }
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            lower.display(),
            upper.display(),
            work.display()
        );
        std::fs::write(lower.join("file"), "below")
            .and_then(|()| {
                mount(
                    Some("overlay"),
                    &root,
                    Some("overlay"),
                    MsFlags::empty(),
                    Some(&*options),
                )
                .map_err(std::io::Error::from)
            })
            .map_err(|error| failed("lay an overlay", error))?;
        let changed = std::fs::write(root.join("file"), "above")
            .and_then(|()| std::fs::read_to_string(lower.join("file")))
            .map_err(|error| failed("write through an overlay", error))?;
        if changed == "below" {
            Ok(())
        } else {
            Err(Unmet::Failed("the overlay let a change through".into()))
        }
    })
    .await
}

/// Runs a container made of this machine's own shell. Without root, only crun itself.
pub async fn try_container() -> Result<(), Unmet> {
    if !is_root() {
        return run("crun", ["--version"]).await.map(drop);
    }
    let scratch = scratch()?;
    let (bundle, state) = (scratch.path().join("bundle"), scratch.path().join("state"));
    let mut mounts = vec![
        json!({ "destination": "/proc", "type": "proc", "source": "proc" }),
        // Where there is none, some versions of crun give up.
        json!({ "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
            "options": ["nosuid", "strictatime", "mode=755", "size=64k"] }),
    ];
    let made = std::fs::create_dir(&bundle)
        .and_then(|()| std::fs::create_dir(bundle.join("root")))
        .and_then(|()| add_shell(&bundle.join("root"), &mut mounts))
        .and_then(|()| {
            let config = container(&mounts).to_string();
            std::fs::write(bundle.join("config.json"), config)
        });
    made.map_err(|error| failed("make a container's folder", error))?;
    let name = format!("ikematrix-trial-{}", std::process::id());
    let options = [
        "--root".as_ref(),
        state.as_os_str(),
        "--cgroup-manager=disabled".as_ref(),
    ];
    let mut command = program("crun", options);
    command.args(["run", "--bundle"]).arg(&bundle).arg(&name);
    let ended = finish("crun", command, &[]).await;
    if ended
        .as_ref()
        .is_ok_and(|ended| ended.code == Some(CONTAINER_CODE))
    {
        return Ok(());
    }
    let mut removal = program("crun", options);
    removal.args(["delete", "--force", &name]);
    let _ = finish("crun", removal, &[]).await;
    ended.and_then(Ended::refused)
}

/// Loads into a new network namespace the kinds of packet filter that a lab's links use.
pub async fn try_packet_filter() -> Result<(), Unmet> {
    const RULES: &str = "table netdev trial {\n  chain port {\n    \
        type filter hook ingress device \"lo\" priority 0; policy accept;\n    \
        meta l4proto esp drop\n    udp dport 4500 @th,64,32 != 0 drop\n  }\n}\n";
    let runtime = tokio::runtime::Handle::current();
    on_own_thread(move || {
        unshare(CloneFlags::CLONE_NEWNET)
            .map_err(|error| failed("make a network namespace", error))?;
        // The program inherits the namespace of the thread that starts it, which is this one.
        runtime.block_on(async {
            let ended = finish("nft", program("nft", ["-f", "-"]), RULES.as_bytes()).await?;
            ended.success().map(drop)
        })
    })
    .await
}

/// Runs machine code in a translated virtual machine.
pub async fn try_qemu() -> Result<(), Unmet> {
    run(QEMU, ["--version"]).await?;
    crate::vm::try_firmware(crate::vm::Accel::Tcg)
        .await
        .map_err(Unmet::Failed)
}

/// Starts mmdebstrap.
pub async fn try_mmdebstrap() -> Result<(), Unmet> {
    run("mmdebstrap", ["--version"]).await.map(drop)
}

/// Runs a program in a user namespace with many users, the way mmdebstrap does without root.
pub async fn try_user_namespaces() -> Result<(), Unmet> {
    run("newuidmap", [""; 0])
        .await
        .map(drop)
        .or_else(|unmet| match unmet {
            Unmet::NotInstalled(_) => Err(unmet),
            // Called like this it only prints how it wants to be called.
            Unmet::Failed(_) => Ok(()),
        })?;
    run("mmdebstrap", ["--unshare-helper", "/bin/true"])
        .await
        .map(drop)
}

/// Reads the keys with which Debian signs its archive.
pub async fn try_archive_keys() -> Result<(), Unmet> {
    const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let home = scratch()?;
    let mut command = program("gpg", ["--batch", "--no-options", "--homedir"]);
    command
        .arg(home.path())
        .args(["--with-colons", "--show-keys", KEYS]);
    let listed = finish("gpg", command, &[]).await?.success()?;
    if listed.lines().any(|line| line.starts_with("pub:")) {
        Ok(())
    } else {
        Err(Unmet::Failed(format!("{KEYS} holds no key")))
    }
}

/// Packs a folder as an image is packed, and opens it in both ways that a lab does.
pub async fn try_squashfs() -> Result<(), Unmet> {
    const CONTENT: &str = "content";
    let scratch = scratch()?;
    let [tree, copy, archive, packed] =
        ["tree", "copy", "root.tar", "root.sqfs"].map(|name| scratch.path().join(name));
    std::fs::create_dir(&tree)
        .and_then(|()| std::fs::create_dir(&copy))
        .and_then(|()| std::fs::write(tree.join("file"), CONTENT))
        .map_err(|error| failed("make a folder", error))?;
    let mut tar = program("tar", ["--create", "--file"]);
    tar.arg(&archive).arg("--directory").arg(&tree).arg("file");
    finish("tar", tar, &[]).await?.success()?;
    let mut pack = program("tar2sqfs", ["--quiet", "--no-xattr", "--compressor", "lz4"]);
    pack.arg(&packed);
    let bytes = std::fs::read(&archive).map_err(|error| failed("read a tar file", error))?;
    finish("tar2sqfs", pack, &bytes).await?.success()?;
    let mut cat = program("rdsquashfs", ["--cat", "/file"]);
    cat.arg(&packed);
    let read = finish("rdsquashfs", cat, &[]).await?.success()?;
    let unpacked = run("sqfs2tar", [&packed]).await?;
    let mut tar = program("tar", ["--extract", "--directory"]);
    tar.arg(&copy);
    finish("tar", tar, unpacked.as_bytes()).await?.success()?;
    let extracted = std::fs::read_to_string(copy.join("file")).unwrap_or_default();
    if read == CONTENT && extracted == CONTENT {
        Ok(())
    } else {
        Err(Unmet::Failed("a packed file came back changed".into()))
    }
}

/// Makes the folder if need be, and writes, locks and renames a file in it.
pub fn try_writing(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let scratch = tempfile::Builder::new()
        .prefix(".trial-")
        .tempdir_in(folder)?;
    let (written, renamed) = (
        scratch.path().join("written"),
        scratch.path().join("renamed"),
    );
    std::fs::write(&written, "content")?;
    let file = File::open(&written)?;
    file.sync_all()?;
    let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error)?;
    std::fs::rename(&written, &renamed)?;
    drop(lock);
    Ok(())
}

/// Octets that this user may still write to the file system of a folder, which need not exist.
pub fn free_disk(folder: &Path) -> std::io::Result<u64> {
    let existing = folder
        .ancestors()
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| Path::new("."));
    let room = nix::sys::statvfs::statvfs(existing)?;
    Ok(room.blocks_available() * room.fragment_size())
}

/// Octets of memory that new programs can have, within what this machine and this container have.
pub fn free_memory() -> std::io::Result<u64> {
    let table = std::fs::read_to_string("/proc/meminfo")?;
    let kilobytes = table
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .ok_or_else(|| std::io::Error::other("/proc/meminfo names no available memory"))?;
    let octets = |name: &str| {
        let text = std::fs::read_to_string(Path::new("/sys/fs/cgroup").join(name)).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let allowed = octets("memory.max").zip(octets("memory.current"));
    let machine = kilobytes.saturating_mul(1024);
    Ok(allowed.map_or(machine, |(max, current)| {
        machine.min(max.saturating_sub(current))
    }))
}

/// Whether the kernel could load a module that it has not loaded.
pub async fn has_module(name: &str) -> bool {
    run("modprobe", ["--dry-run", "--quiet", name])
        .await
        .is_ok()
}

/// Opens KVM's device.
pub fn open_kvm() -> std::io::Result<()> {
    File::options()
        .read(true)
        .write(true)
        .open("/dev/kvm")
        .map(drop)
}

/// The module that would bring KVM to this processor, if it has what KVM needs.
pub fn kvm_module() -> Option<&'static str> {
    let table = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let flags = table.lines().find(|line| line.starts_with("flags"))?;
    flags.split_whitespace().find_map(|flag| match flag {
        "vmx" => Some("kvm_intel"),
        "svm" => Some("kvm_amd"),
        _ => None,
    })
}

/// The setting that keeps users without root from making user namespaces, with the value that lets
/// them.
pub fn user_namespace_switch() -> Option<String> {
    let read = |name: &str| {
        let path = Path::new("/proc/sys").join(name.replace('.', "/"));
        std::fs::read_to_string(path)
            .map(|value| value.trim().to_owned())
            .ok()
    };
    let switches = [
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("user.max_user_namespaces", "0", "15000"),
    ];
    let mut forbidding = switches
        .into_iter()
        .filter(|(name, forbids, _)| read(name).as_deref() == Some(*forbids));
    forbidding
        .next()
        .map(|(name, _, allows)| format!("{name}={allows}"))
}

/// What a program left when it ended.
struct Ended {
    program: String,
    code: Option<i32>,
    said: String,
    complained: String,
}

impl Ended {
    /// What it said, if it ended well.
    fn success(self) -> Result<String, Unmet> {
        match self.code {
            Some(0) => Ok(self.said),
            Some(_) | None => self.refused(),
        }
    }

    fn refused<T>(self) -> Result<T, Unmet> {
        let code = self
            .code
            .map_or_else(|| "a signal".into(), |code| format!("exit code {code}"));
        let mut lines = self
            .complained
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        // The last line names the cause in all of these programs' ways of complaining.
        let last = lines.next_back().unwrap_or("no message");
        Err(Unmet::Failed(format!(
            "{} ended with {code}: {last}",
            self.program
        )))
    }
}

async fn run(
    name: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<String, Unmet> {
    finish(name, program(name, arguments), &[]).await?.success()
}

fn program(name: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).env("LC_ALL", "C");
    command
}

/// Runs a program with this input to its end, within limits of time and output.
async fn finish(name: &str, mut command: Command, input: &[u8]) -> Result<Ended, Unmet> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            Unmet::NotInstalled(name.into())
        } else {
            failed(&format!("start {name}"), error)
        }
    })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program that does not read its input says itself what ails it.
            let _ = stdin.write_all(input).await;
        }
    };
    let all = async { tokio::join!(child.wait(), feed, gather(stdout), gather(stderr)) };
    let Ok((status, (), said, complained)) = tokio::time::timeout(LIMIT, all).await else {
        let seconds = LIMIT.as_secs();
        return Err(Unmet::Failed(format!(
            "{name} did not end within {seconds} s"
        )));
    };
    let status = status.map_err(|error| failed(&format!("wait for {name}"), error))?;
    Ok(Ended {
        program: name.into(),
        code: status.code(),
        said,
        complained,
    })
}

/// The beginning of a stream. The rest is read, so that the writer can end, and forgotten.
async fn gather(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        let _ = (&mut stream)
            .take(OUTPUT_LIMIT)
            .read_to_end(&mut kept)
            .await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Runs `work` on a thread of its own, because what it does to its namespaces stays done.
async fn on_own_thread(
    work: impl FnOnce() -> Result<(), Unmet> + Send + 'static,
) -> Result<(), Unmet> {
    let (answer, result) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("trial".into())
        .spawn(move || {
            let _ = answer.send(work());
        })
        .map_err(|error| failed("start a thread", error))?;
    result
        .await
        .unwrap_or_else(|_| Err(Unmet::Failed("the trial panicked".into())))
}

/// Puts this machine's shell into a container's root file system: links are copied, folders shown.
fn add_shell(root: &Path, mounts: &mut Vec<serde_json::Value>) -> std::io::Result<()> {
    for name in ["bin", "lib", "lib64", "usr"] {
        let (here, there) = (Path::new("/").join(name), root.join(name));
        if let Ok(target) = std::fs::read_link(&here) {
            symlink(target, there)?;
        } else if here.is_dir() {
            std::fs::create_dir(there)?;
            mounts.push(json!({
                "destination": here, "type": "bind", "source": here, "options": ["rbind", "ro"],
            }));
        }
    }
    std::fs::create_dir(root.join("proc"))
}

/// The configuration of the trial container (OCI runtime specification 1.0.2).
fn container(mounts: &[serde_json::Value]) -> serde_json::Value {
    let namespaces = ["pid", "ipc", "uts", "mount", "network"].map(|name| json!({ "type": name }));
    json!({
        "ociVersion": "1.0.2",
        "root": { "path": "root", "readonly": true },
        "process": {
            "terminal": false,
            "user": { "uid": 0, "gid": 0 },
            "args": ["/bin/sh", "-c", format!("exit {CONTAINER_CODE}")],
            "cwd": "/",
            "noNewPrivileges": true,
        },
        "mounts": mounts,
        "linux": { "namespaces": namespaces },
    })
}

fn scratch() -> Result<tempfile::TempDir, Unmet> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix("ikematrix-")
        .tempdir()
        .map_err(|error| failed("make a folder", error))
}

fn failed(doing: &str, error: impl std::fmt::Display) -> Unmet {
    Unmet::Failed(format!("{doing}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_is_not_there_is_told_from_one_that_fails() {
        assert_eq!(
            run("ikematrix-no-such-program", [""; 0]).await,
            Err(Unmet::NotInstalled("ikematrix-no-such-program".into()))
        );
        let refused = run("sh", ["-c", "echo first >&2; echo why >&2; exit 3"]).await;
        let words = "sh ended with exit code 3: why";
        assert_eq!(refused, Err(Unmet::Failed(words.into())));
    }

    #[tokio::test]
    async fn endless_output_is_cut_and_does_not_block_the_program() {
        let said = run("sh", ["-c", "head -c 1000000 /dev/zero"])
            .await
            .unwrap();
        assert_eq!(said.len() as u64, OUTPUT_LIMIT);
    }

    #[test]
    fn a_folder_that_cannot_be_made_cannot_be_written() {
        assert!(try_writing(Path::new("/proc/ikematrix")).is_err());
        let folder = tempfile::tempdir().unwrap();
        try_writing(&folder.path().join("a/b")).unwrap();
        let left = std::fs::read_dir(folder.path().join("a/b")).unwrap();
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn a_folder_that_is_not_there_has_the_room_of_its_parent() {
        assert!(free_disk(Path::new("/no/such/folder")).unwrap() > 0);
        assert!(free_memory().unwrap() > 0);
    }

    #[tokio::test]
    async fn the_trials_leave_nothing_behind() {
        let remains = || {
            let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
            let prefix = std::env::temp_dir().join("ikematrix-");
            mounts
                .lines()
                .filter(|line| line.contains(&*prefix.to_string_lossy()))
                .count()
        };
        // Whether they succeed depends on the machine; that they end does not.
        let _ = tokio::join!(try_namespaces(), try_container(), try_packet_filter());
        assert_eq!(remains(), 0);
    }
}
