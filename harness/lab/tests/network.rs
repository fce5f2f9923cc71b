//! The network of a testbed on this machine's own kernel: needs root, but neither ESP nor crun.
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lab::crun::CrunLab;
use lab::home::Home;
use lab::{Blocked, Fault, Interface, Lab, LinkSpec, NodeSpec, Probe, ProbeReport, Route, Testbed};

struct Net {
    lab: Arc<dyn Lab>,
    testbed: Testbed,
    home: PathBuf,
}

/// left — middle — right: two links, two hosts, and a forwarding node between them.
async fn net() -> Option<Net> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: network namespaces need root");
        return None;
    }
    let home = Home::create().expect("a home");
    let path = home.path().to_owned();
    let lab: Arc<dyn Lab> = Arc::new(CrunLab::new(home, Default::default()).expect("a lab"));
    let testbed = Testbed::new(lab.clone(), "t");
    for name in ["one", "two"] {
        testbed
            .add_link(LinkSpec { name: name.into() })
            .await
            .expect("a link");
    }
    testbed
        .add_node(node(
            "middle",
            &[("one", "203.0.113.1/26"), ("two", "203.0.113.65/26")],
            None,
        ))
        .await
        .expect("a forwarding node");
    for (name, link, address, via) in [
        ("left", "one", "203.0.113.10/26", "203.0.113.1"),
        ("right", "two", "203.0.113.74/26", "203.0.113.65"),
    ] {
        testbed
            .add_node(node(name, &[(link, address)], Some(via)))
            .await
            .expect("a host");
    }
    Some(Net {
        lab,
        testbed,
        home: path,
    })
}

fn node(name: &str, interfaces: &[(&str, &str)], via: Option<&str>) -> NodeSpec {
    NodeSpec {
        name: name.into(),
        image: None,
        interfaces: interfaces
            .iter()
            .map(|(link, address)| Interface {
                mtu: None,
                link: (*link).into(),
                addresses: vec![address.parse().expect("an address")],
            })
            .collect(),
        routes: via
            .map(|via| Route {
                to: "0.0.0.0/0".parse().expect("a network"),
                via: via.parse().expect("an address"),
            })
            .into_iter()
            .collect(),
        forwarding: via.is_none(),
    }
}

impl Net {
    async fn probe(&self) -> ProbeReport {
        let probe = Probe {
            from: "left".into(),
            to: "right".into(),
            source: "203.0.113.10".parse().expect("an address"),
            destination: "203.0.113.74".parse().expect("an address"),
            payloads: vec![b"mark one".to_vec(), b"mark two".to_vec()],
            millis: 500,
        };
        self.testbed.probe(probe).await.expect("a probe")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_cross_a_forwarding_node_and_are_captured() {
    let Some(net) = net().await else { return };
    net.testbed
        .start_capture("two", 1 << 20)
        .await
        .expect("a capture");
    let report = net.probe().await;
    assert_eq!((report.sent, report.received, report.refused), (2, 2, None));
    let captured = net.testbed.stop_capture("two").await.expect("packets");
    assert!(!captured.cut);
    for mark in ["mark one", "mark two"] {
        let found = captured
            .pcapng
            .windows(mark.len())
            .any(|window| window == mark.as_bytes());
        assert!(found, "{mark} is in the capture");
    }
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_capture_says_that_it_was_cut() {
    let Some(net) = net().await else { return };
    net.testbed
        .start_capture("two", 200)
        .await
        .expect("a capture");
    net.probe().await;
    assert!(net.testbed.stop_capture("two").await.expect("packets").cut);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_died_is_a_fault_and_no_empty_capture() {
    let Some(net) = net().await else { return };
    net.testbed
        .start_capture("two", 1 << 20)
        .await
        .expect("a capture");
    net.testbed.fail_capture("two").await.expect("taken down");
    let fault = net.testbed.stop_capture("two").await.expect_err("it died");
    assert_eq!(fault.fault, Fault::Capture, "{fault}");
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_blocked_does_not_arrive_until_it_is_unblocked() {
    let Some(net) = net().await else { return };
    net.testbed
        .block("one", vec![Blocked::Udp])
        .await
        .expect("blocked");
    assert_eq!(net.probe().await.received, 0);
    net.testbed
        .block("one", vec![Blocked::Esp])
        .await
        .expect("blocked");
    assert_eq!(net.probe().await.received, 2, "only ESP is blocked now");
    net.testbed
        .block("one", Vec::new())
        .await
        .expect("unblocked");
    assert_eq!(net.probe().await.received, 2);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_are_faults_of_the_harness() {
    let Some(net) = net().await else { return };
    let fault = net
        .testbed
        .kernel_sas("nobody")
        .await
        .expect_err("no such node");
    assert_eq!(fault.fault, Fault::Harness);
    let fault = net
        .testbed
        .stop_capture("one")
        .await
        .expect_err("no such capture");
    assert_eq!(fault.fault, Fault::Harness);
    let fault = net
        .testbed
        .read("left", "/etc/passwd", 10)
        .await
        .expect_err("a plain host");
    assert_eq!(fault.fault, Fault::Harness);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_leaves_no_mount_and_no_folder() {
    let Some(net) = net().await else { return };
    net.lab.close().await.expect("closed");
    assert_nothing_left(&net.home);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lab_that_is_dropped_leaves_nothing_either() {
    let Some(net) = net().await else { return };
    let Net { lab, testbed, home } = net;
    drop((testbed, lab));
    assert_nothing_left(&home);
}

fn assert_nothing_left(home: &Path) {
    let table = std::fs::read_to_string("/proc/self/mountinfo").expect("the mount table");
    let inside = format!("{}/", home.display());
    assert!(!table.contains(&inside), "something is mounted in {inside}");
    assert!(!home.exists(), "{} is there", home.display());
}
