//! One router of a cell: what its profile says, done in the lab.

use std::sync::Arc;
use std::time::Duration;

use cases::{Case, Psk, Role};
use lab::{Condition, LabError, ProcessState, Testbed, WaitOutcome};
use vendors::{
    Argv, Credentials, End, Identity, IdentityKind, Profile, Ready, RenderedFile, RouterSettings,
    Secret,
};

use super::limits::Limits;
use super::topology::Site;

#[cfg(test)]
mod tests;

/// The name under which the lab keeps the daemon's process.
const DAEMON: &str = "daemon";
/// How much of a log is looked at and kept. Logs of a cell are a few hundred kilobytes at most.
const LOG_LIMIT: u64 = 4 * 1024 * 1024;

/// A router in a testbed.
#[derive(Clone)]
pub(crate) struct Router {
    pub(crate) site: Site,
    pub(crate) profile: Arc<Profile>,
    testbed: Testbed,
    limits: Limits,
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

/// What a router's daemon says of its SAs.
#[derive(Clone, Debug, Default)]
pub(crate) struct ControlState {
    pub(crate) running: bool,
    pub(crate) ike_established: bool,
    pub(crate) child_installed: bool,
    /// What the status commands printed.
    pub(crate) text: String,
}

impl Router {
    pub(crate) fn new(
        testbed: &Testbed,
        role: Role,
        profile: &Arc<Profile>,
        limits: Limits,
    ) -> Self {
        Self {
            site: Site::of(role),
            profile: profile.clone(),
            testbed: testbed.clone(),
            limits,
        }
    }

    /// Puts the files in place and starts the daemon. Comes back when it is ready and configured.
    pub(crate) async fn start(
        &self,
        files: &[RenderedFile],
    ) -> Result<Result<(), Refusal>, LabError> {
        for file in files {
            let (path, bytes) = (file.path.to_string_lossy(), file.text.clone().into_bytes());
            self.testbed
                .put(self.site.router, &path, file.mode, bytes)
                .await?;
        }
        let daemon = &self.profile.implementation.daemon;
        self.testbed
            .spawn(self.site.router, DAEMON, &daemon.command)
            .await?;
        for ready in &daemon.ready {
            let limit = self.limits.ready();
            match self.wait(self.condition(ready), limit).await? {
                WaitOutcome::Met => {}
                WaitOutcome::TimedOut => return Ok(Err(Refusal::NotReady { waited: limit })),
                WaitOutcome::ProcessEnded(code) => return Ok(Err(Refusal::Stopped { code })),
            }
        }
        Ok(Ok(()))
    }

    pub(crate) async fn load(&self) -> Result<Result<(), Refusal>, LabError> {
        for command in &self.profile.implementation.control.load {
            let output = self.exec(command, self.limits.command()).await?;
            if output.code != Some(0) {
                let said = String::from_utf8_lossy(&output.text).trim().to_owned();
                let command = command.join(" ");
                return Ok(Err(Refusal::Configuration { command, said }));
            }
        }
        Ok(Ok(()))
    }

    /// Asks the daemon to set up the tunnel. Its answer is not trusted: `false` only means that
    /// waiting for the tunnel is not worth while.
    pub(crate) async fn initiate(&self) -> Result<bool, LabError> {
        for command in &self.profile.implementation.control.initiate {
            let output = self.exec(command, self.limits.initiate()).await?;
            if output.code != Some(0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) async fn is_running(&self) -> Result<bool, LabError> {
        let state = self.testbed.process(self.site.router, DAEMON).await?;
        Ok(state == ProcessState::Running)
    }

    pub(crate) async fn kill(&self) -> Result<(), LabError> {
        self.testbed.kill(self.site.router, DAEMON).await
    }

    pub(crate) async fn control_state(&self) -> Result<ControlState, LabError> {
        if !self.is_running().await? {
            return Ok(ControlState::default());
        }
        let mut text = String::new();
        for command in &self.profile.implementation.control.status {
            let output = self.exec(command, self.limits.command()).await?;
            text.push_str(&String::from_utf8_lossy(&output.text));
        }
        let status = &self.profile.implementation.status;
        Ok(ControlState {
            // It may have ended under the question.
            running: self.is_running().await?,
            ike_established: status.ike_established.is_match(&text),
            child_installed: status.child_installed.is_match(&text),
            text,
        })
    }

    /// The daemon's log, or the end of a long one.
    pub(crate) async fn log(&self) -> Result<String, LabError> {
        let router = self.site.router;
        let mut bytes = self.testbed.log(router, DAEMON, LOG_LIMIT).await?;
        if let Some(path) = &self.profile.implementation.daemon.log
            // A daemon that never came up has no log of its own: its output says why.
            && let Ok(own) = self.testbed.read(router, &path.to_string_lossy(), LOG_LIMIT).await
        {
            bytes.extend(own);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn exec(&self, command: &Argv, limit: Duration) -> Result<lab::Output, LabError> {
        self.testbed
            .exec(self.site.router, command, millis(limit))
            .await
    }

    async fn wait(&self, condition: Condition, limit: Duration) -> Result<WaitOutcome, LabError> {
        self.testbed
            .wait(self.site.router, DAEMON, condition, millis(limit))
            .await
    }

    fn condition(&self, ready: &Ready) -> Condition {
        let daemon = &self.profile.implementation.daemon;
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
}

/// What the two routers share in a run of a cell, and what the case gives to one of them only.
pub(crate) struct Keys {
    shared: Secret,
    different: Secret,
}

impl Keys {
    pub(crate) fn fresh() -> Result<Self, LabError> {
        Ok(Self {
            shared: fresh_secret()?,
            different: fresh_secret()?,
        })
    }

    fn of(&self, psk: Psk) -> &Secret {
        match psk {
            Psk::Shared => &self.shared,
            Psk::Different => &self.different,
        }
    }

    /// Replaces every key in a text that leaves the lab.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in [&self.shared, &self.different] {
            let hex: String = secret
                .expose()
                .bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            for shape in [secret.expose(), &hex, &hex.to_uppercase()] {
                text = text.replace(shape, "[pre-shared key]");
            }
        }
        text
    }
}

/// 32 random octets as 64 hexadecimal digits, which every daemon's configuration can hold.
fn fresh_secret() -> Result<Secret, LabError> {
    let octets = super::random::<32>()?;
    Ok(Secret::new(
        octets
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect::<String>(),
    ))
}

/// What a case makes of two profiles for the router of one role.
pub(crate) fn settings(
    case: &Case,
    role: Role,
    profile: &Profile,
    peer: &Profile,
    keys: &Keys,
) -> RouterSettings {
    let setup = &case.setup;
    let end = setup.end(role);
    let mut remote = end_of(role.peer(), peer);
    if let Some(subnets) = &end.remote_subnets {
        remote.subnets.clone_from(subnets);
    }
    RouterSettings {
        role,
        local: end_of(role, profile),
        remote,
        auth: Credentials::Psk(keys.of(end.psk).clone()),
        ike: setup
            .ike_of(role)
            .map_or_else(|| profile.ike.clone(), <[_]>::to_vec),
        esp: setup
            .esp_of(role)
            .map_or_else(|| profile.esp.clone(), <[_]>::to_vec),
    }
}

fn end_of(role: Role, profile: &Profile) -> End {
    let site = Site::of(role);
    let kind = profile.identity.psk.unwrap_or(IdentityKind::Fqdn);
    // Dots separate the labels of a name, so those of a version must not be there.
    let vendor = profile.id.replace('.', "-");
    let name = format!("{}.{vendor}.example", site.router);
    let value = match kind {
        IdentityKind::Fqdn | IdentityKind::KeyId => name,
        IdentityKind::Rfc822 => format!("{}@{vendor}.example", site.router),
        IdentityKind::Ipv4 | IdentityKind::Ipv6 => site.wan_address().to_string(),
    };
    End {
        name: site.router.into(),
        address: site.wan_address(),
        subnets: vec![site.lan_subnet()],
        id: Identity { kind, value },
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
