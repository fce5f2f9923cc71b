//! A lab on this machine's own kernel: its testbeds, and the folder that they are in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::maker::Maker;
use super::testbed::LinuxTestbed;
use crate::error::{Blame, Fault, LabError};
use crate::home::Home;
use crate::operation::{Answer, Operation};
use crate::testbed::{Lab, LabFacts};

/// Gives every testbed its maker.
#[async_trait]
pub(crate) trait Makers: Send + Sync {
    /// `folder` is that of the testbed, and empty.
    async fn maker(&self, testbed: &str, folder: &Path) -> Result<Box<dyn Maker>, LabError>;
}

/// A lab whose routers are containers of this machine.
pub struct LinuxLab {
    facts: LabFacts,
    home: PathBuf,
    makers: Box<dyn Makers>,
    testbeds: Mutex<HashMap<String, Arc<LinuxTestbed>>>,
    /// Taken when the lab is closed.
    owned: Mutex<Option<Home>>,
}

impl LinuxLab {
    pub(crate) fn new(facts: LabFacts, home: Home, makers: Box<dyn Makers>) -> Self {
        Self {
            facts,
            home: home.path().to_owned(),
            makers,
            testbeds: Mutex::default(),
            owned: Mutex::new(Some(home)),
        }
    }

    async fn testbed(&self, name: &str) -> Result<Arc<LinuxTestbed>, LabError> {
        let mut testbeds = self.testbeds.lock().await;
        if let Some(testbed) = testbeds.get(name) {
            return Ok(testbed.clone());
        }
        let folder = self.home.join(name);
        std::fs::create_dir(&folder)
            .blame(Fault::Files, || format!("make {}", folder.display()))?;
        let maker = self.makers.maker(name, &folder).await?;
        let testbed = Arc::new(LinuxTestbed::new(folder, maker));
        testbeds.insert(name.to_owned(), testbed.clone());
        Ok(testbed)
    }
}

#[async_trait]
impl Lab for LinuxLab {
    fn facts(&self) -> &LabFacts {
        &self.facts
    }

    async fn perform(&self, testbed: &str, operation: Operation) -> Result<Answer, LabError> {
        if operation == Operation::Close {
            let removed = self.testbeds.lock().await.remove(testbed);
            if let Some(testbed) = removed {
                testbed.close().await?;
            }
            return Ok(Answer::Done);
        }
        self.testbed(testbed).await?.perform(operation).await
    }

    async fn close(&self) -> Result<(), LabError> {
        let testbeds = std::mem::take(&mut *self.testbeds.lock().await);
        let closed = futures::future::join_all(testbeds.values().map(|testbed| testbed.close()));
        let first_fault = closed.await.into_iter().find_map(Result::err);
        drop(testbeds);
        if let Some(home) = self.owned.lock().await.take() {
            home.remove()?;
        }
        first_fault.map_or(Ok(()), Err)
    }

    /// Captures, logs and probes live in this program: a lab that outlives it needs an agent, see
    /// [`crate::OwnLab`].
    async fn keep(&self, _cell: &str) -> Result<PathBuf, LabError> {
        Err(LabError::new(
            Fault::Harness,
            "the lab ends with the program that has started it",
        ))
    }
}
