//! The QEMU process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::UnixStream;

use super::accel::{Accel, QEMU};
use super::agent::PORT;
use super::terminal;
use crate::error::{Blame, Fault, LabError};
use crate::image::Image;
use crate::served::SOCKET;
use crate::sys;

/// What a machine is made of.
pub struct MachineSpec<'a> {
    pub accel: Accel,
    /// The machine's own root file system and kernel.
    pub system: &'a Image,
    /// Root file systems of the routers that it may run.
    pub images: &'a [Image],
    /// This program, which serves inside.
    pub program: PathBuf,
    /// Whether it outlives the program that started it.
    pub keep: bool,
    /// Words added to the kernel's command line.
    pub kernel_words: Vec<String>,
}

/// Memory of the machine in MiB: room for a dozen routers at once and their root file systems.
const MEMORY: u32 = 1024;
/// How long a machine may take until the agent listens.
const BOOT_LIMIT: Duration = Duration::from_secs(90);

pub(super) struct Machine {
    pid: i32,
    keep: bool,
    console: PathBuf,
    ended: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Machine {
    /// Starts QEMU with its sockets and its console's log in `folder`.
    pub(super) fn start(spec: &MachineSpec<'_>, folder: &Path) -> Result<Self, LabError> {
        let mut command = command_line(spec, folder)?;
        let keep = spec.keep;
        let ended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (started, is_started) = std::sync::mpsc::channel();
        // A thread of its own, for as long as the machine runs: the kernel ends the machine when the
        // thread that started it goes.
        std::thread::Builder::new()
            .name("machine".into())
            .spawn({
                let ended = ended.clone();
                move || {
                    if !keep {
                        sys::die_with_parent(&mut command, Signal::SIGKILL);
                    }
                    let child = command.spawn();
                    let _ = started.send(
                        child
                            .as_ref()
                            .map(|child| child.id())
                            .map_err(|e| e.to_string()),
                    );
                    if let Ok(mut child) = child {
                        let _ = child.wait();
                        ended.store(true, std::sync::atomic::Ordering::Release);
                    }
                }
            })
            .blame(Fault::Machine, || "start a thread".into())?;
        let pid = is_started
            .recv()
            .blame(Fault::Machine, || format!("start {QEMU}"))?
            .blame(Fault::Machine, || format!("start {QEMU}"))
            .map_err(|fault| fault.remedy("`ikematrix doctor` says what to install"))?;
        let pid = i32::try_from(pid).blame(Fault::Machine, || "a process id".into())?;
        Ok(Self {
            pid,
            keep,
            console: folder.join("console.log"),
            ended,
        })
    }

    /// Connects to the agent's port as soon as QEMU has made the socket.
    pub(super) async fn connect(&self, folder: &Path) -> Result<UnixStream, LabError> {
        let socket = folder.join(SOCKET);
        let deadline = Instant::now() + BOOT_LIMIT;
        loop {
            match UnixStream::connect(&socket).await {
                Ok(stream) => return Ok(stream),
                Err(_) if !self.has_ended() && Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err(error) => {
                    return Err(self.fault(&format!("the machine has no port: {error}")));
                }
            }
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(std::sync::atomic::Ordering::Acquire)
    }

    /// A fault of the machine, with what its console said last.
    pub(super) fn fault(&self, what: &str) -> LabError {
        let console = std::fs::read(&self.console).unwrap_or_default();
        let console = String::from_utf8_lossy(&console);
        let lines: Vec<&str> = console
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = lines[lines.len().saturating_sub(5)..].join("\n");
        LabError::new(
            Fault::Machine,
            format!("{what}; its console said last:\n{last}"),
        )
    }

    /// Ends the machine at once, and waits until it is gone: nothing in it is worth saving.
    pub(super) async fn end(&self) {
        /// The kernel frees a gigabyte of memory meanwhile.
        const LIMIT: Duration = Duration::from_secs(5);
        self.kill();
        let deadline = Instant::now() + LIMIT;
        while !self.has_ended() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn kill(&self) {
        if !self.has_ended() {
            // Not reaped yet, so the number still means this process.
            let _ = kill(Pid::from_raw(self.pid), Signal::SIGKILL);
        }
    }
}

/// A machine does not outlive a start that was given up, or a lab that was not closed.
impl Drop for Machine {
    fn drop(&mut self) {
        if !self.keep {
            self.kill();
        }
    }
}

pub(super) fn boot_limit() -> Duration {
    BOOT_LIMIT
}

fn command_line(spec: &MachineSpec<'_>, folder: &Path) -> Result<Command, LabError> {
    let processors = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let mut words = vec![
        "console=ttyS0".to_owned(),
        "quiet".into(),
        "panic=-1".into(),
        "mitigations=off".into(),
        "random.trust_cpu=on".into(),
    ];
    words.extend(spec.kernel_words.iter().cloned());
    let mut command = Command::new(QEMU);
    command
        .args(spec.accel.options())
        .args([
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
            "-display",
            "none",
        ])
        .args(["-smp", &processors.to_string(), "-m", &MEMORY.to_string()])
        .arg("-kernel")
        .arg(spec.system.extracted("/boot/vmlinuz")?)
        .arg("-initrd")
        .arg(spec.system.extracted("/boot/initrd")?)
        .args(["-append", &words.join(" ")]);
    let disks = [spec.system.packed(), spec.program.clone()].into_iter();
    let disks = disks.chain(spec.images.iter().map(Image::packed));
    for (number, file) in disks.enumerate() {
        // A comma in a path is written twice in QEMU's option lists.
        let file = file.display().to_string().replace(',', ",,");
        command
            .args([
                "-drive",
                &format!("if=none,id=d{number},format=raw,readonly=on,file={file}"),
            ])
            .args([
                "-device",
                &format!("virtio-blk-pci,drive=d{number},serial={}", serial(number)),
            ]);
    }
    let folder = folder.display().to_string().replace(',', ",,");
    command.args(["-device", "virtio-serial-pci"]);
    for (id, port) in [("lab", PORT), ("shell", terminal::PORT)] {
        let socket = format!("socket,id={id},server=on,wait=off,path={folder}/{id}.sock");
        command.args(["-chardev", &socket]);
        command.args([
            "-device",
            &format!("virtserialport,chardev={id},name={port}"),
        ]);
    }
    command
        .args([
            "-chardev",
            &format!("file,id=console,path={folder}/console.log"),
        ])
        .args(["-serial", "chardev:console"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(command)
}

/// The serial numbers of the images' disks, in order, with the images' keys.
pub(super) fn disks(images: &[Image]) -> Vec<(String, String)> {
    let first = 2;
    let numbered = images.iter().enumerate();
    numbered
        .map(|(number, image)| (serial(first + number), image.key.clone()))
        .collect()
}

fn serial(number: usize) -> String {
    format!("disk{number}")
}
