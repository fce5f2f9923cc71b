//! Where observers contradict each other: what one says and another does not bear out.

use cases::Role;
use reports::text::Text;

use super::{Diagnosis, named};
use crate::judge::Sightings;
use crate::words;

/// Every contradiction, in the order of the observers.
pub(super) fn find(case: &Diagnosis<'_>, seen: &Sightings) -> Vec<Text> {
    let mut found = Vec::new();
    let control = |role: Role| seen.control.of(role);
    let installed = |role: Role| seen.has_both_directions(role);
    for role in Role::BOTH {
        let router = named(case.planned, role);
        if control(role).child_installed && !installed(role) {
            found.push(words::daemon_without_kernel(router));
        }
        if control(role).running && !control(role).child_installed && installed(role) {
            found.push(words::kernel_without_daemon(router));
        }
        let peer = role.peer();
        if control(role).ike_established && control(peer).running && !control(peer).ike_established
        {
            found.push(words::established_alone(router, named(case.planned, peer)));
        }
    }
    found
}
