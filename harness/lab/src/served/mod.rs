//! Labs that another program has: an agent performs the operations, and may outlive whoever asked.
//!
//! The agent of the `vm` backend is in the virtual machine. On this machine's own kernel a lab that is
//! to be left up has an agent, too: captures, logs and probes live in the program that began them.

mod agent;
mod frames;
mod kept;
mod line;
mod own;

pub(crate) use agent::{Caller, answer};
pub(crate) use frames::{Decoder, Nonce, Request, fresh_nonce};
pub(crate) use kept::KeptLab;
pub(crate) use line::{Broken, Line};
pub(crate) use own::end_agent;

pub use agent::serve;
pub use own::{Made, OwnLab};

/// In the folder of a lab: where its agent listens.
pub(crate) const SOCKET: &str = "lab.sock";
