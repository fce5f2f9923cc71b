//! One router of a cell: what its profile says, done in the lab.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cases::{AuthMethod, Case, Role};
use jiff::Timestamp;
use lab::{
    Condition, Fault, LabError, ProcessState, ProgramSignal, Testbed, UdpSocket, WaitOutcome,
};
use vendors::{
    Argv, Credentials, Daemon, Departures, Profile, Ready, RenderedFile, RouterSettings,
};

use super::credentials::Shown;
use super::external::{Order, Outside};
use super::identity::other_identity;
use super::limits::Limits;
use super::topology::Site;
use crate::judge::Ends;

mod esp;
mod kept;
mod keys;
mod names;

pub(crate) use esp::{USER_SPACE, mirrored};
pub(crate) use keys::Keys;
pub(super) use keys::fresh_secret;
pub(crate) use names::{Names, end_of};

/// The name under which the lab keeps the daemon's process.
const DAEMON: &str = "daemon";
/// In seconds.
const DAY: i64 = 24 * 60 * 60;
/// How much of a log is looked at and kept. Logs of a cell are a few hundred kilobytes at most.
const LOG_LIMIT: u64 = 4 * 1024 * 1024;

/// A router in a testbed.
#[derive(Clone)]
pub(crate) struct Router {
    pub(crate) site: Site,
    pub(crate) profile: Arc<Profile>,
    testbed: Testbed,
    limits: Limits,
    start: Arc<Start>,
    /// How it is reached, where no lab runs it.
    outside: Option<Arc<Outside>>,
}

/// How far the start of a router has come.
#[derive(Default)]
struct Start {
    /// What the commands before the daemon printed.
    before: Mutex<String>,
    daemon: AtomicBool,
}

/// Why a router did not come up: the router's own doing, not the lab's.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The daemon ended before it was ready, or while it was being configured.
    Stopped {
        code: Option<i32>,
    },
    NotReady {
        waited: Duration,
    },
    /// A command of its configuration failed.
    Configuration {
        command: String,
        said: String,
    },
}

/// What a router's daemon says of its SAs, and how it stands when it says nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct ControlState {
    pub(crate) running: bool,
    /// Whether nobody here can ask it: then the rest is what its peer says.
    pub(crate) silent: bool,
    /// Whether every status command came back in time.
    pub(crate) answered: bool,
    pub(crate) ike_established: bool,
    pub(crate) child_installed: bool,
    /// The router's programs that are stopped by a signal, each name once.
    pub(crate) stopped: Vec<String>,
    /// Its UDP sockets of the ports 500 and 4500: what waits there was not taken by the daemon.
    pub(crate) sockets: Vec<UdpSocket>,
    /// What the status commands printed.
    pub(crate) text: String,
}

impl ControlState {
    /// What the peer says, where the router itself cannot be asked.
    #[must_use]
    pub(crate) fn unless_silent(self, peer: &Self) -> Self {
        if !self.silent {
            return self;
        }
        Self {
            ike_established: peer.ike_established,
            child_installed: peer.child_installed,
            ..self
        }
    }

    /// What the daemon did not say itself, a line each.
    pub(crate) fn notes(&self) -> String {
        let mut notes = String::new();
        if self.silent {
            notes.push_str("# an external router that cannot be asked\n");
        }
        if self.running && !self.answered {
            notes.push_str("# the daemon did not answer in time\n");
        }
        for name in &self.stopped {
            let _ = writeln!(notes, "# stopped by a signal: {}", name.escape_default());
        }
        for socket in &self.sockets {
            let UdpSocket {
                port,
                waiting,
                dropped,
            } = socket;
            let _ = writeln!(
                notes,
                "# UDP port {port}: {waiting} octets wait, {dropped} datagrams were dropped"
            );
        }
        notes
    }
}

/// Ports of IKE, and of IKE and ESP in UDP (RFC 7296, section 2).
const IKE_PORTS: [u16; 2] = [500, 4500];

impl Router {
    pub(crate) fn new(
        testbed: &Testbed,
        site: Site,
        profile: &Arc<Profile>,
        limits: Limits,
    ) -> Self {
        Self {
            site,
            profile: profile.clone(),
            testbed: testbed.clone(),
            limits,
            start: Arc::default(),
            outside: None,
        }
    }

    /// The same, reached so.
    #[must_use]
    pub(crate) fn reached_by(self, outside: Option<Arc<Outside>>) -> Self {
        Self { outside, ..self }
    }

    /// How it is reached, where no lab runs it.
    pub(crate) fn outside(&self) -> Option<&Arc<Outside>> {
        self.outside.as_ref()
    }

    /// Puts the files in place and starts the daemon. Comes back when it is ready and configured.
    pub(crate) async fn start(
        &self,
        files: &[RenderedFile],
        clock: i32,
    ) -> Result<Result<(), Refusal>, LabError> {
        // Somebody has switched it on.
        let Some(daemon) = &self.profile.implementation.daemon else {
            return Ok(Ok(()));
        };
        for file in files {
            let (path, bytes) = (file.path.to_string_lossy(), file.content.bytes().to_vec());
            self.testbed
                .put(self.site.router, &path, file.mode, bytes)
                .await?;
        }
        let mut said = String::new();
        let ran = self.run_all(&daemon.before, &mut said).await;
        if let Ok(mut before) = self.start.before.lock() {
            *before = said;
        }
        if let Err(refusal) = ran? {
            return Ok(Err(refusal));
        }
        if clock != 0 {
            self.check_clock(clock).await?;
        }
        let command = with_clock(clock, &daemon.command);
        self.testbed
            .spawn(self.site.router, DAEMON, &command)
            .await?;
        self.start.daemon.store(true, Ordering::Relaxed);
        for ready in &daemon.ready {
            let limit = self.limits.ready();
            match self.wait(condition(daemon, ready), limit).await? {
                WaitOutcome::Met => {}
                WaitOutcome::TimedOut => return Ok(Err(Refusal::NotReady { waited: limit })),
                WaitOutcome::ProcessEnded(code) => return Ok(Err(Refusal::Stopped { code })),
            }
        }
        Ok(Ok(()))
    }

    /// Makes sure that a program in the router really gets the wrong time: without its library the
    /// daemon would quietly have the right one, and a case that must fail would pass.
    async fn check_clock(&self, days: i32) -> Result<(), LabError> {
        let ask = ["/bin/date", "+%s"].map(str::to_owned);
        let command = with_clock(days, &ask);
        let limit = millis(self.limits.command());
        let output = self.testbed.exec(self.site.router, &command, limit).await?;
        let text = String::from_utf8_lossy(&output.text);
        let told = text.trim().parse::<i64>().ok();
        let wanted = Timestamp::now().as_second() + i64::from(days) * DAY;
        if told.is_some_and(|told| (told - wanted).abs() < DAY / 2) {
            return Ok(());
        }
        let what = format!(
            "set the clock of {} {days} days off: date says {:?}",
            self.site.router,
            text.trim()
        );
        Err(LabError::new(Fault::Harness, what))
    }

    /// Loads the configuration and, where the router shall have a connection, makes sure that it has.
    pub(crate) async fn load(&self, connection: bool) -> Result<Result<(), Refusal>, LabError> {
        let control = &self.profile.implementation.control;
        if let Some(outside) = &self.outside {
            outside.load(&control.load).await?;
            return Ok(Ok(()));
        }
        let loaded = self.run_all(&control.load, &mut String::new()).await?;
        if loaded.is_err() || !connection {
            return Ok(loaded);
        }
        self.run_all(&control.loaded, &mut String::new()).await
    }

    /// Runs commands that must all succeed, and adds what they print to `said`.
    async fn run_all(
        &self,
        commands: &[Argv],
        said: &mut String,
    ) -> Result<Result<(), Refusal>, LabError> {
        for command in commands {
            let output = self.exec(command, self.limits.command()).await?;
            // No daemon takes part yet, so it is this machine that is slow.
            if output.timed_out && !self.start.daemon.load(Ordering::Relaxed) {
                let what = format!("`{}` did not end in time", command.join(" "));
                return Err(LabError::new(Fault::Machine, what));
            }
            let text = String::from_utf8_lossy(&output.text);
            said.push_str(&text);
            if output.code != Some(0) {
                let said = text.trim().to_owned();
                let command = command.join(" ");
                return Ok(Err(Refusal::Configuration { command, said }));
            }
        }
        Ok(Ok(()))
    }

    /// Asks the daemon to set up the tunnel. Its answer is not trusted: `false` only means that
    /// waiting for the tunnel is not worth while.
    pub(crate) async fn initiate(&self) -> Result<bool, LabError> {
        if let Some(outside) = &self.outside {
            let commands = &self.profile.implementation.control.initiate;
            outside.initiate(commands).await?;
            return Ok(true);
        }
        for command in &self.profile.implementation.control.initiate {
            let output = self.exec(command, self.limits.initiate()).await?;
            if output.code != Some(0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives the router an order of a case. What it answers is not trusted: one of several commands may
    /// be for another version of the daemon.
    pub(crate) async fn order(&self, order: Order) -> Result<(), LabError> {
        let commands = order.commands(&self.profile);
        if let Some(outside) = &self.outside {
            return outside.order(order, commands).await;
        }
        if commands.is_empty() {
            let name = &self.profile.implementation.name;
            let what = format!("{name} has no command for `{}`", order.name());
            return Err(LabError::new(Fault::Harness, what)
                .remedy("run this case on pairings of other daemons"));
        }
        for command in commands {
            self.exec(command, self.limits.initiate()).await?;
        }
        Ok(())
    }

    /// Has the daemon forget what it has with its peer. One of several commands may have nothing to do.
    pub(crate) async fn abandon(&self) -> Result<(), LabError> {
        for command in self.profile.implementation.control.abandon() {
            self.exec(command, self.limits.initiate()).await?;
        }
        Ok(())
    }

    pub(crate) async fn is_running(&self) -> Result<bool, LabError> {
        if self.outside.is_some() {
            return Ok(true);
        }
        let state = self.testbed.process(self.site.router, DAEMON).await?;
        Ok(state == ProcessState::Running)
    }

    /// Kills the daemon and all that it has started.
    pub(crate) async fn kill(&self) -> Result<(), LabError> {
        let router = self.site.router;
        self.testbed.signal(router, ProgramSignal::Kill).await?;
        self.testbed.kill(router, DAEMON).await
    }

    pub(crate) async fn control_state(&self) -> Result<ControlState, LabError> {
        if !self.is_running().await? {
            return Ok(ControlState::default());
        }
        let (mut text, mut answered) = (String::new(), true);
        let commands = &self.profile.implementation.control.status;
        for command in commands {
            let output = self.exec(command, self.limits.command()).await?;
            text.push_str(&String::from_utf8_lossy(&output.text));
            answered &= !output.timed_out;
        }
        let (programs, sockets) = if self.outside.is_some() {
            (Vec::new(), Vec::new())
        } else {
            tokio::try_join!(
                self.testbed.programs(self.site.router),
                self.testbed.udp_sockets(self.site.router),
            )?
        };
        let stopped: BTreeSet<String> = programs
            .into_iter()
            .filter(|program| program.stopped)
            .map(|program| program.name)
            .collect();
        let ours = |socket: &UdpSocket| IKE_PORTS.contains(&socket.port);

        let status = &self.profile.implementation.status;
        Ok(ControlState {
            // It may have ended under the question.
            running: self.is_running().await?,
            silent: self.outside.is_some() && commands.is_empty(),
            answered,
            ike_established: status.ike_established.is_match(&text),
            child_installed: status.child_installed.is_match(&text),
            stopped: stopped.into_iter().collect(),
            sockets: sockets.into_iter().filter(ours).collect(),
            text,
        })
    }

    /// The daemon's words for the IKE SAs that are established.
    pub(crate) async fn ike_sas(&self) -> Result<BTreeSet<String>, LabError> {
        let mut text = String::new();
        for command in &self.profile.implementation.control.status {
            let output = self.exec(command, self.limits.command()).await?;
            text.push_str(&String::from_utf8_lossy(&output.text));
        }
        let established = &self.profile.implementation.status.ike_established;
        let found = established.find_iter(&text);
        Ok(found.map(|found| found.as_str().to_owned()).collect())
    }

    /// What was printed before the daemon, and its log; of a long one the beginning and the end.
    pub(crate) async fn log(&self) -> Result<String, LabError> {
        if let Some(outside) = &self.outside {
            return outside.log().await;
        }
        let router = self.site.router;
        let mut text = match self.start.before.lock() {
            Ok(before) => before.clone(),
            Err(_) => String::new(),
        };
        if !self.start.daemon.load(Ordering::Relaxed) {
            return Ok(text);
        }
        let mut bytes = self.testbed.log(router, DAEMON, LOG_LIMIT).await?;
        let daemon = self.profile.implementation.daemon.as_ref();
        if let Some(path) = daemon.and_then(|daemon| daemon.log.as_ref())
            // A daemon that never came up has no log of its own: its output says why.
            && let Ok(own) = self.testbed.read(router, &path.to_string_lossy(), LOG_LIMIT).await
        {
            bytes.extend(own);
        }
        text.push_str(&String::from_utf8_lossy(&bytes));
        Ok(text)
    }

    pub(super) async fn exec(
        &self,
        command: &Argv,
        limit: Duration,
    ) -> Result<lab::Output, LabError> {
        if let Some(outside) = &self.outside {
            return outside.run(command).await;
        }
        self.testbed
            .exec(self.site.router, command, millis(limit))
            .await
    }

    async fn wait(&self, condition: Condition, limit: Duration) -> Result<WaitOutcome, LabError> {
        self.testbed
            .wait(self.site.router, DAEMON, condition, millis(limit))
            .await
    }
}

fn condition(daemon: &Daemon, ready: &Ready) -> Condition {
    match ready {
        Ready::Path(path) => Condition::Path(path.to_string_lossy().into_owned()),
        Ready::Command(argv) => Condition::Command(argv.to_vec()),
        Ready::Log(pattern) => Condition::Log {
            file: daemon
                .log
                .as_ref()
                .map(|path| path.to_string_lossy().into_owned()),
            pattern: pattern.as_str().to_owned(),
        },
    }
}

/// What a case makes of two profiles for the router of one role; `shown` is what each end shows,
/// with a method of certificates.
pub(crate) fn settings(
    case: &Case,
    role: Role,
    profile: &Profile,
    peer: &Profile,
    keys: &Keys,
    shown: Option<&Ends<Shown>>,
) -> RouterSettings {
    let setup = &case.setup;
    let end = setup.end(role);
    let of = |role| shown.map(|shown| shown.of(role));
    let mut local = end_of(role, profile, setup.auth, of(role));
    let mut remote = end_of(role.peer(), peer, setup.auth, of(role.peer()));
    // What the peer and the identities call it stays what the wan sees.
    local.address = Site::with_nat(role, setup.nat).own_address();
    if let Some(other) = &end.local_id {
        local.id = other_identity(other, role, profile, of(role));
    }
    if let Some(other) = &end.remote_id {
        remote.id = other_identity(other, role.peer(), peer, of(role.peer()));
    }
    if let Some(subnets) = &end.local_subnets {
        local.subnets.clone_from(subnets);
    }
    if let Some(subnets) = &end.remote_subnets {
        remote.subnets.clone_from(subnets);
    }
    RouterSettings {
        role,
        local,
        remote,
        auth: match (setup.auth_of(role), of(role)) {
            (AuthMethod::CertRfc4945 | AuthMethod::CertHpki, Some(shown)) => {
                Credentials::Certificate(Box::new(shown.credentials.clone()))
            }
            (_, _) => Credentials::Psk(keys.of(end.psk)),
        },
        ike: setup
            .ike_of(role)
            .map_or_else(|| profile.ike.clone(), <[_]>::to_vec),
        esp: setup
            .esp_of(role)
            .map_or_else(|| profile.esp.clone(), <[_]>::to_vec),
        departures: Departures {
            ike_version: end.ike_version,
            mode: end.mode,
            nat_traversal: end.nat_traversal,
            connection: end.has_connection,
            raw: end.raw_configuration.clone().unwrap_or_default(),
            settings: end
                .settings
                .get(&profile.implementation.id)
                .cloned()
                .unwrap_or_default(),
        },
    }
}

/// The command under a clock that is off by so many days. The daemon alone sees that clock: its
/// timers, and all else in the lab, keep the right time.
fn with_clock(days: i32, command: &[String]) -> Vec<String> {
    if days == 0 {
        return command.to_vec();
    }
    let clock = [
        "/usr/bin/env",
        // The loader puts the folder of the architecture's libraries for $LIB.
        "LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1",
        &format!("FAKETIME={days:+}d"),
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ]
    .map(str::to_owned);
    clock.into_iter().chain(command.iter().cloned()).collect()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
