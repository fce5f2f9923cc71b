//! A terminal into the virtual machine, over a port of its own.
//!
//! The caller sends one line of JSON that says what to run, then what is typed. Back comes what the
//! program prints, then the caller's own number and the exit code in one octet.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use nix::poll::{PollFd, PollFlags, poll};
use nix::pty::{Winsize, openpty};
use serde::{Deserialize, Serialize};

use super::agent::{find_port, wait_for_caller};
use crate::enter;
use crate::error::{Blame, Fault, LabError};
use crate::served::{Nonce, fresh_nonce};

/// Name of the port as both sides know it.
pub(super) const PORT: &str = "ikematrix.shell";
/// The first line is not longer than this.
const ORDER_LIMIT: usize = 64 * 1024;
/// In milliseconds: how long the end of a program may go unnoticed.
const PACE: u8 = 20;

#[derive(Serialize, Deserialize)]
struct Order {
    nonce: Nonce,
    node: String,
    argv: Vec<String>,
    rows: u16,
    columns: u16,
}

/// Runs a program in a node of the lab in `home`, joined to this process's terminal.
///
/// # Errors
/// When the machine cannot be reached.
pub fn join(
    home: &Path,
    node: &str,
    argv: &[String],
    (rows, columns): (u16, u16),
) -> Result<u8, LabError> {
    let doing = || "reach the lab's virtual machine".to_owned();
    let mut stream = UnixStream::connect(home.join("shell.sock")).blame(Fault::Machine, doing)?;
    let nonce = fresh_nonce().blame(Fault::Harness, doing)?;
    let order = Order {
        nonce,
        node: node.into(),
        argv: argv.to_vec(),
        rows,
        columns,
    };
    // On a line of its own, whatever an earlier caller has typed last.
    let mut line = vec![b'\n'];
    serde_json::to_writer(&mut line, &order).blame(Fault::Harness, doing)?;
    line.push(b'\n');
    stream.write_all(&line).blame(Fault::Machine, doing)?;

    let mut typed = stream.try_clone().blame(Fault::Machine, doing)?;
    std::thread::spawn(move || std::io::copy(&mut std::io::stdin().lock(), &mut typed));
    show(&mut stream, &nonce).blame(Fault::Machine, doing)
}

/// Copies to standard output until the number comes by; gives the code behind it.
fn show(stream: &mut impl Read, nonce: &Nonce) -> std::io::Result<u8> {
    let mut output = std::io::stdout().lock();
    let (mut waiting, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Err(std::io::Error::new(
                ErrorKind::UnexpectedEof,
                "the machine has ended",
            ));
        }
        waiting.extend_from_slice(&buffer[..length]);
        if let Some(at) = waiting
            .windows(nonce.len())
            .position(|window| window == nonce)
            && let Some(code) = waiting.get(at + nonce.len())
        {
            output.write_all(&waiting[..at])?;
            output.flush()?;
            return Ok(*code);
        }
        // What could be the beginning of the number stays.
        let sure = waiting.len().saturating_sub(nonce.len());
        output.write_all(&waiting[..sure])?;
        output.flush()?;
        waiting.drain(..sure);
    }
}

/// Inside the machine: serves one caller after the other. Does not come back.
pub(super) fn serve(home: &Path) -> Result<(), LabError> {
    let path = find_port(PORT)?;
    let doing = || format!("serve a terminal on {}", path.display());
    let port = File::options().read(true).write(true).open(&path);
    let port = port.blame(Fault::Machine, doing)?;
    loop {
        wait_for_caller(&port);
        if let Err(error) = serve_one(&port, home) {
            tracing::debug!(%error, "a terminal ended");
        }
    }
}

fn serve_one(mut port: &File, home: &Path) -> std::io::Result<()> {
    let order: Order = loop {
        // What an earlier caller typed after its program had ended is no order.
        if let Ok(order) = serde_json::from_slice(&read_line(port)?) {
            break order;
        }
    };
    let code = match enter::command(home, &order.node, &order.argv) {
        Ok(command) => run_on_terminal(port, command, &order)?,
        Err(fault) => {
            port.write_all(format!("{fault}\r\n").as_bytes())?;
            1
        }
    };
    port.write_all(&order.nonce)?;
    port.write_all(&[code])
}

fn read_line(mut port: &File) -> std::io::Result<Vec<u8>> {
    let (mut line, mut octet) = (Vec::new(), [0]);
    while octet != [b'\n'] {
        if port.read(&mut octet)? == 0 || line.len() > ORDER_LIMIT {
            return Err(ErrorKind::InvalidData.into());
        }
        line.extend_from_slice(&octet);
    }
    Ok(line)
}

/// Runs the program to its end and gives its exit code. Nothing listens to the caller any more then.
fn run_on_terminal(port: &File, command: Command, order: &Order) -> std::io::Result<u8> {
    let size = Winsize {
        ws_row: order.rows,
        ws_col: order.columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let terminal = openpty(Some(&size), None)?;
    // setsid makes the terminal the controlling one, for job control and Ctrl-C.
    let mut child = Command::new("setsid")
        .args(["--ctty", "--wait"])
        .arg(command.get_program())
        .args(command.get_args())
        .env("TERM", "xterm-256color")
        .stdin(Stdio::from(terminal.slave.try_clone()?))
        .stdout(Stdio::from(terminal.slave.try_clone()?))
        .stderr(Stdio::from(terminal.slave))
        .spawn()?;
    let (mut printed, mut typed) = (
        File::from(terminal.master.try_clone()?),
        File::from(terminal.master),
    );
    let mut output = port.try_clone()?;
    let (done, is_done) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 14];
        // Reading fails when the last process on the terminal has gone.
        while let Ok(length @ 1..) = printed.read(&mut buffer) {
            if output.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = done.send(());
    });
    let mut input = port.try_clone()?;
    let ended = Arc::new(AtomicBool::new(false));
    let typing = std::thread::spawn({
        let ended = ended.clone();
        move || {
            let mut buffer = [0; 1024];
            // Not blocking: the next caller may be there before the port says that this one has
            // gone, and what it sends is not for this thread to read.
            while !ended.load(Ordering::Acquire) {
                let mut ports = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
                if poll(&mut ports, PACE) == Ok(0) {
                    continue;
                }
                // Reading gives nothing when the caller has gone; the terminal then hangs up.
                let Ok(length @ 1..) = input.read(&mut buffer) else {
                    break;
                };
                let _ = typed.write_all(&buffer[..length]);
            }
        }
    });
    let status = child.wait()?;
    let _ = is_done.recv();
    ended.store(true, Ordering::Release);
    let _ = typing.join();
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(code)
}
