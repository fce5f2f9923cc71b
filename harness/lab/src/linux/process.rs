//! A program that stays: a router's daemon, with its output drained by the lab.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::container::Container;
use super::log::Log;
use crate::error::{Blame, Fault, LabError};
use crate::operation::ProcessState;
use crate::sys;

pub(super) struct Process {
    log: Arc<Log>,
    state: Arc<Mutex<ProcessState>>,
    kill: Arc<Notify>,
    ended: Arc<Notify>,
}

/// The largest file that a router may write on the lab's disk; then writing fails for it.
const FILE_LIMIT: u64 = 32 * 1024 * 1024;

impl Process {
    pub(super) fn spawn(container: &Container, argv: &[String]) -> Result<Self, LabError> {
        let doing = || format!("start {}", argv.join(" "));
        // One pipe for both streams, so that they stay in order.
        let (output, input) = std::io::pipe().blame(Fault::Files, doing)?;
        let errors = input.try_clone().blame(Fault::Files, doing)?;
        let mut command = container.command(argv)?;
        command.stdin(Stdio::null()).stdout(input).stderr(errors);
        sys::limit_file_size(&mut command, FILE_LIMIT);
        let state = Arc::new(Mutex::new(ProcessState::Running));
        let (kill, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let spawned = command.spawn();
        // It holds the writing ends, which would keep the pipe open for ever.
        drop(command);
        let log = Log::drain(output).blame(Fault::Files, doing)?;
        let process = Self {
            log,
            state,
            kill,
            ended,
        };
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                // The router's own fault: its image has no such program, or it cannot be run.
                process
                    .log
                    .add(format!("{}: {error}\n", argv[0]).as_bytes());
                process.set(ProcessState::Ended(Some(127)));
                return Ok(process);
            }
        };
        tokio::spawn({
            let (state, kill) = (process.state.clone(), process.kill.clone());
            let ended = process.ended.clone();
            async move {
                let status = tokio::select! {
                    status = child.wait() => status,
                    () = kill.notified() => {
                        let _ = child.start_kill();
                        child.wait().await
                    }
                };
                let code = status.ok().and_then(|status| status.code());
                *state.lock().unwrap_or_else(PoisonError::into_inner) = ProcessState::Ended(code);
                ended.notify_waiters();
            }
        });
        Ok(process)
    }

    pub(super) fn state(&self) -> ProcessState {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, state: ProcessState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Kills it and waits until it is gone.
    pub(super) async fn kill(&self) {
        let ended = self.ended.notified();
        tokio::pin!(ended);
        ended.as_mut().enable();
        if self.state() == ProcessState::Running {
            self.kill.notify_one();
            ended.await;
        }
    }

    /// At most so many octets of what it has printed: the beginning and the end.
    pub(super) fn log(&self, limit: u64) -> Vec<u8> {
        self.log.text(usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// Whether the beginning, or the end, of what it has printed is as wanted.
    pub(super) fn log_holds(&self, wanted: impl Fn(&[u8]) -> bool) -> bool {
        self.log.holds(wanted)
    }
}
