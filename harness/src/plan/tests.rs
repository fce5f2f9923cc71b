use std::collections::BTreeSet;

use super::*;
use crate::sample::project;

fn ids(plan: &Plan) -> Vec<&str> {
    plan.cells.iter().map(|cell| cell.id.as_str()).collect()
}

fn pair(initiator: &str, responder: &str) -> Pair {
    Pair {
        initiator: initiator.into(),
        responder: responder.into(),
    }
}

#[test]
fn every_case_is_tried_on_every_ordered_pairing_in_the_order_given() {
    let project = project();
    let vendors = ["strongswan-6.0", "libreswan-5.2"].map(String::from);
    let cases = ["esp.aes256-sha256", "auth.psk"].map(String::from);
    let (vendors, cases) = (
        project.select_profiles(&vendors).unwrap(),
        project.select_cases(&cases).unwrap(),
    );
    let plan = Plan::new(vendors, cases, project.certificates().clone(), None);
    assert_eq!(
        ids(&plan),
        [
            "esp.aes256-sha256/strongswan-6.0:strongswan-6.0",
            "esp.aes256-sha256/strongswan-6.0:libreswan-5.2",
            "esp.aes256-sha256/libreswan-5.2:strongswan-6.0",
            "esp.aes256-sha256/libreswan-5.2:libreswan-5.2",
            "auth.psk/strongswan-6.0:strongswan-6.0",
            "auth.psk/strongswan-6.0:libreswan-5.2",
            "auth.psk/libreswan-5.2:strongswan-6.0",
            "auth.psk/libreswan-5.2:libreswan-5.2",
        ]
    );
}

#[test]
fn cell_ids_are_unique_and_the_same_every_time() {
    let (one, other) = (project(), project());
    let plan = |project: &crate::project::Project| {
        Plan::new(
            project.profiles().to_vec(),
            project.cases().to_vec(),
            project.certificates().clone(),
            None,
        )
    };
    let (one, other) = (plan(&one), plan(&other));
    let unique: BTreeSet<_> = ids(&one).into_iter().collect();
    assert_eq!(unique.len(), one.cells.len());
    assert_eq!(one.cells.len(), one.cases.len() * one.profiles.len().pow(2));
    assert_eq!(ids(&one), ids(&other));
}

#[test]
fn pairings_are_ordered_and_may_be_given_twice() {
    let project = project();
    let pairs = [
        pair("strongswan-6.0", "libreswan-5.2"),
        pair("strongswan-6.0", "libreswan-5.2"),
        pair("openiked-7.4", "openiked-7.4"),
        pair("nobody", "strongswan-6.0"),
    ];
    let case = project.case("auth.psk").unwrap();
    let plan = Plan::new(
        project.profiles().to_vec(),
        vec![case],
        project.certificates().clone(),
        Some(&pairs),
    );
    assert_eq!(
        ids(&plan),
        [
            "auth.psk/openiked-7.4:openiked-7.4",
            "auth.psk/strongswan-6.0:libreswan-5.2"
        ]
    );
}

#[test]
fn a_cell_names_each_vendor_that_lacks_what_the_case_needs_once() {
    let project = project();
    let able = project.profile("strongswan-6.0").unwrap();
    let mut unable = Profile::clone(&able);
    (unable.id, unable.methods) = ("other".into(), vec![cases::AuthMethod::CertRfc4945]);
    let unable = Arc::new(unable);
    let case = project.case("auth.psk").unwrap();
    let plan = Plan::new(
        vec![able, unable],
        vec![case],
        project.certificates().clone(),
        None,
    );
    let lacking = plan.cells.iter().map(|cell| {
        let ids: Vec<_> = cell
            .lacking()
            .iter()
            .map(|profile| profile.id.as_str())
            .collect();
        (cell.id.as_str(), ids)
    });
    assert_eq!(
        lacking.collect::<Vec<_>>(),
        [
            ("auth.psk/strongswan-6.0:strongswan-6.0", vec![]),
            ("auth.psk/strongswan-6.0:other", vec!["other"]),
            ("auth.psk/other:strongswan-6.0", vec!["other"]),
            ("auth.psk/other:other", vec!["other"]),
        ]
    );
}
