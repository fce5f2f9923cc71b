//! The tester as responder: the router begins.

use ikev2::deviation::{At, Change, Deviation};
use ikev2::endpoint::{Action, Closed, Event, IkeSa, Path, Phase, SaId};
use ikev2::message::{Header, Payload};
use ikev2::numbers::ExchangeType;

use super::{Bench, Tester};
use crate::case::{Seen, Stop, words};

/// A request of the router, with its payloads in clear.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) header: Header,
    pub(crate) payloads: Vec<Payload>,
}

impl Bench<'_> {
    /// Has the router begin.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn call(&mut self) -> Result<(), Stop> {
        Ok(self.network.call()?)
    }

    /// Has the router begin, and waits for the Child SA, or says what the router did instead.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(super) fn called_on(&mut self, tester: &mut Tester) -> Result<Result<SaId, Seen>, Stop> {
        self.call()?;
        self.joined(tester)
    }

    /// Waits for the Child SA that the router asks for, or says what it did instead.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn joined(&mut self, tester: &mut Tester) -> Result<Result<SaId, Seen>, Stop> {
        let mut all = tester.endpoint.sas().iter();
        let is_done = |sa: &&IkeSa| sa.phase() == Phase::Established && !sa.children().is_empty();
        if let Some(done) = all.find(is_done) {
            return Ok(Ok(done.id()));
        }
        let patience = self.beginning();
        let mut seen = Seen::Wrong(words::DID_NOT_BEGIN);
        let ended = self.until(tester, patience, |event| match event {
            Event::ChildSaEstablished { sa, .. } => Some(Ok(*sa)),
            Event::Refused { why, .. } => Some(Err(Seen::Refused(*why))),
            Event::Failed { .. } => Some(Err(Seen::Wrong(words::NOT_USABLE))),
            Event::Received { .. } => {
                seen = Seen::Silence;
                None
            }
            _ => None,
        })?;
        Ok(ended.unwrap_or(Err(seen)))
    }

    /// The next request of an exchange; the first one may take as long as a router takes to begin.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn request(
        &mut self,
        tester: &mut Tester,
        exchange: ExchangeType,
    ) -> Result<Option<Request>, Stop> {
        let patience = self.beginning();
        self.until(tester, patience, |event| request_of(event, exchange))
    }

    /// Whether such a request comes while it counts as silence if none does.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn goes_on(
        &mut self,
        tester: &mut Tester,
        exchange: ExchangeType,
    ) -> Result<bool, Stop> {
        let patience = self.patience().silence * 2;
        let found = self.until(tester, patience, |event| request_of(event, exchange))?;
        Ok(found.is_some())
    }

    /// Has the router begin with a tester that answers with one thing wrong.
    ///
    /// # Errors
    ///
    /// The router does not begin, or the network is at fault.
    pub(crate) fn called_with(
        &mut self,
        tester: &mut Tester,
        at: At,
        wrong: impl Into<Change>,
    ) -> Result<(), Stop> {
        tester.endpoint.deviate(Deviation::new(at, wrong));
        self.call()?;
        let begun = self.request(tester, ExchangeType::IKE_SA_INIT)?;
        begun
            .map(drop)
            .ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))
    }

    /// That the router does not go on to IKE_AUTH, but does when all is right.
    ///
    /// # Errors
    ///
    /// It goes on, or does not do so when it should.
    pub(crate) fn stays_away(
        &mut self,
        tester: &mut Tester,
        at: At,
        wrong: impl Into<Change>,
    ) -> Result<(), Stop> {
        self.called_with(tester, at, wrong)?;
        if self.goes_on(tester, ExchangeType::IKE_AUTH)? {
            return Err(Stop::Violation(Seen::Wrong(words::WENT_ON)));
        }
        control(self)
    }

    /// That the router has no IKE SA with the tester, which believes in one; but has one when all is
    /// right.
    ///
    /// # Errors
    ///
    /// It has one, or has none when it should.
    pub(crate) fn turned_away(&mut self, tester: &mut Tester) -> Result<(), Stop> {
        self.call()?;
        let sa = self.established_at_tester(tester)?;
        if self.answers_on(tester, sa)? {
            return Err(Stop::Violation(Seen::Accepted));
        }
        control(self)
    }

    /// That the router has no Child SA with the tester, which believes in one; but has one when all is
    /// right.
    ///
    /// # Errors
    ///
    /// It has one, or has none when it should.
    pub(crate) fn turned_down(&mut self, tester: &mut Tester) -> Result<(), Stop> {
        self.call()?;
        let sa = self.established_at_tester(tester)?;
        let patience = self.patience().silence;
        let given_up = self.until(tester, patience, |event| match event {
            Event::IkeSaClosed { .. } | Event::ChildSaDeleted { .. } => Some(()),
            _ => None,
        })?;
        if given_up.is_none() && self.answers_on(tester, sa)? && self.echoes(tester, sa)? {
            return Err(Stop::Violation(Seen::Accepted));
        }
        self.end(tester, sa)?;
        control(self)
    }

    /// Waits until the tester has answered IKE_AUTH and believes in an IKE SA.
    ///
    /// # Errors
    ///
    /// The router does not begin, or the network is at fault.
    pub(crate) fn established_at_tester(&mut self, tester: &mut Tester) -> Result<SaId, Stop> {
        let patience = self.beginning();
        let sa = self.until(tester, patience, |event| match event {
            Event::IkeSaEstablished { sa, .. } => Some(*sa),
            _ => None,
        })?;
        sa.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))
    }

    /// Whether the router answers a correct liveness check on this IKE SA.
    fn answers_on(&mut self, tester: &mut Tester, sa: SaId) -> Result<bool, Stop> {
        // What the router has deleted by now is not there.
        let patience = self.patience().silence;
        let closed = self.until(tester, patience, |event| match event {
            Event::IkeSaClosed { why, .. } => Some(*why != Closed::NoAnswer),
            _ => None,
        })?;
        if closed.is_some() || self.perform(tester, sa, Action::CheckLiveness).is_err() {
            return Ok(false);
        }
        let patience = self.patience().answer;
        let answered = self.until(tester, patience, |event| match event {
            Event::Answered { .. } => Some(true),
            Event::IkeSaClosed { .. } => Some(false),
            _ => None,
        })?;
        Ok(answered == Some(true))
    }

    /// Where the requests of the router on this IKE SA come from.
    pub(crate) fn path_of(&self, tester: &Tester, sa: SaId) -> Option<Path> {
        tester.endpoint.sa(sa).map(IkeSa::path)
    }

    /// For the first request of a router that was told to begin, and what follows.
    fn beginning(&self) -> std::time::Duration {
        self.patience().answer * 2
    }
}

/// That the router sets up an IKE SA when nothing is wrong.
///
/// # Errors
///
/// It does not, so that nothing was tested.
pub(crate) fn control(bench: &mut Bench<'_>) -> Result<(), Stop> {
    bench.call()?;
    let mut tester = bench.tester();
    let sa = bench.joined(&mut tester)?.map_err(Stop::Control)?;
    bench.end(&mut tester, sa)
}

fn request_of(event: &Event, exchange: ExchangeType) -> Option<Request> {
    match event {
        Event::Received {
            header, payloads, ..
        } if header.exchange == exchange && !header.flags.is_response() => Some(Request {
            header: *header,
            payloads: payloads.clone(),
        }),
        _ => None,
    }
}
