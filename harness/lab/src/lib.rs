//! A lab: routers, hosts and the links between them, on one of several backends.
//!
//! What a lab can do is the closed list [`Operation`]. A backend performs operations; [`Testbed`]
//! gives them names and types. The virtual machine's backend sends the same operations to this same
//! crate inside the machine, so a caller cannot tell the backends apart.
//!
//! This crate knows nothing of IKE.

pub mod crun;
pub mod docker;
mod enter;
pub mod error;
pub mod home;
pub mod image;
pub mod kernel;
mod linux;
pub mod operation;
pub mod requirement;
mod served;
pub mod shell;
mod sys;
mod testbed;
pub mod vm;

use std::sync::Arc;

pub use error::{Fault, LabError};
pub use linux::LinuxLab;
pub use operation::{
    Answer, Arrived, BlockRule, Blocked, Cable, CannedAnswer, Captured, Carrier, Condition, Count,
    Datagram, Interface, KernelPolicy, KernelSa, LinkSpec, NatSpec, NodeSpec, Operation, Output,
    Packet, PolicyDirection, PortCount, PortForward, Probe, ProbeReport, ProcessState, Program,
    ProgramSignal, Route, SaDrops, SaKeys, SocketSpec, UdpSocket, WaitOutcome,
};
pub use served::{Made, OwnLab, serve};
pub use testbed::{Lab, LabFacts, Testbed};

/// Goes on with a lab that was left up.
///
/// # Errors
/// When its agent does not answer.
pub async fn attach(kept: &home::Leftover) -> Result<Arc<dyn Lab>, LabError> {
    let Some(about) = &kept.kept else {
        return Err(LabError::new(
            Fault::Harness,
            "the lab was not left up on purpose",
        ));
    };
    Ok(Arc::new(
        served::KeptLab::attach(&kept.path, &about.facts).await?,
    ))
}
