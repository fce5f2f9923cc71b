//! A lab: routers, hosts and the links between them, on one of several backends.
//!
//! What a lab can do is the closed list [`Operation`]. A backend performs operations; [`Testbed`]
//! gives them names and types. The virtual machine's backend sends the same operations to this same
//! crate inside the machine, so a caller cannot tell the backends apart.
//!
//! This crate knows nothing of IKE.

pub mod crun;
pub mod error;
pub mod home;
pub mod image;
pub mod kernel;
pub mod operation;
pub mod requirement;
pub mod shell;
mod sys;
mod testbed;
pub mod vm;

pub use error::{Fault, LabError};
pub use operation::{
    Answer, Arrived, BlockRule, Blocked, CannedAnswer, Captured, Condition, Count, Datagram,
    Interface, KernelPolicy, KernelSa, LinkSpec, NatSpec, NodeSpec, Operation, Output, Packet,
    PolicyDirection, PortCount, PortForward, Probe, ProbeReport, ProcessState, Program,
    ProgramSignal, Route, SaDrops, SaKeys, SocketSpec, UdpSocket, WaitOutcome,
};
pub use testbed::{Lab, LabFacts, Testbed};
