use super::*;
use crate::example;
use crate::expectation::Expected;

fn verdicts(run: &Run) -> Comparison {
    compare(example::trial_expectation(), run)
}

/// The verdict on self-signed certificates between the second and the third vendor, where a failure
/// is expected.
fn verdict_of(run: &Run) -> Verdict {
    let comparison = verdicts(run);
    let mut cells = comparison.expectation.cells.iter();
    let at = cells.position(|cell| {
        (&*cell.case, &*cell.row, &*cell.column) == ("auth.cert-rfc4945", "v3", "v2")
    });
    comparison.verdicts[at.unwrap()]
}

/// The trial with these outcomes of that cell, v3 initiating first.
fn with(forth: Option<Outcome>, back: Option<Outcome>) -> Run {
    let mut run = example::trial();
    let cells = ["auth.cert-rfc4945/v3:v2", "auth.cert-rfc4945/v2:v3"];
    for (id, outcome) in cells.into_iter().zip([forth, back]) {
        match outcome {
            Some(outcome) => example::set(&mut run, id, outcome),
            None => run.cells.retain(|cell| cell.id != id),
        }
    }
    run
}

#[test]
fn each_cell_is_judged_by_the_directions_that_were_tried() {
    use Outcome::{Error, Fail, Pass, Skipped, Unsupported};
    for (forth, back, verdict) in [
        (Some(Fail), Some(Fail), Verdict::Agrees),
        (Some(Fail), None, Verdict::AgreesOneWay),
        (None, Some(Fail), Verdict::AgreesOneWay),
        (Some(Skipped), Some(Fail), Verdict::AgreesOneWay),
        (Some(Pass), Some(Pass), Verdict::Differs),
        (Some(Unsupported), Some(Unsupported), Verdict::Differs),
        (Some(Pass), None, Verdict::Differs),
        (Some(Fail), Some(Pass), Verdict::DirectionsDiffer),
        (Some(Pass), Some(Fail), Verdict::DirectionsDiffer),
        (Some(Error), Some(Fail), Verdict::Error),
        (Some(Pass), Some(Error), Verdict::Error),
        (Some(Error), None, Verdict::Error),
        (None, None, Verdict::NotRun),
        (Some(Skipped), Some(Skipped), Verdict::NotRun),
        (Some(Skipped), None, Verdict::NotRun),
    ] {
        assert_eq!(
            verdict_of(&with(forth, back)),
            verdict,
            "{forth:?} {back:?}"
        );
    }
}

#[test]
fn a_vendor_with_itself_has_one_direction() {
    let mut run = example::trial();
    assert_eq!(verdicts(&run).count(Verdict::Agrees), 30);
    example::set(&mut run, "auth.cert-hpki/v3:v3", Outcome::Fail);
    let comparison = verdicts(&run);
    assert_eq!(comparison.count(Verdict::Agrees), 29);
    assert_eq!(comparison.count(Verdict::Differs), 1);
}

#[test]
fn failures_are_as_expected_only_where_they_are_expected() {
    let compared = |run: Run| Run {
        comparison: Some(verdicts(&run)),
        ..run
    };
    assert!(!as_expected(&example::trial()));
    assert!(as_expected(&compared(example::trial())));
    let pass = Some(Outcome::Pass);
    assert!(!as_expected(&compared(with(pass, pass))));
    assert!(!as_expected(&compared(with(pass, Some(Outcome::Fail)))));
    // A lab fault is told by an exit code of its own.
    assert!(as_expected(&compared(with(Some(Outcome::Error), None))));
    assert!(as_expected(&compared(with(None, None))));
}

#[test]
fn a_vendor_beside_the_expectation_is_judged_without_it() {
    let mut run = example::trial_of(5);
    run.comparison = Some(verdicts(&run));
    assert!(as_expected(&run));
    example::set(&mut run, "auth.psk/v5:v1", Outcome::Fail);
    run.comparison = Some(verdicts(&run));
    assert!(!as_expected(&run));
}

#[test]
fn every_cell_of_an_expectation_gets_one_verdict_whatever_ran() {
    for vendors in 1..=6 {
        for run in [example::trial_of(vendors), example::all_pass(vendors, 2)] {
            let comparison = verdicts(&run);
            assert_eq!(comparison.verdicts.len(), 30);
            assert!(comparison.fits(&run));
        }
    }
}

#[test]
fn what_is_said_of_a_comparison() {
    let mut run = with(Some(Outcome::Pass), Some(Outcome::Fail));
    run.vendors.push(example::trial_of(5).vendors[4].clone());
    run.cells
        .retain(|cell| cell.id != "auth.psk/v2:v1" && cell.id != "auth.psk/v1:v1");
    example::set(&mut run, "auth.cert-hpki/v3:v3", Outcome::Fail);
    example::set(&mut run, "auth.psk/v2:v2", Outcome::Error);
    let comparison = verdicts(&run);
    let findings = comparison.findings(&run);
    let findings = findings.iter().map(Finding::sentence);
    let said: Vec<Text> = comparison
        .sentences(&run)
        .into_iter()
        .chain([comparison.source()])
        .chain(findings)
        .collect();
    let both = said
        .iter()
        .map(|text| format!("{}\n{}\n", text.en, text.ja));
    insta::assert_snapshot!(both.collect::<String>());
}

#[test]
fn a_comparison_with_one_cell_is_told_in_the_singular() {
    let mut expectation = example::trial_expectation();
    expectation.cells.truncate(1);
    assert_eq!(expectation.cells[0].outcome, Expected::Fail);
    let run = example::trial();
    let comparison = compare(expectation, &run);
    assert_eq!(
        comparison.sentences(&run)[0].en,
        "1 of 1 cell agrees with the matrix of a trial."
    );
}
