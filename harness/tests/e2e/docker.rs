//! The docker lab, with a real engine: the machine's own, or one that is started for the tests.

use std::time::Duration;

use nix::sys::signal::Signal;
use reports::model::{Observer, Outcome};

use crate::support::engine::{Engine, Place};
use crate::support::expect::{PASS, check, describe, error};
use crate::support::machine::Remains;
use crate::support::program::{Call, cell};
use crate::support::project::Project;
use crate::support::{alone, skipped, wait_for};

/// Has ESP of its own, should the kernel have none.
const ABLE: &str = "strongswan-6.0:strongswan-6.0";
/// One that has not.
const UNABLE: &str = "strongswan-6.0:libreswan-5.2";
const LIMIT: Duration = Duration::from_secs(30);

/// An engine, or why the test is not run.
fn engine() -> Option<Engine> {
    Engine::obtain().map_err(|why| skipped(&why)).ok()
}

fn run(engine: &Engine, project: &Project, place: Place) -> Call {
    Call::by(engine.program(place), project, ["run"]).args(["--lab", "docker"])
}

/// Whether every daemon can be tried in the engine's containers, by what `doctor` says.
fn has_esp(engine: &Engine) -> bool {
    let said = Call::bare_by(engine.program(Place::AtItsLinks), &["doctor"]).done();
    let works = said.stdout.contains("docker works.");
    let limited = said.stdout.contains("docker works for daemons that do ESP");
    assert_ne!(works, limited, "{said}");
    works
}

#[test]
fn containers_of_a_docker_engine_carry_the_same_cases_as_every_other_lab() {
    let _machine = alone();
    let Some(engine) = engine() else { return };
    let project = Project::new();
    // Whoever looks for the engine's links in the wrong place has a fault of the lab. The image of
    // the routers is built meanwhile, with the network that an engine of our own lacks.
    let apart = run(&engine, &project, Place::Elsewhere)
        .cases(["auth.psk"])
        .pairs([ABLE])
        .done();
    let outcome = cell(&apart.record(), &format!("auth.psk/{ABLE}")).outcome;
    let expected = if engine.is_apart() {
        Outcome::Error
    } else {
        Outcome::Pass
    };
    assert_eq!(outcome, expected, "{apart}");

    let has_esp = has_esp(&engine);
    let cases = [
        "auth.psk",
        "auth.cert-rfc4945",
        "auth.cert-hpki",
        "path.ike-fragmentation",
        "nat.initiator-behind-nat",
        "nat.responder-behind-nat",
    ];
    let ran = run(&engine, &project, Place::AtItsLinks)
        .cases(cases)
        .pairs([ABLE, UNABLE])
        .done();
    let run = ran.record();
    let other = if has_esp { PASS } else { error() };
    let table: Vec<_> = cases
        .iter()
        .flat_map(|case| {
            [
                (format!("{case}/{ABLE}"), PASS),
                (format!("{case}/{UNABLE}"), other),
            ]
        })
        .collect();
    check(&ran, &run, &table);
    // Who took the place of the kernel is said.
    for found in run
        .cells
        .iter()
        .filter(|cell| cell.outcome == Outcome::Pass)
    {
        let told = found.observations.iter();
        let told: Vec<_> = told
            .filter(|seen| seen.observer == Observer::KernelSa)
            .collect();
        assert_eq!(told.len(), 2, "{}", describe(found));
        for seen in told {
            let in_user_space = seen.detail.en.contains("user space");
            assert_eq!(in_user_space, !has_esp, "{}", seen.detail.en);
        }
    }
    assert_eq!(engine.remains(), [] as [String; 0]);
}

#[test]
#[ignore = "a base image with a package manager is made first, which takes a minute or two"]
fn the_engine_builds_images_on_a_base_image_anew_only_when_something_in_them_changed() {
    const BASE: &str = "ikematrix-base:trixie";
    /// What the image of the router gets, so that a build without a network has nothing to fetch.
    const PACKAGES: &str = "charon-systemd,strongswan-swanctl,libcharon-extra-plugins,iproute2,\
                            iputils-ping,libfaketime";
    let _machine = alone();
    let Some(engine) = engine() else { return };
    let project = Project::new();
    let on = |base: &str| {
        run(&engine, &project, Place::AtItsLinks)
            .cases(["auth.psk"])
            .pairs([ABLE])
            .args(["--docker-base", base])
            .done()
    };
    let table = |outcome| [(format!("auth.psk/{ABLE}"), outcome)];

    let nowhere = on("nowhere.invalid/base:{suite}");
    let record = nowhere.record();
    check(&nowhere, &record, &table(error()));
    let why = describe(&record.cells[0]);
    assert!(
        why.contains("get the base image nowhere.invalid/base:trixie"),
        "{why}"
    );

    engine.import(BASE, "trixie", PACKAGES);
    let built = || {
        let ran = on("ikematrix-base:{suite}");
        let record = ran.record();
        check(&ran, &record, &table(PASS));
        let reason = &record.lab.reason.en;
        assert!(reason.contains(BASE), "{reason}");
        let vendor = &record.vendors[0];
        let daemon = vendor
            .packages
            .iter()
            .find(|package| package.name == "charon-systemd");
        assert!(daemon.is_some(), "{:?}", vendor.packages);
        let anew = ran
            .stderr
            .contains("building image strongswan-6.0 in the engine");
        (vendor.image.clone(), anew)
    };
    let (first, anew) = built();
    assert!(anew && first.starts_with("sha256:"), "{first}");
    assert_eq!(built(), (first.clone(), false));
    // The engine still has the former one, under a name that begins alike.
    let dockerfile = "vendor-profiles/implementations/strongswan/Dockerfile";
    let dockerfile = project.path().join(dockerfile);
    let text = std::fs::read_to_string(&dockerfile).unwrap() + "RUN touch /etc/newer\n";
    std::fs::write(&dockerfile, text).unwrap();
    let (second, anew) = built();
    assert!(anew && second != first, "{second}");
    // So is one on another base image of the same name.
    engine.import(BASE, "trixie", PACKAGES);
    let (third, anew) = built();
    assert!(anew && third != second, "{third}");

    // The daemon of another release would pass for the one that was asked for.
    engine.import("ikematrix-base:older", "bookworm", "iproute2");
    let older = on("ikematrix-base:older");
    let record = older.record();
    check(&older, &record, &table(error()));
    assert_eq!(engine.remains(), [] as [String; 0]);
}

#[test]
fn a_stopped_run_leaves_nothing_in_the_engine_and_clean_removes_what_a_killed_one_left() {
    let _machine = alone();
    let Some(engine) = engine() else { return };
    let (project, before) = (Project::new(), Remains::now());
    let start = || {
        run(&engine, &project, Place::AtItsLinks)
            .cases(["auth.psk", "auth.cert-rfc4945", "auth.cert-hpki"])
            .pairs([ABLE])
            .start()
    };

    let running = start();
    running.wait_for_words("[1/3]");
    running.signal(Signal::SIGINT);
    running.end_within(LIMIT).expect_code(4);
    assert_eq!(engine.remains(), [] as [String; 0]);

    // Its lab is in the hands of an agent.
    let keep = || {
        let program = engine.program(Place::AtItsLinks);
        Call::by(program, &project, ["repro", &format!("auth.psk/{ABLE}")])
            .args(["--lab", "docker", "--keep"])
            .start()
    };
    for start in [&start as &dyn Fn() -> _, &keep] {
        let running = start();
        // More than the container in which the engine is tried.
        let begun = wait_for(LIMIT, || (engine.remains().len() > 2).then_some(()));
        running.signal(Signal::SIGKILL);
        running.end_within(LIMIT);
        let left = engine.remains();
        assert!(begun.is_some() && !left.is_empty(), "nothing was begun");
        println!("after SIGKILL there were {left:?}");
        let clean = Call::bare_by(engine.program(Place::AtItsLinks), &["clean"]).done();
        clean.expect_code(0);
        assert!(clean.stdout.starts_with("labs removed: "), "{clean}");
        assert_eq!(engine.remains(), [] as [String; 0]);
        Remains::now().expect_nothing_since(&before);
    }
}
