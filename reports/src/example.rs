//! Runs made up for tests.

use crate::cause::{Cause, CauseCode, Proof, Side};
use crate::comparison::compare;
use crate::expectation::{Citation, Expectation, Expected, ExpectedCell, ExpectedVendor};
use crate::model::{
    CaseRecord, Cell, Inputs, LabRecord, Observation, Observer, Outcome, Package, Place, Run,
    SCHEMA, Sight, Stage, Tool, Try, Vendor,
};
use crate::text::Text;

/// Everything on every ordered pairing, and all of it passed.
pub(crate) fn all_pass(vendors: usize, cases: usize) -> Run {
    let vendors: Vec<_> = (1..=vendors).map(vendor).collect();
    let cases: Vec<_> = (0..cases).map(case).collect();
    let cells = cases.iter().flat_map(|case| {
        let pairings = |initiator| vendors.iter().map(move |responder| (initiator, responder));
        let pairings = vendors.iter().flat_map(pairings);
        pairings.map(|(initiator, responder)| pass(case, initiator, responder))
    });
    Run {
        schema: SCHEMA,
        started: "2026-05-04T03:02:01Z".parse().unwrap(),
        finished: "2026-05-04T03:05:21.5Z".parse().unwrap(),
        complete: true,
        tool: Tool {
            name: "ikematrix".to_owned(),
            version: "0.1.0".to_owned(),
        },
        lab: LabRecord {
            backend: "crun".to_owned(),
            kernel: "6.12.30-amd64".to_owned(),
            accel: "none".to_owned(),
            reason: Text::new(
                "this host can make network namespaces and its kernel has ESP",
                "このホストはネットワーク名前空間を作成でき、カーネルが ESP に対応",
            ),
        },
        cells: cells.collect(),
        vendors,
        cases,
        comparison: None,
        selection: None,
        inputs: Some(Inputs {
            project: "inputs".to_owned(),
            certificate_seed: format!("{:064x}", 7),
            certificate_time: "2026-05-04T03:02:01Z".parse().unwrap(),
        }),
    }
}

/// The five outcomes one after the other.
pub(crate) fn outcomes_in_turn(vendors: usize, cases: usize) -> Run {
    let mut run = all_pass(vendors, cases);
    let outcomes = crate::summary::OUTCOMES.into_iter().cycle();
    for (cell, outcome) in run.cells.iter_mut().zip(outcomes) {
        cell.outcome = outcome;
    }
    run
}

/// What a run may look like: one-sided Child SAs at every third responder, one vendor that lacks a
/// case, and, with enough vendors, different keys, a lab fault and a cell that was skipped.
pub(crate) fn mixed(vendors: usize) -> Run {
    let mut run = all_pass(vendors, 2);
    let one_sided: Vec<_> = run
        .cells
        .iter()
        .filter(|cell| cell.case != "auth.psk" && is_third(&cell.responder))
        .map(|cell| cell.id.clone())
        .collect();
    for id in one_sided {
        fail(&mut run, &id, CauseCode::EspOneSided, Side::Responder);
    }
    for cell in &mut run.cells {
        if cell.case != "auth.psk" && (cell.initiator == "v2" || cell.responder == "v2") {
            declare_unsupported(cell);
        }
    }
    if vendors >= 4 {
        fail(
            &mut run,
            "auth.psk/v4:v1",
            CauseCode::AuthPskMismatch,
            Side::Both,
        );
        break_lab(&mut run, "auth.psk/v1:v3");
        set(&mut run, "auth.psk/v4:v4", Outcome::Skipped);
    }
    run
}

/// Every cell tried so many times; one of them unstable, one that never passed.
pub(crate) fn repeated(vendors: usize, tries: usize) -> Run {
    let mut run = all_pass(vendors, 1);
    let code = CauseCode::PathNoAnswer;
    fail(&mut run, "auth.psk/v1:v2", code, Side::Responder);
    fail(&mut run, "auth.psk/v2:v1", code, Side::Responder);
    for cell in &mut run.cells {
        let always = cell.id != "auth.psk/v1:v2";
        let evidence = cell.evidence.clone();
        cell.tries = (1..=tries)
            .map(|number| {
                let failed = cell.cause.is_some() && (always || number == 2);
                Try {
                    outcome: if failed { Outcome::Fail } else { Outcome::Pass },
                    cause: cell.cause.clone().filter(|_| failed),
                    evidence: evidence
                        .as_ref()
                        .map(|folder| format!("{folder}/try-{number}")),
                }
            })
            .collect();
        cell.outcome = Outcome::of_tries(cell.tries.iter().map(|one| one.outcome));
        let shown = cell.tries.iter().find(|one| one.outcome != Outcome::Pass);
        cell.evidence
            .clone_from(&shown.unwrap_or(&cell.tries[0]).evidence);
    }
    run
}

fn is_third(vendor: &str) -> bool {
    vendor[1..].parse::<usize>().unwrap().is_multiple_of(3)
}

/// The matrix of the field trial of 2018, with the trial's three ways to authenticate.
pub(crate) fn trial() -> Run {
    trial_of(4)
}

/// The same with more vendors, which pass, or with fewer.
pub(crate) fn trial_of(vendors: usize) -> Run {
    let mut run = all_pass(vendors, 3);
    let vendors = [
        ("A", Text::same("RFC4945")),
        ("B", Text::same("RFC4306")),
        ("C", Text::same("RFC4945")),
        ("D", Text::new("not disclosed", "非公開")),
    ];
    for (vendor, (name, basis)) in run.vendors.iter_mut().zip(vendors) {
        vendor.name = Text::new(format!("Vendor {name}"), format!("{name}社"));
        vendor.basis = Some(basis);
    }
    let titles = [
        (
            "auth.cert-hpki",
            "HPKI",
            "Certificate (HPKI)",
            "証明書（HPKI）",
        ),
        (
            "auth.cert-rfc4945",
            "RFC4945",
            "Certificate (self-signed)",
            "証明書（自己署名）",
        ),
        ("auth.psk", "PSK", "Pre-shared key", "事前共有鍵"),
    ];
    let cells = run.cells.chunks_mut(run.vendors.len().pow(2));
    for ((case, cells), (id, abbreviation, en, ja)) in run.cases.iter_mut().zip(cells).zip(titles) {
        id.clone_into(&mut case.id);
        abbreviation.clone_into(&mut case.abbreviation);
        case.title = Text::new(en, ja);
        for cell in cells {
            rename(cell, id);
        }
    }
    for cell in &mut run.cells {
        let has = |vendor| cell.initiator == vendor || cell.responder == vendor;
        let alone = cell.initiator == cell.responder;
        let trial = |vendor: &str| ["v1", "v2", "v3", "v4"].contains(&vendor);
        if !trial(&cell.initiator) || !trial(&cell.responder) {
            continue;
        }
        if has("v4") && cell.case != "auth.psk" {
            declare_unsupported(cell);
        } else if (cell.case == "auth.cert-hpki" && !(has("v3") && alone))
            || (cell.case == "auth.cert-rfc4945" && has("v2") && has("v3"))
        {
            set_failed(cell, CauseCode::AuthFailed, Side::Responder);
        }
    }
    run
}

/// What the trial found, as an expectation.
pub(crate) fn trial_expectation() -> Expectation {
    let run = trial();
    let expected = |cell: &Cell| match cell.outcome {
        Outcome::Pass => Expected::Pass,
        Outcome::Fail => Expected::Fail,
        Outcome::Unsupported | Outcome::Unstable | Outcome::Skipped | Outcome::Error => {
            Expected::Unsupported
        }
    };
    // Of each pair the direction in which the later vendor initiates.
    let folded = run
        .cells
        .iter()
        .filter(|cell| cell.initiator >= cell.responder);
    Expectation {
        title: Text::new("the matrix of a trial", "ある実証の検証表"),
        source: Citation {
            title: Text::new("A trial", "ある実証について"),
            publisher: Text::new("A ministry", "ある省"),
            date: "2018-04-19".parse().unwrap(),
        },
        sha256: format!("{:064x}", 7),
        cells: folded
            .map(|cell| ExpectedCell {
                case: cell.case.clone(),
                row: cell.initiator.clone(),
                column: cell.responder.clone(),
                outcome: expected(cell),
            })
            .collect(),
        cases: run.cases.into_iter().map(|case| case.id).collect(),
        vendors: run
            .vendors
            .into_iter()
            .map(|vendor| ExpectedVendor {
                id: vendor.id,
                name: vendor.name,
            })
            .collect(),
    }
}

/// The trial, which is as expected.
pub(crate) fn compared_trial() -> Run {
    compared(trial())
}

/// The trial with one cell that passed against expectation, one whose directions differ, and one in
/// which the lab failed.
pub(crate) fn differing_trial() -> Run {
    let mut run = trial();
    for (id, outcome) in [
        ("auth.cert-hpki/v2:v1", Outcome::Pass),
        ("auth.cert-hpki/v1:v2", Outcome::Pass),
        ("auth.cert-rfc4945/v2:v3", Outcome::Pass),
        ("auth.psk/v1:v4", Outcome::Error),
    ] {
        set(&mut run, id, outcome);
    }
    compared(run)
}

/// The run beside what the trial found.
pub(crate) fn compared(run: Run) -> Run {
    Run {
        comparison: Some(compare(trial_expectation(), &run)),
        ..run
    }
}

fn rename(cell: &mut Cell, case: &str) {
    case.clone_into(&mut cell.case);
    cell.id = format!("{case}/{}:{}", cell.initiator, cell.responder);
    cell.evidence = Some(format!(
        "evidence/{case}/{}_{}",
        cell.initiator, cell.responder
    ));
}

/// Stopped half-way.
pub(crate) fn interrupted() -> Run {
    let mut run = mixed(4);
    run.complete = false;
    run.cells.truncate(13);
    run
}

/// Routers and profiles that attack whoever reads the report.
pub(crate) fn hostile() -> Run {
    let mut run = all_pass(2, 1);
    let nasty = "</td><script>alert('x')</script>\u{1b}[2J\0\u{202e}fdp.exe \"&amp;";
    run.vendors[0].name = Text::same(nasty);
    run.vendors[0].packages[0].version = nasty.to_owned();
    run.vendors[1].version = "x".repeat(1 << 20);
    run.cases[0].title = Text::same(nasty);
    run.lab.kernel = nasty.to_owned();
    fail(
        &mut run,
        "auth.psk/v1:v2",
        CauseCode::Unknown,
        Side::Responder,
    );
    fail(
        &mut run,
        "auth.psk/v2:v1",
        CauseCode::Unknown,
        Side::Initiator,
    );
    let first = run
        .cells
        .iter_mut()
        .find(|cell| cell.id == "auth.psk/v1:v2")
        .unwrap();
    first.evidence = Some("evidence/50% off?#<b>\"証跡".to_owned());
    first.observations[0].detail = Text::same(nasty);
    first.stages[0].name = nasty.to_owned();
    let cause = first.cause.as_mut().unwrap();
    cause.sentence = Text::same(nasty);
    cause.proof[0].file = nasty.to_owned();
    cause.proof[0].excerpt = Some(nasty.to_owned());
    let second = run
        .cells
        .iter_mut()
        .find(|cell| cell.id == "auth.psk/v2:v1")
        .unwrap();
    let proof = &mut second.cause.as_mut().unwrap().proof[0];
    proof.excerpt = Some(format!("<img src=//evil>{}", "\u{7}A".repeat(1 << 19)));
    run
}

/// Gives a cell another outcome, without a cause.
pub(crate) fn set(run: &mut Run, id: &str, outcome: Outcome) {
    cell_mut(run, id).outcome = outcome;
}

/// Makes a cell fail.
pub(crate) fn fail(run: &mut Run, id: &str, code: CauseCode, side: Side) {
    set_failed(cell_mut(run, id), code, side);
}

fn cell_mut<'run>(run: &'run mut Run, id: &str) -> &'run mut Cell {
    run.cells.iter_mut().find(|cell| cell.id == id).unwrap()
}

fn set_failed(cell: &mut Cell, code: CauseCode, side: Side) {
    cell.outcome = Outcome::Fail;
    let cause = Cause::new(
        code,
        side,
        Text::new(
            format!(
                "{} established its IKE SA, and {} did not.",
                cell.initiator, cell.responder
            ),
            format!(
                "{} は IKE SA を確立したが、{} は確立していない。",
                cell.initiator, cell.responder
            ),
        ),
    );
    cell.cause = Some(cause.with_proof([Proof::line(
        "responder/charon.log",
        214,
        "12[IKE] <wan|1> received AUTHENTICATION_FAILED notify error",
    )]));
    cell.observations[1].verdict = Sight::Bad;
    cell.observations[1].detail = Text::new("has no IKE SA", "IKE SA なし");
}

fn break_lab(run: &mut Run, id: &str) {
    let cell = cell_mut(run, id);
    cell.outcome = Outcome::Error;
    cell.attempts = 2;
    cell.observations.clear();
    cell.stages.truncate(2);
    cell.cause = Some(Cause::new(
        CauseCode::LabFault,
        Side::Lab,
        Text::new(
            "crun did not start moon: no space left on device",
            "crun が moon を起動できない: ディスクの空き容量がない",
        ),
    ));
}

fn declare_unsupported(cell: &mut Cell) {
    cell.outcome = Outcome::Unsupported;
    cell.attempts = 0;
    cell.observations.clear();
    cell.stages.clear();
    cell.evidence = None;
    cell.cause = Some(Cause::new(
        CauseCode::DeclaredUnsupported,
        Side::Profile,
        Text::new(
            "The vendor declares that it does not support this case.",
            "ベンダーは本試験項目に対応しないと申告している。",
        ),
    ));
}

fn vendor(number: usize) -> Vendor {
    const KNOWN: [(&str, &str, &str); 6] = [
        ("strongSwan 6.0", "strongswan", "6.0"),
        ("libreswan 5.2", "libreswan", "5.2"),
        ("OpenIKED 7.4", "openiked", "7.4"),
        ("strongSwan 5.9", "strongswan", "5.9"),
        ("libreswan 4.10", "libreswan", "4.10"),
        ("OpenIKED 7.2", "openiked", "7.2"),
    ];
    let (name, implementation, version) = KNOWN[(number - 1) % KNOWN.len()];
    let name = if number <= KNOWN.len() {
        Text::same(name)
    } else {
        Text::new(format!("Router {number}"), format!("ルーター{number}"))
    };
    Vendor {
        id: format!("v{number}"),
        name,
        basis: None,
        implementation: implementation.to_owned(),
        version: version.to_owned(),
        packages: vec![Package {
            name: implementation.to_owned(),
            version: format!("{version}-1+deb13u1"),
        }],
        image: format!("sha256:{number:064x}"),
        profile_sha256: format!("{number:064x}"),
    }
}

fn case(at: usize) -> CaseRecord {
    let (id, abbreviation, title, clause) = [
        (
            "auth.psk",
            "PSK",
            Text::new("Pre-shared key", "事前共有鍵"),
            "RFC 7296 2.15",
        ),
        (
            "esp.aes256-sha256",
            "ESP",
            Text::new(
                "ESP with AES-CBC-256 and SHA2-256 only",
                "ESP は AES-CBC-256 と SHA2-256 のみ",
            ),
            "RFC 8221 5",
        ),
        (
            "auth.cert-rfc4945",
            "CERT",
            Text::new("Certificate", "証明書"),
            "RFC 4945 5",
        ),
    ][at]
        .clone();
    CaseRecord {
        id: id.to_owned(),
        abbreviation: abbreviation.to_owned(),
        title,
        clause: clause.to_owned(),
        requirement: Text::new(
            "Both ends prove that they hold the same key.",
            "両端が同一の鍵を保持することを証明する。",
        ),
        case_sha256: format!("{at:064x}"),
    }
}

fn pass(case: &CaseRecord, initiator: &Vendor, responder: &Vendor) -> Cell {
    use {Observer as O, Place as P};
    let observations = [
        (O::Control, P::Initiator),
        (O::Control, P::Responder),
        (O::KernelSa, P::Initiator),
        (O::KernelSa, P::Responder),
        (O::Traffic, P::Initiator),
        (O::Traffic, P::Responder),
        (O::Wire, P::Wan),
    ]
    .map(|(observer, place)| Observation {
        observer,
        place,
        verdict: Sight::Good,
        detail: Text::new("all that was expected", "期待どおり"),
    });
    let stages = [
        ("render", 4),
        ("start", 812),
        ("load", 95),
        ("steps", 2341),
        ("teardown", 61_000),
    ];
    let mut cell = Cell {
        id: String::new(),
        case: String::new(),
        initiator: initiator.id.clone(),
        responder: responder.id.clone(),
        outcome: Outcome::Pass,
        cause: None,
        observations: observations.into(),
        stages: stages
            .map(|(name, millis)| Stage {
                name: name.to_owned(),
                millis,
            })
            .into(),
        attempts: 1,
        tries: Vec::new(),
        inputs_sha256: Some(format!("{:064x}", 11)),
        evidence: None,
    };
    rename(&mut cell, &case.id);
    cell
}
