//! The `crun` backend: OCI containers on network namespaces of this machine's own kernel.

mod capture;
mod container;
mod datagrams;
pub(crate) mod enter;
mod filter;
mod impostor;
mod log;
mod mailbox;
mod namespace;
mod nat;
mod pcapng;
mod probe;
mod process;
mod programs;
mod testbed;
mod trap;
pub(crate) mod xfrm;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::error::{Blame, Fault, LabError};
use crate::home::{self, Home, Kept};
use crate::kernel;
use crate::operation::{Answer, Operation};
use crate::requirement::{self, Unmet};
use crate::testbed::{Lab, LabFacts};
use testbed::CrunTestbed;

/// Routers as OCI containers on this kernel. Needs root.
pub struct CrunLab {
    facts: LabFacts,
    home: PathBuf,
    /// Root file systems by the key of their image.
    images: HashMap<String, PathBuf>,
    testbeds: Mutex<HashMap<String, Arc<CrunTestbed>>>,
    /// Taken when the lab is closed or kept.
    owned: Mutex<Option<Home>>,
}

impl CrunLab {
    /// Whether this machine can be such a lab, found out by doing what it will have to do.
    ///
    /// # Errors
    /// The first thing that does not work.
    pub async fn try_out() -> Result<(), LabError> {
        if !nix::unistd::geteuid().is_root() {
            return Err(LabError::new(Fault::Runtime, "it needs root"));
        }
        kernel::try_esp()
            .blame(Fault::Kernel, || {
                "this machine's kernel cannot do ESP".into()
            })
            .map_err(|fault| fault.remedy("use --lab vm, which has a kernel of its own"))?;
        kernel::try_pf_key()
            .blame(Fault::Kernel, || {
                "this machine's kernel has no PF_KEY".into()
            })
            .map_err(|fault| fault.remedy("modprobe af_key"))?;
        let unmet = |fault, unmet: Unmet| LabError::new(fault, unmet.to_string());
        requirement::try_namespaces()
            .await
            .map_err(|why| unmet(Fault::Kernel, why))?;
        requirement::try_packet_filter()
            .await
            .map_err(|why| unmet(Fault::Network, why))?;
        requirement::try_container()
            .await
            .map_err(|why| unmet(Fault::Runtime, why))
    }

    /// A lab on this machine, in the folder `home`, whose routers get these root file systems.
    pub fn new(home: Home, images: HashMap<String, PathBuf>) -> Result<Self, LabError> {
        let path = home.path().to_owned();
        let state = path.join(home::CONTAINERS);
        std::fs::create_dir_all(&state)
            .blame(Fault::Files, || format!("make {}", state.display()))?;
        let kernel = nix::sys::utsname::uname()
            .map(|name| name.release().to_string_lossy().into_owned())
            .blame(Fault::Kernel, || "ask for the kernel's release".into())?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let facts = LabFacts {
            backend: "crun".into(),
            kernel,
            accel: "none".into(),
            slowness: 1,
            parallel: processors * 2,
        };
        Ok(Self {
            facts,
            home: path,
            images,
            testbeds: Mutex::default(),
            owned: Mutex::new(Some(home)),
        })
    }

    async fn testbed(&self, name: &str) -> Result<Arc<CrunTestbed>, LabError> {
        let mut testbeds = self.testbeds.lock().await;
        if let Some(testbed) = testbeds.get(name) {
            return Ok(testbed.clone());
        }
        let made = CrunTestbed::create(self.home.join(name), self.home.join(home::CONTAINERS));
        let testbed = Arc::new(made.await?);
        testbeds.insert(name.to_owned(), testbed.clone());
        Ok(testbed)
    }
}

#[async_trait]
impl Lab for CrunLab {
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
        self.testbed(testbed)
            .await?
            .perform(operation, &self.images)
            .await
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

    async fn keep(&self, cell: &str) -> Result<PathBuf, LabError> {
        match self.owned.lock().await.take() {
            Some(home) => home.keep(&Kept {
                facts: self.facts.clone(),
                cell: cell.into(),
            }),
            None => Err(LabError::new(Fault::Harness, "the lab is closed")),
        }
    }
}
