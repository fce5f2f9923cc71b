//! A lab that was left up: its agent answers whoever connects next.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::UnixStream;

use super::SOCKET;
use super::line::{Broken, Line};
use crate::error::{Blame, Fault, LabError};
use crate::operation::{Answer, Operation};
use crate::testbed::{Lab, LabFacts};

/// How long another program may keep the agent busy: that of a virtual machine listens to one at a
/// time.
const PATIENCE: Duration = Duration::from_secs(120);

/// A lab that this program has not started.
pub(crate) struct KeptLab {
    facts: LabFacts,
    line: Line,
}

impl KeptLab {
    pub(crate) async fn attach(home: &Path, facts: &LabFacts) -> Result<Self, LabError> {
        let doing = || "reach the lab that was left up".to_owned();
        let remedy = "end the other command, or remove the lab with `ikematrix down`";
        let stream = UnixStream::connect(home.join(SOCKET)).await;
        let stream = stream
            .blame(Fault::Machine, doing)
            .map_err(|fault| fault.remedy("remove what is left of it with `ikematrix down`"))?;
        // Its images were told to it long ago.
        let greeting = Line::open(stream, Vec::new());
        match tokio::time::timeout(PATIENCE, greeting).await {
            Ok(Ok((line, _))) => Ok(Self {
                facts: facts.clone(),
                line,
            }),
            Ok(Err(Broken::Refused(fault))) => Err(fault),
            Ok(Err(Broken::Cut(why))) => Err(LabError::new(Fault::Machine, why)),
            Err(_) => Err(LabError::new(
                Fault::Machine,
                "the lab does not answer: it is busy with another command, or hangs",
            )
            .remedy(remedy)),
        }
    }
}

#[async_trait]
impl Lab for KeptLab {
    fn facts(&self) -> &LabFacts {
        &self.facts
    }

    async fn perform(&self, testbed: &str, operation: Operation) -> Result<Answer, LabError> {
        match self.line.perform(testbed, operation).await {
            Ok(result) => result,
            Err(why) => Err(LabError::new(Fault::Machine, why)),
        }
    }

    /// It is not this program's: [`crate::home::Leftover::remove`] ends it.
    async fn close(&self) -> Result<(), LabError> {
        Ok(())
    }

    async fn keep(&self, _cell: &str) -> Result<PathBuf, LabError> {
        Err(LabError::new(Fault::Harness, "the lab was left up before"))
    }
}
