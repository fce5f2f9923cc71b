use cases::Role::{Initiator, Responder};
use etherparse::{IpFragOffset, IpHeaders, PacketBuilder};
use proptest::prelude::*;

use super::*;
use crate::sample::{BACK, OUT, capture, capture_at_ports, crossed, esp, esp_payload, udp, wan};

const MARK: &[u8; 16] = b"0123456789abcdef";

fn read(frames: impl IntoIterator<Item = Vec<u8>>) -> Wire {
    let frames: Vec<_> = frames.into_iter().map(|frame| (0, frame)).collect();
    Wire::read(&capture(&frames), MARK).unwrap()
}

fn ike_in_nat_port() -> Vec<u8> {
    udp(
        Initiator,
        [4500, 4500],
        &[&[0; 4][..], &[0x5a; 28]].concat(),
    )
}

#[test]
fn esp_is_counted_by_direction_and_spi() {
    let wire = read([
        esp(Initiator, OUT),
        esp(Responder, BACK),
        esp(Initiator, OUT),
    ]);
    let (moon, sun) = (wan(Initiator), wan(Responder));
    assert_eq!(
        wire.esp,
        [
            ((moon, sun, OUT), crossed(2)),
            ((sun, moon, BACK), crossed(1))
        ]
        .into()
    );
    assert_eq!(wire.esp_packets(moon, sun, &[OUT]), crossed(2));
    assert_eq!(wire.esp_packets(moon, sun, &[BACK]), crossed(0));
    assert_eq!(wire.esp_packets(moon, sun, &[]), crossed(0));
    assert_eq!(wire.esp_between(sun, moon), crossed(1));
    assert!(wire.ike.is_empty() && wire.clear.is_empty());
}

#[test]
fn what_was_sent_need_not_have_arrived() {
    let probe = udp(Initiator, [40_000, 7], MARK);
    let frames = [
        (0, false, esp(Initiator, OUT)),
        (1, true, esp(Initiator, OUT)),
        (2, false, esp(Initiator, OUT)),
        (3, false, udp(Responder, [500, 500], &[0x5a; 28])),
        (4, false, probe.clone()),
        (5, true, probe.clone()),
        (6, true, probe),
    ];
    let wire = Wire::read(&capture_at_ports(&frames), MARK).unwrap();
    let (moon, sun) = (wan(Initiator), wan(Responder));
    let (sent, arrived) = (2, 1);
    assert_eq!(wire.esp_between(moon, sun), Crossed { sent, arrived });
    let (sent, arrived) = (1, 0);
    assert_eq!(wire.ike, [(sun, Crossed { sent, arrived })].into());
    // What arrived once more than it was sent was on the wan as well.
    assert_eq!(wire.clear, [5, 7]);
}

#[test]
fn esp_that_was_sent_and_did_not_arrive_is_no_good_sign() {
    let way = |from: cases::Role, spi| Direction {
        source: wan(from),
        destination: wan(from.peer()),
        shared: vec![spi],
        at_sender: vec![spi],
        at_receiver: vec![spi],
    };
    let (out, back) = (way(Initiator, OUT), way(Responder, BACK));
    let mut frames = vec![
        (0, false, esp(Initiator, OUT)),
        (1, false, esp(Responder, BACK)),
        (2, true, esp(Initiator, OUT)),
    ];
    let verdict = |frames: &[(u64, bool, Vec<u8>)]| {
        let wire = Wire::read(&capture_at_ports(frames), MARK).unwrap();
        wire.observe([&out, &back]).verdict
    };
    assert_eq!(verdict(&frames), Sight::Bad);
    frames.push((3, true, esp(Responder, BACK)));
    assert_eq!(verdict(&frames), Sight::Good);
}

#[test]
fn a_packet_without_a_direction_is_an_error() {
    let mut file = capture_at_ports(&[(0, false, esp(Initiator, OUT))]);
    // The flags are the last option: four octets before the end of the options and the length.
    let flags = file.len() - 12;
    file[flags..flags + 4].fill(0);
    assert!(Wire::read(&file, MARK).is_err());
}

#[test]
fn esp_in_udp_is_esp() {
    let wire = read([udp(Initiator, [4500, 4500], &esp_payload(OUT))]);
    assert_eq!(
        wire.esp_packets(wan(Initiator), wan(Responder), &[OUT]),
        crossed(1)
    );
    assert!(wire.ike.is_empty());
}

#[test]
fn ike_is_counted_by_sender_on_either_port() {
    let wire = read([
        udp(Initiator, [500, 500], &[0x5a; 28]),
        udp(Responder, [500, 500], &[0x5a; 28]),
        ike_in_nat_port(),
        // A translator may have changed the initiator's port.
        udp(
            Responder,
            [4500, 61_001],
            &[&[0; 4][..], &[0x5a; 28]].concat(),
        ),
    ]);
    assert_eq!(
        wire.ike,
        [(wan(Initiator), crossed(2)), (wan(Responder), crossed(2))].into()
    );
    assert!(wire.esp.is_empty());
}

#[test]
fn a_keepalive_is_neither_ike_nor_esp() {
    assert_eq!(
        read([udp(Initiator, [4500, 4500], &[0xff])]),
        Wire::default()
    );
}

#[test]
fn other_traffic_counts_for_nothing() {
    assert_eq!(
        read([udp(Initiator, [53, 40_000], &[1; 64])]),
        Wire::default()
    );
}

#[test]
fn a_probe_in_clear_is_named_by_its_number_in_the_capture() {
    let probe = [&b"ikematrix probe "[..], MARK].concat();
    let wire = read([
        esp(Initiator, OUT),
        udp(Initiator, [40_000, 7], &probe),
        esp(Initiator, OUT),
        // Inside of what only looks like ESP it is no less in clear.
        udp(
            Responder,
            [4500, 4500],
            &[&esp_payload(BACK)[..], MARK].concat(),
        ),
        // What cannot be parsed is looked through as well.
        [&[0xee; 9][..], MARK].concat(),
    ]);
    // Each frame is in the capture twice, and counts where it was sent.
    assert_eq!(wire.clear, [3, 7, 9]);
}

#[test]
fn a_later_fragment_has_no_spi() {
    let mut ip =
        etherparse::Ipv4Header::new(8, 64, 50.into(), [198, 51, 100, 1], [198, 51, 100, 2])
            .unwrap();
    ip.fragment_offset = IpFragOffset::try_new(185).unwrap();
    let builder =
        PacketBuilder::ethernet2([2; 6], [4; 6]).ip(IpHeaders::Ipv4(ip, Default::default()));
    let mut frame = Vec::new();
    builder
        .write(&mut frame, 50.into(), &esp_payload(OUT))
        .unwrap();
    assert_eq!(read([frame]), Wire::default());
}

#[test]
fn ipv6_is_read_as_ipv4_is() {
    let (source, destination) = ([0xfd; 16], [0xfe; 16]);
    let ip = || PacketBuilder::ethernet2([2; 6], [4; 6]).ipv6(source, destination, 64);
    let (mut bare, mut ike) = (Vec::new(), Vec::new());
    ip().write(&mut bare, 50.into(), &esp_payload(OUT)).unwrap();
    ip().udp(500, 500).write(&mut ike, &[0x5a; 28]).unwrap();
    let wire = read([bare, ike]);
    assert_eq!(
        wire.esp_between(source.into(), destination.into()),
        crossed(1)
    );
    assert_eq!(wire.ike, [(source.into(), crossed(1))].into());
}

#[test]
fn cut_frames_are_passed_over() {
    for frame in [esp(Initiator, OUT), ike_in_nat_port()] {
        for length in 0..frame.len().min(46) {
            let wire = read([frame[..length].to_vec()]);
            assert!(wire.clear.is_empty());
        }
    }
}

#[test]
fn what_is_no_capture_is_an_error() {
    assert!(Wire::read(b"", MARK).is_err());
    assert!(Wire::read(b"not a capture, however long it may be", MARK).is_err());
}

#[test]
fn a_capture_that_breaks_off_is_an_error() {
    let whole = capture(&[(0, esp(Initiator, OUT))]);
    assert!(Wire::read(&whole, MARK).is_ok());
    assert!(Wire::read(&whole[..whole.len() - 5], MARK).is_err());
}

proptest! {
    #[test]
    fn no_frame_makes_it_panic(frame in prop::collection::vec(any::<u8>(), 0..256)) {
        read([frame]);
    }

    #[test]
    fn no_damage_to_a_frame_makes_it_panic(at in 0..60_usize, byte: u8, inside: bool) {
        let mut frame = if inside { ike_in_nat_port() } else { esp(Initiator, OUT) };
        frame[at] = byte;
        read([frame]);
    }

    #[test]
    fn no_file_makes_it_panic(file in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = Wire::read(&file, MARK);
    }

    #[test]
    fn no_damage_to_a_capture_makes_it_panic(at in 0..160_usize, byte: u8) {
        let mut file = capture(&[(0, esp(Initiator, OUT)), (1, ike_in_nat_port())]);
        file[at] = byte;
        let _ = Wire::read(&file, MARK);
    }
}
