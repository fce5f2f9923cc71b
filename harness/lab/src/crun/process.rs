//! A program that stays: a router's daemon, with its output in a file of the lab.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::container::{Container, read_end};
use crate::error::{Blame, Fault, LabError};
use crate::operation::ProcessState;
use crate::sys;

pub(super) struct Process {
    log: PathBuf,
    state: Arc<Mutex<ProcessState>>,
    kill: Arc<Notify>,
    ended: Arc<Notify>,
}

/// A router may fill this much of the lab's disk with its output; then writing fails for it.
const LOG_LIMIT: u64 = 32 * 1024 * 1024;

impl Process {
    pub(super) fn spawn(
        container: &Container,
        argv: &[String],
        log: PathBuf,
    ) -> Result<Self, LabError> {
        let doing = || format!("start {}", argv.join(" "));
        let output = File::create(&log).blame(Fault::Files, doing)?;
        let errors = output.try_clone().blame(Fault::Files, doing)?;
        let mut command = container.command(argv)?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        sys::limit_file_size(&mut command, LOG_LIMIT);
        let state = Arc::new(Mutex::new(ProcessState::Running));
        let (kill, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                // The router's own fault: its image has no such program, or it cannot be run.
                let _ = std::fs::write(&log, format!("{}: {error}\n", argv[0]));
                *state.lock().unwrap_or_else(PoisonError::into_inner) =
                    ProcessState::Ended(Some(127));
                return Ok(Self {
                    log,
                    state,
                    kill,
                    ended,
                });
            }
        };
        tokio::spawn({
            let (state, kill, ended) = (state.clone(), kill.clone(), ended.clone());
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
        Ok(Self {
            log,
            state,
            kill,
            ended,
        })
    }

    pub(super) fn state(&self) -> ProcessState {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
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

    pub(super) fn log(&self, limit: u64) -> Result<Vec<u8>, LabError> {
        File::open(&self.log)
            .and_then(|file| read_end(file, limit))
            .blame(Fault::Files, || format!("read {}", self.log.display()))
    }
}
