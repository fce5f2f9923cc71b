//! Captures that are made here, of messages that are well formed.

use std::borrow::Cow;
use std::time::Duration;

use ikev2::Message;
use ikev2::message::{Body, Notify, Payload, Proposal, SecurityAssociation, Transform};
use ikev2::numbers::{ExchangeType, NotifyType, Protocol, TransformType};
use ikev2::wire::Flags;
use pcap_file::DataLink;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::{PcapNgBlock, PcapNgWriter};

pub(crate) const MOON: [u8; 4] = [198, 51, 100, 1];
pub(crate) const SUN: [u8; 4] = [198, 51, 100, 2];

/// A capture of two interfaces: at each end of the path.
pub(crate) struct Wan {
    writer: PcapNgWriter<Vec<u8>>,
}

impl Wan {
    pub(crate) fn new(comment: &'static str, interfaces: &[&'static str]) -> Self {
        let section = SectionHeaderBlock {
            options: vec![SectionHeaderOption::Comment(Cow::Borrowed(comment))],
            ..SectionHeaderBlock::default()
        };
        let mut writer = PcapNgWriter::with_section_header(Vec::new(), section).unwrap();
        for name in interfaces {
            let mut interface = InterfaceDescriptionBlock::new(DataLink::ETHERNET, 0);
            interface.options = vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed(name)),
                InterfaceDescriptionOption::IfTsResol(9),
            ];
            writer.write_block(&interface.into_block()).unwrap();
        }
        Self { writer }
    }

    pub(crate) fn record(&mut self, interface: u32, millis: u64, frame: &[u8]) {
        let packet = EnhancedPacketBlock {
            interface_id: interface,
            timestamp: Duration::from_millis(millis),
            original_len: u32::try_from(frame.len()).unwrap(),
            data: Cow::Borrowed(frame),
            options: Vec::new(),
        };
        self.writer.write_block(&packet.into_block()).unwrap();
    }

    pub(crate) fn file(self) -> Vec<u8> {
        self.writer.into_inner()
    }
}

/// A message with one notification.
pub(crate) fn message(spi: u64, id: u32, response: bool) -> Vec<u8> {
    let mut message = Message::default();
    message.header.initiator_spi = spi;
    message.header.responder_spi = 2;
    message.header.exchange = ExchangeType::INFORMATIONAL;
    message.header.message_id = id;
    message.header.flags = if response {
        Flags::RESPONSE
    } else {
        Flags::INITIATOR
    };
    let notify = Notify::new(NotifyType::INITIAL_CONTACT, Vec::new());
    message.payloads = vec![Payload::new(Body::Notify(notify))];
    message.emit()
}

/// A message with as many parts as there is room for in 800 octets.
pub(crate) fn crowded(spi: u64, id: u32) -> Vec<u8> {
    let mut message = Message::default();
    message.header.initiator_spi = spi;
    message.header.exchange = ExchangeType::CREATE_CHILD_SA;
    message.header.message_id = id;
    message.header.flags = Flags::INITIATOR;
    let transform = Transform {
        kind: TransformType::PRF,
        id: 5,
        ..Transform::default()
    };
    let proposal = Proposal {
        protocol: Protocol::ESP,
        spi: vec![1; 4],
        transforms: vec![transform; 20],
        ..Proposal::default()
    };
    let proposals = vec![proposal; 2];
    let mut payloads = vec![Payload::new(Body::Sa(SecurityAssociation { proposals }))];
    for _ in 0..40 {
        let notify = Notify::new(NotifyType(40_999), Vec::new());
        payloads.push(Payload::new(Body::Notify(notify)));
    }
    message.payloads = payloads;
    message.emit()
}

pub(crate) fn udp(from: [u8; 4], to: [u8; 4], port: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4(from, to, 64)
        .udp(port, port)
        .write(&mut packet, payload)
        .unwrap();
    packet
}

pub(crate) fn esp(from: [u8; 4], to: [u8; 4], spi: u32, sequence: u32, octets: usize) -> Vec<u8> {
    let mut payload = spi.to_be_bytes().to_vec();
    payload.extend(sequence.to_be_bytes());
    // As an initialization vector does, it differs from packet to packet.
    payload.extend(sequence.wrapping_mul(0x9e37_79b9).to_be_bytes());
    payload.resize(octets, 0x5a);
    let length = u16::try_from(payload.len()).unwrap();
    let header = etherparse::Ipv4Header::new(length, 64, etherparse::IpNumber(50), from, to);
    let mut packet = [2_u8; 14].to_vec();
    packet[12..].copy_from_slice(&[8, 0]);
    header.unwrap().write(&mut packet).unwrap();
    packet.extend(payload);
    packet
}
