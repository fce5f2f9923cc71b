//! What two IKEv2 peers said to each other, read from a capture and told in the field's terms.
//!
//! [`read`] makes a [`Transcript`] of a capture in bounded memory, whatever it holds. With the keys
//! of a session ([`keys`]) it also tells what was encrypted.

mod assemble;
mod bytes;
pub mod capture;
mod collect;
mod describe;
pub mod keys;
mod limits;
pub mod model;
#[cfg(test)]
mod schema;
mod selector;
pub mod tell;

use std::io::Read;
use std::net::IpAddr;

pub use limits::Limits;
pub use model::Transcript;

use crate::keys::IkeKeys;

/// How a capture is read.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// Keys of IKE SAs, of whichever sessions.
    pub keys: &'a [IkeKeys],
    /// What to call these addresses, such as `moon`.
    pub names: Vec<(IpAddr, String)>,
    pub limits: Limits,
}

/// Reads a capture, pcap or pcapng, and makes its transcript.
///
/// # Errors
///
/// It is no capture, or the system cannot read it. A damaged capture is read up to the damage, and
/// a note says so.
pub fn read(input: impl Read, options: &Options<'_>) -> Result<Transcript, capture::Error> {
    Ok(unlock(input, options)?.transcript)
}

/// What a capture holds, and the keys that opened it.
#[derive(Clone, Debug)]
pub struct Unlocked {
    pub transcript: Transcript,
    /// Of those that were given, the keys that fit an IKE SA of the capture, with its SPIs and
    /// algorithms.
    pub keys: Vec<IkeKeys>,
}

/// As [`read`], and tells which keys belong to which IKE SA.
///
/// # Errors
///
/// As [`read`].
pub fn unlock(input: impl Read, options: &Options<'_>) -> Result<Unlocked, capture::Error> {
    let collected = collect::collect(input, &options.limits)?;
    Ok(assemble::assemble(collected, options))
}
