//! `ikematrix shell`: into a node of a lab that was left up.

use std::io::{IsTerminal, stdin, stdout};

use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};

use crate::cli::Shell;
use crate::failure::Failure;

pub(crate) fn shell(arguments: &Shell) -> Result<u8, Failure> {
    let size = terminal_size::terminal_size_of(stdout());
    let size = size.map_or((24, 80), |(width, height)| (height.0, width.0));
    let _raw = RawTerminal::enter();
    Ok(lab::shell::enter(
        &arguments.node,
        &arguments.command,
        size,
    )?)
}

/// Every key goes to the other side as it is typed, Ctrl-C included, until this is dropped.
struct RawTerminal {
    before: Termios,
}

impl RawTerminal {
    fn enter() -> Option<Self> {
        if !stdin().is_terminal() {
            return None;
        }
        let before = tcgetattr(stdin()).ok()?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(stdin(), SetArg::TCSANOW, &raw).ok()?;
        Some(Self { before })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), SetArg::TCSANOW, &self.before);
    }
}
