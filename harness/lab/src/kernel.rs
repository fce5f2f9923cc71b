//! What a kernel must be able to do to be a lab's kernel, found out by doing it.

use std::fs::File;

use nix::sched::{CloneFlags, setns, unshare};

use crate::linux::xfrm;

/// Adds an ESP SA of every usual kind in a new network namespace.
///
/// # Errors
/// The kernel's answer: without ESP it is "protocol not supported" or the like.
pub fn try_esp() -> std::io::Result<()> {
    in_new_namespace(add_sas)
}

/// Does the same in the network namespace of somebody else, where they are left.
pub(crate) fn try_esp_in(namespace: &File) -> std::io::Result<()> {
    let namespace = namespace.try_clone()?;
    on_own_thread(move || {
        setns(namespace, CloneFlags::CLONE_NEWNET)?;
        add_sas()
    })
}

fn add_sas() -> std::io::Result<()> {
    let added = xfrm::add_trial_sas()?;
    let found = xfrm::dump_sas()?.len();
    if found == added {
        return Ok(());
    }
    Err(std::io::Error::other(format!(
        "only {found} of {added} SAs appeared"
    )))
}

/// Opens a PF_KEY socket (RFC 2367), through which OpenIKED talks to the kernel.
pub fn try_pf_key() -> std::io::Result<()> {
    in_new_namespace(|| crate::sys::open_pf_key().map(drop))
}

/// Runs a check on a thread of its own in a network namespace of its own.
fn in_new_namespace(
    check: impl FnOnce() -> std::io::Result<()> + Send + 'static,
) -> std::io::Result<()> {
    on_own_thread(move || {
        unshare(CloneFlags::CLONE_NEWNET)?;
        check()
    })
}

fn on_own_thread(
    check: impl FnOnce() -> std::io::Result<()> + Send + 'static,
) -> std::io::Result<()> {
    let ended = std::thread::spawn(check).join();
    ended.unwrap_or_else(|_| Err(std::io::Error::other("the check panicked")))
}
