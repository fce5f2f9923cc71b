//! Links that are joined with interfaces of this machine: needs root, but neither ESP nor crun.
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lab::crun;
use lab::home::Home;
use lab::{Cable, Interface, Lab, LinkSpec, NodeSpec, Probe, Testbed};

/// A cable of this machine from one interface of it to another.
struct Veth([String; 2]);

impl Veth {
    /// `None`, and why, where there can be none.
    fn lay(name: &str) -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: cables of this machine need root");
            return None;
        }
        let ends = ["a", "b"].map(|end| format!("{name}{end}"));
        ip(&[
            "link", "add", &ends[0], "type", "veth", "peer", "name", &ends[1],
        ]);
        for end in &ends {
            // Nothing of this machine speaks there, so nothing changes by itself.
            let silent = format!("/proc/sys/net/ipv6/conf/{end}/disable_ipv6");
            let _ = std::fs::write(silent, "1");
            ip(&["link", "set", end, "up"]);
        }
        Some(Self(ends))
    }

    /// All that there is to see of its ends.
    fn about(&self) -> String {
        let about = self.0.iter().map(|end| {
            let link = ip(&["-d", "link", "show", end]);
            link + &ip(&["address", "show", end])
        });
        about.collect()
    }
}

impl Drop for Veth {
    fn drop(&mut self) {
        let _ = Command::new("ip")
            .args(["link", "delete", &self.0[0]])
            .status();
    }
}

fn ip(words: &[&str]) -> String {
    let output = Command::new("ip").args(words).output().expect("ip");
    assert!(output.status.success(), "ip {words:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// left — one, and two — right: nothing of the lab joins the two links.
async fn links() -> (Arc<dyn Lab>, Testbed) {
    let home = Home::create().expect("a home");
    let lab: Arc<dyn Lab> = Arc::new(crun::start(home, Default::default(), None).expect("a lab"));
    let testbed = Testbed::new(lab.clone(), "t");
    for (link, node, address) in [
        ("one", "left", "203.0.113.10/24"),
        ("two", "right", "203.0.113.20/24"),
    ] {
        let spec = LinkSpec {
            name: link.into(),
            networks: vec!["203.0.113.0/24".parse().expect("a network")],
        };
        testbed.add_link(spec).await.expect("a link");
        let host = NodeSpec {
            name: node.into(),
            image: None,
            interfaces: vec![Interface {
                link: link.into(),
                mtu: None,
                addresses: vec![address.parse().expect("an address")],
            }],
            routes: Vec::new(),
            forwarding: false,
        };
        testbed.add_node(host).await.expect("a host");
    }
    (lab, testbed)
}

fn cable(link: &str, device: &str) -> Cable {
    Cable {
        node: format!("box-{link}"),
        link: link.into(),
        device: device.into(),
        even_in_use: false,
    }
}

async fn arrive(testbed: &Testbed) -> u32 {
    let probe = Probe {
        from: "left".into(),
        to: "right".into(),
        source: "203.0.113.10".parse().expect("an address"),
        destination: "203.0.113.20".parse().expect("an address"),
        payloads: vec![b"mark one".to_vec(), b"mark two".to_vec()],
        millis: 1000,
    };
    testbed.probe(probe).await.expect("a probe").received
}

/// Whether probes come through within some rounds: a host that asked for the other one's address in
/// vain asks again only once a second.
async fn joined(testbed: &Testbed) -> bool {
    for _ in 0..5 {
        if arrive(testbed).await == 2 {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_link_goes_on_behind_an_interface_which_stays_as_it_is() {
    let Some(veth) = Veth::lay("ikmta") else {
        return;
    };
    let before = veth.about();
    // A second lab on the same interfaces finds them as the first did.
    for _ in 0..2 {
        let (lab, testbed) = links().await;
        assert_eq!(arrive(&testbed).await, 0, "nothing joins the links yet");
        for (link, device) in [("one", &veth.0[0]), ("two", &veth.0[1])] {
            testbed.plug(cable(link, device)).await.expect("plugged in");
        }
        let capture = testbed.start_capture("c", &["one"], 1 << 20, "cables".into());
        capture.await.expect("a capture");
        assert!(joined(&testbed).await, "the cables join the links");
        let captured = testbed.stop_capture("c").await.expect("packets");
        let port = captured.ports.iter().find(|port| port.node == "box-one");
        assert!(port.is_some_and(|port| port.delivered.packets >= 2));
        let second = testbed.plug(cable("one", &veth.0[0])).await;
        assert!(second.is_err(), "an interface is for one router");
        testbed.close().await.expect("closed");
        assert_eq!(veth.about(), before);
        lab.close().await.expect("closed");
    }
    assert_eq!(veth.about(), before);
}

#[tokio::test]
async fn a_lab_that_nobody_closed_leaves_the_interface_as_it_was() {
    let Some(veth) = Veth::lay("ikmtb") else {
        return;
    };
    let before = veth.about();
    let (lab, testbed) = links().await;
    testbed
        .plug(cable("one", &veth.0[0]))
        .await
        .expect("plugged in");
    assert_ne!(veth.about(), before, "the interface listens for the lab");
    drop(testbed);
    // Its namespaces go with it, and what is in them.
    drop(lab);
    let begun = Instant::now();
    while veth.about() != before && begun.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(veth.about(), before);
}

#[tokio::test]
async fn a_cable_that_is_pulled_is_noticed() {
    let Some(veth) = Veth::lay("ikmtc") else {
        return;
    };
    let (lab, testbed) = links().await;
    testbed
        .plug(cable("one", &veth.0[0]))
        .await
        .expect("plugged in");
    let before = testbed.carriers("box-one").await.expect("carriers");
    assert!(before.len() == 1 && before[0].up);
    ip(&["link", "set", &veth.0[1], "down"]);
    let pulled = testbed.carriers("box-one").await.expect("carriers");
    assert!(!pulled[0].up);
    ip(&["link", "set", &veth.0[1], "up"]);
    let again = testbed.carriers("box-one").await.expect("carriers");
    assert!(again[0].up && again[0].changes > before[0].changes);
    assert!(testbed.carriers("left").await.expect("carriers").is_empty());
    lab.close().await.expect("closed");
}

#[tokio::test]
async fn an_interface_that_is_not_for_a_router_is_refused_and_left_alone() {
    let Some(veth) = Veth::lay("ikmtd") else {
        return;
    };
    let (lab, testbed) = links().await;
    let refusal = async |device: &str| {
        let refused = testbed.plug(cable("one", device)).await;
        refused.expect_err("refused").to_string()
    };
    let [device, other] = &veth.0;
    assert!(refusal("ikmtnone").await.contains("ikmtnone"));
    assert!(refusal("lo").await.contains("no Ethernet"));
    let before = veth.about();
    ip(&["address", "add", "10.255.253.1/30", "dev", device]);
    let said = refusal(device).await;
    assert!(
        said.contains("10.255.253.1") && said.contains("--take-over"),
        "{said}"
    );
    let twice = Cable {
        even_in_use: true,
        ..cable("one", device)
    };
    testbed.plug(twice).await.expect("named twice");
    ip(&["address", "flush", "dev", device]);
    ip(&["link", "set", other, "down"]);
    let said = refusal(other).await;
    assert!(
        said.contains("is down") && said.contains("ip link set"),
        "{said}"
    );
    ip(&["link", "set", other, "up"]);
    lab.close().await.expect("closed");
    assert_eq!(veth.about(), before);
}

/// The route of no packet: it leads to a documentation network's neighbour over this cable.
#[tokio::test]
async fn the_interface_of_a_default_route_is_refused() {
    let Some(veth) = Veth::lay("ikmte") else {
        return;
    };
    let device = &veth.0[0];
    let (lab, testbed) = links().await;
    // Of a table that no rule looks at, and so of no effect.
    ip(&["route", "add", "default", "dev", device, "table", "1113"]);
    let refused = testbed
        .plug(cable("one", device))
        .await
        .expect_err("refused");
    assert!(refused.to_string().contains("default route"), "{refused}");
    ip(&["route", "flush", "table", "1113"]);
    lab.close().await.expect("closed");
}
