//! IKEv2 as the RFCs define it: the algorithms and the proposals made of them.
//!
//! Errors of this crate say what is wrong in the first line of their text and what to do about it
//! in the second, so that a loader of files can show the two apart.

pub mod algorithm;
pub mod proposal;

pub use algorithm::{DhGroup, Encryption, Integrity, Prf, Transform, UnknownTransform};
pub use proposal::{EspProposal, IkeProposal, InvalidProposal};
