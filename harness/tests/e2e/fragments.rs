//! Certificates make IKE_AUTH larger than a packet: what becomes of it on a path that is narrow and
//! loses IP fragments.

use crate::support::alone;
use crate::support::cases::{HPKI, INITIATE, PROBE, TestCase};
use crate::support::expect::{PASS, check, fail};
use crate::support::program::Call;
use crate::support::project::Project;

/// A narrow path that carries fragments.
const NARROW: TestCase = TestCase {
    name: "narrow",
    auth: HPKI,
    setup: "wan_mtu = 1280",
    steps: &[INITIATE, PROBE],
};
/// The suite's own case: as narrow, and fragments are lost.
const LOSSY: &str = "path.ike-fragmentation";

/// Every daemon family on either side. OpenIKED fragments IKE messages only when it is told to.
const PAIRS: [&str; 4] = [
    "strongswan-6.0:libreswan-5.2",
    "libreswan-5.2:strongswan-6.0",
    "openiked-7.4:libreswan-5.2",
    "strongswan-6.0:openiked-7.4",
];

#[test]
fn with_ike_fragmentation_on_both_sides_certificates_pass_a_path_that_loses_fragments() {
    let _machine = alone();
    let project = Project::with_cases([&NARROW]);
    project.replace(
        "vendor-profiles/openiked-7.4/profile.toml",
        "[settings]",
        "[settings]\nfragmentation = true",
    );
    let ids = [NARROW.id(), LOSSY.to_owned()];
    let ran = Call::run(&project)
        .cases(ids.iter().map(String::as_str))
        .pairs(PAIRS)
        .done();
    let run = ran.record();
    let table: Vec<_> = ids
        .iter()
        .flat_map(|id| PAIRS.map(|pair| (format!("{id}/{pair}"), PASS)))
        .collect();
    check(&ran, &run, &table);
    ran.expect_code(0);
}

#[test]
fn without_ike_fragmentation_on_one_side_the_fragments_are_lost_and_the_cause_says_so() {
    let _machine = alone();
    let project = Project::with_cases([&NARROW]);
    project.replace(
        "vendor-profiles/strongswan-6.0/profile.toml",
        "[settings]",
        "[settings]\nfragmentation = \"no\"",
    );
    let narrow = NARROW.id();
    let ran = Call::run(&project)
        .cases([narrow.as_str(), LOSSY])
        .pairs(PAIRS)
        .done();
    let run = ran.expect_code(1).record();
    let table: Vec<_> = PAIRS
        .iter()
        .flat_map(|pair| {
            [
                (format!("{narrow}/{pair}"), PASS),
                (
                    format!("{LOSSY}/{pair}"),
                    fail("path.fragments-lost", "path"),
                ),
            ]
        })
        .collect();
    check(&ran, &run, &table);
}
