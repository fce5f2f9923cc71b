//! What exactly was refused: the word of a log, made precise by what the lab knows.
//!
//! Daemons say that a certificate leads nowhere, or that it is out of its time. Which certificates
//! were there, and what time it really is, the lab knows.

use cases::Role;
use jiff::Timestamp;
use reports::cause::CauseCode;
use reports::text::Text;
use vendors::{Identity, LogCause};

use super::{Said, certificate, named};
use crate::engine::credentials::Shown;
use crate::engine::router::end_of;
use crate::judge::Ends;
use crate::plan::PlannedCell;
use crate::words;

#[cfg(test)]
mod tests;

/// The code and the sentence for what a line of a log says.
pub(super) fn refused(
    said: &Said,
    planned: &PlannedCell,
    shown: Option<&Ends<Shown>>,
) -> (CauseCode, Text) {
    let (by, holder) = (named(planned, said.by), named(planned, said.holder));
    let told = |code| (code, words::refused(code, by, holder));
    let of_holder = shown.map(|shown| shown.of(said.holder));
    match said.cause {
        LogCause::Code(code @ (CauseCode::AuthFailed | CauseCode::CredentialRefused)) => {
            // Only where the router that refused says so itself: what the other one was told has
            // any reason.
            let refuser = of_holder.filter(|_| said.own);
            if let Some(identity) = refuser.and_then(|of| foreign(planned, of, said.holder)) {
                let sentence = words::foreign_identity(by, holder, &identity);
                (CauseCode::CredentialIdNotInCertificate, sentence)
            } else if of_holder.is_some_and(|of| !certificate::is_signed_by_its_issuer(of)) {
                told(CauseCode::CredentialSignatureInvalid)
            } else {
                told(code)
            }
        }
        LogCause::Code(code) => told(code),
        LogCause::NoPath => told(no_path(said, shown)),
        LogCause::OutsideValidity => told(of_holder.map_or(CauseCode::RouterClockOff, |of| {
            outside_validity(of, Timestamp::now())
        })),
        // The CRLs of a cell are made for it, and current.
        LogCause::CrlOutsideValidity => told(CauseCode::RouterClockOff),
    }
}

/// The identity that a router sends, if it does not stand in its certificate.
fn foreign(planned: &PlannedCell, shown: &Shown, role: Role) -> Option<Identity> {
    let method = planned.case.setup.auth;
    let sent = end_of(role, planned.end(role), method, Some(shown)).id;
    let stands = certificate::has_identity(&shown.credentials.certificate.der, &sent)?;
    (!stands).then_some(sent)
}

/// Why a certificate leads to no trust anchor: its root is not one, a certificate between them is
/// missing, or, where nothing is missing, its signature is not that of the issuer.
fn no_path(said: &Said, shown: Option<&Ends<Shown>>) -> CauseCode {
    let trusted = shown.is_some_and(|shown| {
        let anchors = &shown.of(said.by).credentials.trust_anchors;
        let root = shown.of(said.holder).root.as_ref();
        anchors.iter().any(|anchor| Some(&anchor.der) == root)
    });
    match shown.map(|shown| shown.of(said.holder)) {
        Some(of) if trusted && !of.has_intermediates => CauseCode::CredentialSignatureInvalid,
        Some(_) if trusted => CauseCode::CredentialIssuerMissing,
        Some(_) | None => CauseCode::CredentialUntrustedIssuer,
    }
}

/// What is wrong with the time of a certificate that a router took for expired or not yet valid.
fn outside_validity(shown: &Shown, now: Timestamp) -> CauseCode {
    if shown.validity.iter().any(|(_, until)| *until < now) {
        CauseCode::CredentialExpired
    } else if shown.validity.iter().any(|(from, _)| *from > now) {
        CauseCode::CredentialNotYetValid
    } else {
        CauseCode::RouterClockOff
    }
}
