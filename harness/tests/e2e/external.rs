//! A router that the harness does not manage: strongSwan, set up by hand in a box of its own from the
//! printed sheet, and reached over virtual cables.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;
use reports::model::{Cell, Observer, Outcome, Place, Sight};

use crate::support::by_hand::{By, Device, LAN, VENDOR, WAN, ip, program};
use crate::support::expect::{PASS, check, describe, error};
use crate::support::machine::Remains;
use crate::support::program::{Call, Ran, cell, short};
use crate::support::project::Project;
use crate::support::{alone, skipped, wait_for};

const AS_INITIATOR: &str = "by-hand:strongswan-6.0";
const AS_RESPONDER: &str = "strongswan-6.0:by-hand";
const METHODS: [&str; 3] = ["auth.psk", "auth.cert-rfc4945", "auth.cert-hpki"];

/// A box that is on; `None`, and why, where there can be none.
fn switch_on() -> Option<Device> {
    match Device::switch_on() {
        Ok(switched_on) => Some(switched_on),
        Err(why) => {
            skipped(&why);
            None
        }
    }
}

/// The tests of one router take a lab of this machine's own: no other has the cable.
fn run(project: &Project) -> Call {
    Call::by(program(), project, ["run"]).args(["--lab", "crun"])
}

fn project(router: &Device, by: By) -> Project {
    let project = Project::new();
    router.add_to(&project, by);
    project
}

/// Everything that this machine has set in its network, but for what changes by itself.
fn network() -> String {
    let mut all = String::new();
    for words in [
        &["-d", "link"][..],
        &["address"],
        &["-4", "route", "show", "table", "all"],
        &["-6", "route", "show", "table", "all"],
        &["rule"],
    ] {
        let output = Command::new("ip").args(words).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        // How long an address is still good for, and the statistics of bridges.
        for line in text.lines().filter(|line| !line.contains("_timer")) {
            let words = line.split(' ');
            let words: Vec<&str> = words
                .take_while(|word| *word != "valid_lft" && *word != "expires")
                .collect();
            all.push_str(words.join(" ").trim_end());
            all.push('\n');
        }
    }
    let filter = Command::new("nft")
        .args(["list", "ruleset"])
        .output()
        .unwrap();
    all + &String::from_utf8_lossy(&filter.stdout)
}

/// What the observers said at the place of the external router, and that all others are good.
fn expect_honest_pass(cell: &Cell, outside: Place, control: Sight) {
    assert_eq!(cell.outcome, Outcome::Pass, "{}", describe(cell));
    for seen in &cell.observations {
        let wanted = match (seen.observer, seen.place == outside) {
            (Observer::KernelSa, true) => Sight::Silent,
            (Observer::Control, true) => control,
            _ => Sight::Good,
        };
        assert_eq!(seen.verdict, wanted, "{seen:?}");
    }
    assert_eq!(cell.observations.len(), 7);
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn a_router_of_somebody_else_is_certified_by_commands_with_every_method_both_ways() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let before = network();
    let project = project(&router, By::Commands);
    let ran = run(&project)
        .cases(METHODS)
        .pairs([AS_INITIATOR, AS_RESPONDER])
        .done();
    let run = ran.expect_code(0).record();
    let passes = |pair: &'static str| METHODS.map(|case| (format!("{case}/{pair}"), PASS));
    let table = [passes(AS_INITIATOR), passes(AS_RESPONDER)].concat();
    check(&ran, &run, &table);
    for (id, _) in &table {
        let outside = if id.ends_with(AS_INITIATOR) {
            Place::Initiator
        } else {
            Place::Responder
        };
        expect_honest_pass(cell(&run, id), outside, Sight::Good);
        let folder = ran.evidence(cell(&run, id));
        let side = if outside == Place::Initiator {
            "initiator"
        } else {
            "responder"
        };
        let sheet = fs::read_to_string(folder.join(side).join("sheet.md")).unwrap();
        assert!(sheet.contains("by-hand"), "{sheet}");
        let said = fs::read_to_string(folder.join(side).join("daemon.log")).unwrap();
        assert!(
            said.contains("$ ") && said.contains("loaded connection 'tunnel'"),
            "{said}"
        );
    }
    assert_eq!(
        network(),
        before,
        "the machine's network is not what it was"
    );
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn a_router_of_somebody_else_is_certified_by_hand() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let before = network();
    let project = project(&router, By::Hand);
    let ran = by_hand(&router, &project);
    let run = ran.record();
    let id = format!("auth.psk/{AS_INITIATOR}");
    check(&ran, &run, &[(id.clone(), PASS)]);
    ran.expect_words(&[
        "Checklist for Router by hand",
        WAN,
        "198.51.100.1/24",
        "answer ping",
    ]);
    expect_honest_pass(cell(&run, &id), Place::Initiator, Sight::Silent);
    assert!(!ran.stderr.contains("secret = \"") || ran.stderr.contains("<PSK>"));
    assert_eq!(
        network(),
        before,
        "the machine's network is not what it was"
    );
}

/// A run with the router as initiator in which somebody does what is asked for: reads the sheet's
/// folder in the checklist, sets up the router from it, and has it initiate.
fn by_hand(router: &Device, project: &Project) -> Ran {
    let mut call = run(project).cases(["auth.psk"]).pairs([AS_INITIATOR]);
    call.command().stdin(std::process::Stdio::piped());
    let mut running = call.start();
    let mut operator = running.stdin();
    let task = running.hear_until("Done? Press Enter");
    let folder = task
        .split("for you alone: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let folder = folder.unwrap();
    router.order(
        "load",
        &[folder, "198.51.100.1/24", "203.0.113.1/26", "198.51.100.2"],
    );
    operator.write_all(b"\n").unwrap();
    running.hear_until("Done? Press Enter");
    // What becomes of it is for the harness to find out.
    router.try_order("initiate");
    operator.write_all(b"\n").unwrap();
    drop(operator);
    running.end()
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn whoever_says_that_it_cannot_be_done_gets_an_error_and_no_verdict() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let project = project(&router, By::Hand);
    let mut call = run(&project).cases(["auth.psk"]).pairs([AS_RESPONDER]);
    call.command().stdin(std::process::Stdio::piped());
    let mut running = call.start();
    let mut operator = running.stdin();
    running.hear_until("Done? Press Enter");
    operator.write_all(b"n\n").unwrap();
    let ran = running.end();
    let run = ran.expect_code(3).record();
    check(&ran, &run, &[(format!("auth.psk/{AS_RESPONDER}"), error())]);
    assert!(
        describe(&run.cells[0]).contains("cannot be done"),
        "{}",
        describe(&run.cells[0])
    );
}

fn wait_for_tunnel(router: &Device) {
    let up = wait_for(Duration::from_secs(60), || {
        router
            .try_order("status")
            .filter(|said| said.contains("INSTALLED"))
    });
    assert!(up.is_some(), "the tunnel never came up");
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn a_cable_that_is_pulled_in_the_middle_is_no_fault_of_the_router() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let project = project(&router, By::Commands);
    router.initiates_by(&project, &["initiate", "unplug"]);
    let ran = run(&project)
        .cases(["auth.psk"])
        .pairs([AS_INITIATOR])
        .done();
    let run = ran.expect_code(3).record();
    check(&ran, &run, &[(format!("auth.psk/{AS_INITIATOR}"), error())]);
    let told = describe(&run.cells[0]);
    assert!(told.contains(WAN) && told.contains("carrier"), "{told}");
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn a_router_that_restarts_in_the_middle_is_seen_as_one_without_a_tunnel() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let project = project(&router, By::Commands);
    router.initiates_by(&project, &["initiate", "reboot"]);
    let ran = run(&project)
        .cases(["auth.psk"])
        .pairs([AS_INITIATOR])
        .done();
    let run = ran.expect_code(1).record();
    let found = cell(&run, &format!("auth.psk/{AS_INITIATOR}"));
    println!("  {}", describe(found));
    assert_eq!(found.outcome, Outcome::Fail, "{}", describe(found));
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn a_router_that_answers_nonsense_fails_and_one_that_is_not_there_is_an_error() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let project = project(&router, By::Commands);
    router.is_loaded_by(&project, "address");
    let babbler = router.babble();
    let ran = run(&project)
        .cases(["auth.psk"])
        .pairs([AS_RESPONDER])
        .done();
    let record = ran.expect_code(1).record();
    let found = cell(&record, &format!("auth.psk/{AS_RESPONDER}"));
    println!("  {}", describe(found));
    assert_eq!(found.outcome, Outcome::Fail, "{}", describe(found));
    assert!(babbler.end() > 0, "nobody asked it anything");
    // Nobody has given it an address.
    router.is_loaded_by(&project, "log");
    router.network(&["ip", "address", "flush", "dev", "wan"]);
    let ran = run(&project)
        .cases(["auth.psk"])
        .pairs([AS_RESPONDER])
        .done();
    let record = ran.expect_code(3).record();
    check(
        &ran,
        &record,
        &[(format!("auth.psk/{AS_RESPONDER}"), error())],
    );
    assert!(
        describe(&record.cells[0]).contains("no router answers"),
        "{}",
        describe(&record.cells[0])
    );
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn an_interface_that_the_machine_itself_needs_is_refused_until_it_is_named_twice() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let project = project(&router, By::Commands);
    let before = network();
    ip(&["address", "add", "10.255.254.1/30", "dev", WAN]);
    let call = || run(&project).cases(["auth.psk"]).pairs([AS_RESPONDER]);
    let ran = call().done();
    let told = describe(&ran.expect_code(3).record().cells[0]);
    assert!(
        told.contains("10.255.254.1") && told.contains("--take-over"),
        "{told}"
    );
    call().args(["--take-over", WAN]).done().expect_code(0);
    ip(&["address", "flush", "dev", WAN]);
    ip(&["link", "set", LAN, "down"]);
    let told = describe(&call().done().expect_code(3).record().cells[0]);
    assert!(told.contains("is down"), "{told}");
    ip(&["link", "set", LAN, "up"]);
    let gone = project.read(&format!("vendor-profiles/{VENDOR}/profile.toml"));
    project.write(
        &format!("vendor-profiles/{VENDOR}/profile.toml"),
        &gone.replace(WAN, "nowhere0"),
    );
    let told = describe(&call().done().expect_code(3).record().cells[0]);
    assert!(told.contains("nowhere0"), "{told}");
    assert_eq!(
        network(),
        before,
        "the machine's network is not what it was"
    );
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn a_run_that_is_killed_leaves_the_machines_network_as_it_was_once_it_is_cleaned_up() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let project = project(&router, By::Commands);
    let (before, remains) = (network(), Remains::now());
    router.initiates_by(&project, &["initiate", "wait"]);
    let running = run(&project)
        .cases(["auth.psk"])
        .pairs([AS_INITIATOR])
        .start();
    wait_for_tunnel(&router);
    running.signal(Signal::SIGKILL);
    running.end();
    let (code, _, said) = short(&["clean"]);
    assert_eq!(code, Some(0), "{said}");
    Remains::now().expect_nothing_since(&remains);
    let restored = wait_for(Duration::from_secs(10), || {
        (network() == before).then_some(())
    });
    if restored.is_none() {
        assert_eq!(
            network(),
            before,
            "the machine's network is not what it was"
        );
    }
}

#[test]
#[ignore = "a box and a lab of its own, 10 to 60 s: make test-full"]
fn what_cannot_be_tried_on_an_external_router_is_skipped_with_the_reason() {
    let _machine = alone();
    let Some(router) = switch_on() else { return };
    let project = project(&router, By::Commands);
    let ran = run(&project)
        .cases(["auth.psk"])
        .pairs(["by-hand:by-hand"])
        .done();
    let run = ran.expect_code(0).record();
    let causes: BTreeSet<_> = run
        .cells
        .iter()
        .map(|cell| {
            (
                cell.outcome == Outcome::Skipped,
                cell.cause.as_ref().unwrap().code.as_str(),
            )
        })
        .collect();
    assert_eq!(
        causes.into_iter().collect::<Vec<_>>(),
        [(true, "lab.out-of-reach")]
    );
}
