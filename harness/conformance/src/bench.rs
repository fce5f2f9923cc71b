//! What a case works with: testers, the way to the router, and how long to wait for it.

use std::time::{Duration, Instant};

use ikev2::deviation::{At, Change, Deviation};
use ikev2::endpoint::{Action, Closed, Config, Datagram, Endpoint, Event, Path, Phase, SaId};
use ikev2::keys::{SkKeys, Suite};
use ikev2::message::{Payload, notifies};
use ikev2::numbers::{ExchangeType, NotifyType, PayloadType};
use ikev2::random::Random;
use ikev2::wire::{MessageView, NON_ESP_MARKER};

use crate::case::{Seen, Stop, words};
use crate::network::Network;

/// A router to be tested, and all it takes to speak with it.
pub struct Bench<'n> {
    network: &'n mut dyn Network,
    path: Path,
    config: Config,
    patience: Patience,
    random: fn() -> Box<dyn Random>,
    sessions: Vec<Session>,
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
}

/// An answer of the router, with its payloads in clear.
pub(crate) type Answer = Vec<Payload>;

impl<'n> Bench<'n> {
    /// `config` is what the router accepts. `path` leads to it.
    pub fn new(
        network: &'n mut dyn Network,
        path: Path,
        config: Config,
        patience: Patience,
        random: fn() -> Box<dyn Random>,
    ) -> Self {
        Self {
            network,
            path,
            config,
            patience,
            random,
            sessions: Vec::new(),
        }
    }

    /// Settings that the router accepts.
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn path(&self) -> Path {
        self.path
    }

    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// The keys of every IKE SA so far.
    pub fn into_sessions(self) -> Vec<Session> {
        self.sessions
    }

    pub fn tester(&self) -> Tester {
        self.tester_with(self.config.clone())
    }

    pub fn tester_with(&self, config: Config) -> Tester {
        Tester {
            endpoint: Endpoint::new(config, (self.random)()),
            arrived: Vec::new(),
        }
    }

    /// A tester that has an IKE SA and a Child SA with the router: what every router can do.
    ///
    /// # Errors
    ///
    /// The control failed.
    pub fn established(&mut self) -> Result<(Tester, SaId), Stop> {
        let mut tester = self.tester();
        let sa = self.establish(&mut tester)?.map_err(Stop::Control)?;
        Ok((tester, sa))
    }

    /// Sets up an IKE SA with a Child SA, or says what the router did instead.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn establish(&mut self, tester: &mut Tester) -> Result<Result<SaId, Seen>, Stop> {
        self.initiate(tester)?;
        self.established_on(tester)
    }

    /// Waits for the Child SA of what was begun, or says what the router did instead.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub fn established_on(&mut self, tester: &mut Tester) -> Result<Result<SaId, Seen>, Stop> {
        let ended = self.until(tester, self.patience.answer, |event| match event {
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
        let begun = tester.endpoint.initiate(self.network.now(), self.path);
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
        self.until(tester, self.patience.answer, |event| match event {
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
        match self.ask(tester, sa, Action::CheckLiveness)? {
            Some(_) => Ok(()),
            None => Err(Stop::Violation(Seen::Silence)),
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
            self.until(tester, self.patience.silence, |event| {
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
        match self.established_on(tester)? {
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
                sent.push(datagram);
            }
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
                for datagram in arrived {
                    tester.endpoint.receive(now, &datagram);
                    tester.keep(datagram);
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
        let messages = self.arrived.iter().map(|datagram| {
            let bytes = datagram.bytes.as_slice();
            bytes.strip_prefix(&NON_ESP_MARKER).unwrap_or(bytes)
        });
        let mine: Vec<u64> = self.endpoint.sas().iter().map(|sa| sa.spis().0).collect();
        let wanted = |message: &&[u8]| {
            MessageView::new(message).is_ok_and(|view| {
                view.exchange_type() == exchange
                    && view.flags().is_response()
                    && mine.contains(&view.initiator_spi())
            })
        };
        messages.filter(wanted).collect()
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
