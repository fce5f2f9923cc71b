//! The file: its form by its first octets, and one frame after another.
//!
//! pcap (<https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html>) and pcapng
//! (<https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html>). They are read here and not by
//! the crate `pcap-file`, which takes every timestamp for nanoseconds, keeps every interface that a
//! file declares, and refuses packets that were captured in part.

use std::io::{self, BufReader, ErrorKind, Read};

use super::pcapng::{self, Section};
use crate::bytes::u32_at;

/// Largest packet, in octets, as Wireshark has it: a file that claims more is damaged.
pub(super) const MAX_PACKET: usize = 256 * 1024;
/// Octets that are read from the system at once.
const BUFFER: usize = 256 * 1024;

/// Why a file cannot be read as a capture at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the file is empty\ngive a capture: pcap or pcapng")]
    Empty,
    #[error("this is {found}, no capture\ngive a capture: pcap or pcapng{remedy}")]
    NotACapture {
        found: &'static str,
        remedy: &'static str,
    },
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// One packet as it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// From 1, as Wireshark counts.
    pub number: u64,
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    pub time: i64,
    /// Position in [`Reader::interfaces`].
    pub interface: usize,
    /// Interfaces that the file has described so far.
    pub interfaces: usize,
    /// Link type (LINKTYPE_…).
    pub link: u32,
    pub data: &'a [u8],
    /// Octets of the packet on the wire; more than `data` has when it was captured in part.
    pub original: u32,
}

/// Reads a capture from its beginning to its end, or to where it is damaged.
pub struct Reader<R> {
    input: BufReader<R>,
    form: Form,
    /// The packet, or the block, that is read at present.
    buffer: Vec<u8>,
    number: u64,
    interfaces: Vec<String>,
    comment: Option<String>,
    damage: Option<String>,
}

enum Form {
    Pcap {
        big: bool,
        nanoseconds: bool,
        link: u32,
    },
    Pcapng(Section),
}

/// What one step of reading found.
enum Step {
    /// A packet, which lies in the buffer.
    Packet(Found),
    /// Something else.
    Other,
    End,
}

/// A packet in the buffer.
pub(super) struct Found {
    pub(super) time: i64,
    pub(super) interface: usize,
    pub(super) link: u32,
    pub(super) original: u32,
    /// Where in the buffer it lies.
    pub(super) start: usize,
    pub(super) length: usize,
}

/// Why reading stops.
pub(super) enum Stop {
    Damaged(String),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::UnexpectedEof {
            Self::Damaged("the file ends in the middle of a packet".into())
        } else {
            Self::Io(error)
        }
    }
}

impl<R: Read> Reader<R> {
    /// Begins to read a file; its first octets say what form it has.
    ///
    /// # Errors
    ///
    /// It is no capture, or cannot be read.
    pub fn new(input: R) -> Result<Self, Error> {
        let mut input = BufReader::with_capacity(BUFFER, input);
        let head = head(&mut input)?;
        let magic = u32_at(&head, 0, true);
        let form = match magic {
            Some(pcapng::SECTION_HEADER) => Form::Pcapng(Section::default()),
            Some(word) => match pcap_form(word) {
                Some((big, nanoseconds)) => {
                    let mut header = [0; 20];
                    input
                        .read_exact(&mut header)
                        .map_err(|_| Error::NotACapture {
                            found: "the beginning of a pcap file that was cut in its header",
                            remedy: "",
                        })?;
                    Form::Pcap {
                        big,
                        nanoseconds,
                        // The upper half may say how long the frame check sequence is.
                        link: u32_at(&header, 16, big).unwrap_or_default() & 0xffff,
                    }
                }
                None => return Err(other_file(&head)),
            },
            None => return Err(other_file(&head)),
        };
        let interfaces = match &form {
            Form::Pcap { .. } => vec![String::new()],
            Form::Pcapng(_) => Vec::new(),
        };
        let mut reader = Self {
            input,
            form,
            buffer: Vec::new(),
            number: 0,
            interfaces,
            comment: None,
            damage: None,
        };
        if let Form::Pcapng(section) = &mut reader.form {
            // The type of the first block is already read.
            let begun = section.begin(&mut reader.input, &mut reader.buffer);
            match begun {
                Ok(comment) => reader.comment = comment,
                Err(Stop::Io(error)) => return Err(error.into()),
                Err(Stop::Damaged(_)) => {
                    return Err(Error::NotACapture {
                        found: "a pcapng file whose first block is damaged",
                        remedy: "",
                    });
                }
            }
        }
        Ok(reader)
    }

    /// The next packet; none at the end of the file, or where it is damaged.
    ///
    /// # Errors
    ///
    /// The system cannot read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        let found = loop {
            if self.damage.is_some() {
                return Ok(None);
            }
            match self.step() {
                Ok(Step::Packet(found)) => break found,
                Ok(Step::Other) => {}
                Ok(Step::End) => return Ok(None),
                Err(Stop::Damaged(why)) => self.damage = Some(why),
                Err(Stop::Io(error)) => return Err(error.into()),
            }
        };
        self.number += 1;
        let end = found.start.saturating_add(found.length);
        Ok(Some(Frame {
            number: self.number,
            time: found.time,
            interface: found.interface,
            interfaces: self.interfaces.len(),
            link: found.link,
            data: self.buffer.get(found.start..end).unwrap_or_default(),
            original: found.original,
        }))
    }

    /// Packets so far.
    pub fn packets(&self) -> u64 {
        self.number
    }

    /// The names of the interfaces so far; empty names where the file has none.
    pub fn interfaces(&self) -> &[String] {
        &self.interfaces
    }

    /// The comment of the first section.
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// Why reading ended before the end of the file.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    fn step(&mut self) -> Result<Step, Stop> {
        match &mut self.form {
            Form::Pcap {
                big,
                nanoseconds,
                link,
            } => {
                let mut header = [0; 16];
                if !read_or_end(&mut self.input, &mut header)? {
                    return Ok(Step::End);
                }
                let word = |at| u32_at(&header, at, *big).unwrap_or_default();
                let length = usize::try_from(word(8)).unwrap_or(usize::MAX);
                if length > MAX_PACKET {
                    let why = format!("a packet claims to have {length} octets");
                    return Err(Stop::Damaged(why));
                }
                fill(&mut self.input, &mut self.buffer, length)?;
                let unit = if *nanoseconds { 1 } else { 1000 };
                Ok(Step::Packet(Found {
                    time: i64::from(word(0)) * 1_000_000_000 + i64::from(word(4)) * unit,
                    interface: 0,
                    link: *link,
                    original: word(12),
                    start: 0,
                    length,
                }))
            }
            Form::Pcapng(section) => {
                let mut kind = [0; 4];
                if !read_or_end(&mut self.input, &mut kind)? {
                    return Ok(Step::End);
                }
                let block = section.block(
                    kind,
                    &mut self.input,
                    &mut self.buffer,
                    &mut self.interfaces,
                )?;
                Ok(match block {
                    pcapng::Block::Packet(found) => Step::Packet(found),
                    pcapng::Block::Record => {
                        self.number += 1;
                        Step::Other
                    }
                    pcapng::Block::Other => Step::Other,
                })
            }
        }
    }
}

/// Byte order and unit of time by the first word, read with its highest octet first.
fn pcap_form(magic: u32) -> Option<(bool, bool)> {
    match magic {
        0xa1b2_c3d4 => Some((true, false)),
        0xd4c3_b2a1 => Some((false, false)),
        0xa1b2_3c4d => Some((true, true)),
        0x4d3c_b2a1 => Some((false, true)),
        _ => None,
    }
}

/// The first four octets, or fewer if there are no more.
fn head(input: &mut impl Read) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    input.take(4).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(Error::Empty);
    }
    Ok(head)
}

/// What a file is that is no capture, as far as its first octets tell.
fn other_file(head: &[u8]) -> Error {
    let (found, remedy) = match head {
        [0x1f, 0x8b, ..] => ("a file compressed by gzip", "; unpack it by gunzip first"),
        [0x28, 0xb5, 0x2f, 0xfd] => ("a file compressed by zstd", "; unpack it by unzstd first"),
        [b'P', b'K', ..] => ("a ZIP archive", "; unpack it first"),
        b"snoo" => ("a capture by snoop", "; editcap -F pcapng makes one of it"),
        [0x30, ..] => ("DER, perhaps a certificate", ""),
        b"----" => ("PEM, perhaps a certificate", ""),
        _ if head.iter().all(|octet| matches!(octet, 9..=13 | 32..=126)) => ("a text", ""),
        _ => ("a file of another form", ""),
    };
    Error::NotACapture { found, remedy }
}

/// Reads exactly so much, or nothing at the end of the file.
fn read_or_end(input: &mut impl Read, octets: &mut [u8]) -> Result<bool, Stop> {
    let Some((first, rest)) = octets.split_first_mut() else {
        return Ok(true);
    };
    loop {
        match input.read(std::slice::from_mut(first)) {
            Ok(0) => return Ok(false),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Stop::Io(error)),
        }
    }
    input.read_exact(rest)?;
    Ok(true)
}

/// Replaces what is in the buffer by so many octets of the input.
pub(super) fn fill(input: &mut impl Read, buffer: &mut Vec<u8>, length: usize) -> Result<(), Stop> {
    // What is overwritten need not be cleared first.
    buffer.resize(length, 0);
    input.read_exact(buffer)?;
    Ok(())
}
