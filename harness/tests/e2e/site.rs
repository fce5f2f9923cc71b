//! Reports of a run whose profiles attack whoever reads them, and the site of it.

use std::fs;
use std::path::{Path, PathBuf};

use reports::model::Outcome;

use crate::support::alone;
use crate::support::cases::{INITIATE, PROBE, PSK, TestCase};
use crate::support::program::{Call, program};
use crate::support::project::Project;

const DIFFERENT_PSK: TestCase = TestCase {
    name: "different-psk",
    auth: PSK,
    setup: "[setup.responder]\npsk = \"different\"",
    steps: &[INITIATE, PROBE],
};

/// Markup, an escape sequence, and a mark that turns the direction of writing.
const NASTY: &str = "</td><script>alert(1)</script><img src=//evil>\u{1b}[2J\u{202e}";

#[test]
fn a_profile_that_tries_stays_text_in_every_report() {
    let _machine = alone();
    let project = Project::with_cases([&DIFFERENT_PSK]);
    let profile = "vendor-profiles/strongswan-6.0/profile.toml";
    let nasty = NASTY.replace('\u{1b}', "\\u001b");
    let text = project.read(profile);
    let named: String = text
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some((lang @ ("en" | "ja"), _)) => format!("{lang} = \"{nasty}\"\n"),
            Some(_) | None => format!("{line}\n"),
        })
        .collect();
    project.write(profile, &named);
    let case = DIFFERENT_PSK.path();
    project.replace(
        &case,
        "ja = \"試験 different-psk\"",
        &format!("ja = \"{nasty}\""),
    );
    let junit = project.path().join("junit.xml");
    let ran = Call::run(&project)
        .cases(["auth.psk", "test.different-psk"])
        .pairs(["strongswan-6.0:strongswan-6.0"])
        .args(["--lang", "ja", "--junit"])
        .arg(&junit)
        .done();
    let run = ran.expect_code(1).record();
    let outcomes: Vec<Outcome> = run.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass, Outcome::Fail], "{ran}");
    assert!(run.vendors[0].name.en.contains("<script>"));

    let site = project.path().join("site");
    let mut report = program();
    let reported = report.arg("report").arg(ran.out()).arg("--html").arg(&site);
    assert_eq!(reported.output().unwrap().status.code(), Some(1));
    let growing = project.path().join("growing");
    for words in ["added: ", "published before: "] {
        let mut publish = program();
        let published = publish.args(["publish", "--lang", "en", "--site"]);
        let output = published.arg(&growing).arg(ran.out()).output().unwrap();
        assert!(
            String::from_utf8_lossy(&output.stdout).starts_with(words),
            "{output:?}"
        );
        assert_eq!(output.status.code(), Some(0));
    }

    let mut pages = Vec::new();
    for folder in [&site, &growing] {
        pages_below(folder, &mut pages);
    }
    // Two cells, a vendor, two cases, two lists; the growing site has more.
    assert!(pages.len() > 14, "{pages:?}");
    pages.push(ran.out().join("index.html"));
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for live in ["<script>", "<img", "\u{1b}", "\u{202e}"] {
            assert!(!text.contains(live), "{} has {live:?}", page.display());
        }
    }
    // Its text stands in CDATA sections, where markup is none; another test parses such a report.
    let junit = fs::read_to_string(&junit).unwrap();
    assert!(!junit.contains('\u{1b}'), "{junit}");
    for live in ["\u{1b}", "\u{202e}"] {
        assert!(!ran.stdout.contains(live), "{ran}");
    }
    let cell = fs::read_to_string(
        site.join("cells/test.different-psk/strongswan-6.0/strongswan-6.0.html"),
    );
    assert!(
        cell.unwrap().contains("AUTHENTICATION_FAILED"),
        "the log is quoted"
    );
}

fn pages_below(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages_below(&path, pages);
        } else if path.extension().is_some_and(|end| end == "html") {
            pages.push(path);
        }
    }
}
