//! Inside the virtual machine: the crun backend, served over a virtio serial port.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::terminal;
use crate::crun;
use crate::error::{Blame, Fault, LabError};
use crate::home::Home;
use crate::kernel;
use crate::linux::LinuxLab;
use crate::served::{Caller, Decoder, Request, answer};

/// Name of the port as both sides know it.
pub(super) const PORT: &str = "ikematrix.lab";

/// Serves operations until the machine is switched off. Blocks the calling thread.
///
/// # Errors
/// When there is no such port: this is not such a machine.
pub fn serve(runtime: &tokio::runtime::Runtime) -> Result<(), LabError> {
    let path = find_port(PORT)?;
    let doing = || format!("open {}", path.display());
    // A port can be open only once.
    let port = File::options().read(true).write(true).open(&path);
    let mut input = port.blame(Fault::Machine, doing)?;
    let mut output = input.try_clone().blame(Fault::Machine, doing)?;
    let (replies, to_send) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        for bytes in to_send {
            // Whoever asked has gone: the next one starts afresh.
            let _ = output.write_all(&bytes);
        }
    });

    let mut lab: Option<Arc<LinuxLab>> = None;
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = input.read(&mut buffer).blame(Fault::Machine, doing)?;
        if length == 0 {
            decoder = Decoder::default();
            wait_for_caller(&input);
            continue;
        }
        decoder.push(&buffer[..length]);
        loop {
            match decoder.next::<Request>() {
                Ok(Some(request)) => {
                    let caller = Caller {
                        runtime,
                        replies: &replies,
                    };
                    answer(&caller, request, lab.clone(), |disks| {
                        prepare(runtime, &mut lab, disks)
                    });
                }
                Ok(None) => break,
                Err(why) => {
                    tracing::error!(why, "the line is out of step");
                    decoder = Decoder::default();
                    break;
                }
            }
        }
    }
}

/// Makes the lab on the first greeting; later ones find it as it was.
fn prepare(
    runtime: &tokio::runtime::Runtime,
    lab: &mut Option<Arc<LinuxLab>>,
    disks: &[(String, String)],
) -> Result<Arc<LinuxLab>, LabError> {
    if let Some(lab) = lab {
        return Ok(lab.clone());
    }
    kernel::try_esp().blame(Fault::Kernel, || {
        "the machine's kernel cannot do ESP".into()
    })?;
    let mut images = HashMap::new();
    for (serial, key) in disks {
        images.insert(key.clone(), mount_disk(serial, key)?);
    }
    // Opened in the runtime: the lab's connections live there.
    let _guard = runtime.enter();
    let home = Home::create()?;
    let folder = home.path().to_owned();
    let made = Arc::new(crun::start(home, images, None)?);
    std::thread::spawn(move || {
        if let Err(fault) = terminal::serve(&folder) {
            tracing::error!(%fault, "there is no terminal");
        }
    });
    *lab = Some(made.clone());
    Ok(made)
}

fn mount_disk(serial: &str, key: &str) -> Result<PathBuf, LabError> {
    let target = Path::new("/images").join(key);
    let doing = || format!("mount the disk of image {key}");
    std::fs::create_dir_all(&target).blame(Fault::Image, doing)?;
    let disks = std::fs::read_dir("/sys/block").blame(Fault::Image, doing)?;
    let disk = disks
        .flatten()
        .find(|disk| {
            std::fs::read_to_string(disk.path().join("serial"))
                .is_ok_and(|found| found.trim() == serial)
        })
        .ok_or_else(|| LabError::new(Fault::Image, format!("{}: it is missing", doing())))?;
    let device = Path::new("/dev").join(disk.file_name());
    mount(
        Some(&device),
        &target,
        Some("squashfs"),
        MsFlags::MS_RDONLY,
        None::<&str>,
    )
    .blame(Fault::Image, doing)?;
    Ok(target)
}

/// The device of the virtio port of that name.
pub(super) fn find_port(wanted: &str) -> Result<PathBuf, LabError> {
    let ports = std::fs::read_dir("/sys/class/virtio-ports")
        .into_iter()
        .flatten()
        .flatten();
    for port in ports {
        let name = std::fs::read_to_string(port.path().join("name")).unwrap_or_default();
        if name.trim() == wanted {
            return Ok(Path::new("/dev").join(port.file_name()));
        }
    }
    Err(LabError::new(
        Fault::Machine,
        format!("there is no virtio port {wanted}: this is not a lab's virtual machine"),
    ))
}

/// While nobody is connected on the other side, reading gives nothing at once and polling says
/// "hung up" at once, so the wait needs a pace of its own.
pub(super) fn wait_for_caller(port: &File) {
    const PACE: Duration = Duration::from_millis(20);
    loop {
        let mut ports = [PollFd::new(port.as_fd(), PollFlags::POLLIN)];
        let polled = poll(&mut ports, PollTimeout::NONE);
        let seen = ports[0].revents().unwrap_or(PollFlags::empty());
        if polled.is_ok() && !seen.contains(PollFlags::POLLHUP) {
            return;
        }
        std::thread::sleep(PACE);
    }
}
