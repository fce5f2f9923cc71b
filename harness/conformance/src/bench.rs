//! What a case works with: testers, the way to the router, and how long to wait for it.

mod called;
mod traffic;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ikev2::authentication::{Scheme, SigningKey};

use ikev2::deviation::{At, Change, Deviation};
use ikev2::endpoint::{
    Action, Closed, Config, Credential, Datagram, Endpoint, Event, Path, Phase, SaId,
};
use ikev2::keys::{SkKeys, Suite};
use ikev2::message::{Certificate, Header, Message, Payload, notifies};
use ikev2::numbers::{ExchangeType, NotifyType, PayloadType};
use ikev2::random::Random;
use ikev2::wire::{MessageView, NON_ESP_MARKER};

use crate::case::{Seen, Setup, Stop, words};
use crate::network::{Network, Packet};

pub(crate) use called::{Request, control};
use traffic::Tunnel;

/// A router to be tested, and all it takes to speak with it.
pub struct Bench<'n> {
    network: &'n mut dyn Network,
    given: Given,
    sessions: Vec<Session>,
}

/// What is known of a router, and of the way to it.
#[derive(Clone)]
pub struct Given {
    pub setup: Setup,
    /// From the tester to the router.
    pub path: Path,
    /// What the router accepts.
    pub config: Config,
    pub patience: Patience,
    pub hosts: Hosts,
    pub random: fn() -> Box<dyn Random>,
    /// Keys of the tester whose certificates the router trusts, one of each kind.
    pub signers: Vec<Signer>,
    /// The signatures that the router is declared to accept.
    pub signatures: Vec<Scheme>,
}

/// The ends of what a Child SA carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// Behind the tester: it need not be there.
    pub own: Ipv4Addr,
    /// Behind the router: it answers echo requests of ICMP.
    pub remote: Ipv4Addr,
}

/// A key with its certificate, the subordinate CAs behind it.
#[derive(Clone, Debug)]
pub struct Signer {
    pub key: Arc<SigningKey>,
    pub certificates: Vec<Certificate>,
}

impl Signer {
    /// Whether its key can make such signatures.
    pub fn fits(&self, scheme: Scheme) -> bool {
        self.key.sign(scheme, b"a try").is_ok()
    }

    /// To sign in this way.
    pub fn credential(&self, scheme: Option<Scheme>) -> Credential {
        Credential::Signature {
            key: self.key.clone(),
            scheme,
            certificates: self.certificates.clone(),
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For an answer that is due: several retransmissions fit in.
    pub answer: Duration,
    /// Before silence counts as silence. A router that answers at all does so in a small part of it,
    /// which the controls of every case show.
    pub silence: Duration,
}

/// The keys of an IKE SA that a tester had.
#[derive(Clone, Debug)]
pub struct Session {
    pub spis: (u64, u64),
    pub suite: Suite,
    pub keys: SkKeys,
}

/// One end that speaks with the router, and what it saw.
pub struct Tester {
    pub endpoint: Endpoint,
    /// What came, the latest last.
    arrived: Vec<Datagram>,
    /// Child SAs through which something was sent, by the SPI of incoming packets.
    tunnels: BTreeMap<u32, Tunnel>,
    /// What is to be sent beside the messages of the endpoint.
    extra: Vec<Packet>,
    forge: Option<Box<Forge>>,
}

/// Makes a message that goes out before this one.
type Forge = dyn FnMut(&[u8]) -> Option<Vec<u8>>;

/// An answer of the router, with its payloads in clear.
pub(crate) type Answer = Vec<Payload>;

impl<'n> Bench<'n> {
    pub fn new(network: &'n mut dyn Network, given: Given) -> Self {
        Self {
            network,
            given,
            sessions: Vec::new(),
        }
    }

    /// Settings that the router accepts.
    pub fn config(&self) -> &Config {
        &self.given.config
    }

    /// The messages of an exchange that are the tester's own: its requests if it initiates, and its
    /// responses if the router does.
    pub(crate) fn at(&self, exchange: ExchangeType) -> At {
        if self.given.setup.router_initiates {
            At::response(exchange)
        } else {
            At::request(exchange)
        }
    }

    pub fn path(&self) -> Path {
        self.given.path
    }

    /// Whether the router begins, and not the tester.
    pub fn router_initiates(&self) -> bool {
        self.given.setup.router_initiates
    }

    pub fn hosts(&self) -> Hosts {
        self.given.hosts
    }

    /// What the tester can sign with.
    pub fn signers(&self) -> &[Signer] {
        &self.given.signers
    }

    /// The signatures that the router is declared to accept.
    pub fn signatures(&self) -> &[Scheme] {
        &self.given.signatures
    }

    pub fn patience(&self) -> Patience {
        self.given.patience
    }

    /// The keys of every IKE SA so far.
    pub fn into_sessions(self) -> Vec<Session> {
        self.sessions
    }

    pub fn tester(&self) -> Tester {
        self.tester_with(self.given.config.clone())
    }

    pub fn tester_with(&self, config: Config) -> Tester {
        Tester {
            endpoint: Endpoint::new(config, (self.given.random)()),
            arrived: Vec::new(),
            tunnels: BTreeMap::new(),
            extra: Vec::new(),
            forge: None,
        }
    }

    /// A tester that has an IKE SA and a Child SA with the router, whoever of them begins: what every
    /// router can do.
    ///
    /// # Errors
    ///
    /// The control failed.
    pub fn established(&mut self) -> Result<(Tester, SaId), Stop> {
        let mut tester = self.tester();
        let sa = self.establish(&mut tester)?.map_err(Stop::Control)?;
        Ok((tester, sa))
    }

    /// Sets up an IKE SA with a Child SA, whoever begins, or says what the router did instead.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn establish(&mut self, tester: &mut Tester) -> Result<Result<SaId, Seen>, Stop> {
        if self.given.setup.router_initiates {
            return self.called_on(tester);
        }
        self.initiate(tester)?;
        self.established_on(tester)
    }

    /// Waits for the Child SA of what was begun, or says what the router did instead.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn established_on(&mut self, tester: &mut Tester) -> Result<Result<SaId, Seen>, Stop> {
        let ended = self.until(tester, self.given.patience.answer, |event| match event {
            Event::ChildSaEstablished { sa, .. } => Some(Ok(*sa)),
            Event::Refused { why, .. } => Some(Err(Seen::Refused(*why))),
            Event::IkeSaClosed {
                why: Closed::NoAnswer,
                ..
            } => Some(Err(Seen::Silence)),
            Event::Failed { .. } => Some(Err(Seen::Wrong(words::NOT_USABLE))),
            _ => None,
        })?;
        Ok(ended.unwrap_or(Err(Seen::Silence)))
    }

    pub fn initiate(&mut self, tester: &mut Tester) -> Result<SaId, Stop> {
        let begun = tester
            .endpoint
            .initiate(self.network.now(), self.given.path);
        begun.map_err(|_| Stop::Control(Seen::Wrong(words::CANNOT_BEGIN)))
    }

    /// Begins an IKE SA with one thing wrong in IKE_SA_INIT, and gives the answer to it.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn answer_to_init(
        &mut self,
        tester: &mut Tester,
        wrong: impl Into<Change>,
    ) -> Result<Option<Answer>, Stop> {
        let at = At::request(ExchangeType::IKE_SA_INIT);
        tester.endpoint.deviate(Deviation::new(at, wrong));
        self.initiate(tester)?;
        self.answer(tester, ExchangeType::IKE_SA_INIT)
    }

    /// Does something on an IKE SA, and gives the answer to it.
    ///
    /// # Errors
    ///
    /// The network is at fault, or the IKE SA is gone.
    pub(crate) fn ask(
        &mut self,
        tester: &mut Tester,
        sa: SaId,
        action: Action,
    ) -> Result<Option<Answer>, Stop> {
        let exchange = match &action {
            Action::CreateChild | Action::RekeyChild(_) | Action::RekeyIke => {
                ExchangeType::CREATE_CHILD_SA
            }
            Action::DeleteChild(_) | Action::DeleteIke | Action::CheckLiveness => {
                ExchangeType::INFORMATIONAL
            }
            Action::Request { exchange, .. } | Action::Stray { exchange, .. } => *exchange,
        };
        self.perform(tester, sa, action)?;
        self.answer(tester, exchange)
    }

    pub fn perform(&mut self, tester: &mut Tester, sa: SaId, action: Action) -> Result<(), Stop> {
        let begun = tester.endpoint.perform(self.network.now(), sa, action);
        begun.map_err(|_| Stop::Control(Seen::Wrong(words::SA_GONE)))
    }

    /// The next response of an exchange.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn answer(
        &mut self,
        tester: &mut Tester,
        exchange: ExchangeType,
    ) -> Result<Option<Answer>, Stop> {
        self.until(tester, self.given.patience.answer, |event| match event {
            // What belongs to no IKE SA here comes late, from a case before. A cookie is asked for
            // first; the answer follows (RFC 7296, section 2.6).
            Event::Received {
                sa: Some(_),
                header,
                payloads,
                ..
            } if header.exchange == exchange
                && header.flags.is_response()
                && !asks_for_cookie(payloads) =>
            {
                Some(payloads.clone())
            }
            _ => None,
        })
    }

    /// That the router answers a correct liveness check: it still has the IKE SA.
    ///
    /// # Errors
    ///
    /// What it did instead, as a violation: nothing that came before may have ended the IKE SA.
    pub fn still_has(&mut self, tester: &mut Tester, sa: SaId) -> Result<(), Stop> {
        match self.ask(tester, sa, Action::CheckLiveness) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Stop::Violation(Seen::Silence)),
            // It has ended the IKE SA by now.
            Err(Stop::Control(gone)) => Err(Stop::Violation(gone)),
            Err(other) => Err(other),
        }
    }

    /// Ends the IKE SA, so that the router has nothing left of the case.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn end(&mut self, tester: &mut Tester, sa: SaId) -> Result<(), Stop> {
        // One that is gone already needs no end.
        if self.perform(tester, sa, Action::DeleteIke).is_ok() {
            self.until(tester, self.given.patience.silence, |event| {
                matches!(event, Event::IkeSaClosed { .. }).then_some(())
            })?;
        }
        Ok(())
    }

    /// Completes what was begun, and ends it: a router that holds many IKE SAs half open turns away who
    /// comes next (RFC 7296, section 2.6).
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn leave(&mut self, tester: &mut Tester) -> Result<(), Stop> {
        let mut all = tester.endpoint.sas().iter();
        if all.all(|sa| sa.phase() == Phase::Closed) {
            return Ok(());
        }
        let mut all = tester.endpoint.sas().iter();
        let was_called = all.any(|sa| !sa.is_initiator());
        let ended = if was_called {
            self.joined(tester)?
        } else {
            self.established_on(tester)?
        };
        match ended {
            Ok(sa) => self.end(tester, sa),
            Err(_) => Ok(()),
        }
    }

    /// Whether the router answers a correct IKE_SA_INIT request of somebody new.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn is_alive(&mut self) -> Result<bool, Stop> {
        let mut tester = self.tester();
        self.initiate(&mut tester)?;
        let answer = self.answer(&mut tester, ExchangeType::IKE_SA_INIT)?;
        let mut payloads = answer.iter().flatten();
        let is_alive = payloads.any(|payload| payload.kind() == PayloadType::SA);
        self.leave(&mut tester)?;
        Ok(is_alive)
    }

    /// Sends and receives until an event is the one that is wanted, at most for so long. Later events
    /// wait for the next call.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn until<T>(
        &mut self,
        tester: &mut Tester,
        patience: Duration,
        mut wanted: impl FnMut(&Event) -> Option<T>,
    ) -> Result<Option<T>, Stop> {
        let deadline = self.network.now() + patience;
        loop {
            let now = self.network.now();
            tester.endpoint.handle_timeout(now);
            let mut found = None;
            while found.is_none()
                && let Some(event) = tester.endpoint.event()
            {
                found = wanted(&event);
            }
            let mut sent = Vec::new();
            while let Some(datagram) = tester.endpoint.transmit(now) {
                sent.extend(tester.forged(&datagram).map(Packet::Udp));
                sent.push(Packet::Udp(datagram));
            }
            sent.append(&mut tester.extra);
            self.note_keys(tester);
            let is_over = found.is_some() || now >= deadline;
            let until = if is_over {
                now
            } else {
                let next = tester.endpoint.timeout().unwrap_or(deadline);
                next.clamp(now, deadline)
            };
            if !(is_over && sent.is_empty()) {
                let arrived = self.network.exchange(sent, until)?;
                let now = self.network.now();
                for packet in arrived {
                    match packet {
                        Packet::Udp(datagram) => {
                            tester.endpoint.receive(now, &datagram);
                            tester.keep(datagram);
                        }
                        Packet::Esp(esp) => tester.endpoint.receive_esp(esp.bytes),
                    }
                }
            }
            if is_over {
                return Ok(found);
            }
        }
    }

    fn note_keys(&mut self, tester: &Tester) {
        for sa in tester.endpoint.sas() {
            if let (Some(suite), Some(keys)) = (sa.suite(), sa.keys())
                && !self.sessions.iter().any(|one| one.spis == sa.spis())
            {
                self.sessions.push(Session {
                    spis: sa.spis(),
                    suite,
                    keys: keys.clone(),
                });
            }
        }
    }

    pub fn now(&self) -> Instant {
        self.network.now()
    }
}

impl Tester {
    /// What came, as it came.
    pub fn arrived(&self) -> &[Datagram] {
        &self.arrived
    }

    /// The responses of an exchange as they came, the marker of UDP port 4500 left out.
    pub(crate) fn answers(&self, exchange: ExchangeType) -> Vec<&[u8]> {
        self.messages(|view| view.exchange_type() == exchange && view.flags().is_response())
    }

    /// The requests of an exchange as they came, the marker of UDP port 4500 left out.
    pub(crate) fn requests(&self, exchange: ExchangeType) -> Vec<&[u8]> {
        self.messages(|view| view.exchange_type() == exchange && !view.flags().is_response())
    }

    /// The headers of all messages that came.
    pub(crate) fn arrived_headers(&self) -> Vec<Header> {
        let all = self.messages(|_| true).into_iter();
        let parsed = all.filter_map(|message| Message::parse(message).ok());
        parsed.map(|message| message.header).collect()
    }

    fn messages(&self, wanted: impl Fn(&MessageView<'_>) -> bool) -> Vec<&[u8]> {
        let messages = self.arrived.iter().map(|datagram| {
            let bytes = datagram.bytes.as_slice();
            bytes.strip_prefix(&NON_ESP_MARKER).unwrap_or(bytes)
        });
        let mine: Vec<u64> = self.endpoint.sas().iter().map(|sa| sa.spis().0).collect();
        let wanted = |message: &&[u8]| {
            MessageView::new(message)
                .is_ok_and(|view| mine.contains(&view.initiator_spi()) && wanted(&view))
        };
        messages.filter(wanted).collect()
    }

    /// Sends something of these octets before each message for which it gives some. Datagrams of ESP are
    /// no messages.
    pub(crate) fn forge(&mut self, forge: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) {
        self.forge = Some(Box::new(forge));
    }

    fn forged(&mut self, datagram: &Datagram) -> Option<Datagram> {
        let forge = self.forge.as_mut()?;
        let (marker, message) = match datagram.bytes.strip_prefix(&NON_ESP_MARKER) {
            Some(message) => (NON_ESP_MARKER.as_slice(), message),
            None => (&[][..], datagram.bytes.as_slice()),
        };
        let bytes = [marker, &forge(message)?].concat();
        Some(Datagram {
            bytes,
            ..datagram.clone()
        })
    }

    fn keep(&mut self, datagram: Datagram) {
        /// More than any case looks at.
        const MOST: usize = 1 << 10;
        if self.arrived.len() < MOST {
            self.arrived.push(datagram);
        }
    }
}

fn asks_for_cookie(answer: &[Payload]) -> bool {
    notifies(answer).any(|notify| notify.kind == NotifyType::COOKIE)
}

/// The first error among the notifications of an answer.
pub(crate) fn refusal(answer: &[Payload]) -> Option<NotifyType> {
    let mut all = notifies(answer).map(|notify| notify.kind);
    all.find(|kind| kind.is_error())
}

/// That an answer has this error in it.
///
/// # Errors
///
/// What it has instead, as a violation.
pub(crate) fn must_refuse(answer: Option<Answer>, with: NotifyType) -> Result<Answer, Stop> {
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    match refusal(&answer) {
        Some(why) if why == with => Ok(answer),
        Some(other) => Err(Stop::Violation(Seen::Refused(other))),
        None => Err(Stop::Violation(Seen::Accepted)),
    }
}

/// That an answer has a payload of this type.
///
/// # Errors
///
/// What it has instead, as a violation.
pub(crate) fn must_have(answer: Option<Answer>, kind: PayloadType) -> Result<Answer, Stop> {
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    if answer.iter().any(|payload| payload.kind() == kind) {
        Ok(answer)
    } else {
        Err(Stop::Violation(Seen::of_answer(&answer, kind)))
    }
}
