use super::*;
use crate::cause::{CauseCode, Side};
use crate::example;
use crate::layout::width;
use crate::model::Outcome;

/// The report down to the legend.
fn matrix_of(run: &Run, lang: Lang, width: usize) -> String {
    let report = plain(run, lang, width);
    let (matrix, _) = report.split_once(WORDS.legend.in_lang(lang)).unwrap();
    matrix.to_owned()
}

fn plain(run: &Run, lang: Lang, width: usize) -> String {
    render(
        run,
        &Options {
            lang,
            colour: false,
            width,
        },
    )
}

#[test]
fn the_matrix_of_the_field_trial_in_japanese() {
    insta::assert_snapshot!(plain(&example::trial(), Lang::Ja, 80));
}

#[test]
fn the_matrix_of_the_field_trial_in_english() {
    insta::assert_snapshot!(matrix_of(&example::trial(), Lang::En, 100));
}

#[test]
fn the_matrix_of_the_field_trial_on_a_narrow_terminal() {
    for lang in [Lang::En, Lang::Ja] {
        insta::assert_snapshot!(matrix_of(&example::trial(), lang, 60));
    }
}

#[test]
fn a_pairing_of_the_trial_whose_directions_differ_shows_both() {
    let mut run = example::trial();
    example::set(&mut run, "auth.cert-rfc4945/v2:v3", Outcome::Pass);
    example::set(&mut run, "auth.psk/v1:v2", Outcome::Error);
    insta::assert_snapshot!(matrix_of(&run, Lang::Ja, 80));
}

#[test]
fn twenty_four_vendors_with_the_methods_of_the_trial() {
    let run = example::trial_of(24);
    insta::assert_snapshot!(matrix_of(&run, Lang::En, 100));
}

/// What the report says of the comparison.
fn comparison_of(run: &Run, lang: Lang, width: usize) -> String {
    let report = plain(run, lang, width);
    let heading = format!("\n{}\n", WORDS.comparison.in_lang(lang));
    let (_, comparison) = report.split_once(&heading).unwrap();
    comparison.to_owned()
}

#[test]
fn a_trial_that_is_as_expected_says_so_last() {
    let run = example::compared_trial();
    let both = [Lang::En, Lang::Ja].map(|lang| comparison_of(&run, lang, 80));
    insta::assert_snapshot!(both.concat());
    assert!(!plain(&example::trial(), Lang::En, 80).contains(WORDS.comparison.en));
}

#[test]
fn cells_that_differ_from_the_expectation_are_listed_with_their_directions() {
    let run = example::differing_trial();
    let pages = [(Lang::En, 100), (Lang::Ja, 60)];
    insta::assert_snapshot!(
        pages
            .map(|(lang, width)| comparison_of(&run, lang, width))
            .join("\n")
    );
}

#[test]
fn two_vendors_that_passed() {
    insta::assert_snapshot!(plain(&example::all_pass(2, 1), Lang::En, 80));
}

#[test]
fn six_vendors_in_english() {
    insta::assert_snapshot!(plain(&example::mixed(6), Lang::En, 120));
}

#[test]
fn six_vendors_on_a_narrow_terminal() {
    insta::assert_snapshot!(plain(&example::mixed(6), Lang::Ja, 60));
}

#[test]
fn twenty_four_vendors_in_panels() {
    insta::assert_snapshot!(plain(&example::mixed(24), Lang::En, 100));
}

#[test]
fn an_interrupted_run() {
    insta::assert_snapshot!(plain(&example::interrupted(), Lang::Ja, 80));
}

#[test]
fn a_run_in_which_nothing_ended() {
    let mut run = example::all_pass(2, 1);
    run.complete = false;
    run.cells.clear();
    insta::assert_snapshot!(plain(&run, Lang::En, 80));
}

#[test]
fn a_run_of_one_pairing_in_one_direction() {
    let mut run = example::all_pass(2, 1);
    run.cells.retain(|cell| cell.id == "auth.psk/v1:v2");
    example::fail(
        &mut run,
        "auth.psk/v1:v2",
        CauseCode::PathNoAnswer,
        Side::Path,
    );
    insta::assert_snapshot!(plain(&run, Lang::En, 80));
}

#[test]
fn colours_stand_beside_the_symbols() {
    let mut run = example::all_pass(2, 1);
    example::set(&mut run, "auth.psk/v1:v2", Outcome::Error);
    let options = Options {
        lang: Lang::Ja,
        colour: true,
        width: 80,
    };
    insta::assert_snapshot!(render(&run, &options).replace('\u{1b}', "ESC"));
}

#[test]
fn a_run_with_repeats_shows_how_many_tries_passed() {
    insta::assert_snapshot!(plain(&example::repeated(3, 10), Lang::En, 100));
    insta::assert_snapshot!(plain(&example::repeated(2, 3), Lang::Ja, 100));
}

#[test]
fn hostile_text_cannot_act_on_the_terminal() {
    let report = plain(&example::hostile(), Lang::En, 100);
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!report.contains(control));
    assert!(!report.contains('\u{202e}'));
    insta::assert_snapshot!(report);
}

#[test]
fn without_colours_there_is_no_escape_sequence_and_with_them_the_words_are_the_same() {
    for run in [example::mixed(6), example::differing_trial()] {
        for lang in [Lang::En, Lang::Ja] {
            let options = Options {
                lang,
                colour: true,
                width: 90,
            };
            let mut stripped = render(&run, &options);
            for code in ["32", "31;1", "33;1", "2", "1", "0"] {
                stripped = stripped.replace(&format!("\u{1b}[{code}m"), "");
            }
            assert_eq!(stripped, plain(&run, lang, 90));
        }
    }
}

#[test]
fn the_matrix_keeps_to_the_width_of_the_terminal() {
    for vendors in [1, 2, 6, 24] {
        for columns in [60, 80, 132, 200] {
            for run in [example::mixed(vendors), example::trial_of(vendors)] {
                for line in matrix_of(&run, Lang::Ja, columns).lines() {
                    assert!(width(line) <= columns, "{columns}: {line}");
                }
            }
        }
    }
}
