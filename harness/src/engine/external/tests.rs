use std::fs;

use cases::Role;
use reports::model::{Observation, Observer, Place, Sight};
use tempfile::TempDir;

use super::*;
use crate::engine::router::mirrored;
use crate::judge::{Ends, passes};
use crate::plan::{Pair, Plan, PlannedCell};
use crate::project::Project;
use crate::sample::{project, working};

/// The sample project with one more vendor, whose router no lab runs.
fn with_external(control: &str) -> (TempDir, Project) {
    let real = project();
    let all: Vec<String> = real.cases().iter().map(|case| case.id.clone()).collect();
    let plan = Plan::new(
        real.select_profiles(&["strongswan-6.0".to_owned()])
            .unwrap(),
        real.select_cases(&all).unwrap(),
        real.certificates().clone(),
        None,
    );
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("project");
    real.keep_inputs(&plan, &copy).unwrap();
    let like = copy.join("vendor-profiles/strongswan-6.0/profile.toml");
    let text = fs::read_to_string(like).unwrap();
    let text = text
        .replace("id = \"strongswan-6.0\"", "id = \"acme\"")
        .replace(
            "implementation = \"strongswan\"",
            "implementation = \"external\"",
        );
    let (text, _) = text.split_once("[settings]").unwrap();
    let own = copy.join("vendor-profiles/acme");
    fs::create_dir(&own).unwrap();
    let external = format!("[external]\ninterface = \"eth1\"\nlan = \"echo\"\n{control}");
    fs::write(own.join("profile.toml"), format!("{text}\n{external}")).unwrap();
    let project = Project::load(Some(&copy)).unwrap();
    (folder, project)
}

const COMMANDS: &str = "control = \"command\"\n[external.commands]\nload = [[\"true\"]]\n\
                        initiate = [[\"true\"]]\n";

fn planned(project: &Project, case: &str, initiator: &str, responder: &str) -> PlannedCell {
    let pair = Pair {
        initiator: initiator.into(),
        responder: responder.into(),
    };
    let ids = [initiator.to_owned(), responder.to_owned()];
    let mut plan = Plan::new(
        project.select_profiles(&ids).unwrap(),
        vec![project.case(case).unwrap()],
        project.certificates().clone(),
        Some(&[pair]),
    );
    plan.cells.remove(0)
}

/// Each case, what it asks of an external responder that is controlled by hand.
#[test]
fn cases_that_need_a_hand_inside_the_router_are_out_of_reach() {
    let (_folder, project) = with_external("control = \"manual\"\n");
    let mut report = String::new();
    for case in project.cases() {
        for (initiator, responder) in [("acme", "strongswan-6.0"), ("strongswan-6.0", "acme")] {
            let planned = planned(&project, &case.id, initiator, responder);
            if let Some(why) = out_of_reach(&planned) {
                report.push_str(&format!("{}: {}\n", planned.id, why.en));
            }
        }
    }
    insta::assert_snapshot!(report);
}

#[test]
fn a_case_that_gives_an_order_without_a_command_is_out_of_reach_of_commands_alone() {
    let order = |control| {
        let (_folder, project) = with_external(control);
        let case = project.cases().iter().find(|case| {
            let is_order =
                |step: &cases::Step| matches!(step, cases::Step::RekeyChild(Role::Initiator));
            case.steps.iter().any(is_order)
        });
        let case = case.map(|case| case.id.clone());
        case.map(|case| out_of_reach(&planned(&project, &case, "acme", "strongswan-6.0")).is_some())
    };
    assert_ne!(order(COMMANDS), Some(false));
    assert_ne!(order("control = \"manual\"\n"), Some(true));
}

#[test]
fn two_external_routers_prove_nothing() {
    let (_folder, project) = with_external(COMMANDS);
    assert!(out_of_reach(&planned(&project, "auth.psk", "acme", "acme")).is_some());
    assert!(out_of_reach(&planned(&project, "auth.psk", "acme", "strongswan-6.0")).is_none());
}

/// What the observers say of a tunnel between the sample's routers when that of the initiator is
/// external.
fn observations(
    silent_control: bool,
    change: impl FnOnce(&mut crate::judge::Sightings),
) -> Vec<Observation> {
    let mut seen = working();
    seen.closed.initiator = true;
    seen.control.initiator.silent = silent_control;
    change(&mut seen);
    let (moon, sun) = (seen.sites.initiator, seen.sites.responder);
    seen.sas.initiator = mirrored(&seen.sas.responder, sun, moon);
    seen.observations()
}

#[test]
fn a_pass_needs_the_peers_sas_the_traffic_and_the_wire() {
    let good = observations(true, |_| ());
    assert!(passes(&good));
    let silent: Vec<_> = good
        .iter()
        .filter(|one| one.verdict == Sight::Silent)
        .collect();
    let places: Vec<_> = silent.iter().map(|one| (one.observer, one.place)).collect();
    assert_eq!(
        places,
        [
            (Observer::Control, Place::Initiator),
            (Observer::KernelSa, Place::Initiator)
        ]
    );
    assert!(!passes(&observations(true, |seen| seen
        .sas
        .responder
        .clear())));
    assert!(!passes(&observations(true, |seen| seen
        .traffic
        .initiator
        .received = 0)));
    assert!(!passes(&observations(true, |seen| seen.wire.esp.clear())));
    assert!(!passes(&observations(true, |seen| seen.wire.clear.push(7))));
}

#[test]
fn what_a_router_says_of_itself_counts_where_it_is_asked() {
    assert!(passes(&observations(false, |_| ())));
    let denied = observations(false, |seen| seen.control.initiator.child_installed = false);
    assert!(!passes(&denied));
}

#[test]
fn silence_is_good_for_nothing_when_both_are_silent() {
    let mut seen = working();
    seen.closed = Ends {
        initiator: true,
        responder: true,
    };
    assert!(!passes(&seen.observations()));
}

#[test]
fn the_sas_of_a_closed_router_are_those_of_its_peer_under_its_own_addresses() {
    let hidden = Site::with_nat(Role::Initiator, Some(Role::Initiator));
    let peer = Site::of(Role::Responder);
    let seen = working();
    for sa in mirrored(&seen.sas.responder, peer, hidden) {
        let addresses = [sa.source, sa.destination];
        assert!(addresses.contains(&hidden.own_address()));
        assert!(addresses.contains(&peer.wan_address()));
        assert!(!addresses.contains(&hidden.wan_address()));
    }
}

#[test]
fn a_cable_is_missed_when_its_carrier_is_gone_or_has_changed() {
    let carrier = |up, changes| Carrier {
        device: "eth1".into(),
        up,
        changes,
    };
    let before = [carrier(true, 2)];
    assert_eq!(cables_moved(&before, &[carrier(true, 2)]), None);
    for after in [carrier(false, 3), carrier(true, 4), carrier(false, 2)] {
        let fault = cables_moved(&before, &[after]).unwrap();
        assert!(fault.what.contains("eth1"));
    }
}
