//! Real profiles and cases, a tunnel that works, and packets, for the tests of several modules.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use cases::Role;
use etherparse::PacketBuilder;
use lab::KernelSa;
use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};

use crate::engine::router::ControlState;
use crate::engine::topology::Site;
use crate::judge::wire::{Crossed, Wire};
use crate::judge::{Ends, Sightings, Traffic};
use crate::plan::{Pair, Plan, PlannedCell};
use crate::project::Project;

/// SPIs of the sample tunnel: from the initiator, and to it.
pub(crate) const OUT: u32 = 0xc000_0001;
pub(crate) const BACK: u32 = 0xc000_0002;

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

pub(crate) fn project() -> Project {
    Project::load(Some(root())).unwrap()
}

/// The core case on one pairing.
pub(crate) fn planned(initiator: &str, responder: &str) -> PlannedCell {
    let project = project();
    let pair = Pair {
        initiator: initiator.into(),
        responder: responder.into(),
    };
    let profiles = [initiator, responder].map(String::from);
    let profiles = project.select_profiles(&profiles).unwrap();
    let mut plan = Plan::new(
        profiles,
        vec![project.case("auth.psk").unwrap()],
        project.certificates().clone(),
        Some(&[pair]),
    );
    plan.cells.remove(0)
}

/// What the observers see of a tunnel that works.
pub(crate) fn working() -> Sightings {
    let control = ControlState {
        running: true,
        silent: false,
        answered: true,
        ike_established: true,
        child_installed: true,
        stopped: Vec::new(),
        sockets: Vec::new(),
        text: String::new(),
    };
    let traffic = Traffic {
        sent: 3,
        received: 3,
        rounds: 1,
        refused: None,
    };
    let (moon, sun) = (wan(Role::Initiator), wan(Role::Responder));
    let sas = vec![sa(OUT, moon, sun), sa(BACK, sun, moon)];
    Sightings {
        control: both(&control),
        sas: both(&sas),
        traffic: both(&traffic),
        not_rekeyed: Vec::new(),
        sites: Ends {
            initiator: Site::of(Role::Initiator),
            responder: Site::of(Role::Responder),
        },
        closed: Ends::default(),
        wire: Wire {
            esp: [
                ((moon, sun, OUT), crossed(3)),
                ((sun, moon, BACK), crossed(3)),
            ]
            .into(),
            ike: [(moon, crossed(2)), (sun, crossed(2))].into(),
            last_ike: [(moon, 3), (sun, 4)].into(),
            fragments: [].into(),
            clear: Vec::new(),
        },
    }
}

/// What they see when the negotiation failed after an exchange of messages.
pub(crate) fn no_tunnel() -> Sightings {
    let mut seen = working();
    for control in [&mut seen.control.initiator, &mut seen.control.responder] {
        (control.ike_established, control.child_installed) = (false, false);
    }
    seen.sas = Ends::default();
    seen.wire.esp.clear();
    for traffic in [&mut seen.traffic.initiator, &mut seen.traffic.responder] {
        (traffic.received, traffic.rounds) = (0, 2);
    }
    seen
}

/// So many packets that were sent and have arrived.
pub(crate) fn crossed(packets: u64) -> Crossed {
    Crossed {
        sent: packets,
        arrived: packets,
    }
}

fn both<T: Clone>(one: &T) -> Ends<T> {
    Ends {
        initiator: one.clone(),
        responder: one.clone(),
    }
}

pub(crate) fn wan(role: Role) -> IpAddr {
    Site::of(role).wan_address()
}

pub(crate) fn sa(spi: u32, source: IpAddr, destination: IpAddr) -> KernelSa {
    KernelSa {
        spi,
        source,
        destination,
        protocol: 50,
        tunnel: true,
        algorithms: vec!["cbc(aes)".into(), "hmac(sha256)".into()],
        keys: Default::default(),
        esn: false,
        encapsulation: None,
        packets: 3,
        dropped: Default::default(),
    }
}

/// An Ethernet frame of a UDP datagram.
pub(crate) fn udp(from: Role, ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let (source, destination) = addresses(from);
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4(source.octets(), destination.octets(), 64)
        .udp(ports[0], ports[1]);
    let mut frame = Vec::new();
    builder.write(&mut frame, payload).unwrap();
    frame
}

/// An Ethernet frame of an ESP packet.
pub(crate) fn esp(from: Role, spi: u32) -> Vec<u8> {
    let (source, destination) = addresses(from);
    let builder =
        PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(source.octets(), destination.octets(), 64);
    let mut frame = Vec::new();
    builder
        .write(&mut frame, 50.into(), &esp_payload(spi))
        .unwrap();
    frame
}

/// SPI, sequence number and something encrypted (RFC 4303, section 2).
pub(crate) fn esp_payload(spi: u32) -> Vec<u8> {
    [&spi.to_be_bytes()[..], &[0, 0, 0, 1], &[0xa5; 64]].concat()
}

fn addresses(from: Role) -> (Ipv4Addr, Ipv4Addr) {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (wan(from), wan(from.peer())) else {
        unreachable!("the wan has IPv4 addresses");
    };
    (source, destination)
}

/// A capture as the lab writes it, of frames with their times in milliseconds: all were sent, and
/// all have arrived.
pub(crate) fn capture(frames: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let both = |(millis, frame): &(u64, Vec<u8>)| {
        [
            (*millis, false, frame.clone()),
            (*millis, true, frame.clone()),
        ]
    };
    capture_at_ports(&frames.iter().flat_map(both).collect::<Vec<_>>())
}

/// A capture of frames that were sent or, with `true`, delivered. Which port is behind which node
/// does not matter to who reads the directions.
pub(crate) fn capture_at_ports(frames: &[(u64, bool, Vec<u8>)]) -> Vec<u8> {
    let mut file = PcapNgWriter::new(Vec::new()).unwrap();
    for port in ["moon-wan", "sun-wan"] {
        file.write_pcapng_block(InterfaceDescriptionBlock {
            linktype: DataLink::ETHERNET,
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::IfName(port.into()),
                InterfaceDescriptionOption::IfTsResol(9),
            ],
        })
        .unwrap();
    }
    for (millis, delivered, frame) in frames {
        file.write_pcapng_block(EnhancedPacketBlock {
            interface_id: u32::from(*delivered),
            timestamp: Duration::from_millis(*millis),
            original_len: frame.len().try_into().unwrap(),
            data: frame.into(),
            options: vec![EnhancedPacketOption::Flags(if *delivered { 2 } else { 1 })],
        })
        .unwrap();
    }
    file.into_inner()
}
