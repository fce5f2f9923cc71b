use super::*;
use crate::cause::Side;
use crate::example;
use crate::model::{LeftOut, Selection};
use crate::terminal::Options;
use crate::text::Lang;

const OUTCOMES: [Outcome; 6] = summary::OUTCOMES;

fn set(run: &mut Run, id: &str, outcome: Outcome) {
    example::set(run, id, outcome);
}

/// Two runs with every kind of change between them.
fn eventful() -> (Run, Run) {
    let (mut old, mut new) = (example::all_pass(4, 1), example::all_pass(4, 1));
    let code = CauseCode::AuthPskMismatch;
    let failing = |run: &mut Run, id: &str, code| example::fail(run, id, code, Side::Both);
    failing(&mut new, "auth.psk/v1:v2", code);
    set(&mut old, "auth.psk/v2:v1", Outcome::Skipped);
    failing(&mut new, "auth.psk/v2:v1", code);
    failing(&mut old, "auth.psk/v1:v3", CauseCode::PathNoAnswer);
    failing(&mut new, "auth.psk/v1:v3", code);
    set(&mut new, "auth.psk/v2:v2", Outcome::Unsupported);
    set(&mut new, "auth.psk/v2:v3", Outcome::Skipped);
    set(&mut new, "auth.psk/v3:v2", Outcome::Error);
    failing(&mut old, "auth.psk/v3:v1", code);
    set(&mut old, "auth.psk/v3:v3", Outcome::Unsupported);
    new.cells.retain(|cell| cell.id != "auth.psk/v1:v1");
    new.tool.version = "0.2.0".to_owned();
    new.vendors[0].packages[0].version = "6.0-2".to_owned();
    new.vendors[1].profile_sha256 = format!("{:064x}", 99);
    new.vendors[2].version = "7.5".to_owned();
    old.vendors.pop();
    old.cells
        .retain(|cell| cell.initiator != "v4" && cell.responder != "v4");
    new.cases[0].case_sha256 = format!("{:064x}", 98);
    new.cells[0].inputs_sha256 = Some(format!("{:064x}", 97));
    (old, new)
}

fn options(lang: Lang) -> Options {
    Options {
        lang,
        colour: false,
        width: 96,
    }
}

/// Kinds and cells, one a line.
fn brief(diff: &Diff) -> Vec<String> {
    let brief = |change: &Change| format!("{:?} {}", change.kind, change.id);
    diff.cells.iter().map(brief).collect()
}

#[test]
fn a_run_does_not_differ_from_itself() {
    for run in [
        example::mixed(6),
        example::hostile(),
        example::repeated(3, 10),
        example::interrupted(),
    ] {
        let diff = diff(&run, &run);
        assert!(diff.is_empty());
        assert_eq!(diff.unchanged, run.cells.len());
        assert!(diff.vendors.is_empty() && diff.cases.is_empty());
    }
}

#[test]
fn every_change_of_an_outcome_has_one_kind() {
    let mut table = String::new();
    for old in OUTCOMES {
        for new in OUTCOMES {
            let kind = Kind::of(old, new);
            assert_eq!(kind.is_none(), old == new);
            if let Some(kind) = kind {
                table.push_str(&format!("{old:?} → {new:?}: {kind:?}\n"));
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn whatever_passed_and_does_not_any_more_is_never_called_an_improvement() {
    for new in OUTCOMES.into_iter().filter(|new| *new != Outcome::Pass) {
        let kind = Kind::of(Outcome::Pass, new).unwrap();
        assert!(kind < Kind::Fixed, "{new:?}");
    }
}

#[test]
fn a_failure_with_another_cause_or_another_side_is_told() {
    let (mut old, mut new) = (example::all_pass(2, 1), example::all_pass(2, 1));
    for (id, before, now) in [
        ("auth.psk/v1:v1", Side::Both, Side::Both),
        ("auth.psk/v1:v2", Side::Initiator, Side::Responder),
    ] {
        example::fail(&mut old, id, CauseCode::Unknown, before);
        example::fail(&mut new, id, CauseCode::Unknown, now);
    }
    assert_eq!(
        brief(&diff(&old, &new)),
        ["FailsDifferently auth.psk/v1:v2"]
    );
}

#[test]
fn every_cell_of_either_run_is_told_or_counted_once() {
    let (old, new) = eventful();
    for (old, new) in [(&old, &new), (&new, &old)] {
        let diff = diff(old, new);
        let added = diff.of_kind(Kind::Added).count();
        assert_eq!(
            diff.cells.len() - added + diff.unchanged + diff.left_out,
            old.cells.len()
        );
        let removed = diff.of_kind(Kind::Removed).count();
        assert_eq!(diff.cells.len() - removed + diff.unchanged, new.cells.len());
    }
}

#[test]
fn a_cell_that_was_left_out_still_counts_only_while_its_inputs_are_the_same() {
    let old = example::all_pass(2, 1);
    let mut new = old.clone();
    new.cells.truncate(1);
    let left_out = |id: &str, digest: Option<&String>| LeftOut {
        id: id.to_owned(),
        inputs_sha256: digest.cloned().unwrap_or_else(|| format!("{:064x}", 96)),
    };
    new.selection = Some(Selection {
        files: vec!["vendor-profiles/v1/profile.toml".to_owned()],
        left_out: vec![
            left_out("auth.psk/v1:v2", old.cells[1].inputs_sha256.as_ref()),
            left_out("auth.psk/v2:v1", None),
        ],
    });
    let result = diff(&old, &new);
    assert_eq!((result.unchanged, result.left_out), (1, 1));
    assert_eq!(
        brief(&result),
        ["Removed auth.psk/v2:v1", "Removed auth.psk/v2:v2"]
    );
    // A record that does not say what went in proves nothing.
    let mut silent = old;
    silent.cells[1].inputs_sha256 = None;
    assert_eq!(diff(&silent, &new).left_out, 0);
}

#[test]
fn what_a_person_reads_of_a_diff_in_english() {
    let (old, new) = eventful();
    insta::assert_snapshot!(terminal::render(&diff(&old, &new), &options(Lang::En)));
}

#[test]
fn what_a_person_reads_of_a_diff_in_japanese() {
    let (old, new) = eventful();
    insta::assert_snapshot!(terminal::render(&diff(&old, &new), &options(Lang::Ja)));
}

#[test]
fn what_a_comment_says_of_a_diff_in_english() {
    let (old, new) = eventful();
    insta::assert_snapshot!(markdown::render(&diff(&old, &new), Lang::En));
}

#[test]
fn what_a_comment_says_of_a_diff_in_japanese() {
    let (old, new) = eventful();
    insta::assert_snapshot!(markdown::render(&diff(&old, &new), Lang::Ja));
}

#[test]
fn what_a_program_reads_of_a_diff() {
    let (old, new) = eventful();
    let diff = diff(&old, &new);
    insta::assert_snapshot!(serde_json::to_string_pretty(&diff).unwrap());
}

#[test]
fn what_is_said_when_nothing_changed() {
    let run = example::repeated(2, 10);
    let diff = diff(&run, &run);
    insta::assert_snapshot!(terminal::render(&diff, &options(Lang::En)));
}

#[test]
fn a_cell_that_became_unstable_shows_how_many_tries_passed() {
    let diff = diff(&example::all_pass(2, 1), &example::repeated(2, 10));
    let text = terminal::render(&diff, &options(Lang::En));
    assert!(text.contains("○ → △9/10  auth.psk/v1:v2"), "{text}");
    assert!(text.contains("○ → ×0/10  auth.psk/v2:v1"), "{text}");
}

#[test]
fn a_comment_is_never_too_long_and_counts_what_it_leaves_out() {
    let old = example::all_pass(24, 2);
    let mut new = old.clone();
    for cell in &mut new.cells {
        cell.outcome = Outcome::Fail;
    }
    let ids: Vec<String> = new.cells.iter().map(|cell| cell.id.clone()).collect();
    for id in &ids {
        example::fail(&mut new, id, CauseCode::Unknown, Side::Both);
    }
    for cell in &mut new.cells {
        let cause = cell.cause.as_mut().unwrap();
        cause.sentence = Text::same("`長い文".repeat(1000));
    }
    for lang in [Lang::En, Lang::Ja] {
        let comment = markdown::render(&diff(&old, &new), lang);
        assert!(comment.len() <= markdown::LIMIT, "{}", comment.len());
        let listed = comment.matches("\n- ○ → × ").count();
        let rest = format!("- … {} ", ids.len() - listed);
        assert!(comment.contains(&rest), "no {rest:?}");
        assert!(comment.ends_with("</details>\n"));
    }
}

#[test]
fn nothing_of_a_record_acts_in_a_comment_or_on_a_terminal() {
    let nasty =
        "a`b``</details><img src=x>@everyone #1 [x](http://evil) \u{1b}[2J\n\n# big\u{202e}";
    let (old, mut new) = eventful();
    new.vendors[1].name = Text::same(nasty);
    new.vendors[1].version = nasty.to_owned();
    new.vendors[0].packages[0].version = nasty.to_owned();
    new.vendors[0].packages[0].name = nasty.to_owned();
    new.cases[0].title = Text::same(nasty);
    (new.tool.version, new.lab.kernel) = (nasty.to_owned(), nasty.to_owned());
    let failed = new.cells.iter_mut().find(|cell| cell.cause.is_some());
    failed.unwrap().cause.as_mut().unwrap().sentence = Text::same(nasty);
    let diff = diff(&old, &new);
    let comment = markdown::render(&diff, Lang::En);
    let mut prose = String::new();
    for line in comment.lines() {
        prose.push_str(&without_code(line));
    }
    for bad in [
        "<img",
        "@everyone",
        "#1",
        "](",
        "\u{1b}",
        "\u{202e}",
        "http",
    ] {
        assert!(!prose.contains(bad), "{bad:?} in {prose}");
    }
    assert_eq!(
        comment.matches("\n</details>").count(),
        comment.matches("\n<details>").count()
    );
    let text = terminal::render(&diff, &options(Lang::En));
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
}

/// A line without its code spans: each begins with a run of backticks and ends with the next one of
/// the same length.
fn without_code(line: &str) -> String {
    let (mut prose, mut rest) = (String::new(), line);
    while let Some(at) = rest.find('`') {
        prose.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches('`');
        let fence = rest.len() - at - after.len();
        let mut end = after;
        rest = loop {
            let Some(at) = end.find('`') else {
                panic!("a code span has no end: {line}");
            };
            let beyond = end[at..].trim_start_matches('`');
            if end.len() - at - beyond.len() == fence {
                break beyond;
            }
            end = beyond;
        };
    }
    prose + rest
}

#[test]
fn every_kind_has_words_in_both_languages() {
    let mut table = String::new();
    for kind in Kind::ALL {
        let (title, meaning) = (kind.title(), kind.meaning());
        table.push_str(&format!(
            "{} ({}) = {}（{}）\n",
            title.en, meaning.en, title.ja, meaning.ja
        ));
    }
    insta::assert_snapshot!(table);
}
