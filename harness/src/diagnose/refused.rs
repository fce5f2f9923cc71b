//! What exactly was refused: the word of a log, made precise by what the lab knows.
//!
//! Daemons say that a certificate leads nowhere, or that it is out of its time. Which certificates
//! were there, and what time it really is, the lab knows.

use jiff::Timestamp;
use reports::cause::{CauseCode, Proof};
use reports::text::Text;
use vendors::LogCause;

use super::reason::{Reason, Refusal};
use super::{Diagnosis, Said, proposals, selectors};
use crate::engine::credentials::Shown;
use crate::judge::Ends;

#[cfg(test)]
pub(crate) mod tests;

/// What a line of a log comes to.
pub(super) struct Told {
    pub(super) code: CauseCode,
    /// What exactly, where the lab knows it.
    pub(super) detail: Option<Text>,
    /// What the lab found it by, beside the line of the log.
    pub(super) proof: Vec<Proof>,
}

impl Told {
    fn bare(code: CauseCode) -> Self {
        Self {
            code,
            detail: None,
            proof: Vec::new(),
        }
    }
}

/// The code for what a line of a log says.
pub(super) fn refused(said: &Said, case: &Diagnosis<'_>) -> Told {
    let told = Told::bare;
    let of_holder = case.shown.map(|shown| shown.of(said.holder));
    let refusal = said.refusal();
    if said.own
        && follows_from_another_method(said.cause)
        && let Some(reason) = case.method(refusal)
    {
        return precisely(reason);
    }
    let with_certificates = case.planned.case.setup.auth_of(said.by).uses_certificates();
    match said.cause {
        // The algorithms meet, and only the groups do not.
        LogCause::Code(CauseCode::ProposalEspNoneInCommon)
            if case.settings.is_some_and(proposals::groups_apart) =>
        {
            apart_in_proposals(CauseCode::ProposalPfsMismatch, case)
        }
        LogCause::Code(
            code @ (CauseCode::ProposalIkeNoneInCommon
            | CauseCode::ProposalEspNoneInCommon
            | CauseCode::ProposalPfsMismatch),
        ) => apart_in_proposals(code, case),
        LogCause::Code(CauseCode::SelectorsUnacceptable)
            if let Some(reason) = case.settings.and_then(selectors::apart) =>
        {
            precisely(reason)
        }
        LogCause::Code(CauseCode::IdentityUnknownPeer)
            if let Some(reason) = case.settings.and_then(selectors::modes_apart) =>
        {
            precisely(reason)
        }
        LogCause::Code(code) if code.is_bare() => {
            case.explain(refusal).map_or_else(|| told(code), precisely)
        }
        LogCause::Code(code @ CauseCode::IdentityUnknownPeer) if said.own => {
            case.identity(refusal).map_or_else(|| told(code), precisely)
        }
        LogCause::Code(CauseCode::AuthPskMismatch) if with_certificates => {
            signature_invalid(case, refusal)
        }
        LogCause::Code(CauseCode::CredentialKeyMismatch) => signature_invalid(case, refusal),
        // It looks for the key of its own certificate, and finds none or another one.
        LogCause::Code(CauseCode::CredentialMissing) if said.holder == said.by => {
            let has_certificate = of_holder.is_some_and(|of| of.credentials.has_certificate);
            told(if has_certificate {
                CauseCode::CredentialKeyMismatch
            } else {
                CauseCode::CredentialMissing
            })
        }
        LogCause::Code(CauseCode::CredentialCrlUnavailable) => precise(
            case,
            refusal,
            CauseCode::CredentialCrlUnavailable,
            &[CauseCode::CredentialCrlExpired],
        ),
        LogCause::Code(code) => told(code),
        LogCause::NoPath => precise(case, refusal, no_path(said, case.shown), OF_THE_PATH),
        LogCause::OutsideValidity => {
            let code = of_holder.map_or(CauseCode::RouterClockOff, |of| {
                outside_validity(of, Timestamp::now())
            });
            precise(case, refusal, code, &[code])
        }
        LogCause::CrlOutsideValidity => precise(
            case,
            refusal,
            CauseCode::RouterClockOff,
            &[CauseCode::CredentialCrlExpired],
        ),
    }
}

/// No algorithms in common, with what each end offers.
fn apart_in_proposals(code: CauseCode, case: &Diagnosis<'_>) -> Told {
    let detail = case
        .settings
        .and_then(|settings| proposals::apart(code, settings));
    Told {
        detail,
        ..Told::bare(code)
    }
}

/// What can be wrong with the certificates between an end entity and its root so that a router says
/// only that there is no way.
const OF_THE_PATH: &[CauseCode] = &[
    CauseCode::CredentialExpired,
    CauseCode::CredentialNotYetValid,
    CauseCode::CredentialSignatureInvalid,
    CauseCode::CredentialIssuerNotCa,
    CauseCode::CredentialPathLength,
    CauseCode::CredentialNameConstraints,
    CauseCode::CredentialMalformed,
    CauseCode::CredentialWeakSignature,
];

/// A router could not verify the signature of its peer: the key is another one, or the lab finds what
/// else is wrong with the certificate, or nothing says why.
fn signature_invalid(case: &Diagnosis<'_>, refusal: Refusal) -> Told {
    match (case.credentials(refusal), case.shown) {
        (Some(reason), _) => precisely(reason),
        (None, Some(_)) => Told::bare(CauseCode::AuthFailed),
        (None, None) => Told::bare(CauseCode::CredentialKeyMismatch),
    }
}

fn precisely(reason: Reason) -> Told {
    Told {
        code: reason.code,
        detail: Some(reason.detail),
        proof: reason.proof,
    }
}

/// The code, or one of these where the lab finds that itself.
fn precise(case: &Diagnosis<'_>, refusal: Refusal, code: CauseCode, better: &[CauseCode]) -> Told {
    match case.credentials(refusal) {
        Some(reason) if better.contains(&reason.code) => precisely(reason),
        Some(_) | None => Told::bare(code),
    }
}

/// Whether a router may say this because its peer authenticates in another way than it is set to
/// expect: it then lacks keys, trust anchors, or a rule for the signature.
fn follows_from_another_method(cause: LogCause) -> bool {
    cause == LogCause::NoPath
        || cause == LogCause::Code(CauseCode::AuthNoKeyForPeer)
        || cause == LogCause::Code(CauseCode::AuthSignatureRefused)
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
