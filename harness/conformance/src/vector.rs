//! Certificate vectors: a tester shows a chain, and the router takes it or does not.

use cases::vector::Presented;
use ikev2::endpoint::{Action, Closed, Credential, Event};
use ikev2::numbers::{ExchangeType, NotifyType};

use crate::bench::{Bench, Tester};
use crate::case::{Seen, Stop, words};

/// What a router made of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has an IKE SA with the tester.
    Accepted,
    /// It said no in this way.
    Rejected(NotifyType),
    /// It has no IKE SA with the tester, and ended what there was without a reason.
    Ended,
    /// It has no IKE SA with the tester, and did not say so.
    NoAnswer,
}

/// Shows a vector to the router, whoever begins, and ends what comes of it.
///
/// # Errors
///
/// It did not come to the point at which certificates are shown, or the network is at fault.
pub fn present(bench: &mut Bench<'_>, presented: &Presented) -> Result<Verdict, Stop> {
    let mut config = bench.config().clone();
    config.identity = presented.identity.clone();
    config.credential = Credential::Signature {
        key: presented.key.clone(),
        scheme: presented.vector.signature,
        certificates: presented.certificates.clone(),
    };
    if !presented.vector.announces_hashes {
        config.hashes.clear();
    }
    if !presented.requests.is_empty() {
        config.certificate_requests = presented.requests.clone();
    }
    let mut tester = bench.tester_with(config);
    if bench.router_initiates() {
        to_initiator(bench, &mut tester)
    } else {
        to_responder(bench, &mut tester)
    }
}

/// A responder that accepts the tester shows its own proof.
fn to_responder(bench: &mut Bench<'_>, tester: &mut Tester) -> Result<Verdict, Stop> {
    let sa = bench.initiate(tester)?;
    let patience = bench.patience().answer;
    let mut got_far = false;
    let ended = bench.until(tester, patience, |event| match event {
        Event::Sent { message, .. } => {
            got_far |= message.header.exchange == ExchangeType::IKE_AUTH;
            None
        }
        Event::IkeSaEstablished { .. } => Some(Ok(Verdict::Accepted)),
        Event::Refused {
            exchange: ExchangeType::IKE_AUTH,
            why,
            ..
        } => Some(Ok(Verdict::Rejected(*why))),
        Event::Refused { why, .. } => Some(Err(Seen::Refused(*why))),
        Event::Failed { .. } => Some(Err(Seen::Wrong(words::NOT_USABLE))),
        _ => None,
    })?;
    match ended {
        Some(Ok(Verdict::Accepted)) => {
            bench.end(tester, sa)?;
            Ok(Verdict::Accepted)
        }
        Some(Ok(other)) => Ok(other),
        Some(Err(seen)) => Err(Stop::Control(seen)),
        None if got_far => Ok(Verdict::NoAnswer),
        None => Err(Stop::Control(Seen::Silence)),
    }
}

/// An initiator that accepts the tester keeps the IKE SA and answers on it; one that does not says
/// so, deletes it, or forgets it (RFC 7296, section 2.21.2).
fn to_initiator(bench: &mut Bench<'_>, tester: &mut Tester) -> Result<Verdict, Stop> {
    bench.call()?;
    let sa = bench.established_at_tester(tester)?;
    let patience = bench.patience().silence;
    if let Some(verdict) = said(bench, tester, patience)? {
        return Ok(verdict);
    }
    if bench.perform(tester, sa, Action::CheckLiveness).is_err() {
        return Ok(Verdict::Ended);
    }
    let patience = bench.patience().answer;
    match said(bench, tester, patience)? {
        Some(Verdict::Accepted) => {
            bench.end(tester, sa)?;
            Ok(Verdict::Accepted)
        }
        Some(other) => Ok(other),
        None => Ok(Verdict::NoAnswer),
    }
}

/// What the router lets know of an IKE SA that it has begun.
fn said(
    bench: &mut Bench<'_>,
    tester: &mut Tester,
    patience: std::time::Duration,
) -> Result<Option<Verdict>, Stop> {
    bench.until(tester, patience, |event| match event {
        Event::Answered { .. } => Some(Verdict::Accepted),
        Event::Refused { why, .. } => Some(Verdict::Rejected(*why)),
        Event::IkeSaClosed {
            why: Closed::NoAnswer,
            ..
        } => Some(Verdict::NoAnswer),
        Event::IkeSaClosed { .. } => Some(Verdict::Ended),
        _ => None,
    })
}
