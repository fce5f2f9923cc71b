//! Folders of labs that are made and removed while others look at them.

use std::sync::atomic::{AtomicBool, Ordering};

use lab::home::{Home, leftovers};

#[test]
fn a_lab_is_removed_while_others_look_for_what_was_left() {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                leftovers();
            }
        });
        let removed: Result<(), _> = (0..200).try_for_each(|_| Home::create()?.remove());
        done.store(true, Ordering::Relaxed);
        removed.expect("made and removed");
    });
}
