//! What a capture at both ends of a path tells of arrivals.

use transcript::Options;

use super::made::{MOON, SUN, Wan, esp, message, udp};
use super::*;

const LAB: &str = "ikematrix test.arrival/a:b";
const ENDS: [&str; 2] = ["moon-wan", "sun-wan"];

fn read(wan: Wan) -> Transcript {
    transcript::read(wan.file().as_slice(), &Options::default()).unwrap()
}

fn arrivals(transcript: &Transcript, message: usize) -> Vec<Arrival> {
    let sent = &transcript.messages[message].transmissions;
    sent.iter().map(|sent| sent.arrival).collect()
}

#[test]
fn what_is_recorded_at_both_ends_has_arrived() {
    let mut wan = Wan::new(LAB, &ENDS);
    let request = udp(MOON, SUN, 500, &message(1, 0, false));
    let response = udp(SUN, MOON, 500, &message(1, 0, true));
    wan.record(0, 0, &request);
    wan.record(1, 0, &request);
    wan.record(1, 5, &response);
    wan.record(0, 5, &response);
    let transcript = read(wan);
    assert_eq!(transcript.messages.len(), 2);
    assert_eq!(arrivals(&transcript, 0), [Arrival::Arrived { packet: 2 }]);
    assert_eq!(arrivals(&transcript, 1), [Arrival::Arrived { packet: 4 }]);
    assert_eq!(transcript.messages[0].retransmissions(), 0);
    assert_eq!(transcript.messages[0].arrived(), Some(true));
}

#[test]
fn of_retransmissions_each_one_is_told_for_itself() {
    let mut wan = Wan::new(LAB, &ENDS);
    let request = udp(MOON, SUN, 500, &message(1, 0, false));
    wan.record(0, 0, &request);
    wan.record(0, 3_000, &request);
    wan.record(1, 3_001, &request);
    wan.record(0, 8_000, &request);
    let transcript = read(wan);
    assert_eq!(
        arrivals(&transcript, 0),
        [Arrival::Lost, Arrival::Arrived { packet: 3 }, Arrival::Lost]
    );
    assert_eq!(transcript.messages[0].retransmissions(), 2);
}

#[test]
fn when_nothing_arrives_the_labs_capture_says_so() {
    let mut wan = Wan::new(LAB, &ENDS);
    let request = udp(MOON, SUN, 500, &message(1, 0, false));
    wan.record(0, 0, &request);
    wan.record(0, 3_000, &request);
    let transcript = read(wan);
    assert_eq!(arrivals(&transcript, 0), [Arrival::Lost, Arrival::Lost]);
    assert_eq!(transcript.messages[0].arrived(), Some(false));
}

#[test]
fn two_interfaces_of_anybodys_capture_need_not_be_both_ends() {
    let mut wan = Wan::new("by hand", &["eth0", "eth1"]);
    wan.record(0, 0, &udp(MOON, SUN, 500, &message(1, 0, false)));
    let transcript = read(wan);
    assert_eq!(arrivals(&transcript, 0), [Arrival::Unknown]);
}

#[test]
fn what_two_interfaces_of_one_router_record_has_not_arrived_anywhere() {
    // A bridge and its port.
    let mut wan = Wan::new("by hand", &["br-wan", "eth1"]);
    let request = udp(MOON, SUN, 500, &message(1, 0, false));
    let packet = esp(MOON, SUN, 7, 1, 100);
    for interface in [0, 1] {
        wan.record(interface, 0, &request);
        wan.record(interface, 1, &packet);
    }
    wan.record(0, 2, &udp(SUN, MOON, 500, &message(1, 0, true)));
    let transcript = read(wan);
    assert!(!transcript.tells_arrival());
    assert_eq!(arrivals(&transcript, 0), [Arrival::Unknown]);
    assert_eq!(arrivals(&transcript, 1), [Arrival::Unknown]);
    let flow = &transcript.esp[0];
    assert_eq!((flow.packets, flow.arrived), (1, None));
}

#[test]
fn a_message_with_the_wrong_marker_for_its_port_is_noted_and_is_no_ike() {
    let mut wan = Wan::new("by hand", &["wan"]);
    let octets = message(u64::MAX, 0, false);
    wan.record(0, 0, &udp(MOON, SUN, 4500, &octets));
    let marked = [&[0; 4][..], &octets].concat();
    wan.record(0, 1, &udp(MOON, SUN, 500, &marked));
    let transcript = read(wan);
    assert_eq!((transcript.messages.len(), transcript.esp.len()), (0, 0));
    let note = |port| Note::WrongMarker { port, datagrams: 1 };
    assert_eq!(transcript.notes, [note(4500), note(500)]);
}

#[test]
fn a_packet_that_is_delivered_twice_was_sent_once() {
    let mut wan = Wan::new(LAB, &ENDS);
    let request = udp(MOON, SUN, 500, &message(1, 0, false));
    wan.record(0, 0, &request);
    wan.record(1, 1, &request);
    wan.record(1, 2, &request);
    let packet = esp(MOON, SUN, 7, 1, 100);
    wan.record(0, 3, &packet);
    wan.record(1, 4, &packet);
    wan.record(1, 5, &packet);
    let transcript = read(wan);
    assert_eq!(arrivals(&transcript, 0), [Arrival::Arrived { packet: 2 }]);
    let flow = &transcript.esp[0];
    assert_eq!((flow.packets, flow.arrived, flow.repeated), (1, Some(1), 0));
}

#[test]
fn a_translator_on_the_way_changes_addresses_and_not_the_message() {
    const OUTSIDE: [u8; 4] = [198, 51, 100, 9];
    let mut wan = Wan::new(LAB, &["moon-wan", "sun-wan"]);
    let octets = message(1, 0, false);
    let marked = [&[0; 4][..], &octets].concat();
    wan.record(0, 0, &udp(MOON, SUN, 4500, &marked));
    wan.record(1, 1, &udp(OUTSIDE, SUN, 4500, &marked));
    let transcript = read(wan);
    assert_eq!(transcript.messages.len(), 1);
    assert_eq!(arrivals(&transcript, 0), [Arrival::Arrived { packet: 2 }]);
}

#[test]
fn esp_is_counted_as_sent_and_as_arrived() {
    let mut wan = Wan::new(LAB, &ENDS);
    for sequence in 1..=10_u32 {
        let packet = esp(MOON, SUN, 0xc0ff_ee01, sequence, 100);
        let millis = u64::from(sequence) * 10;
        wan.record(0, millis, &packet);
        if sequence % 2 == 0 {
            wan.record(1, millis + 1, &packet);
        }
    }
    let transcript = read(wan);
    let flow = &transcript.esp[0];
    assert_eq!(flow.spi, "c0ffee01");
    assert_eq!((flow.packets, flow.arrived), (10, Some(5)));
    assert_eq!(
        (flow.sequence_min, flow.sequence_max, flow.repeated),
        (1, 10, 0)
    );
}

#[test]
fn a_sequence_number_that_comes_again_is_counted() {
    let mut wan = Wan::new(LAB, &["wan"]);
    for sequence in [1, 2, 3, 5, 4, 3, 1, 2, 400, 3] {
        wan.record(0, 0, &esp(MOON, SUN, 7, sequence, 60));
    }
    assert_eq!(read(wan).esp[0].repeated, 4);
}

#[test]
fn keepalives_and_other_datagrams_are_no_messages() {
    let mut wan = Wan::new("by hand", &["wan"]);
    wan.record(0, 0, &udp(MOON, SUN, 4500, &[0xff]));
    wan.record(0, 1, &udp(MOON, SUN, 53, &message(1, 0, false)));
    wan.record(0, 2, &udp(MOON, SUN, 500, b"short"));
    wan.record(0, 3, &udp(MOON, SUN, 4500, &[0, 0, 0, 5, 0, 0, 0, 1, 9, 9]));
    let transcript = read(wan);
    assert_eq!(transcript.messages, []);
    assert_eq!(transcript.notes, [Note::NotIke { datagrams: 1 }]);
    assert!(transcript.esp[0].in_udp);
    let keepalives = &transcript.nat_keepalives[0];
    assert_eq!((keepalives.source.port(), keepalives.packets), (4500, 1));
}
