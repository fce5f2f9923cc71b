//! The `vm` backend: the crun backend inside a QEMU virtual machine with a kernel of its own. Needs
//! no root.

mod accel;
mod agent;
mod machine;
mod terminal;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::error::{Fault, LabError};
use crate::home::{self, Home};
use crate::image::Definition;
use crate::operation::{Answer, Operation};
use crate::testbed::{Lab, LabFacts};

pub use accel::{Accel, QEMU, choose, try_firmware, try_kernel};
pub use agent::serve;
pub use machine::MachineSpec;
pub use terminal::join;

use crate::served::{Broken, Line};
use machine::Machine;

/// The name of this backend.
pub const BACKEND: &str = "vm";

/// The image that the machine itself runs.
pub fn system_definition() -> Definition {
    // The last two are for the person who looks inside a lab that was left up.
    let packages = [
        "busybox-static",
        "crun",
        "kmod",
        "nftables",
        "iproute2",
        "iputils-ping",
    ];
    Definition {
        name: "machine".into(),
        suite: "trixie".into(),
        packages: packages.map(String::from).to_vec(),
        prepare: Vec::new(),
        hook: Some(include_str!("image_hook.sh").into()),
    }
}

/// A lab in a virtual machine.
pub struct VmLab {
    facts: LabFacts,
    machine: Machine,
    line: Line,
    closing: AtomicBool,
    home: Mutex<Option<Home>>,
}

impl VmLab {
    /// Boots a machine in the folder `home` and waits until its agent answers.
    pub async fn start(home: Home, spec: &MachineSpec<'_>) -> Result<Self, LabError> {
        let machine = Machine::start(spec, home.path())?;
        let greeted = async {
            let stream = machine.connect(home.path()).await?;
            let disks = machine::disks(spec.images);
            let greeting = Line::open(stream, disks);
            match tokio::time::timeout(machine::boot_limit(), greeting).await {
                Ok(Ok(opened)) => Ok(opened),
                Ok(Err(Broken::Refused(fault))) => Err(fault),
                Ok(Err(Broken::Cut(why))) => Err(machine.fault(&why)),
                Err(_) => Err(machine.fault("the machine did not boot in time")),
            }
        };
        let (line, inner) = match greeted.await {
            Ok(opened) => opened,
            Err(fault) => {
                machine.end().await;
                home.remove()?;
                return Err(fault);
            }
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let facts = LabFacts {
            backend: BACKEND.into(),
            accel: spec.accel.name().into(),
            slowness: spec.accel.slowness(),
            // One more than there are processors: some cell is always waiting for something.
            parallel: processors + 1,
            ..inner
        };
        Ok(Self {
            facts,
            machine,
            line,
            closing: AtomicBool::new(false),
            home: Mutex::new(Some(home)),
        })
    }
}

#[async_trait]
impl Lab for VmLab {
    fn facts(&self) -> &LabFacts {
        &self.facts
    }

    async fn perform(&self, testbed: &str, operation: Operation) -> Result<Answer, LabError> {
        match self.line.perform(testbed, operation).await {
            Ok(result) => result,
            Err(_) if self.closing.load(Ordering::Acquire) => {
                Err(LabError::new(Fault::Machine, "the lab is being closed"))
            }
            Err(why) => Err(self.machine.fault(&why)),
        }
    }

    async fn close(&self) -> Result<(), LabError> {
        self.closing.store(true, Ordering::Release);
        self.machine.end().await;
        match self.home.lock().await.take() {
            Some(home) => home.remove(),
            None => Ok(()),
        }
    }

    async fn keep(&self, cell: &str) -> Result<PathBuf, LabError> {
        home::keep(self.home.lock().await.take(), &self.facts, cell)
    }
}
