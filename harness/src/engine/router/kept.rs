//! A router of a lab that was left up: its daemon runs, and another program has started it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lab::{LabError, Testbed};
use vendors::Profile;

use super::{DAEMON, LOG_LIMIT, Limits, Refusal, Router};
use crate::engine::session_keys;
use crate::engine::topology::Site;

impl Router {
    pub(crate) fn running(
        testbed: &Testbed,
        site: Site,
        profile: &Arc<Profile>,
        limits: Limits,
    ) -> Self {
        let router = Self::new(testbed, site, profile, limits);
        router.start.daemon.store(true, Ordering::Relaxed);
        router
    }

    /// What the daemon has printed and, where it has one, its own log; each with its place, and
    /// without the octets of pre-shared keys.
    pub(crate) async fn logs(&self) -> Result<Vec<(String, String)>, LabError> {
        let router = self.site.router;
        let printed = self.testbed.log(router, DAEMON, LOG_LIMIT).await?;
        let mut logs = vec![(String::new(), printed)];
        let daemon = self.profile.implementation.daemon.as_ref();
        if let Some(path) = daemon.and_then(|daemon| daemon.log.as_ref()) {
            let path = path.to_string_lossy().into_owned();
            // A daemon that never came up has no log of its own.
            if let Ok(own) = self.testbed.read(router, &path, LOG_LIMIT).await {
                logs.push((path, own));
            }
        }
        let without_secrets = |text: Vec<u8>| {
            let text = String::from_utf8_lossy(&text);
            match &self.profile.implementation.session_keys {
                Some(how) => session_keys::without_secrets(&text, how),
                None => text.into_owned(),
            }
        };
        let logs = logs.into_iter();
        Ok(logs
            .map(|(place, text)| (place, without_secrets(text)))
            .collect())
    }

    /// Has the daemon read its configuration again and, where it shall have a connection, makes sure
    /// that it has. Gives what the commands printed as well.
    pub(crate) async fn reload(
        &self,
        connection: bool,
    ) -> Result<(String, Result<(), Refusal>), LabError> {
        let mut said = String::new();
        if !self.is_running().await? {
            return Ok((said, Err(Refusal::Stopped { code: None })));
        }
        let control = &self.profile.implementation.control;
        let read = self.run_all(control.reload(), &mut said).await?;
        if read.is_err() || !connection {
            return Ok((said, read));
        }
        let loaded = self.run_all(&control.loaded, &mut String::new()).await?;
        Ok((said, loaded))
    }

    /// Asks the daemon to take down the tunnel. One of several commands may be for another version.
    pub(crate) async fn terminate(&self) -> Result<(), LabError> {
        for command in &self.profile.implementation.control.terminate {
            self.exec(command, self.limits.initiate()).await?;
        }
        Ok(())
    }
}
