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
pub mod shell;
mod sys;
mod testbed;
pub mod vm;

use std::sync::Arc;

pub use error::{Fault, LabError};
pub use linux::LinuxLab;
pub use operation::{
    Answer, Arrived, BlockRule, Blocked, CannedAnswer, Captured, Condition, Count, Datagram,
    Interface, KernelPolicy, KernelSa, LinkSpec, NatSpec, NodeSpec, Operation, Output, Packet,
    PolicyDirection, PortCount, PortForward, Probe, ProbeReport, ProcessState, Program,
    ProgramSignal, Route, SaDrops, SaKeys, SocketSpec, UdpSocket, WaitOutcome,
};
pub use testbed::{Lab, LabFacts, Testbed};

/// Goes on with a lab that was left up. Whoever else has it open is waited for.
///
/// # Errors
/// When its machine does not answer, or the lab has none: what its routers run was then told to a
/// program that has ended.
pub async fn attach(kept: &home::Leftover) -> Result<Arc<dyn Lab>, LabError> {
    if let Some(about) = &kept.kept
        && kept.is_in_machine()
    {
        return Ok(Arc::new(
            vm::KeptVm::attach(&kept.path, &about.facts).await?,
        ));
    }
    Err(LabError::new(
        Fault::Harness,
        "this lab runs on this machine's own kernel, and can only be entered and removed",
    )
    .remedy("use `ikematrix shell`, or leave the lab up with --lab vm"))
}
