//! One pass over a capture: what must be kept of it, in bounded memory.

mod flows;
mod icmp;
mod recent;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::net::{IpAddr, SocketAddr};

use ikev2::MessageView;
use ikev2::wire::NON_ESP_MARKER;

use self::flows::{EspFlows, FragmentFlows};
use crate::capture::{
    Carried, Defragmenter, ESP, Error, Frame, ICMP, ICMP_V6, Ip, Outcome, Reader, UDP, Udp, carried,
};
use crate::limits::Limits;
use crate::model::{
    Arrival, Capture, EspFlow, IcmpError, IpFragments, NatKeepalives, Note, Transmission,
};

/// UDP ports of IKE, and of IKE and ESP behind NAT (RFC 7296, section 2; RFC 3948).
const IKE_PORT: u16 = 500;
const NAT_PORT: u16 = 4500;
/// How long a packet may take from one interface to the next, in nanoseconds.
const TRANSIT: i64 = 2_000_000_000;

/// What the captures of the lab begin their comment with: they are made at both ends of the wan.
const LAB_COMMENT: &str = "ikematrix ";

/// A NAT keepalive (RFC 3948, section 2.3).
const KEEPALIVE: [u8; 1] = [0xff];

/// All that the transcript is made of.
pub(crate) struct Collected {
    pub(crate) capture: Capture,
    pub(crate) messages: Vec<RawMessage>,
    pub(crate) esp: Vec<EspFlow>,
    pub(crate) nat_keepalives: Vec<NatKeepalives>,
    pub(crate) ip_fragments: Vec<IpFragments>,
    pub(crate) icmp_errors: Vec<IcmpError>,
    pub(crate) notes: Vec<Note>,
}

/// An IKE message as octets, without the non-ESP marker, and every time that it was sent.
pub(crate) struct RawMessage {
    pub(crate) octets: Vec<u8>,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) transmissions: Vec<Transmission>,
    pub(crate) more_transmissions: u64,
}

/// Reads a capture to its end.
pub(crate) fn collect(input: impl Read, limits: &Limits) -> Result<Collected, Error> {
    let mut reader = Reader::new(input)?;
    let mut collector = Collector::new(limits);
    while let Some(frame) = reader.next_frame()? {
        collector.see(&frame);
    }
    Ok(collector.finish(&reader))
}

struct Collector<'a> {
    limits: &'a Limits,
    first: Option<i64>,
    last: i64,
    octets: u64,
    interfaces: Interfaces,
    defragmenter: Defragmenter,
    messages: Vec<Sent>,
    /// Positions of messages by the hash of their octets.
    by_hash: HashMap<u64, Vec<usize>>,
    hasher: RandomState,
    message_octets: usize,
    esp: EspFlows,
    keepalives: Vec<NatKeepalives>,
    fragments: FragmentFlows,
    icmp: icmp::Errors,
    counts: Counts,
}

/// What is only counted.
#[derive(Default)]
struct Counts {
    cut: u64,
    unknown_link: HashMap<u32, u64>,
    more_messages: u64,
    given_up: u64,
    not_ike: u64,
    /// On port 4500 without the non-ESP marker, and on port 500 with it.
    unmarked: u64,
    marked: u64,
    versions: [u64; 16],
}

/// A message while the capture is read.
struct Sent {
    octets: Vec<u8>,
    source: SocketAddr,
    destination: SocketAddr,
    times: Vec<Time>,
    more: u64,
}

/// One time that a message was sent.
struct Time {
    packet: u64,
    time: i64,
    interface: usize,
    ip_fragments: u64,
    /// Other interfaces on which it was recorded, and the packets there.
    again: Vec<(usize, u64)>,
}

/// Which interface belongs to which address.
#[derive(Default)]
struct Interfaces {
    count: usize,
    /// On which interface packets of an address were recorded first.
    home: HashMap<IpAddr, usize>,
}

impl Interfaces {
    /// Addresses that are told apart.
    const MAX_ADDRESSES: usize = 4_096;

    fn sent(&mut self, source: IpAddr, interface: usize) {
        if self.home.len() < Self::MAX_ADDRESSES {
            self.home.entry(source).or_insert(interface);
        }
    }

    /// Of the places where something was recorded again, that of its receiver: that interface, or
    /// the last one where it is not known.
    fn of_receiver<T: Copy>(&self, destination: IpAddr, again: &[(usize, T)]) -> Option<T> {
        let home = self.home.get(&destination);
        let there = again.iter().find(|(at, _)| Some(at) == home);
        there.or_else(|| again.last()).map(|(_, what)| *what)
    }
}

/// A frame's place in the capture.
#[derive(Clone, Copy)]
struct At {
    packet: u64,
    time: i64,
    interface: usize,
}

impl<'a> Collector<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            first: None,
            last: i64::MIN,
            octets: 0,
            interfaces: Interfaces::default(),
            defragmenter: Defragmenter::default(),
            messages: Vec::new(),
            by_hash: HashMap::new(),
            hasher: RandomState::new(),
            message_octets: 0,
            esp: EspFlows::new(limits.esp_flows),
            keepalives: Vec::new(),
            fragments: FragmentFlows::new(limits.fragment_flows),
            icmp: icmp::Errors::new(limits.icmp_errors),
            counts: Counts::default(),
        }
    }

    fn see(&mut self, frame: &Frame<'_>) {
        self.first.get_or_insert(frame.time);
        self.last = self.last.max(frame.time);
        self.octets += u64::try_from(frame.data.len()).unwrap_or(u64::MAX);
        self.interfaces.count = frame.interfaces;
        let ip = match carried(frame.link, frame.data) {
            Carried::Ip(octets) => Ip::of(octets),
            Carried::Other => None,
            Carried::UnknownLink => {
                let known = self.counts.unknown_link.len() < Limits::LINKS;
                if known || self.counts.unknown_link.contains_key(&frame.link) {
                    *self.counts.unknown_link.entry(frame.link).or_default() += 1;
                }
                None
            }
        };
        let Some(ip) = ip else {
            return;
        };
        let at = At {
            packet: frame.number,
            time: frame.time,
            interface: frame.interface,
        };
        match ip.fragment {
            Some(fragment) if matches!(ip.protocol, UDP | ESP) => {
                self.fragments.see(at, &ip, fragment, &mut self.interfaces);
                let (outcome, given_up) =
                    self.defragmenter.add(at.interface, at.time, &ip, fragment);
                self.counts.given_up += given_up;
                match outcome {
                    Outcome::Whole(whole) => {
                        let ip = Ip {
                            payload: &whole.payload,
                            fragment: None,
                            ..ip
                        };
                        self.packet(at, &ip, whole.fragments);
                    }
                    Outcome::Contradiction => self.counts.given_up += 1,
                    Outcome::Waiting => {}
                }
            }
            Some(_) => {}
            None => self.packet(at, &ip, 0),
        }
    }

    fn packet(&mut self, at: At, ip: &Ip<'_>, ip_fragments: u64) {
        match ip.protocol {
            UDP => {
                if let Some(mut udp) = Udp::of([ip.source, ip.destination], ip.payload) {
                    udp.cut |= ip.cut;
                    self.datagram(at, &udp, ip_fragments);
                }
            }
            ESP => self.esp.see(
                at,
                [ip.source, ip.destination],
                ip.payload,
                false,
                &mut self.interfaces,
            ),
            ICMP | ICMP_V6 => self.icmp.see(at, ip),
            _ => {}
        }
    }

    /// On the port of NAT traversal an IKE message begins with four octets of zero, a keepalive is
    /// a single octet, and all else is ESP (RFC 3948, sections 2.1 to 2.3).
    fn datagram(&mut self, at: At, udp: &Udp<'_>, ip_fragments: u64) {
        let ports = [udp.source.port(), udp.destination.port()];
        let message = if ports.contains(&NAT_PORT) {
            match udp.payload.strip_prefix(&NON_ESP_MARKER) {
                Some(message) => message,
                None if is_ike(udp.payload) => {
                    self.counts.unmarked += 1;
                    return;
                }
                None if udp.payload.len() > 4 => {
                    let addresses = [udp.source.ip(), udp.destination.ip()];
                    return self
                        .esp
                        .see(at, addresses, udp.payload, true, &mut self.interfaces);
                }
                None if udp.payload == KEEPALIVE => return self.keepalive(at, udp),
                None => return,
            }
        } else if ports.contains(&IKE_PORT) {
            let unmarked = udp.payload.strip_prefix(&NON_ESP_MARKER);
            if unmarked.is_some_and(is_ike) {
                self.counts.marked += 1;
                return;
            }
            udp.payload
        } else {
            return;
        };
        match MessageView::new(message) {
            Ok(view) if view.initiator_spi() != 0 => {
                self.counts.cut += u64::from(udp.cut);
                if view.major_version() != 2
                    && let Some(count) = self
                        .counts
                        .versions
                        .get_mut(usize::from(view.major_version()))
                {
                    *count += 1;
                }
                self.message(at, udp, message, ip_fragments);
            }
            Ok(_) | Err(_) => self.counts.not_ike += 1,
        }
    }

    fn keepalive(&mut self, at: At, udp: &Udp<'_>) {
        const DIRECTIONS: usize = 256;
        let ends = (udp.source, udp.destination);
        let mut known = self.keepalives.iter_mut();
        if let Some(known) = known.find(|known| (known.source, known.destination) == ends) {
            known.packets += 1;
        } else if self.keepalives.len() < DIRECTIONS {
            self.keepalives.push(NatKeepalives {
                source: udp.source,
                destination: udp.destination,
                packets: 1,
                first_packet: at.packet,
            });
        }
    }

    fn message(&mut self, at: At, udp: &Udp<'_>, octets: &[u8], ip_fragments: u64) {
        let hash = self.hasher.hash_one(octets);
        let candidates = self.by_hash.get(&hash);
        let known = candidates.and_then(|positions| {
            let same = |position: &&usize| {
                let message = self.messages.get(**position);
                message.is_some_and(|message| message.octets == octets)
            };
            positions.iter().find(same).copied()
        });
        if let Some(message) = known.and_then(|position| self.messages.get_mut(position)) {
            message.see_again(at, ip_fragments);
            return;
        }
        let full = self.messages.len() >= self.limits.messages
            || self.message_octets + octets.len() > self.limits.message_octets;
        if full {
            self.counts.more_messages += 1;
            return;
        }
        self.interfaces.sent(udp.source.ip(), at.interface);
        self.message_octets += octets.len();
        self.by_hash
            .entry(hash)
            .or_default()
            .push(self.messages.len());
        self.messages.push(Sent {
            octets: octets.to_vec(),
            source: udp.source,
            destination: udp.destination,
            times: vec![Time::new(at, ip_fragments)],
            more: 0,
        });
    }

    fn finish<R: Read>(self, reader: &Reader<R>) -> Collected {
        let comment = reader.comment().map(ToOwned::to_owned);
        let of_lab = comment
            .as_deref()
            .is_some_and(|c| c.starts_with(LAB_COMMENT));
        let clock = Clock {
            first: self.first.unwrap_or_default(),
            tells_arrival: of_lab && reader.interfaces().len() > 1,
        };
        let mut notes = self.counts.notes();
        if let Some(why) = reader.damage() {
            notes.push(Note::DamagedFile {
                after_packet: reader.packets(),
                why: why.to_owned(),
            });
        }
        let interfaces = &self.interfaces;
        let messages = self
            .messages
            .into_iter()
            .map(|message| message.finish(interfaces, clock))
            .collect();
        let (esp, more_esp) = self.esp.finish(interfaces, clock);
        if more_esp > 0 {
            notes.push(Note::MoreEsp { packets: more_esp });
        }
        let incomplete = self.defragmenter.incomplete();
        let ip_fragments = self.fragments.finish(incomplete, interfaces, clock);
        let (icmp_errors, more_icmp) = self.icmp.finish(clock);
        if more_icmp > 0 {
            notes.push(Note::MoreIcmp {
                left_out: more_icmp,
            });
        }
        let started = self.first.map(i128::from);
        let capture = Capture {
            comment,
            interfaces: reader.interfaces().to_vec(),
            packets: reader.packets(),
            octets: self.octets,
            started: started.and_then(|time| jiff::Timestamp::from_nanosecond(time).ok()),
            duration_us: self.first.map_or(0, |_| clock.since(self.last)),
        };
        Collected {
            capture,
            messages,
            esp,
            nat_keepalives: self.keepalives,
            ip_fragments,
            icmp_errors,
            notes,
        }
    }
}

/// How the times and the arrivals of this capture are told.
#[derive(Clone, Copy)]
struct Clock {
    /// Nanoseconds since 1970 of the first packet.
    first: i64,
    tells_arrival: bool,
}

impl Clock {
    /// Microseconds since the first packet.
    fn since(self, time: i64) -> i64 {
        time.saturating_sub(self.first) / 1_000
    }
}

impl Time {
    fn new(at: At, ip_fragments: u64) -> Self {
        Self {
            packet: at.packet,
            time: at.time,
            interface: at.interface,
            ip_fragments,
            again: Vec::new(),
        }
    }

    /// Whether a packet of the same content may be this one, on its way.
    fn may_be(&self, at: At) -> bool {
        const INTERFACES: usize = 8;
        let since = at.time.saturating_sub(self.time);
        self.interface != at.interface
            && (0..=TRANSIT).contains(&since)
            && self.again.len() < INTERFACES
            && self
                .again
                .iter()
                .all(|(at_then, _)| *at_then != at.interface)
    }
}

impl Sent {
    /// The same octets again: on their way, or sent once more.
    fn see_again(&mut self, at: At, ip_fragments: u64) {
        if let Some(sent) = self.times.iter_mut().rev().find(|sent| sent.may_be(at)) {
            sent.again.push((at.interface, at.packet));
            return;
        }
        let is_elsewhere = |sent: &Time| sent.interface != at.interface;
        let arrived = self.times.iter().any(|sent| !sent.again.is_empty());
        if arrived && self.times.first().is_some_and(is_elsewhere) {
            // What arrives once more was not sent once more.
        } else if self.times.len() < Limits::TRANSMISSIONS {
            self.times.push(Time::new(at, ip_fragments));
        } else {
            self.more += 1;
        }
    }

    fn finish(self, interfaces: &Interfaces, clock: Clock) -> RawMessage {
        let destination = self.destination.ip();
        let transmission = |time: &Time| Transmission {
            packet: time.packet,
            at_us: clock.since(time.time),
            arrival: match interfaces.of_receiver(destination, &time.again) {
                Some(packet) if clock.tells_arrival => Arrival::Arrived { packet },
                None if clock.tells_arrival => Arrival::Lost,
                Some(_) | None => Arrival::Unknown,
            },
            ip_fragments: time.ip_fragments,
        };
        RawMessage {
            transmissions: self.times.iter().map(transmission).collect(),
            octets: self.octets,
            source: self.source,
            destination: self.destination,
            more_transmissions: self.more,
        }
    }
}

/// Whether a datagram is nothing but one message of IKEv2, by its header.
fn is_ike(octets: &[u8]) -> bool {
    let length = u32::try_from(octets.len());
    MessageView::new(octets).is_ok_and(|view| {
        view.initiator_spi() != 0
            && view.major_version() == 2
            && Ok(view.length()) == length
            && view.payloads().next().is_some_and(|first| first.is_ok())
    })
}

impl Counts {
    fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut note = |count: u64, note: Note| {
            if count > 0 {
                notes.push(note);
            }
        };
        note(self.cut, Note::CutPackets { packets: self.cut });
        let left_out = self.more_messages;
        note(left_out, Note::MoreMessages { left_out });
        let datagrams = self.given_up;
        note(datagrams, Note::FragmentsGivenUp { datagrams });
        let datagrams = self.not_ike;
        note(datagrams, Note::NotIke { datagrams });
        for (port, datagrams) in [(NAT_PORT, self.unmarked), (IKE_PORT, self.marked)] {
            note(datagrams, Note::WrongMarker { port, datagrams });
        }
        for (major, messages) in (0..).zip(self.versions) {
            note(messages, Note::OtherVersion { major, messages });
        }
        let mut links: Vec<_> = self.unknown_link.iter().collect();
        links.sort_unstable();
        for (link, packets) in links {
            let (link, packets) = (*link, *packets);
            note(packets, Note::UnknownLink { link, packets });
        }
        notes
    }
}
