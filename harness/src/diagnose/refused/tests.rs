use cases::Role::{self, Initiator, Responder};
use jiff::{SignedDuration, Timestamp};
use reports::cause::{Cause, CauseCode, Proof, Side};
use vendors::LogCause;

use super::*;
use crate::diagnose::Logs;
use crate::diagnose::tests::alone;
use crate::engine::credentials::{CredentialStore, Issuing};
use crate::engine::router::{Keys, settings};
use crate::plan::{Plan, PlannedCell};
use crate::sample::project;

/// A cell with certificates, and what its ends show.
pub(crate) async fn cell(
    case: &str,
    initiator: &str,
    responder: &str,
) -> (PlannedCell, Ends<Shown>) {
    let project = project();
    let profiles = [initiator, responder].map(|id| project.profile(id).unwrap());
    let plan = Plan::new(
        profiles.to_vec(),
        vec![project.case(case).unwrap()],
        project.certificates().clone(),
        None,
    );
    let store = CredentialStore::begin(&plan, Issuing::now().unwrap());
    let id = format!("{case}/{initiator}:{responder}");
    let planned = plan.cells.into_iter().find(|cell| cell.id == id).unwrap();
    let shown = store.of_cell(&planned).await.unwrap().unwrap();
    (planned, shown)
}

/// The responder says this of the initiator.
fn said(cause: LogCause) -> Said {
    Said {
        cause,
        by: Responder,
        own: true,
        holder: Initiator,
        proof: Proof::line("responder/daemon.log", 1, ""),
    }
}

fn code(cause: LogCause, planned: &PlannedCell, shown: &Ends<Shown>) -> CauseCode {
    cause_of(&said(cause), planned, shown).code
}

fn cause_of(said: &Said, planned: &PlannedCell, shown: &Ends<Shown>) -> Cause {
    let keys = Keys::fresh().unwrap();
    let told = |role: Role| {
        let (own, peer) = (planned.end(role), planned.end(role.peer()));
        settings(&planned.case, role, own, peer, &keys, Some(shown))
    };
    let settings = Ends {
        initiator: told(Initiator),
        responder: told(Responder),
    };
    let logs = Logs::default();
    let case = Diagnosis {
        shown: Some(shown),
        settings: Some(&settings),
        ..alone(planned, &logs)
    };
    case.refused(said)
}

#[tokio::test]
async fn what_a_router_says_of_its_own_certificate_is_for_that_router_to_mend() {
    let (planned, shown) = cell("auth.cert-rfc4945", "trial-a", "trial-c").await;
    for missing in [CauseCode::CredentialMissing, CauseCode::CredentialExpired] {
        let own = Said {
            holder: Responder,
            ..said(LogCause::Code(missing))
        };
        let cause = cause_of(&own, &planned, &shown);
        assert!(cause.own && cause.side == Side::Responder, "{cause:?}");
        let at: Vec<_> = cause.advice().iter().map(|advice| advice.at).collect();
        assert_eq!(at, [Some(Side::Responder)], "{cause:?}");
        assert!(!cause.sentence.en.contains("initiator"), "{cause:?}");
    }
    let of_the_peer = said(LogCause::Code(CauseCode::CredentialExpired));
    let cause = cause_of(&of_the_peer, &planned, &shown);
    assert_eq!(cause.advice()[0].at, Some(Side::Initiator));
}

#[tokio::test]
async fn what_the_lab_adds_to_a_line_is_not_put_into_the_mouth_of_the_router() {
    const BY_THE_LAB: &str = "found by the lab";
    let (planned, mut shown) = cell("auth.cert-rfc4945", "trial-a", "trial-c").await;
    let no_path = |shown: &Ends<Shown>| cause_of(&said(LogCause::NoPath), &planned, shown);
    let exact = no_path(&shown);
    assert_eq!(exact.code, CauseCode::CredentialSignatureInvalid);
    assert!(exact.sentence.en.contains(BY_THE_LAB), "{exact:?}");
    shown.responder.credentials.trust_anchors.clear();
    let told = no_path(&shown);
    assert_eq!(told.code, CauseCode::CredentialUntrustedIssuer);
    assert!(!told.sentence.en.contains(BY_THE_LAB), "{told:?}");
}

#[tokio::test]
async fn a_certificate_that_leads_nowhere_is_told_apart_by_what_was_there() {
    let no_path =
        |planned: &PlannedCell, shown: &Ends<Shown>| code(LogCause::NoPath, planned, shown);
    let (planned, mut shown) = cell("auth.cert-rfc4945", "trial-a", "trial-c").await;
    // Right under a root that the responder trusts, nothing can be missing.
    assert_eq!(
        no_path(&planned, &shown),
        CauseCode::CredentialSignatureInvalid
    );
    shown.responder.credentials.trust_anchors.clear();
    assert_eq!(
        no_path(&planned, &shown),
        CauseCode::CredentialUntrustedIssuer
    );
    let (planned, shown) = cell("auth.cert-hpki", "trial-a", "trial-c").await;
    assert_eq!(
        no_path(&planned, &shown),
        CauseCode::CredentialIssuerMissing
    );
}

#[tokio::test]
async fn a_time_that_is_wrong_is_that_of_the_certificate_or_that_of_the_router() {
    let (planned, mut shown) = cell("auth.cert-rfc4945", "trial-a", "trial-c").await;
    let outside = |shown: &Ends<Shown>| code(LogCause::OutsideValidity, &planned, shown);
    assert_eq!(outside(&shown), CauseCode::RouterClockOff);
    let (now, hour) = (Timestamp::now(), SignedDuration::from_hours(1));
    shown.initiator.validity.push((now - hour, now - hour / 2));
    assert_eq!(outside(&shown), CauseCode::CredentialExpired);
    shown.initiator.validity.pop();
    shown.initiator.validity.push((now + hour, now + hour * 2));
    assert_eq!(outside(&shown), CauseCode::CredentialNotYetValid);
}

#[tokio::test]
async fn a_bare_refusal_is_explained_by_what_the_lab_sees_in_the_certificate() {
    let bare = [
        LogCause::Code(CauseCode::AuthFailed),
        LogCause::Code(CauseCode::CredentialRefused),
    ];
    let (planned, shown) = cell("auth.cert-rfc4945", "trial-b", "trial-c").await;
    for cause in bare {
        assert_eq!(
            code(cause, &planned, &shown),
            CauseCode::CredentialIdNotInCertificate
        );
    }
    let (planned, mut shown) = cell("auth.cert-rfc4945", "trial-a", "trial-c").await;
    assert_eq!(
        code(LogCause::Code(CauseCode::AuthFailed), &planned, &shown),
        CauseCode::AuthFailed
    );
    assert_eq!(
        code(
            LogCause::Code(CauseCode::CredentialRefused),
            &planned,
            &shown
        ),
        CauseCode::CredentialRefused
    );
    // The last octet of a certificate is of its signature.
    let der = &mut shown.initiator.credentials.certificate.der;
    *der.last_mut().unwrap() ^= 1;
    for cause in bare {
        assert_eq!(
            code(cause, &planned, &shown),
            CauseCode::CredentialSignatureInvalid
        );
    }
}

#[tokio::test]
async fn without_certificates_a_bare_refusal_stays_one() {
    let (planned, _) = cell("auth.cert-rfc4945", "trial-b", "trial-c").await;
    let logs = Logs::default();
    let told = refused(
        &said(LogCause::Code(CauseCode::AuthFailed)),
        &alone(&planned, &logs),
    );
    assert_eq!(told.code, CauseCode::AuthFailed);
}
