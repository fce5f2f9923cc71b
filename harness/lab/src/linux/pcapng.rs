//! The file of a capture: one interface per port, and at each packet its direction.

use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::interface_statistics::{
    InterfaceStatisticsBlock, InterfaceStatisticsOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness, PcapError};

use super::capture::Frame;
use crate::operation::PortCount;

/// The direction in an Enhanced Packet Block's flags, by the port: what comes in there was sent by
/// the node behind it.
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

pub(super) struct Writer {
    file: PcapNgWriter<Vec<u8>>,
    packets: u64,
}

/// Why packets are missing at the end of a file.
#[derive(Clone, Copy)]
pub(super) struct Note {
    /// How many packets are in it.
    pub(super) packets: u64,
    /// How many the kernel had no room for.
    pub(super) lost: u64,
}

impl Writer {
    pub(super) fn start<'a>(
        interfaces: impl Iterator<Item = &'a str>,
        comment: &str,
    ) -> Result<Self, String> {
        let section = SectionHeaderBlock {
            options: vec![
                SectionHeaderOption::Comment(comment.to_owned().into()),
                SectionHeaderOption::UserApplication(
                    concat!("ikematrix ", env!("CARGO_PKG_VERSION")).into(),
                ),
            ],
            endianness: Endianness::native(),
            ..SectionHeaderBlock::default()
        };
        let mut file = PcapNgWriter::with_section_header(Vec::new(), section).map_err(text)?;
        for interface in interfaces {
            file.write_pcapng_block(InterfaceDescriptionBlock {
                linktype: DataLink::ETHERNET,
                snaplen: 0,
                options: vec![
                    InterfaceDescriptionOption::IfName(interface.into()),
                    // Timestamps count nanoseconds: 10 to the power of -9.
                    InterfaceDescriptionOption::IfTsResol(9),
                ],
            })
            .map_err(text)?;
        }
        Ok(Self { file, packets: 0 })
    }

    pub(super) fn length(&self) -> u64 {
        self.file.get_ref().len() as u64
    }

    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    pub(super) fn write(&mut self, frame: &Frame) -> Result<(), String> {
        let direction = if frame.delivered { OUTBOUND } else { INBOUND };
        self.file
            .write_pcapng_block(EnhancedPacketBlock {
                interface_id: u32::try_from(frame.port).unwrap_or(u32::MAX),
                timestamp: frame.time,
                original_len: u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX),
                data: frame.bytes.as_slice().into(),
                options: vec![EnhancedPacketOption::Flags(direction)],
            })
            .map_err(text)?;
        self.packets += 1;
        Ok(())
    }

    /// The end of the file, and all before it that was not taken; with a note when packets are missing in it.
    pub(super) fn finish(
        &mut self,
        ports: &[PortCount],
        note: Option<Note>,
    ) -> Result<Vec<u8>, String> {
        for (number, port) in (0..).zip(ports) {
            let crossed = port.sent.packets + port.delivered.packets;
            let mut options = vec![InterfaceStatisticsOption::IsbIfRecv(crossed)];
            if let Some(note) = note {
                options.push(InterfaceStatisticsOption::Comment(
                    format!(
                        "cut: this file holds the first {} packets of all ports; {} sent {} packets \
                         of {} octets and got {} packets of {} octets; {} packets found no room in \
                         the kernel",
                        note.packets,
                        port.node,
                        port.sent.packets,
                        port.sent.bytes,
                        port.delivered.packets,
                        port.delivered.bytes,
                        note.lost,
                    )
                    .into(),
                ));
            }
            self.file
                .write_pcapng_block(InterfaceStatisticsBlock {
                    interface_id: number,
                    timestamp: 0,
                    options,
                })
                .map_err(text)?;
        }
        Ok(self.take())
    }

    /// What was written and not taken yet.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.file.get_mut())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn text(error: PcapError) -> String {
    error.to_string()
}
