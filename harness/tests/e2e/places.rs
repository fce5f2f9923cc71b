//! Folders and disks that make trouble, and runs beside each other.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::disk::Disk;
use crate::support::expect::{Expected, PASS, check, error};
use crate::support::machine::Remains;
use crate::support::program::Call;
use crate::support::project::Project;
use crate::support::{alone, cache, wait_for};

const PAIRS: [&str; 2] = [
    "strongswan-6.0:libreswan-5.2",
    "libreswan-5.2:strongswan-6.0",
];

fn cells(expected: Expected) -> Vec<(String, Expected)> {
    PAIRS
        .iter()
        .map(|pair| (format!("auth.psk/{pair}"), expected))
        .collect()
}

#[test]
fn a_path_with_spaces_and_japanese_characters_and_a_comma_works() {
    let _machine = alone();
    let project = Project::below("接続 試験, 結果");
    let (out, images) = (
        project.path().join("出力 1"),
        project.path().join("画像 の 置場"),
    );
    cache::over_the_default(&images);
    let mut call = Call::run(&project).cache(&images).pairs(PAIRS).out(&out);
    call.command().current_dir(project.path());
    let ran = call.done();
    let run = ran.expect_code(0).record();
    check(&ran, &run, &cells(PASS));
    assert_eq!(cache::unfinished(&images), [] as [&Path; 0]);
}

#[test]
fn two_runs_at_once_into_two_folders_both_pass() {
    let _machine = alone();
    let before = Remains::now();
    let project = Project::new();
    let running = [Call::run(&project), Call::run(&project)].map(|call| call.pairs(PAIRS).start());
    for running in running {
        let ran = running.end();
        let run = ran.expect_code(0).record();
        check(&ran, &run, &cells(PASS));
    }
    Remains::now().expect_nothing_since(&before);
}

#[test]
fn a_second_run_into_the_same_folder_is_refused_and_the_first_goes_on() {
    let _machine = alone();
    let project = Project::new();
    let first = Call::run(&project).pairs([PAIRS[0]]).start();
    let lock = first.out().join(".ikematrix.lock");
    wait_for(Duration::from_secs(10), || lock.exists().then_some(())).unwrap();
    let second = Call::run(&project).pairs(PAIRS).out(first.out()).done();
    second
        .expect_code(2)
        .expect_words(&["another run is writing into", "--out"]);
    let first = first.end();
    let run = first.expect_code(0).record();
    check(&first, &run, &cells(PASS)[..1]);
}

#[test]
fn a_full_disk_under_the_results_is_told() {
    let _machine = alone();
    let Some(disk) = Disk::of(64) else { return };
    let before = Remains::now();
    let project = Project::new();
    let ran = Call::run(&project)
        .pairs(PAIRS)
        .out(disk.path().join("out"))
        .done();
    println!("{}", ran.stderr);
    ran.expect_code(2)
        .expect_words(&["No space left on device", "out"]);
    Remains::now().expect_nothing_since(&before);
}

#[test]
fn a_full_disk_under_the_images_makes_every_cell_an_error_that_says_so() {
    let _machine = alone();
    let Some(disk) = Disk::of(256) else { return };
    fs::write(disk.path().join("filling"), vec![0; 200 * 1024]).unwrap();
    let project = Project::new();
    let ran = Call::run(&project)
        .args(["--lab", "vm"])
        .cache(disk.path())
        .pairs(PAIRS)
        .done();
    let run = ran.expect_code(3).record();
    check(&ran, &run, &cells(error()));
    let sentence = &run.cells[0].cause.as_ref().unwrap().sentence.en;
    println!("{sentence}");
    assert!(sentence.contains("No space left on device"), "{sentence}");
}

#[test]
fn a_read_only_folder_for_the_results_is_refused_at_once() {
    let _machine = alone();
    let Some(disk) = Disk::of(256) else { return };
    let out = disk.path().join("out");
    fs::create_dir(&out).unwrap();
    disk.make_read_only();
    let project = Project::new();
    for (folder, word) in [(out.clone(), "write into"), (out.join("new"), "make")] {
        let ran = Call::run(&project).pairs(PAIRS).out(folder).done();
        ran.expect_code(2)
            .expect_words(&[word, "Read-only file system", "--out"]);
    }
}
