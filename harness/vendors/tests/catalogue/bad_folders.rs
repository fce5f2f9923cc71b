//! What a user reads about folders and files that are wrong as a whole.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;

use crate::fixture::{DOCKERFILE, Fixture, PROFILE, TEMPLATE};

#[test]
fn the_fixture_is_in_order() {
    let catalogue = Fixture::new().load().unwrap();
    assert_eq!(catalogue.profiles.len(), 1);
    assert_eq!(catalogue.implementations.len(), 1);
}

#[test]
fn faults_of_folders_and_files_are_explained() {
    type Deed = (&'static str, fn(&Fixture));
    let deeds: &[Deed] = &[
        ("a folder without a profile", |fixture| {
            fs::create_dir(fixture.path().join("emca")).unwrap();
        }),
        ("no vendor", |fixture| {
            fs::remove_dir_all(fixture.path().join("acme")).unwrap();
        }),
        ("no implementations", |fixture| {
            fs::remove_dir_all(fixture.path().join("implementations")).unwrap();
        }),
        ("no such folder", |fixture| {
            fs::remove_dir_all(fixture.path()).unwrap()
        }),
        ("a loop of links", |fixture| {
            symlink("loop", fixture.path().join("loop")).unwrap();
        }),
        ("a profile that is a folder", |fixture| {
            fs::create_dir_all(fixture.path().join("emca/profile.toml")).unwrap();
        }),
        ("a profile that is not text", |fixture| {
            fixture.write(PROFILE, b"id = \"\xff\"");
        }),
        ("a template of a megabyte and more", |fixture| {
            fixture.write("acme/road.conf.tera", vec![b'#'; 1024 * 1024 + 1]);
        }),
        ("a template that replaces nothing", |fixture| {
            fixture.write("acme/raod.conf.tera", "role {{ role }}");
        }),
        ("a faulty template of the vendor's own", |fixture| {
            fixture.write("acme/road.conf.tera", "role {{ roles }}");
        }),
        (
            "a Dockerfile that forgets what is to be installed",
            |fixture| {
                fixture.write(DOCKERFILE, "ARG BASE\nFROM $BASE\n");
            },
        ),
        ("a Dockerfile that forgets what is to be run", |fixture| {
            fixture.write(DOCKERFILE, "ARG BASE\nFROM $BASE\nARG PACKAGES\n");
        }),
        ("several faults at once", |fixture| {
            fixture.replace(PROFILE, "\"1.0\"", "\"2.0\"");
            fixture.replace(PROFILE, "retries", "tries");
            fixture.write("emca/profile.toml", "id = 7");
        }),
        ("one fault of a template under two vendors", |fixture| {
            let second = fixture.read(PROFILE).replace("\"acme\"", "\"emca\"");
            fixture.write("emca/profile.toml", second);
            fixture.replace(TEMPLATE, "proposal.prf[0]", "proposal.prfs[0]");
        }),
    ];
    let mut report = String::new();
    for (name, deed) in deeds {
        let fixture = Fixture::new();
        deed(&fixture);
        writeln!(report, "## {name}\n{}\n", fixture.message()).unwrap();
    }
    insta::assert_snapshot!(report);
}
