//! Testbeds on this machine's own kernel: what is done in network namespaces and in containers,
//! whoever made them.

mod cable;
mod capture;
mod container;
mod datagrams;
mod filter;
mod impostor;
mod lab;
mod log;
mod mailbox;
mod maker;
mod namespace;
mod nat;
mod pcapng;
mod probe;
mod process;
mod programs;
mod testbed;
mod trap;
pub(crate) mod xfrm;

pub(crate) use container::{Container, PATH, Runtime};
pub use lab::LinuxLab;
pub(crate) use lab::Makers;
pub(crate) use maker::{Joint, Maker, Unplugged};
pub(crate) use namespace::Namespace;

/// The namespace of the links: no node, and no place to enter.
pub(crate) const SWITCH: &str = "switch";
