//! Runs in which a tester of our own stands in the place of one router of every pairing.

use crate::model::{Run, Vendor};

/// The id under which the tester stands among the vendors of a record. No vendor may have it.
pub const TESTER: &str = "ikematrix";

/// The command that runs the cell of this id again, in a pairing or with the tester.
pub fn command_again(id: &str) -> String {
    let parts = id.split_once('/').and_then(|(case, pairing)| {
        let (initiator, router) = pairing.split_once(':')?;
        (initiator == TESTER).then_some((case, router))
    });
    match parts {
        Some((case, router)) => format!("ikematrix conform --vendor {router} --case {case}"),
        None => format!("ikematrix repro {id}"),
    }
}

/// The routers under test, if every cell of the run is one with the tester as its peer.
pub fn routers_under_test(run: &Run) -> Option<&[Vendor]> {
    let [tester, routers @ ..] = run.vendors.as_slice() else {
        return None;
    };
    let with_tester = run.cells.iter().all(|cell| cell.initiator == TESTER);
    (tester.id == TESTER && with_tester).then_some(routers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_run_again_by_the_command_that_ran_it() {
        assert_eq!(
            command_again("auth.psk/v1:ikematrix"),
            "ikematrix repro auth.psk/v1:ikematrix"
        );
        assert_eq!(
            command_again("rfc7296-2.5.minor-version-ignored/ikematrix:v1"),
            "ikematrix conform --vendor v1 --case rfc7296-2.5.minor-version-ignored"
        );
    }
}
