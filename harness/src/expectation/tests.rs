use std::fs;

use proptest::prelude::*;

use super::*;
use crate::sample::{project, root};

const TRIAL: &str = "vendor-profiles/trial-2018.toml";

const GOOD: &str = r#"cases = ["auth.psk"]
title = { en = "a matrix", ja = "検証表" }
source = { title = { en = "t", ja = "題" }, publisher = { en = "p", ja = "省" }, date = "2018-04-19" }

[[vendors]]
id = "a"
name = { en = "A", ja = "A社" }

[[vendors]]
id = "b"
name = { en = "B", ja = "B社" }

[cells."auth.psk"]
a = ["pass"]
b = ["fail", "unsupported"]
"#;

fn read(text: &str) -> Result<Expectation, Problems> {
    let known = Known {
        vendors: vec!["a", "b"],
        cases: vec!["auth.psk", "auth.cert-hpki"],
    };
    parse(&Source::new("trial.toml", text), &known)
}

/// The trial's table as it is committed.
fn trial() -> Expectation {
    let known = Known {
        vendors: vec!["trial-a", "trial-b", "trial-c", "trial-d"],
        cases: vec!["auth.cert-hpki", "auth.cert-rfc4945", "auth.psk"],
    };
    parse(&Source::read(&root().join(TRIAL)).unwrap(), &known).unwrap()
}

#[test]
fn a_triangle_of_outcomes_becomes_cells_row_by_row() {
    let expectation = read(GOOD).unwrap();
    let cells = expectation.cells.iter().map(|cell| {
        let ExpectedCell {
            case,
            row,
            column,
            outcome,
        } = cell;
        format!("{case} {row} {column} {outcome:?}")
    });
    assert_eq!(
        cells.collect::<Vec<_>>(),
        [
            "auth.psk a a Pass",
            "auth.psk b a Fail",
            "auth.psk b b Unsupported"
        ]
    );
    assert_eq!(expectation.sha256.len(), 64);
}

#[test]
fn every_mistake_is_told_with_its_place_and_remedy() {
    let mistakes = [
        ("an unknown vendor", "id = \"b\"", "id = \"c\""),
        ("a vendor twice", "id = \"b\"", "id = \"a\""),
        (
            "an unknown case",
            "[\"auth.psk\"]",
            "[\"auth.psk\", \"auth.cert-hpkl\"]",
        ),
        (
            "a case without cells",
            "[\"auth.psk\"]",
            "[\"auth.psk\", \"auth.cert-hpki\"]",
        ),
        ("no case", "[\"auth.psk\"]", "[]"),
        ("a row too short", "\"fail\", \"unsupported\"", "\"fail\""),
        (
            "a row too long",
            "a = [\"pass\"]",
            "a = [\"pass\", \"fail\"]",
        ),
        ("no row", "a = [\"pass\"]\n", ""),
        (
            "a row of nobody",
            "a = [\"pass\"]\n",
            "a = [\"pass\"]\nz = [\"pass\"]\n",
        ),
        (
            "an outcome that nobody expects",
            "\"unsupported\"",
            "\"error\"",
        ),
        ("no day", "2018-04-19", "April 2018"),
        ("no Japanese", "ja = \"検証表\"", "ja = \"\""),
        ("an unknown key", "title = { en = \"a", "titel = { en = \"a"),
    ];
    let told = mistakes.map(|(name, from, to)| {
        let (before, after) = GOOD.split_once(from).unwrap();
        format!(
            "# {name}\n{}\n",
            read(&format!("{before}{to}{after}")).unwrap_err()
        )
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_vendor_that_the_project_does_not_have_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trial.toml");
    fs::write(&path, GOOD).unwrap();
    let problems = load(&path, &project()).unwrap_err();
    let lines: Vec<_> = problems
        .as_slice()
        .iter()
        .map(|problem| problem.line)
        .collect();
    assert_eq!(lines, [Some(6), Some(10)], "{problems}");
    assert!(load(&folder.path().join("absent.toml"), &project()).is_err());
}

#[test]
fn the_table_of_the_trial_has_thirty_cells() {
    let expectation = trial();
    assert_eq!(expectation.cells.len(), 30);
    let count = |outcome| {
        let same = |cell: &&ExpectedCell| cell.outcome == outcome;
        expectation.cells.iter().filter(same).count()
    };
    assert_eq!(count(Expected::Pass), 16);
    assert_eq!(count(Expected::Fail), 6);
    assert_eq!(count(Expected::Unsupported), 8);
}

/// The report's own text, where it is at hand.
#[test]
fn the_table_of_the_trial_is_the_published_one() {
    let folder = root().join("../shared/seeds");
    let Ok(text) = fs::read_to_string(folder.join("000_39d43850fe138d2d.txt")) else {
        println!(
            "skipped: the text of the report is not in {}",
            folder.display()
        );
        return;
    };
    let expectation = trial();
    let (_, table) = text.split_once("RFC実装\tRFC実装\t認証方式").unwrap();
    let names: Vec<_> = expectation
        .vendors
        .iter()
        .map(|vendor| &*vendor.name.ja)
        .collect();
    let mut lines = table.lines();
    assert_eq!(
        lines
            .next()
            .unwrap()
            .split('\t')
            .skip(1)
            .collect::<Vec<_>>(),
        names
    );
    let mut published = Vec::new();
    let mut row = "";
    for line in lines.skip(1).take(names.len() * expectation.cases.len()) {
        let [vendor, _, method, marks @ ..] = &*line.split('\t').collect::<Vec<_>>() else {
            panic!("{line:?} is no row");
        };
        if !vendor.is_empty() {
            row = vendor;
        }
        let marks = names.iter().zip(marks).filter(|(_, mark)| **mark != "-");
        published.extend(marks.map(|(column, mark)| (*method, row, *column, *mark)));
    }
    let name = |id: &str| &*expectation.vendor(id).unwrap().name.ja;
    let mut ours: Vec<_> = expectation
        .cells
        .iter()
        .map(|cell| {
            let method = match &*cell.case {
                "auth.cert-hpki" => "証明書（HPKI）",
                "auth.cert-rfc4945" => "証明書（自己署名）",
                _ => "共有鍵（パスワード）",
            };
            let mark = cell.outcome.outcome().symbol().ja;
            (method, name(&cell.row), name(&cell.column), mark)
        })
        .collect();
    ours.sort_unstable();
    published.sort_unstable();
    assert_eq!(ours, published);
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(at in 0..GOOD.len(), junk in "[\\x00-\\x7f]{0,6}") {
        if let Some((before, after)) = GOOD.split_at_checked(at) {
            let mut rest = after.chars();
            rest.next();
            let _ = read(&format!("{before}{junk}{}", rest.as_str()));
        }
    }
}
