//! Proof that a cell can fail: each case breaks one thing in a pairing that works otherwise.

use crate::support::alone;
use crate::support::broken::{Broken, expect_failures};
use crate::support::cases::{
    BLOCK_ESP, BLOCK_UDP, BYPASS, INITIATE, KILL_RESPONDER, PROBE, PSK, TestCase,
};
use crate::support::expect::fail;
use crate::support::project::Project;

/// What is broken, and what each pairing must come to.
const BROKEN: &[Broken] = &[
    (
        TestCase {
            name: "different-psk",
            auth: PSK,
            setup: "[setup.responder]\npsk = \"different\"",
            steps: &[INITIATE, PROBE],
        },
        [fail("auth.psk-mismatch", "responder"); 3],
    ),
    (
        TestCase {
            name: "no-common-ike",
            auth: PSK,
            setup: "[[setup.initiator.ike.proposals]]
encryption = [\"aes-cbc-256\"]
integrity = [\"hmac-sha2-256-128\"]
prf = [\"hmac-sha2-256\"]
dh = [\"modp-2048\"]

[[setup.responder.ike.proposals]]
encryption = [\"aes-cbc-128\"]
integrity = [\"hmac-sha2-256-128\"]
prf = [\"hmac-sha2-256\"]
dh = [\"modp-2048\"]",
            steps: &[INITIATE, PROBE],
        },
        [fail("proposal.ike-none-in-common", "responder"); 3],
    ),
    (
        TestCase {
            name: "no-common-esp",
            auth: PSK,
            setup: "[[setup.initiator.esp.proposals]]
encryption = [\"aes-cbc-256\"]
integrity = [\"hmac-sha1-96\"]

[[setup.responder.esp.proposals]]
encryption = [\"aes-cbc-256\"]
integrity = [\"hmac-sha2-512-256\"]",
            steps: &[INITIATE, PROBE],
        },
        [fail("proposal.esp-none-in-common", "responder"); 3],
    ),
    (
        TestCase {
            name: "selectors-apart",
            auth: PSK,
            setup: "[setup.responder]\nremote_subnets = [\"192.0.2.0/24\"]",
            steps: &[INITIATE, PROBE],
        },
        [
            fail("selectors.unacceptable", "responder"),
            // OpenIKED answers with its own selectors, whatever it was offered.
            fail("selectors.unacceptable", "initiator"),
            fail("selectors.unacceptable", "responder"),
        ],
    ),
    (
        TestCase {
            name: "esp-dropped",
            auth: PSK,
            setup: "",
            steps: &[INITIATE, BLOCK_ESP, PROBE],
        },
        [fail("path.esp-blocked", "path"); 3],
    ),
    (
        TestCase {
            name: "udp-dropped",
            auth: PSK,
            setup: "",
            steps: &[BLOCK_UDP, INITIATE, PROBE],
        },
        [fail("path.no-answer", "path"); 3],
    ),
    (
        TestCase {
            name: "responder-killed",
            auth: PSK,
            setup: "",
            steps: &[INITIATE, KILL_RESPONDER, PROBE],
        },
        [fail("router.stopped", "responder"); 3],
    ),
    (
        TestCase {
            name: "no-route-behind-responder",
            auth: PSK,
            setup: "[setup.responder]\nlan_route = false",
            steps: &[INITIATE, PROBE],
        },
        [fail("path.route-missing", "responder"); 3],
    ),
    (
        TestCase {
            name: "beside-the-tunnel",
            auth: PSK,
            setup: "",
            steps: &[INITIATE, BYPASS, PROBE],
        },
        [fail("esp.clear-text", "both"); 3],
    ),
];

#[test]
fn a_pairing_in_which_one_thing_is_broken_fails_with_the_cause() {
    let _machine = alone();
    let project = Project::with_cases(BROKEN.iter().map(|(case, _)| case));
    expect_failures(&project, BROKEN);
}
