//! Blocks of pcapng.

use std::io::{self, Read};

use reports::escape::visible;

use super::file::{Found, MAX_PACKET, Stop, fill};
use crate::bytes::{u16_at, u32_at};

/// Block types.
pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Wireshark numbers an entry of the journal among the packets.
const JOURNAL: u32 = 9;

/// The byte-order magic of a section header.
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// Options of the blocks.
const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;

/// Largest block that is looked into: a packet with its options.
const MAX_BLOCK: usize = MAX_PACKET + 64 * 1024;
/// Interfaces of a section that are known apart; of the whole file, those that are named.
const MAX_INTERFACES: usize = 256;
/// Characters of a name or a comment that are kept.
const MAX_TEXT: usize = 256;
/// Octets of a section header or an interface description that are looked into.
const MAX_HEADER: usize = 64 * 1024;

/// The section that is read at present.
#[derive(Default)]
pub(super) struct Section {
    big: bool,
    interfaces: Vec<Interface>,
    /// Of the packet before: a simple packet has no time of its own.
    last_time: i64,
}

#[derive(Clone, Copy)]
struct Interface {
    /// Position among the names of the whole file.
    name: usize,
    link: u32,
    snap: u32,
    /// `if_tsresol`.
    resolution: u8,
    /// `if_tsoffset`, in seconds.
    offset: i64,
}

/// What a block was.
pub(super) enum Block {
    Packet(Found),
    /// No packet, but Wireshark numbers it.
    Record,
    Other,
}

impl Section {
    /// Reads a section header behind its block type, and gives its comment.
    pub(super) fn begin(
        &mut self,
        input: &mut impl Read,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<String>, Stop> {
        let mut head = [0; 8];
        input.read_exact(&mut head)?;
        self.big = match u32_at(&head, 4, true) {
            Some(BYTE_ORDER) => true,
            Some(word) if word.swap_bytes() == BYTE_ORDER => false,
            Some(_) | None => {
                return Err(Stop::Damaged(
                    "a section header without its magic number".into(),
                ));
            }
        };
        self.interfaces.clear();
        let length = block_length(u32_at(&head, 0, self.big))?;
        // Behind the type, the length and the magic number, up to the trailing length.
        let rest = length.checked_sub(16).ok_or_else(short_block)?;
        body(input, buffer, rest, MAX_HEADER)?;
        // Version and section length come before the options.
        let options = Options::new(buffer.get(12..).unwrap_or_default(), self.big);
        Ok(options.text(COMMENT))
    }

    /// Reads one block behind its block type.
    pub(super) fn block(
        &mut self,
        kind: [u8; 4],
        input: &mut impl Read,
        buffer: &mut Vec<u8>,
        names: &mut Vec<String>,
    ) -> Result<Block, Stop> {
        if u32::from_be_bytes(kind) == SECTION_HEADER {
            self.begin(input, buffer)?;
            return Ok(Block::Other);
        }
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        let length = block_length(u32_at(&length, 0, self.big))?;
        let rest = length.checked_sub(12).ok_or_else(short_block)?;
        match u32_at(&kind, 0, self.big).unwrap_or_default() {
            ENHANCED_PACKET | OBSOLETE_PACKET | SIMPLE_PACKET if rest > MAX_BLOCK => {
                let why = format!("a packet claims to have {rest} octets");
                Err(Stop::Damaged(why))
            }
            ENHANCED_PACKET => {
                body(input, buffer, rest, MAX_BLOCK)?;
                let interface = self.word(buffer, 0);
                self.packet(buffer, interface, 20)
            }
            OBSOLETE_PACKET => {
                body(input, buffer, rest, MAX_BLOCK)?;
                let interface = u16_at(buffer, 0, self.big).map(u32::from);
                self.packet(buffer, interface, 20)
            }
            SIMPLE_PACKET => {
                body(input, buffer, rest, MAX_BLOCK)?;
                self.simple_packet(buffer)
            }
            INTERFACE_DESCRIPTION => {
                body(input, buffer, rest, MAX_HEADER)?;
                self.interface(buffer, names);
                Ok(Block::Other)
            }
            kind => {
                body(input, buffer, rest, 0)?;
                Ok(if kind == JOURNAL {
                    Block::Record
                } else {
                    Block::Other
                })
            }
        }
    }

    fn word(&self, octets: &[u8], at: usize) -> Option<u32> {
        u32_at(octets, at, self.big)
    }

    /// Enhanced and obsolete packets have the time, both lengths and the data at the same places.
    fn packet(&mut self, block: &[u8], interface: Option<u32>, data: usize) -> Result<Block, Stop> {
        let words = (
            interface,
            self.word(block, 4),
            self.word(block, 8),
            self.word(block, 12),
            self.word(block, 16),
        );
        let (Some(interface), Some(high), Some(low), Some(length), Some(original)) = words else {
            return Err(short_block());
        };
        let position = usize::try_from(interface).unwrap_or(usize::MAX);
        let Some(interface) = self.interfaces.get(position) else {
            let why = format!("a packet of interface {interface}, which was not described");
            return Err(Stop::Damaged(why));
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > block.len().saturating_sub(data) {
            return Err(Stop::Damaged("a packet is larger than its block".into()));
        }
        self.last_time = interface.time(u64::from(high) << 32 | u64::from(low));
        Ok(Block::Packet(Found {
            time: self.last_time,
            interface: interface.name,
            link: interface.link,
            original,
            start: data,
            length,
        }))
    }

    fn simple_packet(&self, block: &[u8]) -> Result<Block, Stop> {
        const DATA: usize = 4;
        let original = self.word(block, 0).ok_or_else(short_block)?;
        let Some(interface) = self.interfaces.first() else {
            return Err(Stop::Damaged(
                "a packet of an interface that was not described".into(),
            ));
        };
        let snap = match interface.snap {
            0 => u32::MAX,
            snap => snap,
        };
        let length = usize::try_from(original.min(snap)).unwrap_or(usize::MAX);
        Ok(Block::Packet(Found {
            time: self.last_time,
            interface: interface.name,
            link: interface.link,
            original,
            start: DATA,
            length: length.min(block.len().saturating_sub(DATA)),
        }))
    }

    fn interface(&mut self, block: &[u8], names: &mut Vec<String>) {
        if self.interfaces.len() >= MAX_INTERFACES {
            return;
        }
        let options = Options::new(block.get(8..).unwrap_or_default(), self.big);
        let name = options.text(IF_NAME).unwrap_or_default();
        let known = names.iter().position(|known| *known == name);
        let position = known.unwrap_or_else(|| {
            if names.len() < MAX_INTERFACES {
                names.push(name);
            }
            names.len() - 1
        });
        let resolution = options.value(IF_TSRESOL).and_then(<[u8]>::first);
        let offset = options.value(IF_TSOFFSET).and_then(<[u8]>::first_chunk);
        self.interfaces.push(Interface {
            name: position,
            link: u16_at(block, 0, self.big).map_or(u32::MAX, u32::from),
            snap: self.word(block, 4).unwrap_or_default(),
            resolution: resolution.copied().unwrap_or(6),
            offset: offset.map_or(0, |octets| {
                if self.big {
                    i64::from_be_bytes(*octets)
                } else {
                    i64::from_le_bytes(*octets)
                }
            }),
        });
    }
}

impl Interface {
    /// Nanoseconds since 1970 of a timestamp in this interface's unit.
    fn time(&self, ticks: u64) -> i64 {
        const NANOSECONDS: u128 = 1_000_000_000;
        let ticks = u128::from(ticks);
        let exponent = u32::from(self.resolution & 0x7f);
        let nanoseconds = if self.resolution & 0x80 != 0 {
            // Below 2^94, and a shift by 127 at most.
            (ticks * NANOSECONDS) >> exponent
        } else if exponent <= 9 {
            ticks * 10_u128.pow(9 - exponent)
        } else {
            10_u128
                .checked_pow(exponent - 9)
                .map_or(0, |unit| ticks / unit)
        };
        let offset = i128::from(self.offset) * 1_000_000_000;
        // Below 2^94, so it is no negative number.
        let time = i128::try_from(nanoseconds).unwrap_or(i128::MAX);
        i64::try_from(time.saturating_add(offset)).unwrap_or(i64::MAX)
    }
}

/// Options of a block: code, length, value, padded to four octets.
struct Options<'a> {
    octets: &'a [u8],
    big: bool,
}

impl<'a> Options<'a> {
    fn new(octets: &'a [u8], big: bool) -> Self {
        Self { octets, big }
    }

    fn value(&self, wanted: u16) -> Option<&'a [u8]> {
        let mut rest = self.octets;
        loop {
            let code = u16_at(rest, 0, self.big)?;
            let length = usize::from(u16_at(rest, 2, self.big)?);
            let value = rest.get(4..4 + length)?;
            if code == wanted {
                return Some(value);
            }
            if code == END_OF_OPTIONS {
                return None;
            }
            rest = rest.get(4 + length.next_multiple_of(4)..)?;
        }
    }

    fn text(&self, wanted: u16) -> Option<String> {
        let value = self.value(wanted)?;
        Some(visible(&String::from_utf8_lossy(value), MAX_TEXT))
    }
}

fn block_length(length: Option<u32>) -> Result<usize, Stop> {
    let length = length.unwrap_or_default();
    if !length.is_multiple_of(4) {
        let why = format!("a block claims to have {length} octets, which is no multiple of 4");
        return Err(Stop::Damaged(why));
    }
    Ok(usize::try_from(length).unwrap_or(usize::MAX))
}

fn short_block() -> Stop {
    Stop::Damaged("a block is shorter than what it must hold".into())
}

/// Reads the rest of a block, of which the first `limit` octets into the buffer, and its trailing
/// length.
fn body(
    input: &mut impl Read,
    buffer: &mut Vec<u8>,
    length: usize,
    limit: usize,
) -> Result<(), Stop> {
    fill(input, buffer, length.min(limit))?;
    let more = length.saturating_sub(limit).saturating_add(4);
    let more = u64::try_from(more).unwrap_or(u64::MAX);
    if io::copy(&mut input.take(more), &mut io::sink())? < more {
        return Err(Stop::Damaged(
            "the file ends in the middle of a block".into(),
        ));
    }
    Ok(())
}
