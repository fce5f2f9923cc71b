//! A lab that was left up, taken apart: logs, packets, a changed configuration, another try.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use pcap_file::pcapng::{Block, PcapNgReader};

use crate::support::engine::{Engine, Place};
use crate::support::machine::Remains;
use crate::support::program::{Call, Running, short};
use crate::support::project::Project;
use crate::support::{alone, skipped, wait_for};

const CELL: &str = "auth.psk/strongswan-6.0:libreswan-5.2";
/// How long a program may take to look at a lab once.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn an_engineer_breaks_and_mends_a_configuration_in_a_kept_lab() {
    let _machine = alone();
    let (before, project) = (Remains::now(), Project::new());
    let call = Call::repro(&project, CELL).args(["--lab", "vm"]);
    // In the words of libreswan.
    take_apart(call, CELL, "AUTHENTICATION_FAILED");
    Remains::now().expect_nothing_since(&before);
    for words in [["logs", "moon"], ["reload", "moon"]] {
        let (code, _, errors) = short(&words);
        assert_eq!(code, Some(3), "{errors}");
        assert!(errors.contains("no lab was left up"), "{errors}");
    }
}

/// A lab on this machine's own kernel has its agent beside it, and not in a machine.
#[test]
fn a_kept_lab_of_a_docker_engine_is_taken_apart_in_the_same_way() {
    let _machine = alone();
    let engine = match Engine::obtain() {
        Ok(engine) => engine,
        Err(why) => return skipped(&why),
    };
    let cell = "auth.psk/strongswan-6.0:strongswan-6.0";
    let (before, project) = (Remains::now(), Project::new());
    let program = engine.program(Place::AtItsLinks);
    let call = Call::by(program, &project, ["repro", cell]).args(["--lab", "docker"]);
    take_apart(call, cell, "MAC mismatched");
    assert_eq!(engine.remains(), [] as [String; 0]);
    Remains::now().expect_nothing_since(&before);
}

/// Keeps the lab of a cell, works in it, and takes it down. `refused` is what sun says of a wrong key.
fn take_apart(call: Call, cell: &str, refused: &str) {
    let ran = call.arg("--keep").done();
    ran.expect_code(0);
    assert!(ran.stdout.contains("ikematrix initiate"), "{ran}");
    // Whatever fails from here on, the lab goes.
    let worked = std::panic::catch_unwind(|| work(refused));
    let (code, said, errors) = short(&["down"]);
    if let Err(panic) = worked {
        std::panic::resume_unwind(panic);
    }
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(said.contains(cell), "{said}");
}

fn work(refused: &str) {
    let log = expect(&["logs", "moon"], 0);
    assert!(log.contains("IKE_SA ikematrix"), "{log}");
    let (code, _, errors) = short(&["logs", "nobody"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("moon, sun"), "{errors}");
    let said = expect(&["initiate"], 0);
    assert!(said.contains("The tunnel works."), "{said}");

    // The key of moon is no longer that of sun.
    edit("s/secret = \"/secret = \"x/");
    expect(&["reload", "moon"], 0);
    let folder = tempfile::tempdir().unwrap();
    let packets = folder.path().join("wan.pcapng");
    let capture = Call::bare(&["capture", "wan", "--out", packets.to_str().unwrap()]).start();
    let begun = wait_for(LIMIT, || {
        fs::metadata(&packets).ok().filter(|about| about.len() > 0)
    });
    assert!(begun.is_some(), "the capture never began");
    let follow = Call::bare(&["logs", "--follow", "sun"]).start();
    let said = expect(&["initiate"], 1);
    assert!(said.contains("The tunnel does not work"), "{said}");
    let followed = interrupt(follow);
    assert!(followed.contains(refused), "{followed}");
    interrupt(capture);
    let ike = ike_messages(&packets);
    println!("{ike} packets of IKE were captured");
    assert!(ike >= 4, "{ike}");

    edit("s/secret = \"x/secret = \"/");
    let said = expect(&["reload"], 0);
    assert!(
        said.contains("moon: the configuration was read again"),
        "{said}"
    );
    assert!(
        said.contains("sun: the configuration was read again"),
        "{said}"
    );
    let said = expect(&["initiate"], 0);
    assert!(said.contains("The tunnel works."), "{said}");

    edit("s/secret = \"/} secret = \"/");
    let said = expect(&["reload", "moon"], 1);
    assert!(
        said.contains("moon: the configuration was refused"),
        "{said}"
    );
}

#[test]
#[ignore = "takes long: one lab for each daemon"]
fn every_daemon_reads_its_configuration_again() {
    let _machine = alone();
    for vendor in [
        "strongswan-5.9",
        "libreswan-5.2",
        "libreswan-4.10",
        "openiked-7.4",
        "openiked-7.2",
    ] {
        let cell = format!("auth.psk/{vendor}:{vendor}");
        let ran = Call::repro(&Project::new(), &cell)
            .args(["--lab", "vm", "--keep"])
            .done();
        let again = std::panic::catch_unwind(|| {
            ran.expect_code(0);
            println!("{vendor}: {}", expect(&["reload"], 0));
            println!("{vendor}: {}", expect(&["initiate"], 0));
        });
        expect(&["down"], 0);
        if let Err(panic) = again {
            std::panic::resume_unwind(panic);
        }
    }
}

/// Changes the file of strongSwan that holds the pre-shared key.
fn edit(script: &str) {
    let file = "/etc/swanctl/swanctl.conf";
    let was = expect(&["shell", "moon", "--", "sha256sum", file], 0);
    expect(&["shell", "moon", "--", "sed", "-i", script, file], 0);
    let is = expect(&["shell", "moon", "--", "sha256sum", file], 0);
    assert_ne!(was, is, "{script} changed nothing");
}

/// Ends a command as Ctrl-C does, and gives what it printed.
fn interrupt(running: Running) -> String {
    running.signal(Signal::SIGINT);
    let ran = running.end_within(LIMIT);
    ran.expect_code(0);
    ran.stdout
}

/// How many packets of a capture have the port of IKE.
fn ike_messages(path: &Path) -> usize {
    let file = fs::File::open(path).unwrap();
    let mut reader = PcapNgReader::new(file).unwrap();
    let mut count = 0;
    while let Some(block) = reader.next_block() {
        if let Block::EnhancedPacket(packet) = block.unwrap()
            // Ethernet and IPv4 without options: the ports of UDP are at 34.
            && packet.data.get(34..38).is_some_and(|ports| {
                ports.chunks_exact(2).any(|port| [[1, 244], [17, 148]].contains(&[port[0], port[1]]))
            })
        {
            count += 1;
        }
    }
    count
}

/// Makes a short call that must end so, and gives what it printed.
fn expect(words: &[&str], code: i32) -> String {
    let (ended, said, errors) = short(words);
    assert_eq!(ended, Some(code), "{words:?}: {said}{errors}");
    said
}
