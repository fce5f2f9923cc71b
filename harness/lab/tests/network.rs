//! The network of a testbed on this machine's own kernel: needs root, but neither ESP nor crun.
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lab::crun;
use lab::home::Home;
use lab::{
    BlockRule, Blocked, Captured, Fault, Interface, Lab, LinkSpec, NatSpec, NodeSpec, Packet,
    Probe, ProbeReport, Route, SocketSpec, Testbed,
};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::pcapng::blocks::section_header::SectionHeaderOption;
use pcap_file::pcapng::{Block, PcapNgReader};

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
    let lab: Arc<dyn Lab> = Arc::new(crun::start(home, Default::default(), None).expect("a lab"));
    let testbed = Testbed::new(lab.clone(), "t");
    for (name, network) in [("one", "203.0.113.0/26"), ("two", "203.0.113.64/26")] {
        let link = LinkSpec {
            name: name.into(),
            networks: vec![network.parse().expect("a network")],
        };
        testbed.add_link(link).await.expect("a link");
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

    async fn capture(&self, link: &str, limit: u64) {
        let comment = "a test of the network".into();
        self.testbed
            .start_capture("c", &[link], limit, comment)
            .await
            .expect("a capture");
    }

    async fn captured(&self) -> Captured {
        self.testbed.stop_capture("c").await.expect("packets")
    }

    async fn block(&self, link: &str, from: Option<&str>, traffic: Blocked) {
        let rule = BlockRule {
            from: from.map(str::to_owned),
            traffic,
        };
        self.testbed.block(link, vec![rule]).await.expect("blocked");
    }
}

/// Where packets with this content were recorded: the port, and whether they were delivered there.
fn sightings(captured: &Captured, content: &[u8]) -> Vec<(String, bool)> {
    let mut reader = PcapNgReader::new(&captured.pcapng[..]).expect("a capture");
    let (mut names, mut seen, mut last) = (Vec::new(), Vec::new(), None);
    while let Some(block) = reader.next_block() {
        let block = block.expect("a block");
        if let Block::InterfaceDescription(interface) = &block {
            names.extend(interface.options.iter().find_map(|option| {
                if let InterfaceDescriptionOption::IfName(name) = option {
                    Some(name.to_string())
                } else {
                    None
                }
            }));
        } else if let Block::EnhancedPacket(packet) = &block {
            assert!(
                last <= Some(packet.timestamp),
                "packets are in order of time"
            );
            last = Some(packet.timestamp);
            let found = packet
                .data
                .windows(content.len())
                .any(|part| part == content);
            let Some(EnhancedPacketOption::Flags(direction)) = packet.options.first() else {
                panic!("a packet without a direction");
            };
            if found {
                let name = names[packet.interface_id as usize].clone();
                seen.push((name, direction & 3 == 2));
            }
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_is_recorded_where_it_was_sent_and_where_it_was_delivered() {
    let Some(net) = net().await else { return };
    net.capture("two", 1 << 20).await;
    let report = net.probe().await;
    assert_eq!((report.sent, report.received, report.refused), (2, 2, None));
    let captured = net.captured().await;
    assert!(!captured.cut);
    for mark in ["mark one", "mark two"] {
        assert_eq!(
            sightings(&captured, mark.as_bytes()),
            [("middle-two".into(), false), ("right-two".into(), true)]
        );
    }
    let [middle, right] = &captured.ports[..] else {
        panic!("two ports: {:?}", captured.ports);
    };
    assert_eq!(
        (middle.node.as_str(), right.node.as_str()),
        ("middle", "right")
    );
    assert!(middle.sent.packets >= 2 && right.delivered.packets >= 2);
    let mut reader = PcapNgReader::new(&captured.pcapng[..]).expect("a capture");
    let options = reader.section().options.clone();
    let comment = SectionHeaderOption::Comment("a test of the network".into());
    assert!(options.contains(&comment), "{options:?}");
    assert!(reader.next_block().is_some());
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_the_link_drops_is_recorded_at_its_senders_port_only() {
    let Some(net) = net().await else { return };
    net.block("one", None, Blocked::Udp).await;
    net.capture("one", 1 << 20).await;
    assert_eq!(net.probe().await.received, 0);
    let captured = net.captured().await;
    assert_eq!(
        sightings(&captured, b"mark one"),
        [("left-one".into(), false)]
    );
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_capture_says_that_it_was_cut_and_counts_on() {
    let Some(net) = net().await else { return };
    net.capture("two", 400).await;
    net.probe().await;
    let captured = net.captured().await;
    assert!(captured.cut);
    let note = b"cut: this file holds the first";
    assert!(captured.pcapng.windows(note.len()).any(|part| part == note));
    assert!(captured.ports[0].sent.packets >= 2, "{:?}", captured.ports);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_died_is_a_fault_and_no_empty_capture() {
    let Some(net) = net().await else { return };
    net.capture("two", 1 << 20).await;
    net.testbed.fail_capture("two").await.expect("taken down");
    let fault = net.testbed.stop_capture("c").await.expect_err("it died");
    assert_eq!(fault.fault, Fault::Capture, "{fault}");
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_blocked_does_not_arrive_until_it_is_unblocked() {
    let Some(net) = net().await else { return };
    let octet = |offset, value| Blocked::Datagram(lab::Datagram { offset, value });
    for (traffic, arrive) in [
        (Blocked::Udp, 0),
        (Blocked::Esp, 2),
        (Blocked::All, 0),
        (Blocked::IpFragments, 2),
        (Blocked::UdpPort(500), 2),
        // The probes have 20 + 8 + 8 octets.
        (Blocked::LargerThan(35), 0),
        (Blocked::LargerThan(36), 2),
        // They go to another port than that of IKE.
        (octet(0, b'm'), 2),
    ] {
        net.block("one", None, traffic).await;
        assert_eq!(net.probe().await.received, arrive, "{traffic:?}");
    }
    net.testbed
        .block("one", Vec::new())
        .await
        .expect("unblocked");
    assert_eq!(net.probe().await.received, 2);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_blocked_from_one_node_passes_from_another() {
    let Some(net) = net().await else { return };
    net.block("one", Some("left"), Blocked::Udp).await;
    assert_eq!(net.probe().await.received, 0);
    net.block("one", Some("middle"), Blocked::Udp).await;
    assert_eq!(net.probe().await.received, 2);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_nat_a_packet_arrives_from_the_address_and_a_port_of_the_nat() {
    let Some(net) = net().await else { return };
    let nat = NatSpec {
        node: "middle".into(),
        inside: "one".into(),
        outside: "two".into(),
        forwards: Vec::new(),
    };
    net.testbed.translate_addresses(nat).await.expect("a NAT");
    net.capture("two", 1 << 20).await;
    // Those that arrive do not come from the address that sent them.
    assert_eq!(net.probe().await.received, 0);
    let captured = net.captured().await;
    assert_eq!(sightings(&captured, b"mark two").len(), 2);
    // An IPv4 packet's source, as it stands before its destination.
    let of = |address: [u8; 4]| [address, [203, 0, 113, 74]].concat();
    let frames = |address| sightings(&captured, &of(address)).len();
    assert_eq!(frames([203, 0, 113, 10]), 0);
    assert!(frames([203, 0, 113, 65]) >= 4);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sockets_of_a_node_are_told_with_what_nobody_took() {
    let Some(net) = net().await else { return };
    assert_eq!(net.testbed.udp_sockets("left").await.expect("a list"), []);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_go_and_come_through_open_sockets_of_udp_and_of_an_ip_protocol() {
    let Some(net) = net().await else { return };
    let address = |text: &str| text.parse().expect("an address");
    let udp = |text: &str| SocketSpec::Udp(text.parse().expect("an address and a port"));
    let esp = |text: &str| SocketSpec::Ip {
        address: address(text),
        protocol: 50,
    };
    let (left, right) = ("203.0.113.10", "203.0.113.74");
    for (near, far, peer, back) in [
        (
            udp("203.0.113.10:500"),
            udp("203.0.113.74:4500"),
            "203.0.113.74:4500",
            "203.0.113.10:500",
        ),
        (esp(left), esp(right), "203.0.113.74:0", "203.0.113.10:0"),
    ] {
        for (node, socket) in [("left", near), ("right", far)] {
            net.testbed.open_socket(node, socket).await.expect("open");
        }
        let packet = |socket, peer: &str, bytes: &[u8]| Packet {
            socket,
            peer: peer.parse().expect("an address and a port"),
            bytes: bytes.to_vec(),
        };
        let out = packet(near, peer, b"\0\0\x01\x02 ping");
        let arrived = net.testbed.exchange("left", vec![out], 0).await;
        assert_eq!(arrived.expect("sent").packets, []);
        let arrived = net.testbed.exchange("right", vec![], 5_000).await;
        let expected = packet(far, back, b"\0\0\x01\x02 ping");
        assert_eq!(arrived.expect("received").packets, [expected]);
    }
    let stray = Packet {
        socket: udp("203.0.113.10:501"),
        peer: "203.0.113.74:500".parse().expect("an address and a port"),
        bytes: vec![],
    };
    let fault = net.testbed.exchange("left", vec![stray], 0).await;
    assert_eq!(fault.expect_err("not open").fault, Fault::Harness);
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_flooded_keeps_a_bounded_amount_and_counts_the_rest() {
    let Some(net) = net().await else { return };
    let near = SocketSpec::Udp("203.0.113.10:500".parse().expect("an address"));
    let far = SocketSpec::Udp("203.0.113.74:500".parse().expect("an address"));
    for (node, socket) in [("left", near), ("right", far)] {
        net.testbed.open_socket(node, socket).await.expect("open");
    }
    let flood = vec![
        Packet {
            socket: near,
            peer: "203.0.113.74:500".parse().expect("an address"),
            bytes: vec![7; 60_000],
        };
        50
    ];
    let (mut octets, mut lost) = (0, 0);
    for _ in 0..4 {
        let sent = net.testbed.exchange("left", flood.clone(), 0).await;
        sent.expect("sent");
    }
    // What was lost is known only when something came after it; the socket itself may lose some.
    for _ in 0..4 {
        let arrived = net.testbed.exchange("right", vec![], 500).await;
        let arrived = arrived.expect("received");
        let held: usize = arrived.packets.iter().map(|one| one.bytes.len()).sum();
        assert!(held <= 4 * 1024 * 1024, "{held} octets");
        octets += held;
        lost += arrived.lost;
    }
    assert!(
        octets > 0 && octets <= 200 * 60_000,
        "{octets}, {lost} lost"
    );
    net.lab.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sa_means_that_none_can_be_changed() {
    let Some(net) = net().await else { return };
    let address = "203.0.113.10".parse().expect("an address");
    net.testbed.flush_sas("left").await.expect("none is there");
    for changed in [
        net.testbed.set_sequence("left", address, 0).await,
        net.testbed.corrupt_keys("left", address).await,
    ] {
        assert_eq!(changed.expect_err("no SA").fault, Fault::Kernel);
    }
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
