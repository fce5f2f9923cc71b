//! The virtual machine needs no root, and nothing but reading in the folder of images.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::support::expect::{PASS, check};
use crate::support::program::Call;
use crate::support::project::Project;
use crate::support::{alone, cache};

const NOBODY: u32 = 65534;
const PAIR: &str = "strongswan-6.0:libreswan-5.2";

#[test]
fn an_unprivileged_user_runs_a_cell_in_the_virtual_machine() {
    let _machine = alone();
    let project = Project::new();
    if !nix::unistd::geteuid().is_root() {
        // Then this is how all tests are run.
        let ran = Call::run(&project)
            .args(["--lab", "vm"])
            .cases(["auth.psk"])
            .pairs([PAIR])
            .done();
        let run = ran.expect_code(0).record();
        check(&ran, &run, &[(format!("auth.psk/{PAIR}"), PASS)]);
        return;
    }
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(
        project.path().parent().unwrap(),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    for folder in ["home", "run", "out"] {
        fs::create_dir(place.path().join(folder)).unwrap();
        chown(place.path().join(folder), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    // The images exist from here on, and are not the user's own.
    Call::run(&project)
        .args(["--lab", "vm"])
        .pairs([PAIR])
        .cases(["auth.psk"])
        .done();
    share_images(place.path());
    let program = place.path().join("ikematrix");
    fs::copy(env!("CARGO_BIN_EXE_ikematrix"), &program).unwrap();

    let mut call = Call::by(Command::new(&program), &project, ["run"])
        .args(["--lab", "vm"])
        .cases(["auth.psk"])
        .pairs([PAIR])
        .out(place.path().join("out"));
    call.command()
        .uid(NOBODY)
        .gid(NOBODY)
        .current_dir("/")
        .env("HOME", place.path().join("home"))
        .env("XDG_RUNTIME_DIR", place.path().join("run"))
        .env("IKEMATRIX_CACHE", place.path().join("cache"));
    let ran = call.done();
    let run = ran.expect_code(0).record();
    check(&ran, &run, &[(format!("auth.psk/{PAIR}"), PASS)]);
    assert_eq!(run.lab.backend, "vm");
    let left = fs::read_dir(place.path().join("run/ikematrix"))
        .into_iter()
        .flatten()
        .count();
    assert_eq!(left, 0, "something was left behind");
    println!("user {NOBODY}: {:?} in all", ran.took);
}

fn share_images(place: &Path) {
    for image in cache::images(&cache::default()) {
        let copy = place.join("cache/images").join(image.file_name().unwrap());
        fs::create_dir_all(&copy).unwrap();
        for entry in fs::read_dir(&image).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                let target = copy.join(entry.file_name());
                fs::copy(entry.path(), &target).unwrap();
                fs::set_permissions(&target, fs::Permissions::from_mode(0o644)).unwrap();
            }
        }
    }
}
