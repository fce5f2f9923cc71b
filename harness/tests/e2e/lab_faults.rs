//! What goes wrong in the lab is an `error`, never a `fail` of a router.

use lab::crun;
use reports::model::{Cell, Outcome};

use crate::support::cases::{FAIL_CAPTURE, INITIATE, PROBE, PSK, TestCase};
use crate::support::expect::{Expected, PASS, check, describe, error};
use crate::support::program::{Call, cell};
use crate::support::project::Project;
use crate::support::{alone, cache};

const PAIR: &str = "strongswan-6.0:libreswan-5.2";

/// Debian has no such package, so the image can never be built.
const NO_SUCH_PACKAGE: &str = r#"[versions."9.9"]
suite = "trixie"
packages = ["no-such-package-anywhere"]
version_package = "no-such-package-anywhere"
"#;

/// The program that a container is parked with is missing, so crun cannot start one.
const NO_SLEEP: &str = r#"[versions."0.0"]
suite = "trixie"
packages = ["netbase"]
version_package = "netbase"
prepare = [["/usr/bin/rm", "/usr/bin/sleep"]]
"#;

const DEAD_CAPTURE: TestCase = TestCase {
    name: "dead-capture",
    auth: PSK,
    setup: "",
    steps: &[INITIATE, FAIL_CAPTURE, PROBE],
};

/// Case, pairing, outcome, how often it was started, and a word of the reason.
const CELLS: &[(&str, &str, Expected, u32, &str)] = &[
    ("auth.psk", PAIR, PASS, 1, ""),
    (
        "auth.psk",
        "strongswan-9.9:libreswan-5.2",
        error(),
        0,
        "no-such-package-anywhere",
    ),
    (
        "auth.psk",
        "libreswan-5.2:strongswan-0.0",
        error(),
        2,
        "crun",
    ),
    ("test.dead-capture", PAIR, error(), 2, "capture"),
];

#[test]
fn a_missing_image_a_dead_container_and_a_dead_capture_are_errors_and_other_cells_pass() {
    let _machine = alone();
    let project = Project::with_cases([&DEAD_CAPTURE]);
    project.add_version("strongswan", &format!("{NO_SUCH_PACKAGE}\n{NO_SLEEP}"));
    project.add_profile("strongswan-6.0", "strongswan-9.9", "9.9");
    project.add_profile("strongswan-6.0", "strongswan-0.0", "0.0");
    let own_cache = tempfile::tempdir().unwrap();
    cache::over_the_default(own_cache.path());
    let ran = Call::run(&project)
        .cache(own_cache.path())
        .cases(["auth.psk", "test.dead-capture"])
        .pairs(CELLS[..3].iter().map(|(_, pair, ..)| *pair))
        .done();
    let run = ran.expect_code(3).record();
    println!("{} cells in {:?}", run.cells.len(), ran.took);
    let id = |case: &str, pair: &str| format!("{case}/{pair}");
    let table: Vec<_> = CELLS
        .iter()
        .map(|(case, pair, expected, ..)| (id(case, pair), *expected))
        .collect();
    check(&ran, &run, &table);
    for (case, pair, _, attempts, word) in CELLS {
        let cell = cell(&run, &id(case, pair));
        assert_eq!(cell.attempts, *attempts, "{}", describe(cell));
        let sentence = cell.cause.as_ref().map_or("", |cause| &cause.sentence.en);
        assert!(
            sentence.contains(word),
            "{word:?} is not in: {}",
            describe(cell)
        );
    }
}

#[test]
fn without_esp_in_the_kernel_every_cell_is_an_error_and_none_is_started() {
    let _machine = alone();
    let project = Project::new();
    let ran = Call::run(&project)
        .args(["--lab", "vm", "--kernel-word", "module_blacklist=esp4"])
        .cases(["auth.psk"])
        .pairs([PAIR, "libreswan-5.2:strongswan-6.0"])
        .done();
    let run = ran.expect_code(3).record();
    assert_eq!(run.cells.len(), 2);
    for cell in &run.cells {
        println!("  {}", describe(cell));
        assert_eq!(cell.attempts, 0);
    }
    let table: Vec<_> = run
        .cells
        .iter()
        .map(|cell| (cell.id.clone(), error()))
        .collect();
    check(&ran, &run, &table);
    for cell in &run.cells {
        assert!(describe(cell).contains("ESP"), "{}", describe(cell));
    }
}

/// Where this machine's own kernel can be a lab, it must pass there; where not, say so.
#[test]
fn the_crun_lab_on_this_machine_passes_or_every_cell_is_an_error() {
    let _machine = alone();
    let can = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(crun::try_out());
    let project = Project::new();
    let ran = Call::run(&project)
        .args(["--lab", "crun"])
        .cases(["auth.psk"])
        .pairs([PAIR])
        .done();
    let run = ran.record();
    let expected = match &can {
        Ok(()) => PASS,
        Err(fault) => {
            crate::support::skipped(&format!("no cell can pass in the crun lab here: {fault}"));
            error()
        }
    };
    ran.expect_code(if can.is_ok() { 0 } else { 3 });
    check(&ran, &run, &[(format!("auth.psk/{PAIR}"), expected)]);
    assert_eq!(run.cells[0].attempts, u32::from(can.is_ok()));
}

/// As many cells as this machine has processors several times over.
const CROWD: [&str; 4] = [
    "openiked-7.2:openiked-7.2",
    "openiked-7.2:openiked-7.4",
    "openiked-7.4:openiked-7.2",
    "openiked-7.4:openiked-7.4",
];

#[test]
#[ignore = "what a few processors do at once takes minutes"]
fn a_lab_that_cannot_compute_all_its_cells_in_time_makes_no_router_fail() {
    let _machine = alone();
    let ran = Call::run(&Project::new())
        .cases(["auth.psk", "auth.cert-rfc4945", "esp.aes256-sha256"])
        .pairs(CROWD)
        .args(["-j", "12"])
        .done();
    let run = ran.record();
    assert_eq!(run.cells.len(), 12);
    // OpenIKED cannot do ESP with SHA2-256 here, however much time it has.
    let may_fail = |cell: &Cell| cell.case.starts_with("esp.");
    for cell in run.cells.iter().filter(|cell| !may_fail(cell)) {
        assert_ne!(cell.outcome, Outcome::Fail, "{}", describe(cell));
    }
}
