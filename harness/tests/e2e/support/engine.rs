//! A Docker engine for the tests: the machine's own or, where none runs, one that is started for them
//! and ended with them.

use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::wait_for;

/// The engine of a machine that has one.
const SOCKET: &str = "/var/run/docker.sock";
/// How long an engine may take to answer, and to end.
const LIMIT: Duration = Duration::from_secs(60);

/// An engine that answers.
pub(crate) struct Engine {
    /// As `DOCKER_HOST` has it.
    address: String,
    own: Option<Own>,
}

/// Where the program is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    AtItsLinks,
    Elsewhere,
}

/// An engine of our own, in a network namespace of its own: what it tells the packet filter ends with
/// it.
struct Own {
    daemon: Child,
    folder: TempDir,
}

impl Engine {
    /// # Errors
    /// Why there can be none here.
    pub(crate) fn obtain() -> Result<Self, String> {
        if !nix::unistd::geteuid().is_root() {
            return Err("the docker lab needs root".into());
        }
        if let Ok(address) = std::env::var("DOCKER_HOST") {
            return Ok(Self { address, own: None });
        }
        if UnixStream::connect(SOCKET).is_ok() {
            let address = format!("unix://{SOCKET}");
            return Ok(Self { address, own: None });
        }
        Own::start()
    }

    /// The program under test where the engine's links are, or elsewhere on the machine.
    pub(crate) fn program(&self, beside: Place) -> Command {
        let program = env!("CARGO_BIN_EXE_ikematrix");
        let mut command = match (&self.own, beside) {
            (Some(own), Place::AtItsLinks) => {
                let mut enter = Command::new("nsenter");
                enter.arg(format!("--net=/proc/{}/ns/net", own.daemon.id()));
                enter.arg(program);
                enter
            }
            (None, _) | (_, Place::Elsewhere) => Command::new(program),
        };
        command.env("DOCKER_HOST", &self.address);
        command
    }

    /// Gives it an image with a package manager and these packages.
    pub(crate) fn import(&self, image: &str, suite: &str, packages: &str) {
        let script = format!(
            "unshare --mount --pid --fork --kill-child mmdebstrap --variant=apt --format=tar \
             --aptopt='Apt::Install-Recommends \"0\"' --include={packages} {suite} - \
             | docker --host {} import - {image}",
            self.address
        );
        let mut command = Command::new("bash");
        let output = command.args(["-euo", "pipefail", "-c", &script]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
    }

    /// Whether its links are not those of this machine.
    pub(crate) fn is_apart(&self) -> bool {
        self.own.is_some()
    }

    /// What the engine has that bears a label of ours: containers and networks.
    pub(crate) fn remains(&self) -> Vec<String> {
        let list = |what: &[&str]| {
            let mut command = Command::new("docker");
            command.args(["--host", &self.address]).args(what);
            command.args(["--quiet", "--filter", "label=org.ikematrix.lab"]);
            let output = command.output().unwrap();
            assert!(output.status.success(), "docker {what:?}: {output:?}");
            let text = String::from_utf8(output.stdout).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        [list(&["ps", "--all"]), list(&["network", "ls"])].concat()
    }
}

impl Own {
    fn start() -> Result<Engine, String> {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("docker.sock");
        let address = format!("unix://{}", socket.display());
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new("unshare");
        // It is the daemon itself that gets the process id and the signal.
        command
            .args(["--net", "dockerd", "--bridge=none"])
            .args(["--host", &address]);
        for (option, name) in [
            ("--data-root", "data"),
            ("--exec-root", "exec"),
            ("--pidfile", "pid"),
        ] {
            command.arg(option).arg(folder.path().join(name));
        }
        let daemon = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("unshare cannot be started: {error}"))?;
        let mut own = Self { daemon, folder };
        let answers = wait_for(LIMIT, || {
            let ended = own.daemon.try_wait().unwrap().is_some();
            (ended || UnixStream::connect(&socket).is_ok()).then_some(!ended)
        });
        if answers == Some(true) {
            let own = Some(own);
            return Ok(Engine { address, own });
        }
        let log = std::fs::read_to_string(own.folder.path().join("log")).unwrap();
        panic!("dockerd does not come up; `make setup` installs it:\n{log}");
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let daemon = Pid::from_raw(i32::try_from(self.daemon.id()).unwrap());
        let _ = kill(daemon, Signal::SIGTERM);
        if wait_for(LIMIT, || self.daemon.try_wait().unwrap()).is_none() {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }
}
