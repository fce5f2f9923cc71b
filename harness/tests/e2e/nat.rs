//! A router behind a NAT: with NAT traversal the tunnel works, by ESP in UDP; without it, the cause
//! says so. The NAT passes no bare ESP.

use std::fs;

use reports::model::Cell;
use serde_json::Value;

use crate::support::alone;
use crate::support::cases::{INITIATE, PROBE, PSK, TestCase};
use crate::support::expect::{PASS, check, fail};
use crate::support::faults::Pairing;
use crate::support::program::{Call, Ran, cell};
use crate::support::project::Project;

const BEHIND_NAT: [&str; 2] = ["nat.initiator-behind-nat", "nat.responder-behind-nat"];

/// Each daemon once as initiator and once as responder.
const CYCLE: [&str; 3] = [
    "strongswan-6.0:libreswan-5.2",
    "libreswan-5.2:openiked-7.4",
    "openiked-7.4:strongswan-6.0",
];

#[test]
fn every_daemon_passes_a_nat_with_esp_in_udp_under_the_address_of_the_nat() {
    all_pass(&CYCLE.map(str::to_owned));
}

#[test]
#[ignore = "the other test has each daemon in both roles; this one has all pairings"]
fn every_pairing_passes_a_nat_with_esp_in_udp_under_the_address_of_the_nat() {
    let pairs: Vec<String> = Pairing::all().into_iter().map(Pairing::vendors).collect();
    all_pass(&pairs);
}

fn all_pass(pairs: &[String]) {
    let _machine = alone();
    let ran = Call::run(&Project::new())
        .cases(BEHIND_NAT)
        .pairs(pairs.iter().map(String::as_str))
        .done();
    let run = ran.expect_code(0).record();
    let cells = BEHIND_NAT
        .iter()
        .flat_map(|case| pairs.iter().map(move |pair| format!("{case}/{pair}")));
    let table: Vec<_> = cells.map(|id| (id, PASS)).collect();
    check(&ran, &run, &table);
    for (id, _) in &table {
        the_wan_shows_the_nat_and_esp_in_udp(&ran, cell(&run, id));
    }
}

fn the_wan_shows_the_nat_and_esp_in_udp(ran: &Ran, cell: &Cell) {
    let folder = ran.evidence(cell);
    let text = fs::read_to_string(folder.join("transcript.json")).unwrap();
    let told: Value = serde_json::from_str(&text).unwrap();
    let esp = told["esp"].as_array().unwrap();
    assert!(esp.len() >= 2, "{}: {esp:?}", cell.id);
    for flow in esp {
        assert_eq!(flow["in_udp"], true, "{}: {flow}", cell.id);
        for end in ["source", "destination"] {
            let address = flow[end].as_str().unwrap();
            assert!(address.starts_with("198.51.100."), "{}: {flow}", cell.id);
        }
    }
    let text = fs::read_to_string(folder.join("transcript.txt")).unwrap();
    let nat = "(a NAT changed the address)";
    assert!(text.contains(nat), "{}: {text}", cell.id);
}

/// What a router that leaves NAT traversal out comes to without a NAT, and with one.
const PLAIN: TestCase = TestCase {
    name: "plain",
    auth: PSK,
    setup: "[setup.initiator]\nnat_traversal = false\n",
    steps: &[INITIATE, PROBE],
};
const HIDDEN: TestCase = TestCase {
    name: "hidden",
    auth: PSK,
    setup: "nat = \"initiator\"\n[setup.initiator]\nnat_traversal = false\n",
    steps: &[INITIATE, PROBE],
};

#[test]
fn without_nat_traversal_a_tunnel_works_until_there_is_a_nat() {
    let _machine = alone();
    let pairs = [
        "openiked-7.4:strongswan-6.0",
        "libreswan-5.2:strongswan-6.0",
    ];
    let ran = Call::run(&Project::with_cases([&PLAIN, &HIDDEN]))
        .cases([PLAIN.id(), HIDDEN.id()].iter().map(String::as_str))
        .pairs(pairs)
        .done();
    let run = ran.expect_code(1).record();
    let table: Vec<_> = pairs
        .iter()
        .flat_map(|pair| {
            let cause = fail("path.nat-without-traversal", "initiator");
            [
                (format!("{}/{pair}", PLAIN.id()), PASS),
                (format!("{}/{pair}", HIDDEN.id()), cause),
            ]
        })
        .collect();
    check(&ran, &run, &table);
}
