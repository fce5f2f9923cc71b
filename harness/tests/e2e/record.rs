//! What a run leaves: the record with all that went in, the evidence, and the page.

use std::fs;
use std::path::Path;
use std::process::Command;

use reports::model::{Cell, Outcome, Run};
use serde_json::Value;

use crate::support::cases::{INITIATE, PROBE, PSK, TestCase};
use crate::support::program::{Call, Ran, cell};
use crate::support::project::Project;
use crate::support::{alone, skipped};

const CELLS: [&str; 2] = [
    "auth.psk/strongswan-6.0:libreswan-5.2",
    "test.different-psk/strongswan-6.0:libreswan-5.2",
];

const DIFFERENT_PSK: TestCase = TestCase {
    name: "different-psk",
    auth: PSK,
    setup: "[setup.responder]\npsk = \"different\"",
    steps: &[INITIATE, PROBE],
};

/// What every cell has, whatever its outcome. The configuration has each daemon's own names.
const EVIDENCE: &[&str] = &[
    "initiator/swanctl.conf",
    "initiator/strongswan.conf",
    "responder/ipsec.conf",
    "responder/ipsec.secrets",
    "initiator/daemon.log",
    "responder/daemon.log",
    "initiator/status.txt",
    "responder/status.txt",
    "initiator/kernel-sas.txt",
    "responder/kernel-sas.txt",
    "wan.pcapng",
    "transcript.txt",
    "transcript.ja.txt",
    "transcript.json",
    "keys/README.txt",
    "keys/ikev2_decryption_table",
    "keys/esp_sa",
    "verdict.json",
    "repro.txt",
];

#[test]
fn the_record_the_evidence_and_the_page_hold_everything() {
    let _machine = alone();
    let project = Project::with_cases([&DIFFERENT_PSK]);
    let ran = Call::run(&project)
        .cases(["auth.psk", "test.different-psk"])
        .pairs(["strongswan-6.0:libreswan-5.2"])
        .done();
    let run = ran.expect_code(1).record();
    every_field_is_filled(&ran);
    vendors_and_lab_are_exact(&run);
    for id in CELLS {
        evidence_is_whole(&ran, cell(&run, id));
    }
    assert_eq!(cell(&run, CELLS[0]).outcome, Outcome::Pass);
    assert_eq!(cell(&run, CELLS[1]).outcome, Outcome::Fail);
    the_page_is_self_contained(&ran.out().join("index.html"), &run);
    the_report_can_be_made_again(&ran);
}

/// By the names in the file, not by our own types.
fn every_field_is_filled(ran: &Ran) {
    let text = fs::read_to_string(ran.out().join("run.json")).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    let paths = [
        "/schema",
        "/started",
        "/finished",
        "/complete",
        "/tool/name",
        "/tool/version",
        "/lab/backend",
        "/lab/kernel",
        "/lab/accel",
        "/lab/reason/en",
        "/vendors/1/id",
        "/vendors/1/implementation",
        "/vendors/1/version",
        "/vendors/1/packages/0/name",
        "/vendors/1/packages/0/version",
        "/vendors/1/image",
        "/vendors/1/profile_sha256",
        "/cases/1/id",
        "/cases/1/case_sha256",
        "/cells/1/id",
        "/cells/1/case",
        "/cells/1/initiator",
        "/cells/1/responder",
        "/cells/1/outcome",
        "/cells/1/cause/code",
        "/cells/1/cause/side",
        "/cells/1/cause/sentence/en",
        "/cells/1/cause/sentence/ja",
        "/cells/1/stages/0/name",
        "/cells/1/stages/0/millis",
        "/cells/1/attempts",
        "/cells/1/evidence",
        "/inputs/project",
        "/inputs/certificate_seed",
        "/inputs/certificate_time",
    ];
    for path in paths {
        let value = record
            .pointer(path)
            .unwrap_or_else(|| panic!("there is no {path} in\n{text}"));
        let empty = value.is_null() || value.as_str().is_some_and(str::is_empty);
        assert!(!empty, "{path} is empty in\n{text}");
    }
}

fn vendors_and_lab_are_exact(run: &Run) {
    assert!(run.complete && run.started < run.finished);
    assert!(["crun", "vm"].contains(&run.lab.backend.as_str()));
    for (vendor, package, version) in [
        ("strongswan-6.0", "charon-systemd", "6.0"),
        ("libreswan-5.2", "libreswan", "5.2"),
    ] {
        let vendor = run.vendors.iter().find(|found| found.id == vendor).unwrap();
        let package = vendor
            .packages
            .iter()
            .find(|found| found.name == package)
            .unwrap();
        assert!(package.version.starts_with(version), "{package:?}");
        // Debian's own revision, not only the maker's number.
        assert!(package.version.contains('-'), "{package:?}");
        assert!(
            is_digest(vendor.image.strip_prefix("sha256:").unwrap()),
            "{}",
            vendor.image
        );
        assert!(
            is_digest(&vendor.profile_sha256),
            "{}",
            vendor.profile_sha256
        );
        println!(
            "{} {}: {} packages",
            package.name,
            package.version,
            vendor.packages.len()
        );
    }
    for cell in &run.cells {
        let names: Vec<_> = cell
            .stages
            .iter()
            .map(|stage| stage.name.as_str())
            .collect();
        for stage in [
            "render", "start", "load", "steps", "observe", "judge", "teardown",
        ] {
            assert!(names.contains(&stage), "{}: {names:?}", cell.id);
        }
        assert_eq!(cell.observations.len(), 7, "{}", cell.id);
        assert_eq!(cell.attempts, 1);
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

fn evidence_is_whole(ran: &Ran, cell: &Cell) {
    let folder = ran.evidence(cell);
    for file in EVIDENCE {
        let about = fs::metadata(folder.join(file));
        let about = about.unwrap_or_else(|error| panic!("{}: {file}: {error}", cell.id));
        let is_state = file.ends_with("kernel-sas.txt") || file.ends_with("status.txt");
        let may_be_empty = cell.outcome != Outcome::Pass && is_state;
        assert!(
            about.len() > 0 || may_be_empty,
            "{}: {file} is empty",
            cell.id
        );
    }
    let verdict = fs::read(folder.join("verdict.json")).unwrap();
    let verdict: Cell = serde_json::from_slice(&verdict).unwrap();
    assert_eq!((&verdict.id, verdict.outcome), (&cell.id, cell.outcome));
    let repro = fs::read_to_string(folder.join("repro.txt")).unwrap();
    assert_eq!(repro, format!("ikematrix repro {}\n", cell.id));

    let capture = folder.join("wan.pcapng");
    match Command::new("tcpdump").arg("-nr").arg(&capture).output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let count = |word: &str| text.lines().filter(|line| line.contains(word)).count();
            println!(
                "{}: {} IKE, {} ESP packets",
                cell.id,
                count("isakmp"),
                count("ESP(")
            );
            assert!(count("isakmp") >= 4, "{text}");
            // Three probes each way at least, or none at all.
            assert_eq!(count("ESP(") >= 6, cell.outcome == Outcome::Pass, "{text}");
        }
        Err(error) => skipped(&format!("tcpdump does not look at the capture: {error}")),
    }
}

fn the_page_is_self_contained(path: &Path, run: &Run) {
    let page = fs::read_to_string(path).unwrap();
    for attribute in ["src=", "href="] {
        for (at, _) in page.match_indices(attribute) {
            let value: String = page[at + attribute.len()..].chars().take(60).collect();
            let tag = page[..at].rsplit('<').next().unwrap();
            let is_anchor = tag.starts_with("a ") && attribute == "href=";
            let is_inside = value.starts_with("\"#") || value.starts_with("\"data:");
            assert!(is_anchor || is_inside, "<{tag}{attribute}{value}");
        }
    }
    assert!(!page.contains("@import") && !page.contains("<script") && !page.contains("url(http"));
    for cell in &run.cells {
        assert!(page.contains(&cell.id), "{} is not on the page", cell.id);
    }
}

fn the_report_can_be_made_again(ran: &Ran) {
    let page = ran.out().join("index.html");
    let before = fs::read(&page).unwrap();
    fs::remove_file(&page).unwrap();
    let mut again = crate::support::program::program();
    let again = again.arg("report").arg(ran.out()).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&again.stdout), ran.stdout);
    assert!(
        fs::read(&page).unwrap() == before,
        "the page is another one"
    );
}
