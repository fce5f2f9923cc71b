//! The transcript of a cell, with the lab's own names for the two ends.

use std::io::Read;

use cases::Role;
use transcript::keys::IkeKeys;
use transcript::{Options, Unlocked, capture};

use crate::engine::topology::Site;

/// Reads a capture of the lab's wan, and tells which keys opened it.
///
/// # Errors
/// It is no capture: a fault of the lab, or of whoever gave the file.
pub(crate) fn unlock(capture: impl Read, keys: &[IkeKeys]) -> Result<Unlocked, capture::Error> {
    let names = Role::BOTH.map(|role| {
        let site = Site::of(role);
        (site.wan_address(), site.router.to_owned())
    });
    let options = Options {
        keys,
        names: names.into(),
        ..Options::default()
    };
    transcript::unlock(capture, &options)
}
