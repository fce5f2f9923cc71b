//! Profiles of routers that no lab runs.

use std::fs;

use vendors::{Lan, Way};

use crate::fixture::{Fault, Fixture, PROFILE};

/// What makes the fixture's profile one of an external router.
const EXTERNAL: &str = r#"
[external]
interface = "eth1"
lan = { interface = "eth2" }
control = "command"
sheet = "box"

[external.commands]
load = [["scp", "{folder}/commands.txt", "router:"]]
initiate = [["ssh", "router", "connect"]]
status = [["ssh", "router", "show"]]

[external.status]
ike_established = "up"
child_installed = "installed"
"#;

fn external() -> Fixture {
    let fixture = Fixture::new();
    fixture.replace(PROFILE, "\"roadrunner\"", "\"external\"");
    fixture.replace(PROFILE, "[settings]\nretries = 5\n", EXTERNAL);
    fixture.write("sheets/box/model.toml", "");
    fixture
}

#[test]
fn the_profile_says_where_the_router_is_and_how_it_is_told_what_to_do() {
    let catalogue = external().load().unwrap();
    let profile = catalogue.profile("acme").unwrap();
    let external = profile.external.as_ref().unwrap();
    assert_eq!(external.interfaces(), ["eth1", "eth2"]);
    assert_eq!(external.control, Way::Command);
    assert_eq!(external.sheet, "box");
    assert_eq!(profile.implementation.control.load.len(), 1);
    assert!(profile.packages().is_none());
}

#[test]
fn a_router_without_a_host_behind_it_answers_itself() {
    let fixture = external();
    fixture.replace(PROFILE, "{ interface = \"eth2\" }", "\"echo\"");
    let catalogue = fixture.load().unwrap();
    let external = catalogue.profile("acme").unwrap().external.clone().unwrap();
    assert_eq!(external.lan, Lan::Echo);
    assert_eq!(external.interfaces(), ["eth1"]);
}

#[test]
fn a_change_of_where_it_is_changes_the_digest_of_the_profile() {
    let fixture = external();
    let digest = || fixture.load().unwrap().profiles[0].sha256.clone();
    let before = digest();
    fixture.replace(PROFILE, "\"eth1\"", "\"eth3\"");
    assert_ne!(digest(), before);
}

const FAULTS: &[Fault] = &[
    ("no word of where it is", PROFILE, EXTERNAL, ""),
    (
        "an interface that is none",
        PROFILE,
        "\"eth1\"",
        "\"../eth1\"",
    ),
    ("the loopback", PROFILE, "\"eth1\"", "\"lo\""),
    (
        "one interface for both sides",
        PROFILE,
        "{ interface = \"eth2\" }",
        "{ interface = \"eth1\" }",
    ),
    (
        "a LAN side of another kind",
        PROFILE,
        "{ interface = \"eth2\" }",
        "\"nothing\"",
    ),
    ("an unknown sheet", PROFILE, "\"box\"", "\"bux\""),
    ("an unknown placeholder", PROFILE, "{folder}", "{foldr}"),
    (
        "commands for a person",
        PROFILE,
        "control = \"command\"",
        "control = \"manual\"",
    ),
    (
        "no command to initiate",
        PROFILE,
        "initiate = [[\"ssh\", \"router\", \"connect\"]]\n",
        "",
    ),
    (
        "a status that nobody reads",
        PROFILE,
        "[external.status]\nike_established = \"up\"\nchild_installed = \"installed\"\n",
        "",
    ),
    (
        "nothing to read the status from",
        PROFILE,
        "status = [[\"ssh\", \"router\", \"show\"]]\n",
        "",
    ),
    (
        "no version",
        PROFILE,
        "version = \"1.0\"",
        "version = \" \"",
    ),
    (
        "an unknown key",
        PROFILE,
        "interface = \"eth1\"",
        "interfaces = \"eth1\"",
    ),
    (
        "a router of the lab with a place outside",
        PROFILE,
        "\"external\"",
        "\"roadrunner\"",
    ),
];

#[test]
fn a_faulty_external_router_is_explained() {
    let mut report = String::new();
    for (name, file, from, to) in FAULTS {
        let fixture = external();
        fixture.replace(file, from, to);
        report.push_str(&format!("## {name}\n{}\n\n", fixture.message()));
    }
    insta::assert_snapshot!(report);
}

/// The example of the manual is one that loads.
#[test]
fn the_example_of_the_manual_loads() {
    let manual = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/external-routers.md"
    );
    let manual = fs::read_to_string(manual).unwrap();
    let example = manual
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let fixture = Fixture::new();
    fixture.write("acme-rtx/profile.toml", example.unwrap());
    fixture.write("sheets/yamaha-rtx/model.toml", "");
    let catalogue = fixture.load().unwrap();
    assert!(catalogue.profile("acme-rtx").unwrap().external.is_some());
}
