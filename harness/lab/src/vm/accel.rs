//! Whether KVM works here, found out by running code under it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::Command;

/// How a virtual machine's processor is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accel {
    /// By the processor itself.
    Kvm,
    /// By translation, some ten times slower.
    Tcg,
}

/// The QEMU that runs a machine of this processor's kind.
pub const QEMU: &str = "qemu-system-x86_64";

/// Long enough for a kernel to boot under KVM on a busy machine. A broken KVM often hangs.
const LIMIT: Duration = Duration::from_secs(10);
/// What isa-debug-exit makes of the value 0x10: twice it, plus one.
const SUCCESS: i32 = 0x21;
/// A console that says more than this is not looked at further.
const OUTPUT_LIMIT: u64 = 1024 * 1024;
/// How a Linux kernel ends that was given no root file system: it has booted.
const BOOTED: &str = "Kernel panic - not syncing: VFS";
/// QEMU stops a machine that KVM cannot carry any further, says this, and stays.
const STUCK: &str = "KVM internal error";

impl Accel {
    pub fn name(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg => "tcg",
        }
    }

    /// QEMU's options for it.
    pub(super) fn options(self) -> [&'static str; 4] {
        match self {
            Self::Kvm => ["-accel", "kvm", "-cpu", "host"],
            // A quarter of the default translation buffer is enough and saves memory.
            Self::Tcg => ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max"],
        }
    }

    /// By how much time limits must be stretched.
    pub(super) fn slowness(self) -> u32 {
        match self {
            Self::Kvm => 1,
            Self::Tcg => 4,
        }
    }
}

/// The best that works with this kernel, with why the better one does not.
pub async fn choose(kernel: &Path) -> (Accel, Option<String>) {
    match try_kernel(Accel::Kvm, kernel).await {
        Ok(()) => (Accel::Kvm, None),
        Err(why) => (Accel::Tcg, Some(why)),
    }
}

/// Runs five octets of machine code, which end QEMU with a code that nothing else gives. Quick, and
/// enough to see that QEMU works; a KVM that passes may still fail with a whole kernel.
///
/// # Errors
/// What QEMU said, or that it did nothing.
pub async fn try_firmware(accel: Accel) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let firmware = folder.path().join("firmware");
    std::fs::write(&firmware, exit_firmware()).map_err(|error| error.to_string())?;
    let mut command = qemu(accel, 16);
    command
        .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-bios"])
        .arg(&firmware)
        .stderr(Stdio::piped());
    let output = match tokio::time::timeout(LIMIT, command.output()).await {
        Ok(output) => output.map_err(|error| format!("{QEMU}: {error}"))?,
        Err(_) => return Err(format!("it ran no code within {} s", LIMIT.as_secs())),
    };
    if output.status.code() == Some(SUCCESS) {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{QEMU} ended with {}: {}",
        output.status,
        first_line(&said)
    ))
}

/// Boots a kernel as far as it goes without a root file system.
///
/// # Errors
/// What QEMU said, or that the kernel did not get there.
pub async fn try_kernel(accel: Accel, kernel: &Path) -> Result<(), String> {
    try_firmware(accel).await?;
    let mut command = qemu(accel, 256);
    command
        .arg("-kernel")
        .arg(kernel)
        .args([
            "-append",
            "console=ttyS0 panic=-1",
            "-no-reboot",
            "-serial",
            "stdio",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| format!("{QEMU}: {error}"))?;
    let (Some(console), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("the child has no pipes".into());
    };
    let outcome = async {
        tokio::select! {
            said = find_line(console, BOOTED) => match said {
                Found::Line(_) => Ok(()),
                Found::End(last) => Err(format!("the kernel did not boot: {last}")),
            },
            stuck = stuck_line(errors) => Err(stuck),
        }
    };
    match tokio::time::timeout(LIMIT, outcome).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!(
            "the kernel did not boot within {} s",
            LIMIT.as_secs()
        )),
    }
}

enum Found {
    Line(String),
    /// The stream ended; its last line.
    End(String),
}

async fn find_line(stream: impl AsyncRead + Unpin, wanted: &str) -> Found {
    let mut lines = BufReader::new(stream.take(OUTPUT_LIMIT)).lines();
    let mut last = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.contains(wanted) {
            return Found::Line(line);
        }
        last = line;
    }
    Found::End(last)
}

/// Comes back only with bad news.
async fn stuck_line(stream: impl AsyncRead + Unpin) -> String {
    match find_line(stream, STUCK).await {
        Found::Line(line) => line,
        Found::End(_) => std::future::pending().await,
    }
}

fn qemu(accel: Accel, megabytes: u32) -> Command {
    let mut command = Command::new(QEMU);
    command
        .args(accel.options())
        .args(["-nodefaults", "-no-user-config", "-display", "none"])
        .args(["-m", &megabytes.to_string()])
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("no message")
}

/// A firmware of 64 KiB whose reset vector writes 0x10 to port 0xf4.
fn exit_firmware() -> Vec<u8> {
    const RESET_VECTOR: usize = 0xfff0;
    let mut firmware = vec![0xf4; 0x1_0000];
    // mov al, 0x10; out 0xf4, al; hlt
    firmware[RESET_VECTOR..RESET_VECTOR + 5].copy_from_slice(&[0xb0, 0x10, 0xe6, 0xf4, 0xf4]);
    firmware
}
