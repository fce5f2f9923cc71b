use super::*;
use crate::cause::Side;
use crate::example;
use crate::model::{LeftOut, Selection};
use crate::terminal::Options;
use crate::text::Lang;

const CELL: &str = "auth.psk/v1:v2";
const CODE: CauseCode = CauseCode::AuthPskMismatch;

fn known(manner: Manner) -> KnownFailure {
    KnownFailure {
        cell: CELL.to_owned(),
        manner,
        causes: vec![CODE],
        reason: Text::new(
            "The vendor mends it in July.",
            "ベンダーが 7 月に修正予定。",
        ),
        link: "https://bugs.example/17".to_owned(),
        line: 3,
    }
}

fn fails() -> KnownFailure {
    known(Manner::Fails)
}

/// Two vendors and one case, where the cell ended so.
fn run(outcome: Outcome) -> Run {
    let mut run = match outcome {
        Outcome::Unstable => example::repeated(2, 10),
        Outcome::Pass
        | Outcome::Fail
        | Outcome::Unsupported
        | Outcome::Skipped
        | Outcome::Error => example::all_pass(2, 1),
    };
    match outcome {
        Outcome::Pass => {}
        Outcome::Unstable => {
            run.cells[2] = example::all_pass(2, 1).cells[2].clone();
            for one in &mut run.cells[1].tries {
                if let Some(cause) = &mut one.cause {
                    cause.code = CODE;
                }
            }
        }
        Outcome::Fail => example::fail(&mut run, CELL, CODE, Side::Both),
        Outcome::Unsupported | Outcome::Skipped | Outcome::Error => {
            example::set(&mut run, CELL, outcome);
        }
    }
    run
}

/// The problems found.
fn problems(gate: &Gate) -> Vec<Problem> {
    let cell_or_run = |finding: &Finding| finding.cell.as_deref().unwrap_or(CELL) == CELL;
    assert!(gate.findings.iter().all(cell_or_run), "{:?}", gate.findings);
    gate.findings
        .iter()
        .map(|finding| finding.problem)
        .collect()
}

#[test]
fn only_a_pass_or_what_the_baseline_has_already_opens_the_gate() {
    let mut table = String::new();
    for old in crate::summary::OUTCOMES {
        for new in crate::summary::OUTCOMES {
            let gate = judge(&run(old), &run(new), &[]);
            let said = match (problems(&gate).first(), gate.faults.len()) {
                (Some(problem), 0) => format!("{problem:?}"),
                (None, 0) if !gate.still_failing.is_empty() => "open, still failing".to_owned(),
                (None, 0) => "open".to_owned(),
                (_, _) => "lab fault".to_owned(),
            };
            assert_eq!(gate.is_open(), said.starts_with("open"));
            table.push_str(&format!("{old:?} → {new:?}: {said}\n"));
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_known_failure_opens_the_gate_only_while_it_fails_as_it_is_known_to() {
    use Outcome::{Fail, Pass, Skipped, Unstable, Unsupported};
    let unstable = |mended_after| known(Manner::Unstable { mended_after });
    for (entry, outcome, expected) in [
        (fails(), Fail, None),
        (fails(), Pass, Some(Problem::KnownMended)),
        (fails(), Unstable, Some(Problem::KnownDiffers)),
        (fails(), Unsupported, Some(Problem::KnownMended)),
        (fails(), Skipped, Some(Problem::KnownMended)),
        (unstable(10), Unstable, None),
        (unstable(10), Fail, None),
        (unstable(10), Pass, None),
        (unstable(1), Pass, Some(Problem::KnownMended)),
        (unstable(10), Unsupported, Some(Problem::KnownMended)),
    ] {
        for baseline in [Pass, Fail] {
            let gate = judge(&run(baseline), &run(outcome), std::slice::from_ref(&entry));
            let problems = problems(&gate);
            assert_eq!(problems, Vec::from_iter(expected), "{entry:?} {outcome:?}");
            for finding in &gate.findings {
                assert_eq!(finding.line, Some(3));
            }
        }
    }
}

#[test]
fn a_known_failure_with_another_cause_is_another_failure() {
    let mut now = run(Outcome::Fail);
    example::fail(&mut now, CELL, CauseCode::PathNoAnswer, Side::Both);
    let gate = judge(&run(Outcome::Pass), &now, &[fails()]);
    assert_eq!(problems(&gate), [Problem::KnownDiffers]);
    // Of several tries each one counts.
    let mut now = run(Outcome::Unstable);
    let another = now.cells[1].cause.clone();
    let tries = &mut now.cells[1].tries;
    (tries[5].outcome, tries[5].cause) = (Outcome::Fail, another);
    let entry = known(Manner::Unstable { mended_after: 10 });
    let gate = judge(&run(Outcome::Pass), &now, &[entry]);
    assert_eq!(problems(&gate), [Problem::KnownDiffers]);
    // No cause is none of those that are known.
    let mut now = run(Outcome::Fail);
    now.cells[1].cause = None;
    let gate = judge(&run(Outcome::Pass), &now, &[fails()]);
    assert_eq!(problems(&gate), [Problem::KnownDiffers]);
}

#[test]
fn a_known_failure_that_names_no_cell_is_a_finding_with_its_line() {
    let mut entry = fails();
    (entry.cell, entry.line) = ("auth.psk/v1:v7".to_owned(), 12);
    let gate = judge(&run(Outcome::Pass), &run(Outcome::Pass), &[entry]);
    let found: Vec<_> = gate
        .findings
        .iter()
        .map(|finding| (finding.problem, finding.line))
        .collect();
    assert_eq!(found, [(Problem::KnownMatchesNothing, Some(12))]);
}

#[test]
fn a_missing_cell_closes_the_gate_whatever_it_came_to_before() {
    for old in crate::summary::OUTCOMES {
        let mut now = run(Outcome::Pass);
        now.cells.remove(1);
        let gate = judge(&run(old), &now, &[]);
        assert_eq!(problems(&gate), [Problem::Missing], "{old:?}");
        // A known failure is no excuse.
        let gate = judge(&run(old), &now, &[fails()]);
        assert_eq!(problems(&gate), [Problem::Missing], "{old:?}");
    }
}

#[test]
fn an_interrupted_run_closes_the_gate() {
    let mut now = run(Outcome::Pass);
    now.complete = false;
    let gate = judge(&run(Outcome::Pass), &now, &[]);
    assert_eq!(problems(&gate), [Problem::Interrupted]);
}

/// A run that left the cell out, with its digest as it is in the baseline or another one.
fn left_out(digest: Option<&str>) -> Run {
    let mut now = run(Outcome::Pass);
    let cell = now.cells.remove(1);
    now.selection = Some(Selection {
        files: vec!["vendor-profiles/v9/profile.toml".to_owned()],
        left_out: vec![LeftOut {
            id: cell.id,
            inputs_sha256: digest.map_or_else(|| cell.inputs_sha256.unwrap(), str::to_owned),
        }],
    });
    now
}

#[test]
fn a_cell_that_was_left_out_counts_as_it_ended_in_the_baseline() {
    use Outcome::{Error, Fail, Pass, Unstable};
    let now = left_out(None);
    assert!(judge(&run(Pass), &now, &[]).is_open());
    let failing = judge(&run(Fail), &now, &[]);
    assert!(failing.is_open());
    assert_eq!(failing.still_failing, [CELL]);
    assert_eq!(
        problems(&judge(&run(Unstable), &now, &[])),
        [Problem::Unstable]
    );
    assert_eq!(judge(&run(Error), &now, &[]).faults, [CELL]);
    assert!(judge(&run(Fail), &now, &[fails()]).is_open());
    assert_eq!(
        problems(&judge(&run(Pass), &now, &[fails()])),
        [Problem::KnownMended]
    );
}

/// The new baseline may have been made from such a run: what it did not see may have passed.
#[test]
fn what_the_baseline_left_out_cannot_get_lost() {
    let baseline = left_out(None);
    let mut gone = baseline.clone();
    gone.selection = None;
    assert_eq!(problems(&judge(&baseline, &gone, &[])), [Problem::Missing]);
    for outcome in [Outcome::Unsupported, Outcome::Skipped] {
        assert_eq!(
            problems(&judge(&baseline, &run(outcome), &[])),
            [Problem::LeftOutUnproven]
        );
    }
    assert_eq!(
        problems(&judge(&baseline, &run(Outcome::Fail), &[])),
        [Problem::NewFailure]
    );
    assert!(judge(&baseline, &run(Outcome::Pass), &[]).is_open());
}

#[test]
fn a_cell_that_never_passes_any_more_is_not_unstable() {
    let baseline = run(Outcome::Unstable);
    let mut now = baseline.clone();
    let cell = &mut now.cells[1];
    let cause = cell.tries.iter().find_map(|one| one.cause.clone());
    for one in &mut cell.tries {
        (one.outcome, one.cause) = (Outcome::Fail, cause.clone());
    }
    cell.outcome = Outcome::Fail;
    let unstable = |mended_after| known(Manner::Unstable { mended_after });
    let problems = |mended_after| problems(&judge(&baseline, &now, &[unstable(mended_after)]));
    assert_eq!(problems(10), [Problem::KnownDiffers]);
    assert_eq!(problems(11), [] as [Problem; 0], "too few tries to tell");
}

#[test]
fn a_cell_that_was_left_out_without_proof_closes_the_gate() {
    let baseline = run(Outcome::Pass);
    let other = left_out(Some(&format!("{:064x}", 12)));
    assert_eq!(
        problems(&judge(&baseline, &other, &[])),
        [Problem::LeftOutUnproven]
    );
    let mut silent = baseline.clone();
    silent.cells[1].inputs_sha256 = None;
    assert_eq!(
        problems(&judge(&silent, &left_out(None), &[])),
        [Problem::LeftOutUnproven]
    );
    let mut without = baseline;
    without.cells.remove(1);
    assert_eq!(
        problems(&judge(&without, &left_out(None), &[])),
        [Problem::LeftOutUnproven]
    );
}

/// One of everything that a gate can tell.
fn eventful() -> Gate {
    let mut baseline = example::all_pass(4, 1);
    let mut now = baseline.clone();
    let fail = |run: &mut Run, id: &str| example::fail(run, id, CODE, Side::Responder);
    for id in ["auth.psk/v1:v2", "auth.psk/v1:v3", "auth.psk/v1:v4"] {
        fail(&mut now, id);
    }
    fail(&mut baseline, "auth.psk/v2:v1");
    fail(&mut now, "auth.psk/v2:v1");
    // For another cause than before.
    fail(&mut baseline, "auth.psk/v2:v3");
    example::fail(
        &mut now,
        "auth.psk/v2:v3",
        CauseCode::PathNoAnswer,
        Side::Path,
    );
    example::set(&mut baseline, "auth.psk/v1:v4", Outcome::Unsupported);
    example::set(&mut now, "auth.psk/v2:v2", Outcome::Error);
    now.cells.retain(|cell| cell.id != "auth.psk/v4:v4");
    now.complete = false;
    now.vendors[1].profile_sha256 = format!("{:064x}", 99);
    let entries = ["v1:v2", "v3:v3", "v9:v9"].into_iter().zip(4..);
    let mut known: Vec<KnownFailure> = entries
        .map(|(pair, line)| KnownFailure {
            cell: format!("auth.psk/{pair}"),
            line,
            ..fails()
        })
        .collect();
    known.push(KnownFailure {
        cell: "auth.psk/v3:v1".to_owned(),
        ..super::tests::known(Manner::Unstable { mended_after: 10 })
    });
    judge(&baseline, &now, &known)
}

fn text(gate: &Gate, lang: Lang) -> String {
    let options = Options {
        lang,
        colour: false,
        width: 96,
    };
    terminal::render(gate, Some("known-failures.toml".as_ref()), &options)
}

#[test]
fn what_a_person_reads_of_a_closed_gate_in_english() {
    insta::assert_snapshot!(text(&eventful(), Lang::En));
}

#[test]
fn what_a_person_reads_of_a_closed_gate_in_japanese() {
    insta::assert_snapshot!(text(&eventful(), Lang::Ja));
}

#[test]
fn what_a_person_reads_of_an_open_and_of_an_undecided_gate() {
    let open = judge(&run(Outcome::Pass), &run(Outcome::Fail), &[fails()]);
    let undecided = judge(&run(Outcome::Pass), &run(Outcome::Error), &[]);
    let said = [Lang::En, Lang::Ja].map(|lang| text(&open, lang) + "\n" + &text(&undecided, lang));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_baseline_without_cells_or_one_that_was_interrupted_keeps_the_gate_closed() {
    let now = run(Outcome::Pass);
    let mut empty = now.clone();
    empty.cells.clear();
    let gate = judge(&empty, &now, &[]);
    assert_eq!(problems(&gate), [Problem::EmptyBaseline]);
    let mut interrupted = now.clone();
    interrupted.complete = false;
    let gate = judge(&interrupted, &now, &[]);
    assert_eq!(problems(&gate), [Problem::InterruptedBaseline]);
    // Of a change that affects nothing, a baseline names what it left out.
    let left_out = now.cells.iter().map(|cell| LeftOut {
        id: cell.id.clone(),
        inputs_sha256: "0".repeat(64),
    });
    empty.selection = Some(Selection {
        files: vec!["README.md".to_owned()],
        left_out: left_out.collect(),
    });
    assert!(judge(&empty, &now, &[]).is_open());
}

#[test]
fn a_single_pass_of_what_was_unstable_is_said_to_show_little() {
    let before = run(Outcome::Unstable);
    let gate = judge(&before, &run(Outcome::Pass), &[]);
    assert!(gate.is_open());
    let tally = before.cells[1].tally().unwrap();
    let expected = WasUnstable {
        cell: CELL.to_owned(),
        before: tally,
        tries: 1,
    };
    assert_eq!(gate.was_unstable, [expected]);
    for lang in [Lang::En, Lang::Ja] {
        let options = Options {
            lang,
            colour: false,
            width: 100,
        };
        let text = terminal::render(&gate, None, &options);
        assert!(
            text.contains(&format!("{tally}")) && text.contains("--repeat"),
            "{text}"
        );
    }
    // As many tries as then, all of them good, are another matter.
    let mut often = run(Outcome::Pass);
    let tries = &mut often.cells[1].tries;
    let one = crate::model::Try {
        outcome: Outcome::Pass,
        cause: None,
        evidence: None,
    };
    tries.resize(tally.tries, one);
    assert_eq!(judge(&before, &often, &[]).was_unstable, []);
    // Known to be unstable, it is told as such.
    let entry = known(Manner::Unstable { mended_after: 20 });
    let gate = judge(&before, &run(Outcome::Pass), &[entry]);
    assert_eq!((gate.was_unstable.len(), gate.perhaps_mended.len()), (0, 1));
}
