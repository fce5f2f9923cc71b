//! What a case comes to in the record of a run.

use std::path::{Path, PathBuf};

use cases::vector::{Expect, Function, Vector};
use cases::{AuthMethod, Role};
use conformance::vector::Verdict;
use conformance::{Level, Stop};
use ikev2::authentication::SIGNATURES;
use jiff::Timestamp;
use lab::LabError;
use reports::cause::{Cause, CauseCode, Proof, Side};
use reports::model::{
    CaseRecord, Cell, Observation, Observer, Outcome, Place, Run, SCHEMA, Sight, Stage, Tool,
    Vendor,
};
use reports::text::Text;
use ring::digest;
use vendors::Profile;

use super::super::evidence::{CAPTURE, Evidence, LOG, TRANSCRIPT_TEXT};
use super::super::{Prepared, vendor};
use super::bed::{ANY_PEER, Bed, Tried};
use super::reason::reason;
use super::subject::Subject;
use super::{TESTER, Test};
use crate::diagnose::refused_to_start;
use crate::words::{self, Named};

/// `CASE/TESTER:VENDOR`, or `CASE/VENDOR:TESTER` where the router initiates.
pub(super) fn id(case: &Subject, profile: &Profile) -> String {
    let (initiator, responder) = ends(case, profile);
    format!("{}/{initiator}:{responder}", case.id())
}

fn ends<'a>(case: &Subject, profile: &'a Profile) -> (&'a str, &'a str) {
    match case.role() {
        Role::Responder => (TESTER, &profile.id),
        Role::Initiator => (&profile.id, TESTER),
    }
}

/// The cell of a case that was tried, with its evidence written.
pub(super) fn cell(
    case: &Subject,
    bed: &Bed,
    tried: &Tried,
    out: &Path,
    attempts: u32,
) -> Result<Cell, reports::file::Error> {
    let (outcome, cause, detail) = verdict(case, &bed.profile, tried);
    let detail = match (&cause, detail) {
        (_, Some(detail)) => detail,
        (None, None) => words::conforms(&bed.profile),
        (Some(cause), None) => cause.sentence.clone(),
    };
    let sight = if outcome == Outcome::Fail {
        Sight::Bad
    } else {
        Sight::Good
    };
    let evidence = Evidence::create(out, folder(case, &bed.profile), &id(case, &bed.profile))?;
    evidence.router_files(bed.role(), bed.files(), bed.keys())?;
    evidence.log(bed.role(), &tried.log)?;
    evidence.capture(&tried.capture)?;
    evidence.session(&tried.transcript, &tried.ike_keys, &[])?;
    let cell = Cell {
        outcome,
        cause,
        observations: vec![Observation {
            observer: Observer::Tester,
            place: match bed.role() {
                Role::Initiator => Place::Initiator,
                Role::Responder => Place::Responder,
            },
            verdict: sight,
            detail,
        }],
        stages: vec![Stage {
            name: "steps".into(),
            millis: u64::try_from(tried.took.as_millis()).unwrap_or(u64::MAX),
        }],
        attempts,
        evidence: Some(evidence.relative()),
        ..bare(case, &bed.profile)
    };
    evidence.verdict(&cell)?;
    Ok(cell)
}

/// The cell of a case whose way to authenticate the router does not declare; `None` if it does.
pub(super) fn lacking(case: &Subject, profile: &Profile) -> Option<Cell> {
    let (method, lacking) = if case.setup().has_certificates {
        (AuthMethod::CertRfc4945, words::no_certificates(profile))
    } else {
        (AuthMethod::Psk, words::no_shared_key(profile))
    };
    let lacking = if profile.methods.contains(&method) {
        lacking_for_vector(case, profile)
    } else {
        Some(lacking)
    };
    lacking.map(|lacking| {
        let side = side_of(case);
        let cause = Cause::new(CauseCode::ConformanceNotApplicable, side, lacking);
        Cell {
            outcome: Outcome::Unsupported,
            cause: Some(cause),
            ..bare(case, profile)
        }
    })
}

/// What a router does not declare that a vector needs.
fn lacking_for_vector(case: &Subject, profile: &Profile) -> Option<Text> {
    let Subject::Vector { vector, .. } = case else {
        return None;
    };
    let is_declarable = |scheme| SIGNATURES.iter().any(|(_, known)| *known == scheme);
    let needed = vector.signature.filter(|scheme| is_declarable(*scheme));
    if needed.is_some_and(|scheme| !profile.signatures.contains(&scheme)) {
        return Some(words::no_signature(profile));
    }
    let any_peer = profile.settings.contains_key(ANY_PEER);
    (!vector.fits_initiating_routers() && !any_peer).then(|| words::one_peer_only(profile))
}

/// The router's, among the two of a cell.
fn side_of(case: &Subject) -> Side {
    match case.role() {
        Role::Initiator => Side::Initiator,
        Role::Responder => Side::Responder,
    }
}

/// The cell of a case that could not be tried.
pub(super) fn error(case: &Subject, profile: &Profile, fault: &LabError, attempts: u32) -> Cell {
    let cause = Cause::new(CauseCode::LabFault, Side::Lab, words::lab_fault(fault));
    Cell {
        cause: Some(cause),
        attempts,
        ..bare(case, profile)
    }
}

fn bare(case: &Subject, profile: &Profile) -> Cell {
    let (initiator, responder) = ends(case, profile);
    Cell {
        id: id(case, profile),
        case: case.id(),
        initiator: initiator.to_owned(),
        responder: responder.to_owned(),
        outcome: Outcome::Error,
        cause: None,
        observations: Vec::new(),
        stages: Vec::new(),
        attempts: 0,
        tries: Vec::new(),
        inputs_sha256: None,
        evidence: None,
    }
}

type Judged = (Outcome, Option<Cause>, Option<Text>);

fn verdict(case: &Subject, profile: &Profile, tried: &Tried) -> Judged {
    let (outcome, cause) = match (case, &tried.ended) {
        (Subject::Vector { vector, .. }, Ok(Some(shown))) if tried.is_usable() => {
            return of_vector((case, vector.as_ref()), profile, tried, *shown);
        }
        (Subject::Vector { .. } | Subject::Clause(_), _) => of_course(case, profile, tried),
    };
    (outcome, cause, None)
}

/// What a router made of a vector, with the baseline accepted before and after.
fn of_vector(
    (case, vector): (&Subject, &Vector),
    profile: &Profile,
    tried: &Tried,
    shown: Verdict,
) -> Judged {
    let reason = match shown {
        Verdict::Accepted => None,
        Verdict::Rejected(_) | Verdict::Ended | Verdict::NoAnswer => reason(profile, &tried.log),
    };
    let said = reason.as_ref().map(|reason| reason.text.as_str());
    let did = words::made_of_vector(shown, said);
    let expected = vector.expect_of(&profile.functions);
    let accepted = shown == Verdict::Accepted;
    let due = match expected {
        Expect::Either => None,
        Expect::Accept => Some(true),
        Expect::Reject => Some(false),
    };
    let caused = |code: CauseCode, sentence: Text, rule: String| {
        let mut cause = Cause::new(code, side_of(case), sentence);
        cause.rule = Some(rule);
        let log = format!("{}/{LOG}", case.role());
        let of_log = match &reason {
            Some(reason) => Proof::line(log, reason.line, reason.text.clone()),
            None => Proof::file(log),
        };
        Some(cause.with_proof([of_log, Proof::file(TRANSCRIPT_TEXT), Proof::file(CAPTURE)]))
    };
    if due.is_some_and(|due| due != accepted) {
        let code = match case.level() {
            Level::Must => CauseCode::ConformanceViolated,
            Level::Should | Level::May => CauseCode::ConformanceAdviceIgnored,
        };
        let sentence = words::router_did(profile, &did, case);
        return (Outcome::Fail, caused(code, sentence, case.clause()), None);
    }
    let needs_policies = vector
        .when
        .is_some_and(|when| when.function == Function::CertificatePolicies);
    if needs_policies && !accepted {
        // It does what the rule asks, which is too little for such certificates.
        let code = CauseCode::ConformancePoliciesUnsupported;
        let sentence = words::conforms_without_hpki(profile, &did);
        return (
            Outcome::Unsupported,
            caused(code, sentence, case.clause()),
            None,
        );
    }
    let detail = words::made_as_due(profile, &did, due.is_some());
    (Outcome::Pass, None, Some(detail))
}

fn of_course(case: &Subject, profile: &Profile, tried: &Tried) -> (Outcome, Option<Cause>) {
    let cause = |code: CauseCode, sentence: Text| {
        let mut cause = Cause::new(code, side_of(case), sentence);
        if matches!(
            code,
            CauseCode::ConformanceViolated | CauseCode::ConformanceAdviceIgnored
        ) {
            cause.rule = Some(case.clause());
        }
        Some(cause.with_proof([
            Proof::file(TRANSCRIPT_TEXT),
            Proof::file(CAPTURE),
            Proof::file(format!("{}/{LOG}", case.role())),
        ]))
    };
    let name = &profile.name;
    let tester = words::tester();
    let of_code = |code: CauseCode| cause(code, code.sentence(name, &tester));
    if let Some(refusal) = &tried.refusal {
        let role = case.role();
        let router = Named { role, vendor: name };
        let (code, sentence) = refused_to_start(router, refusal);
        return (Outcome::Fail, cause(code, sentence));
    }
    if !tried.running {
        return (Outcome::Fail, of_code(CauseCode::RouterStopped));
    }
    match &tried.ended {
        Ok(_) if tried.alive => (Outcome::Pass, None),
        Ok(_) if case.is_vector() => {
            let sentence = words::baseline_refused(profile);
            let code = CauseCode::ConformanceNotAlive;
            (Outcome::Fail, cause(code, sentence))
        }
        Ok(_) => (Outcome::Fail, of_code(CauseCode::ConformanceNotAlive)),
        Err(Stop::Violation(seen)) => {
            let code = match case.level() {
                Level::Must => CauseCode::ConformanceViolated,
                Level::Should | Level::May => CauseCode::ConformanceAdviceIgnored,
            };
            let sentence = words::router_did(profile, &seen.text(), case);
            (Outcome::Fail, cause(code, sentence))
        }
        Err(Stop::Control(seen)) => {
            let sentence = words::control_failed(profile, &seen.text());
            (
                Outcome::Fail,
                cause(CauseCode::ConformanceNoControl, sentence),
            )
        }
        Err(Stop::NotApplicable(why)) => {
            let why = Text::new(
                format!("{} {}", name.en, why.en),
                format!("{}は{}", name.ja, why.ja),
            );
            let code = CauseCode::ConformanceNotApplicable;
            (Outcome::Unsupported, cause(code, why))
        }
        // A fault of the network never gets here: the lab tells it first.
        Err(Stop::Network(fault)) => {
            let sentence = Text::same(fault.to_string());
            let cause = Cause::new(CauseCode::LabFault, Side::Lab, sentence);
            (Outcome::Error, Some(cause))
        }
    }
}

fn folder(case: &Subject, profile: &Profile) -> PathBuf {
    let (initiator, responder) = ends(case, profile);
    let pairing = format!("{initiator}--{responder}");
    Path::new("evidence").join(case.id()).join(pairing)
}

pub(super) fn run(
    test: &Test,
    prepared: &Prepared,
    started: Timestamp,
    cells: Vec<Cell>,
    complete: bool,
) -> Run {
    let tool = Tool {
        name: "ikematrix".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    };
    let routers = test.profiles.iter().map(|one| vendor(one, prepared));
    let vendors = std::iter::once(tester(&tool)).chain(routers).collect();
    Run {
        schema: SCHEMA,
        started,
        finished: Timestamp::now(),
        complete,
        lab: prepared.record.clone(),
        vendors,
        cases: test
            .subjects
            .iter()
            .map(|case| case_record(case, &tool))
            .collect(),
        cells,
        comparison: None,
        inputs: None,
        selection: None,
        tool,
    }
}

fn tester(tool: &Tool) -> Vendor {
    Vendor {
        id: TESTER.into(),
        name: words::tester(),
        basis: None,
        implementation: tool.name.clone(),
        version: tool.version.clone(),
        packages: Vec::new(),
        image: String::new(),
        profile_sha256: sha256(&[&tool.name, &tool.version]),
    }
}

fn case_record(case: &Subject, tool: &Tool) -> CaseRecord {
    CaseRecord {
        id: case.id(),
        abbreviation: case.abbreviation(),
        title: case.title(),
        clause: format!("{} ({})", case.clause(), case.level().as_str()),
        requirement: case.restated(),
        case_sha256: match case {
            // A case in code has no file of its own: the program that holds it stands for it.
            Subject::Clause(case) => sha256(&[case.id, &tool.name, &tool.version]),
            Subject::Vector { vector, .. } => vector.sha256.clone(),
        },
    }
}

/// SHA-256 of these words, 64 hexadecimal digits.
fn sha256(words: &[&str]) -> String {
    let digest = digest::digest(&digest::SHA256, words.join("\n").as_bytes());
    let octets = digest.as_ref().iter();
    octets.map(|octet| format!("{octet:02x}")).collect()
}
