//! What the tests share: a project of their own, the program, and what it left.

pub(crate) mod agreement;
pub(crate) mod broken;
pub(crate) mod by_hand;
pub(crate) mod cache;
pub(crate) mod cases;
pub(crate) mod disk;
pub(crate) mod engine;
pub(crate) mod expect;
pub(crate) mod faults;
pub(crate) mod machine;
pub(crate) mod program;
pub(crate) mod project;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Holds the machine for one test at a time: a second lab beside it would only make both slow, and
/// the tests that count what is left over would see its.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    // A test that failed has let go of the machine all the same.
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks until there is something to see, or the time is up.
pub(crate) fn wait_for<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    const PACE: Duration = Duration::from_millis(20);
    let deadline = Instant::now() + limit;
    loop {
        if let Some(seen) = look() {
            return Some(seen);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(PACE);
    }
}

/// Says why a test, or a part of it, is not run here.
pub(crate) fn skipped(why: &str) {
    println!("skipped: {why}");
}
