//! Runs in which a tester of our own stands in the place of one router of every pairing.

use crate::model::{Run, Vendor};

/// The id under which the tester stands among the vendors of a record. No vendor may have it.
pub const TESTER: &str = "ikematrix";

/// The routers under test, if every cell of the run is one with the tester as its peer.
pub fn routers_under_test(run: &Run) -> Option<&[Vendor]> {
    let [tester, routers @ ..] = run.vendors.as_slice() else {
        return None;
    };
    let with_tester = run.cells.iter().all(|cell| cell.initiator == TESTER);
    (tester.id == TESTER && with_tester).then_some(routers)
}
