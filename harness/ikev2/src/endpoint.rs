//! An end of IKEv2 that speaks: initiator and responder in one, without sockets and without a clock.
//!
//! The caller gives datagrams and the time, and takes datagrams, events and the time of the next
//! deadline. One endpoint has any number of IKE SAs with one kind of [`Config`].
//!
//! ```text
//! receive, handle_timeout, initiate, perform  →  Endpoint  →  transmit, event, timeout
//! ```
//!
//! It does what the RFCs say unless a [`Deviation`] changes what it sends. Modules are named by the
//! exchange that they speak.

mod child_sa;
mod config;
mod create_child_sa;
mod event;
mod ike_auth;
mod ike_sa_init;
mod informational;
mod payloads;
mod receive;
mod sa;
mod send;
mod window;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

pub use config::{Config, Credential, FindKey, Retransmission, Trust};
pub use event::{Closed, Discarded, Event, Failure};
pub use sa::{ChildSa, EspSa, IkeSa, Phase, SaId};

use crate::deviation::{Deviation, Deviations};
use crate::message::Payload;
use crate::numbers::ExchangeType;
use crate::random::{self, Random};
use crate::wire::NON_ESP_MARKER;
use create_child_sa::Inheritance;
use event::Events;

/// The port of IKE (RFC 7296, section 2).
pub const PORT: u16 = 500;

/// The port of IKE and of ESP within UDP (RFC 3948).
pub const NAT_PORT: u16 = 4500;

/// One or more IKE SAs of one end.
pub struct Endpoint {
    core: Core,
    sas: Vec<IkeSa>,
}

/// What all IKE SAs of an endpoint share.
struct Core {
    config: Config,
    random: Box<dyn Random>,
    deviations: Deviations,
    events: Events,
    outgoing: Outgoing,
    /// IKE SAs that an exchange of another one has made, until that exchange is done.
    born: Vec<IkeSa>,
    /// Child SAs for IKE SAs among them.
    inheritances: Vec<Inheritance>,
    /// IKE SAs to delete when that exchange is done.
    doomed: Vec<SaId>,
    next_sa: u32,
    /// How many IKE SAs there are.
    sa_count: usize,
    cookie_secret: Vec<u8>,
}

/// What is sent or received: the payload of UDP, with the non-ESP marker on [`NAT_PORT`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// The address of the endpoint itself.
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub bytes: Vec<u8>,
}

/// Between which addresses messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

/// What an endpoint can be told to do on an IKE SA. It waits until the window allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Another Child SA (RFC 7296, section 1.3.1).
    CreateChild,
    /// Replaces the Child SA of this SPI of incoming packets (section 1.3.3), and deletes the old one.
    RekeyChild(u32),
    /// Replaces the IKE SA (section 1.3.2), and deletes the old one.
    RekeyIke,
    /// Deletes the Child SA of this SPI of incoming packets (section 1.4.1).
    DeleteChild(u32),
    DeleteIke,
    /// An empty INFORMATIONAL request (section 1.4).
    CheckLiveness,
    /// Any request at all.
    Request {
        exchange: ExchangeType,
        payloads: Vec<Payload>,
    },
    /// A request that nobody must answer: it is sent once, no response is awaited, and the next
    /// request has its message id again. Without a deviation it is a good request.
    Stray {
        exchange: ExchangeType,
        payloads: Vec<Payload>,
    },
}

/// There is no such IKE SA, or it is in no state for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the IKE SA is not there, or not in a state to do this")]
pub struct NotPossible;

impl Endpoint {
    pub fn new(config: Config, mut random: Box<dyn Random>) -> Self {
        let cookie_secret = random::octets(&mut *random, 32);
        Self {
            core: Core {
                config,
                random,
                deviations: Deviations::default(),
                events: Events::default(),
                outgoing: Outgoing::default(),
                born: Vec::new(),
                inheritances: Vec::new(),
                doomed: Vec::new(),
                next_sa: 0,
                sa_count: 0,
                cookie_secret,
            },
            sas: Vec::new(),
        }
    }

    /// Lets an endpoint do something wrong from now on.
    pub fn deviate(&mut self, deviation: Deviation) {
        self.core.deviations.add(deviation);
    }

    /// The deviations that have changed nothing so far: who relies on them has not tested anything.
    pub fn unapplied(&self) -> impl Iterator<Item = &Deviation> {
        self.core.deviations.unapplied()
    }

    /// Begins an IKE SA, whose first Child SA is made with it.
    ///
    /// # Errors
    ///
    /// The settings have no proposal, or there is no key pair for the first group.
    pub fn initiate(&mut self, now: Instant, path: Path) -> Result<SaId, NotPossible> {
        let sa = self.core.begin(now, path).ok_or(NotPossible)?;
        let id = sa.id;
        self.sas.push(sa);
        Ok(id)
    }

    /// Does something on an IKE SA, as soon as the window allows it.
    ///
    /// # Errors
    ///
    /// There is no such IKE SA; or it is not established; or too much waits already.
    pub fn perform(&mut self, now: Instant, sa: SaId, action: Action) -> Result<(), NotPossible> {
        const MOST: usize = 1 << 8;
        let mut all = self.sas.iter_mut();
        let sa = all.find(|one| one.id == sa).ok_or(NotPossible)?;
        let is_possible = match action {
            Action::CreateChild | Action::RekeyChild(_) | Action::RekeyIke => {
                sa.phase == Phase::Established
            }
            Action::DeleteChild(_) | Action::DeleteIke | Action::CheckLiveness => {
                matches!(sa.phase, Phase::Established | Phase::Replaced)
            }
            Action::Request { .. } | Action::Stray { .. } => sa.phase != Phase::Closed,
        };
        if !is_possible || sa.requests.waiting.len() >= MOST {
            return Err(NotPossible);
        }
        sa.requests.waiting.push_back(action);
        self.core.start_waiting(now, sa);
        Ok(())
    }

    /// The next datagram that is due.
    pub fn transmit(&mut self, now: Instant) -> Option<Datagram> {
        self.core.outgoing.pop(now)
    }

    /// What has happened, the oldest first.
    pub fn event(&mut self) -> Option<Event> {
        self.core.events.pop()
    }

    /// How many events were lost because nobody took them.
    pub fn lost_events(&self) -> u64 {
        self.core.events.lost()
    }

    /// When [`Self::handle_timeout`] and [`Self::transmit`] must be called again, if nothing comes
    /// before.
    pub fn timeout(&self) -> Option<Instant> {
        let of_sas = self.sas.iter().flat_map(|sa| {
            let requests = sa.requests.outstanding.iter().map(|one| one.next);
            requests.chain(sa.expires)
        });
        of_sas.chain(self.core.outgoing.next()).min()
    }

    /// Sends again what was not answered, gives up what was never answered, and forgets what is over.
    pub fn handle_timeout(&mut self, now: Instant) {
        for sa in &mut self.sas {
            self.core.retransmit(now, sa);
            if sa.expires.is_some_and(|at| at <= now) && sa.phase != Phase::Closed {
                self.core.close(now, sa, Closed::Abandoned);
                sa.expires = None;
            }
        }
        let is_over =
            |sa: &IkeSa| sa.phase == Phase::Closed && sa.expires.is_none_or(|at| at <= now);
        self.sas.retain(|sa| !is_over(sa));
    }

    /// Does what an exchange leaves to be done with other IKE SAs than its own.
    fn settle(&mut self, now: Instant) {
        self.sas.append(&mut self.core.born);
        for inheritance in std::mem::take(&mut self.core.inheritances) {
            let Inheritance {
                old,
                new,
                children,
                waiting,
            } = inheritance;
            if let Some(heir) = self.sas.iter_mut().find(|sa| sa.id == new) {
                heir.children.extend(children);
                heir.requests.waiting.extend(waiting);
                self.core.events.push(Event::IkeSaRekeyed { old, new });
                self.core.start_waiting(now, heir);
            }
        }
        for doomed in std::mem::take(&mut self.core.doomed) {
            // One that is closed already needs no deletion.
            let _ = self.perform(now, doomed, Action::DeleteIke);
        }
    }

    pub fn sa(&self, id: SaId) -> Option<&IkeSa> {
        self.sas.iter().find(|sa| sa.id == id)
    }

    /// All IKE SAs, those that are closed and not yet forgotten included.
    pub fn sas(&self) -> &[IkeSa] {
        &self.sas
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("sas", &self.sas)
            .finish_non_exhaustive()
    }
}

impl Core {
    fn next_id(&mut self) -> SaId {
        let id = SaId(self.next_sa);
        self.next_sa = self.next_sa.wrapping_add(1);
        id
    }

    fn fail(&mut self, sa: &IkeSa, exchange: ExchangeType, why: impl Into<Failure>) {
        let (sa, why) = (sa.id, why.into());
        self.events.push(Event::Failed { sa, exchange, why });
    }

    fn close(&mut self, now: Instant, sa: &mut IkeSa, why: Closed) {
        sa.phase = Phase::Closed;
        sa.expires = Some(now + self.config.linger);
        sa.requests.outstanding.clear();
        sa.requests.waiting.clear();
        sa.children.clear();
        self.events.push(Event::IkeSaClosed { sa: sa.id, why });
    }

    /// Begins as much of what waits as the window allows.
    fn start_waiting(&mut self, now: Instant, sa: &mut IkeSa) {
        while sa.requests.has_room()
            && let Some(action) = sa.requests.waiting.pop_front()
        {
            match action {
                Action::CreateChild => self.request_child(now, sa, None, None),
                Action::RekeyChild(spi) => self.request_child(now, sa, Some(spi), None),
                Action::RekeyIke => self.request_ike(now, sa, None),
                Action::DeleteChild(spi) => self.delete_child(now, sa, spi),
                Action::DeleteIke => self.delete_ike(now, sa),
                Action::CheckLiveness => self.check_liveness(now, sa),
                Action::Request { exchange, payloads } => {
                    self.request(now, sa, exchange, payloads, window::Purpose::Other);
                }
                Action::Stray { exchange, payloads } => self.stray(now, sa, exchange, payloads),
            }
        }
    }

    fn retransmit(&mut self, now: Instant, sa: &mut IkeSa) {
        let how = self.config.retransmission;
        let path = sa.path;
        let mut is_given_up = false;
        for one in &mut sa.requests.outstanding {
            if one.next > now {
                continue;
            }
            if one.times >= how.times {
                is_given_up = true;
                break;
            }
            one.times += 1;
            one.next = now + how.wait(one.times);
            for packet in &one.packets {
                self.outgoing.push(now, path.datagram(packet.clone()));
            }
        }
        if is_given_up {
            self.close(now, sa, Closed::NoAnswer);
        }
    }
}

impl Path {
    fn datagram(self, message: Vec<u8>) -> Datagram {
        let bytes = if self.local.port() == NAT_PORT {
            [NON_ESP_MARKER.as_slice(), &message].concat()
        } else {
            message
        };
        Datagram {
            local: self.local,
            remote: self.remote,
            bytes,
        }
    }
}

/// Datagrams by the time at which they are sent; of too many, those of the earliest time are lost.
#[derive(Debug, Default)]
struct Outgoing {
    queue: BTreeMap<(Instant, u64), Datagram>,
    count: u64,
}

impl Outgoing {
    const MOST: usize = 1 << 12;

    fn push(&mut self, at: Instant, datagram: Datagram) {
        if self.queue.len() == Self::MOST {
            self.queue.pop_first();
        }
        self.count = self.count.wrapping_add(1);
        self.queue.insert((at, self.count), datagram);
    }

    fn pop(&mut self, now: Instant) -> Option<Datagram> {
        let first = self.queue.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    fn next(&self) -> Option<Instant> {
        self.queue.keys().next().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests;
