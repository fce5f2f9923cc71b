//! Two endpoints whose network does what the input says: loses, doubles, changes, delays and makes up
//! datagrams, while the ends act and one of them does wrong within the protection.

#![no_main]

use std::time::{Duration, Instant};

use ikev2::algorithm::{DhGroup, Encryption, Integrity, Prf};
use ikev2::deviation::{At, Change, Deviation, FragmentChange, MessageChange, Octets, Place, Position};
use ikev2::endpoint::{Action, Config, Credential, Datagram, Endpoint, Path, Trust};
use ikev2::keys::Key;
use ikev2::message::Identification;
use ikev2::numbers::{ExchangeType, IdType, PayloadType};
use ikev2::random::Random;
use ikev2::{EspProposal, IkeProposal, Payload};
use libfuzzer_sys::fuzz_target;

struct Seeded(u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for octet in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *octet = self.0.to_be_bytes()[0];
        }
    }
}

fn config(cookie: bool, fragment_octets: Option<u16>) -> Config {
    let key = Key::from(b"secret".as_slice());
    let group = vec![DhGroup::Curve25519];
    let ike = IkeProposal::new(
        vec![Encryption::AesCbc128],
        vec![Integrity::HmacSha2Bits256Of128],
        vec![Prf::HmacSha2Bits256],
        group.clone(),
    );
    let esp = EspProposal::new(vec![Encryption::AesGcm16Bits128], vec![], group);
    let identity = Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: b"end.example".to_vec(),
    };
    let mut config = Config::new(
        vec![ike.expect("a proposal")],
        vec![esp.expect("a proposal")],
        identity,
        Credential::SharedKey(key.clone()),
        Trust::SharedKey(key),
    );
    config.demand_cookie = cookie;
    config.fragment_octets = fragment_octets;
    config.window = 3;
    config
}

fn deviation(a: u8, b: u8, c: u8) -> Deviation {
    let exchange = [
        ExchangeType::IKE_SA_INIT,
        ExchangeType::IKE_AUTH,
        ExchangeType::CREATE_CHILD_SA,
        ExchangeType::INFORMATIONAL,
    ][usize::from(a & 3)];
    let at = At {
        exchange: Some(exchange),
        is_response: (a & 4 == 0).then_some(a & 8 == 0),
        ..At::EVERY
    };
    let kind = PayloadType(33 + b % 16);
    let (place, number) = (usize::from(b), u16::from(b));
    let change: Change = match a >> 4 {
        0 => MessageChange::Drop(kind).into(),
        1 => MessageChange::Double(kind).into(),
        2 => MessageChange::Move(kind, Position::First).into(),
        3 => MessageChange::Reverse.into(),
        4 => MessageChange::Critical(kind, true).into(),
        5 => MessageChange::MessageId(number.into()).into(),
        6 => MessageChange::Exchange(ExchangeType(b)).into(),
        7 => FragmentChange::Cut(place).into(),
        8 => FragmentChange::Total(number).into(),
        9 => FragmentChange::Empty(number).into(),
        10 => Change::Padding { fill: b, more_blocks: c },
        11 => Change::Plaintext(Octets::Truncate(place)),
        12 => Change::Plaintext(Octets::Append(vec![c; place])),
        13 => Change::Sealed(Octets::Set(Place::FromStart(place), vec![c])),
        _ => Change::Plaintext(Octets::Set(Place::FromStart(place), vec![c])),
    };
    Deviation::new(at, change)
}

fuzz_target!(|input: &[u8]| {
    let Some((&[seed, settings], mut rest)) = input.split_first_chunk() else {
        return;
    };
    let fragments = (settings & 2 != 0).then_some(200);
    let end = |seed| {
        let config = config(settings & 1 != 0, fragments);
        Endpoint::new(config, Box::new(Seeded(seed)))
    };
    let mut ends = [end(seed.into()), end(u64::from(seed) + 1000)];
    let path = Path {
        local: "192.0.2.1:500".parse().expect("an address"),
        remote: "192.0.2.2:500".parse().expect("an address"),
    };
    let begin = Instant::now();
    let mut now = begin;
    if settings & 4 != 0 {
        ends[0].initiate(now, path).expect("a proposal");
    }
    let mut flying: Vec<(usize, Datagram)> = Vec::new();
    while let Some((&[operation, a, b, c], after)) = rest.split_first_chunk() {
        rest = after;
        let which = usize::from(operation >> 7);
        match operation & 0x0f {
            // What is under way arrives, all of it.
            0..=4 => {
                for _ in 0..8 {
                    for (from, datagram) in flying.drain(..) {
                        ends[1 - from].receive(now, &turned(datagram));
                    }
                    take(&mut ends, now, &mut flying);
                }
            }
            5 if !flying.is_empty() => {
                let (from, datagram) = flying[usize::from(a) % flying.len()].clone();
                ends[1 - from].receive(now, &turned(datagram));
            }
            6 if !flying.is_empty() => {
                let at = usize::from(a) % flying.len();
                flying.remove(at);
            }
            7 if !flying.is_empty() => {
                let at = usize::from(a) % flying.len();
                let bytes = &mut flying[at].1.bytes;
                if !bytes.is_empty() {
                    let place = usize::from(b) % bytes.len();
                    bytes[place] = c;
                }
            }
            8 => {
                let (bytes, after) = rest.split_at(rest.len().min(usize::from(a)));
                rest = after;
                let mut datagram = turned(Datagram {
                    local: path.local,
                    remote: path.remote,
                    bytes: bytes.to_vec(),
                });
                if b & 1 != 0 {
                    datagram.local.set_port(4500);
                }
                ends[which].receive(now, &datagram);
            }
            9 => ends[which].deviate(deviation(a, b, c)),
            10 => {
                now += Duration::from_millis(u64::from(a) * 100);
                ends[which].handle_timeout(now);
            }
            11 => {
                let _ = ends[which].initiate(now, path);
            }
            _ => act(&mut ends[which], now, a, b, c),
        }
        take(&mut ends, now, &mut flying);
        for end in &mut ends {
            assert!(end.sas().len() <= 512);
            while end.event().is_some() {}
            let octets: usize = end.sas().iter().map(|sa| sa.children().len()).sum();
            assert!(octets <= 512 * 64 * 2);
        }
    }
});

fn act(end: &mut Endpoint, now: Instant, a: u8, b: u8, c: u8) {
    let all = end.sas();
    if all.is_empty() {
        return;
    }
    let sa = &all[usize::from(a) % all.len()];
    let children = sa.children();
    let spi = children
        .get(usize::from(c) % children.len().max(1))
        .map_or(7, |child| child.incoming.spi);
    let action = match b % 8 {
        0 => Action::CreateChild,
        1 | 2 => Action::RekeyChild(spi),
        3 | 4 => Action::RekeyIke,
        5 => Action::DeleteChild(spi),
        6 => Action::DeleteIke,
        _ => Action::Request {
            exchange: ExchangeType(c),
            payloads: Vec::<Payload>::new(),
        },
    };
    let sa = sa.id();
    let _ = end.perform(now, sa, action);
}

fn take(ends: &mut [Endpoint; 2], now: Instant, flying: &mut Vec<(usize, Datagram)>) {
    for (from, end) in ends.iter_mut().enumerate() {
        while let Some(datagram) = end.transmit(now) {
            if flying.len() < 64 {
                flying.push((from, datagram));
            }
        }
    }
}

fn turned(datagram: Datagram) -> Datagram {
    Datagram {
        local: datagram.remote,
        remote: datagram.local,
        bytes: datagram.bytes,
    }
}
