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
    let plain = |code| (code, words::refused(said.cause, by, holder));
    let of_holder = shown.map(|shown| shown.of(said.holder));
    match said.cause {
        LogCause::AuthPskMismatch => plain(CauseCode::AuthPskMismatch),
        LogCause::AuthFailed | LogCause::CredentialRefused => {
            // Only where the router that refused says so itself: what the other one was told has
            // any reason.
            let refuser = of_holder.filter(|_| said.own);
            if let Some(identity) = refuser.and_then(|of| foreign(planned, of, said.holder)) {
                let sentence = words::foreign_identity(by, holder, &identity);
                (CauseCode::CredentialIdNotInCertificate, sentence)
            } else if of_holder.is_some_and(|of| !certificate::is_signed_by_its_issuer(of)) {
                let sentence = words::refused(LogCause::CredentialSignatureInvalid, by, holder);
                (CauseCode::CredentialSignatureInvalid, sentence)
            } else if said.cause == LogCause::AuthFailed {
                plain(CauseCode::AuthFailed)
            } else {
                plain(CauseCode::CredentialRefused)
            }
        }
        LogCause::AuthSignatureRefused => plain(CauseCode::AuthSignatureRefused),
        LogCause::ProposalIkeNoneInCommon => plain(CauseCode::ProposalIkeNoneInCommon),
        LogCause::ProposalEspNoneInCommon => plain(CauseCode::ProposalEspNoneInCommon),
        LogCause::SelectorsUnacceptable => plain(CauseCode::SelectorsUnacceptable),
        LogCause::IdentityUnknownPeer => plain(CauseCode::IdentityUnknownPeer),
        LogCause::CredentialIdNotInCertificate => plain(CauseCode::CredentialIdNotInCertificate),
        LogCause::CredentialRevoked => plain(CauseCode::CredentialRevoked),
        LogCause::CredentialSignatureInvalid => plain(CauseCode::CredentialSignatureInvalid),
        LogCause::CredentialPolicyCriticalUnsupported => {
            plain(CauseCode::CredentialPolicyCriticalUnsupported)
        }
        LogCause::CredentialExtensionCriticalUnsupported => {
            plain(CauseCode::CredentialExtensionCriticalUnsupported)
        }
        LogCause::CredentialNoPath => no_path(said, planned, shown),
        LogCause::CredentialOutsideValidity => {
            let code = of_holder.map_or(CauseCode::RouterClockOff, |of| {
                outside_validity(of, Timestamp::now())
            });
            (code, words::outside_validity(code, by, holder))
        }
        // The CRLs of a cell are made for it, and current.
        LogCause::CredentialCrlOutsideValidity => {
            let code = CauseCode::RouterClockOff;
            (code, words::outside_validity(code, by, holder))
        }
        LogCause::PathNoAnswer => plain(CauseCode::PathNoAnswer),
        LogCause::EspRefusedByKernel => plain(CauseCode::EspRefusedByKernel),
        LogCause::RouterCrashed => plain(CauseCode::RouterStopped),
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
fn no_path(said: &Said, planned: &PlannedCell, shown: Option<&Ends<Shown>>) -> (CauseCode, Text) {
    let (by, holder) = (named(planned, said.by), named(planned, said.holder));
    let trusted = shown.is_some_and(|shown| {
        let anchors = &shown.of(said.by).credentials.trust_anchors;
        let root = shown.of(said.holder).root.as_ref();
        anchors.iter().any(|anchor| Some(&anchor.der) == root)
    });
    let of_holder = shown.map(|shown| shown.of(said.holder));
    let code = match of_holder {
        Some(of) if trusted && !of.has_intermediates => CauseCode::CredentialSignatureInvalid,
        Some(_) if trusted => CauseCode::CredentialIssuerMissing,
        Some(_) | None => CauseCode::CredentialUntrustedIssuer,
    };
    let sentence = if code == CauseCode::CredentialSignatureInvalid {
        words::refused(LogCause::CredentialSignatureInvalid, by, holder)
    } else {
        words::no_path(code, by, holder)
    };
    (code, sentence)
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
