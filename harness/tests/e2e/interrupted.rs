//! Being stopped: politely, in the middle of anything, and without a word.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::support::machine::Remains;
use crate::support::program::{Call, short};
use crate::support::project::Project;
use crate::support::{alone, cache, skipped, wait_for};

/// Whoever is told to stop has so long.
const LIMIT: Duration = Duration::from_secs(10);
/// The kernel and the programs that a dead owner leaves need a moment.
const AFTERMATH: Duration = Duration::from_secs(10);

const PAIR: &str = "strongswan-6.0:libreswan-5.2";

/// An image that takes little to build.
const SMALL: &str = r#"[versions."0.1"]
suite = "trixie"
packages = ["netbase"]
version_package = "netbase"
"#;

fn with_small_image() -> Project {
    let project = Project::new();
    project.add_version("strongswan", SMALL);
    project.add_profile("strongswan-6.0", "small", "0.1");
    project
}

fn stopped_between_cells(signal: Signal) {
    let _machine = alone();
    let before = Remains::now();
    let project = Project::new();
    // Enough cells that some are still to come.
    let stand_ins = ["strongswan-6.0", "libreswan-5.2", "openiked-7.4"];
    let running = Call::run(&project)
        .args(stand_ins.iter().flat_map(|id| ["--vendor", id]))
        .start();
    running.wait_for_words("[2/27]");
    running.signal(signal);
    let ran = running.end_within(LIMIT);
    println!("{signal}: ended {:?} later", ran.ended_after);
    Remains::now().expect_nothing_since(&before);
    let run = ran.expect_code(4).record();
    assert!(!run.complete);
    assert!(
        (2..27).contains(&run.cells.len()),
        "{} cells",
        run.cells.len()
    );
    for cell in &run.cells {
        assert!(
            ran.evidence(cell).join("verdict.json").exists(),
            "{}",
            cell.id
        );
    }
    assert!(ran.out().join("index.html").exists());
}

#[test]
fn sigint_between_cells_leaves_a_valid_partial_record_and_nothing_else() {
    stopped_between_cells(Signal::SIGINT);
}

#[test]
fn sigterm_between_cells_leaves_a_valid_partial_record_and_nothing_else() {
    stopped_between_cells(Signal::SIGTERM);
}

#[test]
fn sigint_while_the_lab_starts_leaves_nothing() {
    let _machine = alone();
    let project = Project::new();
    for keep in [false, true] {
        let before = Remains::now();
        let mut call = Call::repro(&project, &format!("auth.psk/{PAIR}")).args(["--lab", "vm"]);
        if keep {
            call = call.arg("--keep");
        }
        let running = call.start();
        running.wait_for_program("qemu-system", "lab.sock");
        running.signal(Signal::SIGINT);
        let ran = running.end_within(LIMIT);
        ran.expect_code(4).expect_words(&["interrupted"]);
        Remains::now().expect_nothing_since(&before);
    }
}

#[test]
fn sigint_in_the_cell_leaves_nothing_even_of_a_lab_that_was_to_be_kept() {
    let _machine = alone();
    let before = Remains::now();
    let project = Project::new();
    let call = Call::repro(&project, &format!("auth.psk/{PAIR}")).args(["--lab", "vm", "--keep"]);
    let running = call.start();
    running.wait_for_words("lab: vm");
    running.signal(Signal::SIGINT);
    let ran = running.end_within(LIMIT);
    Remains::now().expect_nothing_since(&before);
    let run = ran.expect_code(4).record();
    assert!(!run.complete && run.cells.is_empty());
    assert!(!ran.stdout.contains("ikematrix shell"), "{ran}");
}

#[test]
fn sigint_while_an_image_is_built_leaves_nothing() {
    let _machine = alone();
    let before = Remains::now();
    let (project, own_cache) = (with_small_image(), tempfile::tempdir().unwrap());
    let running = build(&project, own_cache.path()).start();
    running.wait_for_program("dpkg", "");
    running.signal(Signal::SIGINT);
    let ran = running.end_within(LIMIT);
    ran.expect_code(4).expect_words(&["interrupted"]);
    Remains::now().expect_nothing_since(&before);
    assert_eq!(cache::unfinished(own_cache.path()), [] as [&Path; 0]);
    assert_eq!(cache::images(own_cache.path()), [] as [&Path; 0]);
    println!("ended {:?} later", ran.ended_after);
}

#[test]
fn an_image_whose_build_was_killed_is_not_trusted_but_built_anew() {
    let _machine = alone();
    let before = Remains::now();
    let (project, own_cache) = (with_small_image(), tempfile::tempdir().unwrap());
    let running = build(&project, own_cache.path()).start();
    running.wait_for_program("dpkg", "");
    running.signal(Signal::SIGKILL);
    running.end_within(LIMIT);
    wait_for_nothing_since(&before);
    assert_eq!(
        cache::unfinished(own_cache.path()).len(),
        1,
        "the test killed it too early"
    );
    assert_eq!(cache::images(own_cache.path()), [] as [&Path; 0]);

    let ran = build(&project, own_cache.path()).done();
    let run = ran.record();
    let packages: Vec<_> = run.vendors[0]
        .packages
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert!(packages.contains(&"netbase"), "{packages:?}\n{ran}");
    assert_eq!(cache::unfinished(own_cache.path()), [] as [&Path; 0]);
    assert_eq!(cache::images(own_cache.path()).len(), 1);
    println!(
        "built anew, with {} packages, in {:?}",
        packages.len(),
        ran.took
    );
}

#[test]
fn clean_removes_what_a_killed_run_left() {
    let _machine = alone();
    let before = Remains::now();
    let project = Project::new();
    let running = Call::run(&project)
        .pairs([PAIR])
        .arg("--lab")
        .arg("vm")
        .start();
    running.wait_for_words("lab: vm");
    running.signal(Signal::SIGKILL);
    let ran = running.end_within(LIMIT);
    let left = wait_for(AFTERMATH, || Remains::now().only_folders_since(&before));
    let left = left.unwrap_or_else(|| panic!("{:?}", Remains::now()));
    println!("after SIGKILL there were {left:?}");
    assert!(!ran.out().join("run.json").exists());

    let (code, said, errors) = short(&["clean"]);
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(said.starts_with("labs removed: "), "{said}");
    Remains::now().expect_nothing_since(&before);
}

#[test]
fn the_next_run_removes_what_a_killed_one_left_even_a_lab_that_was_to_be_kept() {
    let _machine = alone();
    let before = Remains::now();
    let project = Project::new();
    let call = Call::repro(&project, &format!("auth.psk/{PAIR}")).args(["--lab", "vm", "--keep"]);
    let running = call.start();
    running.wait_for_program("qemu-system", "lab.sock");
    running.signal(Signal::SIGKILL);
    running.end_within(LIMIT);
    // What it runs in does not matter: the leftovers go first.
    Call::run(&project)
        .pairs([PAIR])
        .args(["--lab", "crun"])
        .done();
    Remains::now().expect_nothing_since(&before);
}

/// A run that builds the small image. The crun lab needs no image of its own.
fn build(project: &Project, cache: &Path) -> Call {
    if !nix::unistd::geteuid().is_root() {
        skipped("the crun lab needs root, but the image is built all the same");
    }
    Call::run(project)
        .cache(cache)
        .args(["--lab", "crun"])
        .pairs(["small:small"])
}

fn wait_for_nothing_since(before: &Remains) {
    let gone = wait_for(AFTERMATH, || {
        Remains::now().is_nothing_since(before).then_some(())
    });
    if gone.is_none() {
        Remains::now().expect_nothing_since(before);
    }
}
