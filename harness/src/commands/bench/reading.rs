//! How fast a large capture is read: a cell's own packets, with its ESP repeated.

use std::borrow::Cow;
use std::io::{Seek, Write};
use std::time::{Duration, Instant};

use pcap_file::DataLink;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::{PcapNgBlock, PcapNgWriter};
use serde::Serialize;
use transcript::capture::Reader;
use transcript::tell;

use super::figures::millis;
use crate::failure::Failure;
use crate::judge::wire::{Kind, Packet};
use crate::story;

/// Octets of the capture that is read.
const OCTETS: u64 = 100_000_000;

/// What reading a capture took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Reading {
    pub(super) octets: u64,
    pub(super) packets: u64,
    pub(super) millis: u64,
}

/// One packet of the cell.
struct Recorded {
    time: Duration,
    interface: usize,
    data: Vec<u8>,
}

/// Makes a capture of [`OCTETS`] of a cell's packets, and reads and tells it as `explain --pcap`
/// does.
///
/// # Errors
/// The system cannot write a temporary file, or the cell's capture cannot be read.
pub(super) fn measure(pcapng: &[u8]) -> Result<Reading, Failure> {
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::lab(format!("cannot make a capture to read: {error}"))
    };
    let mut file = tempfile::tempfile().map_err(|error| cannot(&error))?;
    write(pcapng, &mut file).map_err(|error| cannot(&error))?;
    file.rewind().map_err(|error| cannot(&error))?;
    let begun = Instant::now();
    let told = story::unlock(&file, &[]).map_err(|error| cannot(&error))?;
    let story = tell::render(&told.transcript, reports::text::Lang::En);
    let taken = begun.elapsed();
    // Whoever reads this fast has read it all.
    if story.is_empty() {
        return Err(Failure::lab("the capture has no story"));
    }
    Ok(Reading {
        octets: file.metadata().map_err(|error| cannot(&error))?.len(),
        packets: told.transcript.capture.packets,
        millis: millis(taken),
    })
}

fn write(pcapng: &[u8], out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let mut reader = Reader::new(pcapng)?;
    let mut packets = Vec::new();
    while let Some(frame) = reader.next_frame()? {
        packets.push(Recorded {
            time: Duration::from_nanos(u64::try_from(frame.time)?),
            interface: frame.interface,
            data: frame.data.to_vec(),
        });
    }
    let mut writer = PcapNgWriter::new(out)?;
    for name in reader.interfaces() {
        let mut interface = InterfaceDescriptionBlock::new(DataLink::ETHERNET, 0);
        interface.options = vec![
            InterfaceDescriptionOption::IfName(Cow::Borrowed(name)),
            InterfaceDescriptionOption::IfTsResol(9),
        ];
        writer.write_block(&interface.into_block())?;
    }
    let mut written = 0;
    let mut round = 0_u32;
    while written < OCTETS {
        let before = written;
        for packet in &mut packets {
            let of_esp = Packet::of(&packet.data).map(|seen| seen.kind);
            match of_esp {
                Some(Kind::Esp(_)) => number(&mut packet.data, round),
                // The negotiation is there once.
                Some(Kind::Ike | Kind::Fragment) | None if round > 0 => continue,
                Some(Kind::Ike | Kind::Fragment) | None => {}
            }
            let block = EnhancedPacketBlock {
                interface_id: u32::try_from(packet.interface)?,
                timestamp: packet.time + Duration::from_millis(10) * round,
                original_len: u32::try_from(packet.data.len())?,
                data: Cow::Borrowed(&packet.data),
                options: Vec::new(),
            };
            written += u64::try_from(writer.write_block(&block.into_block())?)?;
        }
        if round > 0 && written == before {
            return Err("the cell's capture has no ESP".into());
        }
        round += 1;
    }
    Ok(())
}

/// Gives a packet of ESP in IPv4 a sequence number of this round.
fn number(frame: &mut [u8], round: u32) {
    const ETHERNET: usize = 14;
    /// The SPI and the sequence number (RFC 4303, section 2).
    const BEHIND_SPI: usize = 4;
    let Some(first) = frame.get(ETHERNET) else {
        return;
    };
    let at = ETHERNET + usize::from(first & 0x0f) * 4 + BEHIND_SPI;
    let Some(sequence) = frame.get_mut(at..at + 4) else {
        return;
    };
    // Packets of one round stay apart, for a cell has few.
    let low = sequence.last().copied().unwrap_or_default() & 0x0f;
    sequence.copy_from_slice(&((round << 4) | u32::from(low)).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use cases::Role::{Initiator, Responder};

    use super::*;
    use crate::sample::{BACK, OUT, capture, esp, udp};

    #[test]
    fn a_capture_of_a_hundred_megabytes_is_read_to_its_end() {
        let ike = |from| udp(from, [500, 500], &[0x5a; 28]);
        let frames = [
            (1_000, ike(Initiator)),
            (1_001, ike(Responder)),
            (1_002, esp(Initiator, OUT)),
            (1_003, esp(Responder, BACK)),
        ];
        let reading = measure(&capture(&frames)).unwrap();
        assert!(reading.octets >= OCTETS);
        assert!(reading.packets > OCTETS / 200, "{reading:?}");
        // The limit for people, and more than enough for a machine that does much else.
        assert!(reading.millis < 5_000, "{reading:?}");
    }

    #[test]
    fn a_capture_without_esp_cannot_be_made_large() {
        let frames = [(1_000, udp(Initiator, [500, 500], &[0x5a; 28]))];
        let error = measure(&capture(&frames)).unwrap_err();
        assert!(format!("{error:?}").contains("no ESP"), "{error:?}");
    }
}
