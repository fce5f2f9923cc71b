//! Captures that were made to deceive or to exhaust.

use std::io::Read;
use std::time::Instant;

use proptest::prelude::*;
use transcript::{Limits, Options};

use super::made::{MOON, SUN, Wan, crowded, esp, message, udp};
use super::*;

/// Most memory that reading may take, as the documentation of [`Limits`] says.
const MEMORY: usize = 256 << 20;

#[test]
fn beyond_the_limits_things_are_counted_and_noted() {
    let mut wan = Wan::new("by hand", &["wan"]);
    for spi in 1..=20 {
        for id in 0..10 {
            wan.record(0, 0, &udp(MOON, SUN, 500, &message(spi, id, false)));
        }
        let spi = u32::try_from(spi).unwrap();
        wan.record(0, 0, &esp(MOON, SUN, spi, 1, 60));
    }
    let options = Options {
        limits: Limits {
            messages: 100,
            ike_sas: 5,
            esp_flows: 3,
            payloads: 20,
            ..Limits::default()
        },
        ..Options::default()
    };
    let transcript = transcript::read(wan.file().as_slice(), &options).unwrap();
    assert_eq!(transcript.ike_sas.len(), 5);
    assert_eq!(transcript.messages.len(), 50);
    assert_eq!(transcript.esp.len(), 3);
    for note in [
        Note::MoreMessages { left_out: 100 },
        Note::MoreIkeSas { left_out: 50 },
        Note::MoreEsp { packets: 17 },
        Note::MorePayloads { left_out: 30 },
    ] {
        assert!(
            transcript.notes.contains(&note),
            "{note:?}: {:?}",
            transcript.notes
        );
    }
    assert!(tell::render(&transcript, Lang::En).contains("truncated"));
    assert!(tell::render(&transcript, Lang::Ja).contains("打切り"));
}

/// A pcap file without end: packets are made as they are read.
struct Stream {
    made: Vec<u8>,
    read: usize,
    left: u64,
}

impl Stream {
    fn new(packets: u64) -> Self {
        let mut made = 0xa1b2_3c4d_u32.to_be_bytes().to_vec();
        made.extend([0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1]);
        Self {
            made,
            read: 0,
            left: packets,
        }
    }

    /// Every kind of packet in turn, no two of which are alike.
    fn packet(&self) -> Vec<u8> {
        let number = self.left;
        let word = u32::try_from(number & 0xffff_ffff).unwrap();
        match number % 4 {
            0 => udp(MOON, SUN, 500, &message(number | 1, word, false)),
            1 => esp(MOON, SUN, word, 1, 48),
            2 => {
                let [_, b, c, d] = word.to_be_bytes();
                esp([10, b, c, d], SUN, 9, word, 48)
            }
            _ => {
                // The first fragment of a packet of which no other comes.
                let mut packet = udp(MOON, SUN, 500, &[0x33; 40]);
                let id = u16::try_from(number & 0xffff).unwrap();
                packet[18..20].copy_from_slice(&id.to_be_bytes());
                packet[20] = 0x20;
                packet
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.read == self.made.len() {
            if self.left == 0 {
                return Ok(0);
            }
            self.made.clear();
            self.read = 0;
            // Enough at once to keep this quick.
            for _ in 0..self.left.min(512) {
                let packet = self.packet();
                let length = u32::try_from(packet.len()).unwrap().to_be_bytes();
                let seconds = u32::try_from(self.left >> 16).unwrap().to_be_bytes();
                self.made.extend(seconds);
                self.made.extend([0; 4]);
                self.made.extend(length);
                self.made.extend(length);
                self.made.extend(packet);
                self.left -= 1;
            }
        }
        let count = buffer.len().min(self.made.len() - self.read);
        buffer[..count].copy_from_slice(&self.made[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

/// Octets of memory that this process has used at most.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

#[test]
fn ten_million_packets_take_bounded_memory() {
    const PACKETS: u64 = 10_000_000;
    let (before, begun) = (peak(), Instant::now());
    let transcript = transcript::read(Stream::new(PACKETS), &Options::default()).unwrap();
    let (used, took) = (peak() - before, begun.elapsed());
    println!("{PACKETS} packets: {} MB at most, {took:?}", used >> 20);
    assert_eq!(transcript.capture.packets, PACKETS);
    assert_eq!(transcript.messages.len(), Limits::default().ike_sas);
    assert!(used < MEMORY, "{used} octets");
}

/// Messages that fill every limit: many payloads and transforms, each sent again and again.
struct Flood {
    round: u64,
    number: u64,
    made: Vec<u8>,
    read: usize,
}

impl Flood {
    const MESSAGES: u64 = 25_000;
    const ROUNDS: u64 = 40;

    fn make(&mut self) {
        self.made.clear();
        self.read = 0;
        if self.number == Self::MESSAGES {
            self.number = 0;
            self.round += 1;
        }
        if self.round == Self::ROUNDS {
            return;
        }
        let id = u32::try_from(self.number).unwrap();
        let packet = udp(MOON, SUN, 500, &crowded(1 + self.number % 3_000, id));
        let length = u32::try_from(packet.len()).unwrap().to_be_bytes();
        let seconds = u32::try_from(self.round * 10).unwrap().to_be_bytes();
        for part in [&seconds[..], &[0; 4], &length, &length, &packet] {
            self.made.extend(part);
        }
        self.number += 1;
    }
}

impl Read for Flood {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.read == self.made.len() {
            self.make();
        }
        let count = buffer.len().min(self.made.len() - self.read);
        buffer[..count].copy_from_slice(&self.made[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

#[test]
fn what_fills_every_limit_takes_bounded_memory() {
    let before = peak();
    let flood = Flood {
        round: 0,
        number: 0,
        made: Stream::new(0).made,
        read: 0,
    };
    let transcript = transcript::read(flood, &Options::default()).unwrap();
    let story = tell::render(&transcript, Lang::Ja);
    let used = peak() - before;
    println!(
        "{} messages: {} MB at most",
        transcript.messages.len(),
        used >> 20
    );
    assert_eq!(transcript.messages.len(), Limits::default().messages);
    assert!(
        transcript
            .messages
            .iter()
            .all(|message| message.retransmissions() == 39)
    );
    assert!(story.contains("打切り"));
    assert!(used < MEMORY, "{used} octets");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_octets_are_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..4_000)) {
        let _ = transcript::read(octets.as_slice(), &Options::default());
    }

    #[test]
    fn a_changed_capture_is_told_all_the_same(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        ike_fragments in any::<bool>(),
    ) {
        let name = if ike_fragments { "ike-fragments" } else { "certificates" };
        let mut capture = captured(name);
        // The first block stays whole, so that it remains a capture.
        for (at, to) in changes {
            let at = 200 + at.index(capture.len() - 200);
            capture[at] = to;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
        let table = fs::read_to_string(folder.join(format!("{name}.keys"))).unwrap();
        let keys = read_ike_table(&table).unwrap();
        let options = Options { keys: &keys, ..Options::default() };
        let transcript = transcript::read(capture.as_slice(), &options).unwrap();
        for lang in [Lang::En, Lang::Ja] {
            let story = tell::render(&transcript, lang);
            prop_assert!(story.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }

    #[test]
    fn any_message_is_told(octets in prop::collection::vec(any::<u8>(), 28..600)) {
        let mut octets = octets;
        // A header that lets the rest be looked at.
        let length = u32::try_from(octets.len()).unwrap();
        octets[17] = 0x20;
        octets[24..28].copy_from_slice(&length.to_be_bytes());
        let mut wan = Wan::new("by hand", &["wan"]);
        wan.record(0, 0, &udp(MOON, SUN, 500, &octets));
        let transcript = transcript::read(wan.file().as_slice(), &Options::default()).unwrap();
        tell::render(&transcript, Lang::Ja);
    }
}
