//! Two endpoints with a network between them.

mod algorithms;
mod child_sas;
mod deviations;
mod hostile;
mod ike_sa_init;
mod rekeying;
mod sending_again;

use std::time::Duration;

use super::*;
use crate::algorithm::{DhGroup, Encryption, Integrity, Prf};
use crate::keys::Key;
use crate::message::{Identification, TrafficSelector};
use crate::numbers::{IdType, NotifyType};
use crate::proposal::{EspProposal, IkeProposal};

/// Octets that follow from a seed (SplitMix64).
pub(super) struct Seeded(pub(super) u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

const A: usize = 0;
const B: usize = 1;

/// What becomes of a datagram: `None` if it is lost.
type Middlebox = Box<dyn FnMut(usize, Datagram) -> Option<Datagram>>;

struct Net {
    ends: [Endpoint; 2],
    now: Instant,
    began: Instant,
    middlebox: Middlebox,
    /// Who sent it, when, and what.
    wire: Vec<(usize, Duration, Datagram)>,
    events: [Vec<Event>; 2],
}

impl Net {
    fn new(a: Config, b: Config) -> Self {
        let now = Instant::now();
        Self {
            ends: [
                Endpoint::new(a, Box::new(Seeded(1))),
                Endpoint::new(b, Box::new(Seeded(2))),
            ],
            now,
            began: now,
            middlebox: Box::new(|_, datagram| Some(datagram)),
            wire: Vec::new(),
            events: [Vec::new(), Vec::new()],
        }
    }

    /// Two ends that have an IKE SA and a Child SA.
    fn established(a: Config, b: Config) -> (Self, SaId, SaId) {
        let mut net = Self::new(a, b);
        net.initiate();
        net.run();
        let (sa_a, sa_b) = (net.only(A), net.only(B));
        (net, sa_a, sa_b)
    }

    fn initiate(&mut self) -> SaId {
        self.ends[A].initiate(self.now, path()).unwrap()
    }

    fn perform(&mut self, end: usize, sa: SaId, action: Action) {
        self.ends[end].perform(self.now, sa, action).unwrap();
    }

    /// Carries what is due to and fro until nothing is.
    fn run(&mut self) {
        loop {
            let mut is_quiet = true;
            for from in [A, B] {
                while let Some(datagram) = self.ends[from].transmit(self.now) {
                    is_quiet = false;
                    self.carry(from, datagram);
                }
            }
            for end in [A, B] {
                while let Some(event) = self.ends[end].event() {
                    self.events[end].push(event);
                }
                assert_eq!(self.ends[end].lost_events(), 0);
            }
            if is_quiet {
                return;
            }
        }
    }

    fn carry(&mut self, from: usize, datagram: Datagram) {
        assert!(self.wire.len() < 1000, "the ends talk without end");
        let at = self.now - self.began;
        self.wire.push((from, at, datagram.clone()));
        let arrived = (self.middlebox)(from, datagram);
        if let Some(Datagram {
            local,
            remote,
            bytes,
        }) = arrived
        {
            let turned = Datagram {
                local: remote,
                remote: local,
                bytes,
            };
            self.ends[1 - from].receive(self.now, &turned);
        }
    }

    /// Lets time pass up to the next deadline of either end, at most `within`.
    fn wait(&mut self, within: Duration) -> bool {
        let next = self.ends.iter().filter_map(Endpoint::timeout).min();
        let Some(next) = next.filter(|at| *at <= self.now + within) else {
            return false;
        };
        self.now = self.now.max(next);
        for end in &mut self.ends {
            end.handle_timeout(self.now);
        }
        self.run();
        true
    }

    fn wait_for_all(&mut self) {
        while self.wait(Duration::from_secs(3600)) {}
    }

    fn only(&self, end: usize) -> SaId {
        let open: Vec<_> = self.open(end).collect();
        let [sa] = open.as_slice() else {
            panic!("{open:#?}\n{:#?}", self.events);
        };
        sa.id()
    }

    fn open(&self, end: usize) -> impl Iterator<Item = &IkeSa> {
        let all = self.ends[end].sas().iter();
        all.filter(|sa| sa.phase() != Phase::Closed)
    }

    fn child(&self, end: usize) -> &ChildSa {
        let id = self.only(end);
        let [child] = self.ends[end].sa(id).unwrap().children() else {
            panic!("{:#?}", self.events);
        };
        child
    }

    /// Both ends have one IKE SA and the same Child SAs, so many.
    fn assert_agreed(&self, children: usize) {
        let [a, b] = [A, B].map(|end| self.ends[end].sa(self.only(end)).unwrap());
        assert_eq!(a.phase(), Phase::Established);
        assert_eq!(b.phase(), Phase::Established);
        assert_eq!(a.spis(), b.spis());
        assert_eq!(a.keys(), b.keys());
        assert_eq!(a.children().len(), children, "{:#?}", self.events);
        assert_eq!(b.children().len(), children, "{:#?}", self.events);
        for one in a.children() {
            let mut all = b.children().iter();
            let other = all.find(|other| other.incoming.spi == one.outgoing.spi);
            let other = other.expect("the same Child SA at the other end");
            assert_eq!(one.incoming, other.outgoing);
            assert_eq!(one.outgoing, other.incoming);
            assert_eq!(one.local_selectors, other.remote_selectors);
            assert_eq!(one.remote_selectors, other.local_selectors);
            assert_ne!(one.incoming.encryption_key, one.outgoing.encryption_key);
        }
    }

    fn saw(&self, end: usize, wanted: impl Fn(&Event) -> bool) -> usize {
        let all = self.events[end].iter();
        all.filter(|event| wanted(event)).count()
    }

    fn refusals(&self, end: usize) -> Vec<NotifyType> {
        let all = self.events[end].iter();
        all.filter_map(|event| {
            if let Event::Refused { why, .. } = event {
                Some(*why)
            } else {
                None
            }
        })
        .collect()
    }

    fn failures(&self, end: usize) -> Vec<&Failure> {
        let all = self.events[end].iter();
        all.filter_map(|event| {
            if let Event::Failed { why, .. } = event {
                Some(why)
            } else {
                None
            }
        })
        .collect()
    }

    fn discarded(&self, end: usize) -> Vec<&Discarded> {
        let all = self.events[end].iter();
        all.filter_map(|event| {
            if let Event::Discarded { why, .. } = event {
                Some(why)
            } else {
                None
            }
        })
        .collect()
    }

    fn closed(&self, end: usize) -> Vec<Closed> {
        let all = self.events[end].iter();
        all.filter_map(|event| {
            if let Event::IkeSaClosed { why, .. } = event {
                Some(*why)
            } else {
                None
            }
        })
        .collect()
    }
}

fn path() -> Path {
    Path {
        local: "192.0.2.1:500".parse().unwrap(),
        remote: "192.0.2.2:500".parse().unwrap(),
    }
}

fn fqdn(name: &str) -> Identification {
    Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: name.into(),
    }
}

fn ike(dh: &[DhGroup]) -> IkeProposal {
    IkeProposal::new(
        vec![Encryption::AesCbc256],
        vec![Integrity::HmacSha2Bits256Of128],
        vec![Prf::HmacSha2Bits256],
        dh.to_vec(),
    )
    .unwrap()
}

fn esp(dh: &[DhGroup]) -> EspProposal {
    EspProposal::new(vec![Encryption::AesGcm16Bits256], vec![], dh.to_vec()).unwrap()
}

/// Settings of one end with the pre-shared key of both.
fn psk(name: &str) -> Config {
    let key = Key::from(b"a secret of both ends".as_slice());
    Config::new(
        vec![ike(&[DhGroup::Curve25519, DhGroup::Ecp256])],
        vec![esp(&[])],
        fqdn(name),
        Credential::SharedKey(key.clone()),
        Trust::SharedKey(key),
    )
}

fn both() -> (Config, Config) {
    (psk("moon.example"), psk("sun.example"))
}
