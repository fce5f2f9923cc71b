//! What exactly was refused: the word of a log, made precise by what the lab knows.
//!
//! Daemons say that a certificate leads nowhere, or that it is out of its time. Which certificates
//! were there, and what time it really is, the lab knows.

use jiff::Timestamp;
use reports::cause::CauseCode;
use reports::text::Text;
use vendors::LogCause;

use super::reason::Refusal;
use super::{Diagnosis, Said, proposals};
use crate::engine::credentials::Shown;
use crate::judge::Ends;

#[cfg(test)]
pub(crate) mod tests;

/// What a line of a log comes to.
pub(super) struct Told {
    pub(super) code: CauseCode,
    /// What exactly, where the lab knows it.
    pub(super) detail: Option<Text>,
}

/// The code for what a line of a log says.
pub(super) fn refused(said: &Said, case: &Diagnosis<'_>) -> Told {
    let told = |code| Told { code, detail: None };
    let of_holder = case.shown.map(|shown| shown.of(said.holder));
    match said.cause {
        LogCause::Code(
            code @ (CauseCode::ProposalIkeNoneInCommon
            | CauseCode::ProposalEspNoneInCommon
            | CauseCode::ProposalPfsMismatch),
        ) => Told {
            code,
            detail: case
                .settings
                .and_then(|settings| proposals::apart(code, settings)),
        },
        LogCause::Code(code) if code.is_bare() => {
            let refusal = Refusal {
                by: said.by,
                own: said.own,
            };
            case.explain(refusal).map_or_else(
                || told(code),
                |reason| Told {
                    code: reason.code,
                    detail: Some(reason.detail),
                },
            )
        }
        LogCause::Code(code) => told(code),
        LogCause::NoPath => told(no_path(said, case.shown)),
        LogCause::OutsideValidity => told(of_holder.map_or(CauseCode::RouterClockOff, |of| {
            outside_validity(of, Timestamp::now())
        })),
        // The CRLs of a cell are made for it, and current.
        LogCause::CrlOutsideValidity => told(CauseCode::RouterClockOff),
    }
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
