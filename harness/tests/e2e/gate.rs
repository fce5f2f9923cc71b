//! A change of a profile on its way through CI: the cells that it can affect, and the gate.

use std::fs;
use std::path::Path;
use std::process::Command;

use reports::model::Outcome;

use crate::support::alone;
use crate::support::program::{Call, cell, short};
use crate::support::project::{Project, repository};

const STRONGSWAN: &str = "auth.psk/strongswan-6.0:strongswan-6.0";
const FORTH: &str = "auth.psk/libreswan-5.2:strongswan-6.0";
const BACK: &str = "auth.psk/strongswan-6.0:libreswan-5.2";
const LIBRESWAN: &str = "auth.psk/libreswan-5.2:libreswan-5.2";
const PROFILE: &str = "vendor-profiles/libreswan-5.2/profile.toml";

#[test]
fn a_change_that_breaks_a_profile_is_stopped_until_it_is_known() {
    let _machine = alone();
    let project = Project::small();
    let baseline = Call::run(&project).done();
    let run = baseline.expect_code(0).record();
    assert_eq!(run.cells.len(), 4);

    commit(&project, &baseline.out());
    offer_what_nobody_else_does(&project);
    git(
        &project,
        &["commit", "--quiet", "--all", "--message=break it"],
    );
    let (code, said) = judge_change(&project);
    assert_eq!(code, Some(1), "{said}");
    let results = project.path().join("results");
    let run = reports::json::read(&results.join("run.json")).unwrap();
    let ids: Vec<&str> = run.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(ids, [LIBRESWAN, FORTH, BACK], "{said}");
    assert_eq!(cell(&run, LIBRESWAN).outcome, Outcome::Pass, "{said}");
    let left_out: Vec<_> = run.left_out().map(|cell| cell.id.as_str()).collect();
    assert_eq!(left_out, [STRONGSWAN]);
    let told = [
        "cells with libreswan-5.2",
        "3 cells to run, 1 not affected",
        "The gate is closed: 2 findings.",
    ];
    for words in told {
        assert!(said.contains(words), "{said}");
    }
    let comment = project.read("comment.md");
    assert!(
        comment.starts_with("### ikematrix: Regressions 2"),
        "{comment}"
    );

    let (before, after) = (path(&baseline.out()), path(&results));
    gate(&[&before, "--baseline", &before], 0, &["gate is open"]);
    let regressions = ["Regressions", FORTH, BACK, "profile changed", "2 findings"];
    gate(&[&after, "--baseline", &before], 1, &regressions);
    compare(&before, &after);

    let codes = [FORTH, BACK].map(|id| cell(&run, id).cause.as_ref().unwrap().code.as_str());
    let known = project.path().join("known.toml");
    let entries = [(FORTH, codes[0]), (BACK, codes[1])];
    fs::write(
        &known,
        entries.map(|(cell, code)| entry(cell, code)).concat(),
    )
    .unwrap();
    let known = path(&known);
    let words = [&after, "--baseline", &before, "--expect", &known];
    gate(&words, 0, &["Known failures: 2"]);

    // The same entries beside a run in which the cells pass: each is named with its line.
    let words = [&before, "--baseline", &before, "--expect", &known];
    let stale = ["does not fail any more", "known.toml:2", "known.toml:9"];
    gate(&words, 1, &stale);

    // A cell that is gone is no success.
    let mut cut = reports::json::read(&baseline.out().join("run.json")).unwrap();
    cut.cells.retain(|cell| cell.id != STRONGSWAN);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    reports::json::write(&file, &cut).unwrap();
    let missing = ["missing now", STRONGSWAN];
    gate(&[&path(&file), "--baseline", &before], 1, &missing);
}

#[test]
fn a_cell_that_is_repeated_keeps_the_evidence_of_every_try() {
    let _machine = alone();
    let project = Project::small();
    let ran = Call::run(&project)
        .args(["--repeat", "2", "--pair", "strongswan-6.0:libreswan-5.2"])
        .done();
    let run = ran.expect_code(0).record();
    let cell = cell(&run, BACK);
    assert_eq!(cell.tally().unwrap().to_string(), "2/2", "{ran}");
    assert_eq!(cell.attempts, 2);
    for one in &cell.tries {
        let folder = ran.out().join(one.evidence.as_ref().unwrap());
        assert!(folder.join("wan.pcapng").is_file(), "{}", folder.display());
    }
    assert!(ran.stdout.contains("○2/2"), "{ran}");
    assert!(ran.stderr.contains("2/2 ○"), "{ran}");
    let explained = short(&["explain", BACK, "--from", &path(&ran.out())]);
    assert_eq!(explained.0, Some(0), "{explained:?}");
    assert!(explained.1.contains("2/2"), "{explained:?}");
}

/// Puts the project and its baseline under version control, as `docs/ci.md` says.
fn commit(project: &Project, baseline: &Path) {
    let folder = project.path().join("ci/baseline");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(baseline.join("run.json"), folder.join("run.json")).unwrap();
    git(project, &["init", "--quiet"]);
    git(project, &["add", "--all"]);
    git(project, &["commit", "--quiet", "--message=what works"]);
}

fn git(project: &Project, words: &[&str]) {
    let ended = Command::new("git")
        .args(["-c", "user.name=test", "-c", "user.email=test@example"])
        .args(["-c", "commit.gpgsign=false"])
        .args(words)
        .current_dir(project.path())
        .status();
    assert!(ended.unwrap().success(), "{words:?}");
}

/// Does with the last commit what a CI system does, and gives the exit code and all that was said.
fn judge_change(project: &Project) -> (Option<i32>, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_ikematrix"));
    let folders = std::env::var_os("PATH").unwrap();
    let folders = [program.parent().unwrap().to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&folders));
    let done = Command::new("bash")
        .arg(repository().join("docs/ci/gate.sh"))
        .arg("HEAD~1")
        .env("PATH", std::env::join_paths(folders).unwrap())
        .env("LC_ALL", "C")
        .current_dir(project.path())
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (done.status.code(), said)
}

/// libreswan alone still agrees with itself.
fn offer_what_nobody_else_does(project: &Project) {
    let text = project.read(PROFILE);
    let (head, _) = text.split_once("[[ike.proposals]]").unwrap();
    let (_, esp) = text.split_once("[[esp.proposals]]").unwrap();
    let ike = "[[ike.proposals]]
encryption = [\"aes-cbc-128\"]
integrity = [\"hmac-sha2-512-256\"]
prf = [\"hmac-sha2-512\"]
dh = [\"modp-3072\"]

";
    project.write(PROFILE, &format!("{head}{ike}[[esp.proposals]]{esp}"));
}

fn entry(cell: &str, code: &str) -> String {
    format!(
        "[[known]]
cells = [{cell:?}]
outcome = \"fail\"
causes = [{code:?}]
reason = {{ en = \"On purpose.\", ja = \"意図的。\" }}
link = \"https://bugs.example/1\"

"
    )
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// `ikematrix gate` ends with this code and says these words.
fn gate(words: &[&str], code: i32, said: &[&str]) {
    let call: Vec<&str> = ["gate"].into_iter().chain(words.iter().copied()).collect();
    let (ended, stdout, stderr) = short(&call);
    assert_eq!(ended, Some(code), "{call:?}\n{stdout}{stderr}");
    for word in said {
        assert!(
            stdout.contains(word),
            "{word:?} is not in\n{stdout}{stderr}"
        );
    }
}

/// `ikematrix diff` tells of both runs in each of its forms.
fn compare(before: &str, after: &str) {
    assert_eq!(short(&["diff", before, before]).0, Some(0));
    for form in [None, Some("--markdown"), Some("--json")] {
        let words: Vec<&str> = ["diff", before, after].into_iter().chain(form).collect();
        let (code, stdout, stderr) = short(&words);
        assert_eq!(code, Some(1), "{stdout}{stderr}");
        for word in [FORTH, BACK] {
            assert!(
                stdout.contains(word),
                "{word:?} is not in\n{stdout}{stderr}"
            );
        }
        assert!(!stdout.contains(STRONGSWAN), "it was left out\n{stdout}");
    }
}
