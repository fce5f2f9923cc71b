//! A lab on this machine's own kernel that is to be left up: its agent is a process of this program.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;
use tokio::sync::Mutex;

use super::SOCKET;
use super::line::{Broken, Line};
use crate::docker::RouterImage;
use crate::error::{Blame, Fault, LabError};
use crate::home::{self, Home};
use crate::linux::LinuxLab;
use crate::operation::{Answer, Operation};
use crate::testbed::{Lab, LabFacts};
use crate::{crun, docker};

/// The program's command that serves a lab; the folder of the lab is its argument.
const COMMAND: &str = "lab-agent";
/// How long the agent may take to make its lab, which may have to hand images to an engine.
const LIMIT: Duration = Duration::from_secs(300);
const PACE: Duration = Duration::from_millis(10);
/// In the folder of a lab: what its agent said.
const LOG: &str = "agent.log";

/// Of what a lab is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Made {
    Crun {
        /// Root file systems, by the keys of their images.
        images: HashMap<String, PathBuf>,
        /// What the kernel says when it is asked for ESP, where it has none.
        without_esp: Option<String>,
    },
    Docker(Vec<RouterImage>),
}

impl Made {
    pub(super) async fn make(self, home: &Path) -> Result<LinuxLab, LabError> {
        let home = Home::of_another(home);
        match self {
            Self::Crun {
                images,
                without_esp,
            } => crun::start(home, images, without_esp),
            Self::Docker(images) => docker::start(home, docker::connect().await?, &images).await,
        }
    }
}

/// A lab in the hands of an agent.
pub struct OwnLab {
    facts: LabFacts,
    line: Line,
    agent: Mutex<Child>,
    home: Mutex<Option<Home>>,
}

impl OwnLab {
    /// Starts the agent, which is this same `program`, and waits until it has made the lab in the
    /// folder `home`.
    ///
    /// # Errors
    /// What kept the agent from it.
    pub async fn start(home: Home, program: &Path, made: &Made) -> Result<Self, LabError> {
        let mut agent = spawn(&home, program, made)?;
        match greet(home.path(), &mut agent).await {
            Ok((line, facts)) => Ok(Self {
                facts,
                line,
                agent: Mutex::new(agent),
                home: Mutex::new(Some(home)),
            }),
            Err(fault) => {
                end(&mut agent);
                home.remove()?;
                Err(fault)
            }
        }
    }
}

fn spawn(home: &Home, program: &Path, made: &Made) -> Result<Child, LabError> {
    let doing = || format!("start {} as the agent of a lab", program.display());
    let said = File::create(home.path().join(LOG)).blame(Fault::Files, doing)?;
    let order = serde_json::to_vec(made).blame(Fault::Harness, doing)?;
    let mut agent = Command::new(program)
        .arg(COMMAND)
        .arg(home.path())
        // Ctrl-C is for the program that was called: it ends the agent when it closes the lab.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(said)
        .spawn()
        .blame(Fault::Harness, doing)?;
    let told = agent.stdin.take().map(|mut input| input.write_all(&order));
    match told {
        Some(Ok(())) => Ok(agent),
        Some(Err(_)) | None => {
            end(&mut agent);
            Err(LabError::new(
                Fault::Harness,
                format!("{}: it took no order", doing()),
            ))
        }
    }
}

async fn greet(home: &Path, agent: &mut Child) -> Result<(Line, LabFacts), LabError> {
    let fault = |what: &str| {
        let said = std::fs::read_to_string(home.join(LOG)).unwrap_or_default();
        LabError::new(Fault::Harness, format!("{what}; it said:\n{}", said.trim()))
    };
    let deadline = Instant::now() + LIMIT;
    let stream = loop {
        match UnixStream::connect(home.join(SOCKET)).await {
            Ok(stream) => break stream,
            Err(error) => {
                let ended = agent.try_wait().is_ok_and(|status| status.is_some());
                if ended || Instant::now() > deadline {
                    return Err(fault(&format!("the lab has no agent: {error}")));
                }
            }
        }
        tokio::time::sleep(PACE).await;
    };
    match tokio::time::timeout(LIMIT, Line::open(stream, Vec::new())).await {
        Ok(Ok(opened)) => Ok(opened),
        Ok(Err(Broken::Refused(fault))) => Err(fault),
        Ok(Err(Broken::Cut(why))) => Err(fault(&why)),
        Err(_) => Err(fault("the lab's agent does not answer")),
    }
}

fn end(agent: &mut Child) {
    // What it has made is removed by its folder and its labels.
    let _ = agent.kill();
    let _ = agent.wait();
}

#[async_trait]
impl Lab for OwnLab {
    fn facts(&self) -> &LabFacts {
        &self.facts
    }

    async fn perform(&self, testbed: &str, operation: Operation) -> Result<Answer, LabError> {
        match self.line.perform(testbed, operation).await {
            Ok(result) => result,
            Err(why) => Err(LabError::new(Fault::Harness, why)),
        }
    }

    async fn close(&self) -> Result<(), LabError> {
        let Some(home) = self.home.lock().await.take() else {
            return Ok(());
        };
        end(&mut *self.agent.lock().await);
        home.remove()
    }

    async fn keep(&self, cell: &str) -> Result<PathBuf, LabError> {
        home::keep(self.home.lock().await.take(), &self.facts, cell)
    }
}

/// Kills the agent of the lab in this folder, if it has one.
pub(crate) fn end_agent(home: &Path) {
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let mut words = words.split(|octet| *octet == 0).skip(1);
        let is_agent = words.next() == Some(COMMAND.as_bytes())
            && words.next() == Some(home.as_os_str().as_encoded_bytes());
        if let Some(pid) = pid.filter(|_| is_agent) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}
