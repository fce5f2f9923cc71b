//! Runs in which a tester of our own stands in the place of one router of every pairing.

use crate::model::{Cell, Run, Vendor};

/// The id under which the tester stands among the vendors of a record. No vendor may have it.
pub const TESTER: &str = "ikematrix";

/// The command that runs the cell of this id again, in a pairing or with the tester.
pub fn command_again(id: &str) -> String {
    let parts = id.split_once('/').and_then(|(case, pairing)| {
        let ((TESTER, router) | (router, TESTER)) = pairing.split_once(':')? else {
            return None;
        };
        Some((case, router))
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
    let is_with_tester = |cell: &Cell| cell.initiator == TESTER || cell.responder == TESTER;
    let with_tester = run.cells.iter().all(is_with_tester);
    (tester.id == TESTER && with_tester).then_some(routers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_run_again_by_the_command_that_ran_it() {
        assert_eq!(
            command_again("auth.psk/v1:v2"),
            "ikematrix repro auth.psk/v1:v2"
        );
        assert_eq!(
            command_again("rfc7296-2.5.minor-version-ignored/ikematrix:v1"),
            "ikematrix conform --vendor v1 --case rfc7296-2.5.minor-version-ignored"
        );
        assert_eq!(
            command_again("rfc7296-2.6.cookie-returned/v1:ikematrix"),
            "ikematrix conform --vendor v1 --case rfc7296-2.6.cookie-returned"
        );
    }
}
