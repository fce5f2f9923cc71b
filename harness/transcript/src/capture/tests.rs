use std::borrow::Cow;
use std::io::{self, Read};
use std::time::Duration;

use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::{PcapNgBlock, PcapNgWriter};
use pcap_file::{DataLink, Endianness, TsResolution};
use proptest::prelude::*;

use super::*;

/// A frame's number, time, interface and data.
type Seen = (u64, i64, usize, Vec<u8>);

/// Everything that a file holds, and why it ends before its end.
fn frames(file: &[u8]) -> (Vec<Seen>, Option<String>) {
    let mut reader = Reader::new(file).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push((
            frame.number,
            frame.time,
            frame.interface,
            frame.data.to_vec(),
        ));
    }
    (frames, reader.damage().map(ToOwned::to_owned))
}

fn pcap(endianness: Endianness, resolution: TsResolution, packets: &[&[u8]]) -> Vec<u8> {
    let header = PcapHeader {
        endianness,
        ts_resolution: resolution,
        datalink: DataLink::ETHERNET,
        ..PcapHeader::default()
    };
    let mut writer = PcapWriter::with_header(Vec::new(), header).unwrap();
    for (seconds, packet) in (1_u64..).zip(packets) {
        let length = u32::try_from(packet.len()).unwrap();
        let time = Duration::new(seconds, 5_000);
        writer
            .write_packet(&PcapPacket::new(time, length, packet))
            .unwrap();
    }
    writer.into_writer()
}

fn pcapng(endianness: Endianness, resolution: Option<u8>, packets: &[(u32, &[u8])]) -> Vec<u8> {
    let section = SectionHeaderBlock {
        endianness,
        options: vec![SectionHeaderOption::Comment(Cow::Borrowed(
            "made \u{1b}by a test",
        ))],
        ..SectionHeaderBlock::default()
    };
    let mut writer = PcapNgWriter::with_section_header(Vec::new(), section).unwrap();
    for name in ["moon-wan", "sun-wan"] {
        let mut interface = InterfaceDescriptionBlock::new(DataLink::ETHERNET, 0);
        interface.options = vec![InterfaceDescriptionOption::IfName(Cow::Borrowed(name))];
        let resolution = resolution.map(InterfaceDescriptionOption::IfTsResol);
        interface.options.extend(resolution);
        writer.write_block(&interface.into_block()).unwrap();
    }
    for (ticks, (interface_id, data)) in (1_u64..).zip(packets) {
        let packet = EnhancedPacketBlock {
            interface_id: *interface_id,
            timestamp: Duration::from_nanos(ticks),
            original_len: u32::try_from(data.len()).unwrap(),
            data: Cow::Borrowed(data),
            options: Vec::new(),
        };
        writer.write_block(&packet.into_block()).unwrap();
    }
    writer.into_inner()
}

#[test]
fn a_pcap_file_is_read_in_either_byte_order_and_unit_of_time() {
    for endianness in [Endianness::Big, Endianness::Little] {
        for resolution in [TsResolution::MicroSecond, TsResolution::NanoSecond] {
            let (frames, damage) = frames(&pcap(endianness, resolution, &[b"one", b"", b"three"]));
            assert_eq!(
                frames,
                [
                    (1, 1_000_005_000, 0, b"one".to_vec()),
                    (2, 2_000_005_000, 0, Vec::new()),
                    (3, 3_000_005_000, 0, b"three".to_vec()),
                ]
            );
            assert_eq!(damage, None);
        }
    }
}

#[test]
fn a_pcapng_file_is_read_with_its_interfaces_and_its_comment() {
    for endianness in [Endianness::Big, Endianness::Little] {
        let file = pcapng(
            endianness,
            Some(9),
            &[(0, b"sent"), (1, b"sent"), (1, b"x")],
        );
        let (frames, damage) = frames(&file);
        assert_eq!(
            frames,
            [
                (1, 1, 0, b"sent".to_vec()),
                (2, 2, 1, b"sent".to_vec()),
                (3, 3, 1, b"x".to_vec()),
            ]
        );
        assert_eq!(damage, None);
        let mut reader = Reader::new(file.as_slice()).unwrap();
        while reader.next_frame().unwrap().is_some() {}
        assert_eq!(reader.interfaces(), ["moon-wan", "sun-wan"]);
        assert_eq!(reader.comment(), Some(r"made \u{1b}by a test"));
    }
}

#[test]
fn the_unit_of_time_is_that_of_the_interface() {
    // Without the option it is a microsecond; 0x8a stands for 2^-10 seconds.
    for (resolution, time) in [
        (None, 1_000),
        (Some(3), 1_000_000),
        (Some(9), 1),
        (Some(0x8a), 976_562),
        (Some(12), 0),
        (Some(0xff), 0),
        (Some(0x7f), 0),
    ] {
        let (frames, _) = frames(&pcapng(Endianness::Little, resolution, &[(0, b"x")]));
        assert_eq!(frames[0].1, time, "{resolution:?}");
    }
}

#[test]
fn what_comes_before_damage_is_used() {
    let whole = pcapng(Endianness::Little, Some(9), &[(0, b"one"), (0, b"two")]);
    for cut in 1..40 {
        let (frames, damage) = frames(&whole[..whole.len() - cut]);
        let expected = usize::from(cut <= 36);
        assert_eq!(frames.len(), expected, "{cut}");
        assert_eq!(damage.is_some(), cut != 36, "{cut}: {damage:?}");
    }
    let mut other = whole;
    let interface = other.len() - 36 + 8;
    other[interface] = 7;
    let (frames, damage) = frames(&other);
    assert_eq!(frames.len(), 1);
    assert_eq!(
        damage.as_deref(),
        Some("a packet of interface 7, which was not described")
    );
}

#[test]
fn what_is_no_capture_says_what_it_is() {
    for (file, words) in [
        (&b""[..], "empty"),
        (b"\x1f\x8b\x08\x00", "gunzip"),
        (b"PK\x03\x04", "ZIP"),
        (b"some words", "text"),
        (b"-----BEGIN CERTIFICATE-----", "PEM"),
        (b"\x30\x82\x01\x00", "DER"),
        (b"\xff\xff\xff\xff", "another form"),
        (b"\x00", "another form"),
        (b"\xd4\xc3\xb2\xa1\x02", "cut in its header"),
        (b"\x0a\x0d\x0d\x0a\x00\x00", "first block is damaged"),
    ] {
        let error = Reader::new(file).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(words), "{file:02x?}: {error}");
    }
}

/// A file that breaks while it is read.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_not_its_end() {
    let begun = pcap(Endianness::Little, TsResolution::MicroSecond, &[b"one"]);
    let mut reader = Reader::new(begun.as_slice().chain(Broken)).unwrap();
    assert!(reader.next_frame().unwrap().is_some());
    assert!(matches!(reader.next_frame(), Err(Error::Io(_))));
}

#[test]
fn every_link_type_leads_to_the_ip_packet() {
    let ip = [0x45, 0, 0, 20, 1, 2, 3];
    let with = |head: &[u8]| [head, &ip].concat();
    let mac = [0_u8; 12];
    let ethernet = |types: &[u8]| with(&[&mac[..], types].concat());
    for (link, frame) in [
        (1, ethernet(&[8, 0])),
        (1, ethernet(&[0x81, 0, 0, 5, 8, 0])),
        (1, ethernet(&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0])),
        (1, ethernet(&[0x88, 0x64, 0x11, 0, 0, 1, 0, 9, 0, 0x21])),
        (113, with(&[&[0_u8; 14][..], &[8, 0]].concat())),
        (276, with(&[&[8, 0][..], &[0; 18]].concat())),
        (101, with(&[])),
        (12, with(&[])),
        (228, with(&[])),
        (0, with(&[2, 0, 0, 0])),
        (108, with(&[0, 0, 0, 2])),
    ] {
        assert_eq!(
            carried(link, &frame),
            Carried::Ip(&ip),
            "{link} {frame:02x?}"
        );
    }
    assert_eq!(carried(1, &ethernet(&[8, 6])), Carried::Other);
    assert_eq!(carried(1, &[0; 5]), Carried::Other);
    assert_eq!(carried(9, &ip), Carried::UnknownLink);
}

fn ip_fragment(id: u32, offset: usize, more: bool, payload: &[u8]) -> (Ip<'_>, Fragment) {
    let fragment = Fragment { id, offset, more };
    let ip = Ip {
        source: [192, 0, 2, 1].into(),
        destination: [192, 0, 2, 2].into(),
        protocol: UDP,
        payload,
        cut: false,
        fragment: Some(fragment),
    };
    (ip, fragment)
}

#[test]
fn fragments_are_put_together_in_any_order() {
    let parts = [
        (0, true, &b"01234567"[..]),
        (8, true, b"89abcdef"),
        (16, false, b"end"),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let mut defragmenter = Defragmenter::default();
        for (at, position) in order.iter().enumerate() {
            let (offset, more, payload) = parts[*position];
            let (ip, fragment) = ip_fragment(7, offset, more, payload);
            // Each comes twice; the second time changes nothing as long as some are missing.
            let (outcome, given_up) = defragmenter.add(0, 0, &ip, fragment);
            assert_eq!(given_up, 0);
            if at < 2 {
                assert_eq!(outcome, Outcome::Waiting);
                assert_eq!(defragmenter.add(0, 0, &ip, fragment).0, Outcome::Waiting);
                continue;
            }
            let Outcome::Whole(whole) = outcome else {
                panic!("{order:?}: {outcome:?}");
            };
            assert_eq!(whole.payload, b"0123456789abcdefend");
            assert_eq!(whole.fragments, 3);
        }
        assert_eq!(defragmenter.incomplete().count(), 0);
    }
}

#[test]
fn fragments_that_overlap_or_go_too_far_are_refused() {
    for (first, second) in [
        (
            (0, true, &b"0123456789abcdef"[..]),
            (8, true, &b"xxxxxxxx"[..]),
        ),
        ((8, true, b"89abcdef"), (0, true, b"0123456789abcdef")),
        ((0, true, b"01234567"), (0, true, b"0123456x")),
        ((8, false, b"end"), (16, true, b"01234567")),
        ((8, false, b"end"), (16, false, b"01234567")),
    ] {
        let mut defragmenter = Defragmenter::default();
        let (ip, fragment) = ip_fragment(7, first.0, first.1, first.2);
        assert_eq!(defragmenter.add(0, 0, &ip, fragment).0, Outcome::Waiting);
        let (ip, fragment) = ip_fragment(7, second.0, second.1, second.2);
        assert_eq!(
            defragmenter.add(0, 0, &ip, fragment).0,
            Outcome::Contradiction
        );
    }
    let mut defragmenter = Defragmenter::default();
    let (ip, fragment) = ip_fragment(7, 65_528, false, b"0123456789");
    assert_eq!(
        defragmenter.add(0, 0, &ip, fragment).0,
        Outcome::Contradiction
    );
}

#[test]
fn no_more_packets_than_the_limit_are_open_at_once() {
    let mut defragmenter = Defragmenter::default();
    let mut given_up = 0;
    for id in 0..1_000 {
        let (ip, fragment) = ip_fragment(id, 0, true, b"01234567");
        given_up += defragmenter.add(0, i64::from(id), &ip, fragment).1;
    }
    assert_eq!(defragmenter.incomplete().count(), 64);
    assert_eq!(given_up, 1_000 - 64);
}

proptest! {
    #[test]
    fn any_octets_behind_a_header_are_read_to_an_end(
        tail in prop::collection::vec(any::<u8>(), 0..2_000),
        ng in any::<bool>(),
    ) {
        let mut file = if ng {
            pcapng(Endianness::Little, None, &[(0, b"x")])
        } else {
            pcap(Endianness::Big, TsResolution::MicroSecond, &[b"x"])
        };
        file.extend(tail);
        frames(&file);
    }

    #[test]
    fn a_changed_octet_never_breaks_the_reader(at in 0_usize..400, to in any::<u8>()) {
        let mut file = pcapng(Endianness::Big, Some(6), &[(0, b"sent"), (1, b"arrived")]);
        let at = at % file.len();
        file[at] = to;
        if let Ok(mut reader) = Reader::new(file.as_slice()) {
            while let Ok(Some(frame)) = reader.next_frame() {
                if let Carried::Ip(octets) = carried(frame.link, frame.data) {
                    let _ = Ip::of(octets);
                }
            }
        }
    }
}
