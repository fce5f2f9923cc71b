//! Routers that say or send without end, beside one that behaves: memory stays bounded, the run goes
//! on, and what the evidence lacks it says. The keys in it open what was encrypted.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nix::unistd::Pid;

use crate::support::alone;
use crate::support::expect::{Expected, PASS, check, fail};
use crate::support::program::{Call, Ran, cell};
use crate::support::project::Project;

/// In kilobytes, of the program with three cells at once. README.md states it.
const MEMORY_LIMIT: u64 = 256 * 1024;
/// The largest log that is kept, in octets, and a line that says what it lacks.
const LOG_LIMIT: u64 = 4 * 1024 * 1024 + 200;

const DAEMON: &str = r#"command = ["/usr/sbin/charon-systemd"]"#;

/// Datagrams to a port of the peer where nobody listens, as fast as they go.
const FLOODING: &str = r#"command = ["/bin/bash", "-c", "exec 3<>/dev/udp/198.51.100.2/9; (while :; do dd if=/dev/zero bs=1400 >&3 2>/dev/null; done) & exec /usr/sbin/charon-systemd"]"#;
const TALKING: &str = r#"command = ["/bin/bash", "-c", "echo these are the first words; (yes a line of no use whatever | head -c 1000000000 >&2) & exec /usr/sbin/charon-systemd"]"#;

const CELLS: [(&str, Expected); 3] = [
    (
        "auth.psk/flooding:libreswan-5.2",
        fail("router.flooded-wan", "initiator"),
    ),
    ("auth.psk/talking:libreswan-5.2", PASS),
    ("auth.psk/openiked-7.4:strongswan-6.0", PASS),
];

#[test]
fn a_flood_and_an_endless_log_are_bounded_and_keys_open_the_captures() {
    let _machine = alone();
    let project = Project::new();
    for (id, command) in [("flooding", FLOODING), ("talking", TALKING)] {
        add_strongswan(&project, id, command);
    }
    let pairs = CELLS.map(|(id, _)| id.split_once('/').unwrap().1);
    let running = Call::run(&project)
        .cases(["auth.psk"])
        .pairs(pairs)
        .args(["-j", "3"])
        .start();
    let (peak, ran) = with_peak(running.pid(), || running.end());
    let run = ran.expect_code(1).record();
    println!(
        "{} cells in {:?}, at most {peak} kB",
        run.cells.len(),
        ran.took
    );
    assert!(peak > 0 && peak < MEMORY_LIMIT, "{peak} kB");
    check(
        &ran,
        &run,
        &CELLS.map(|(id, expected)| (id.to_owned(), expected)),
    );
    let evidence = |id: &str| ran.evidence(cell(&run, id));
    the_capture_says_that_it_was_cut(&evidence(CELLS[0].0));
    the_log_says_what_it_lacks(&evidence(CELLS[1].0));
    the_keys_open_what_was_encrypted(&evidence(CELLS[2].0));
    the_ports_are_named(&evidence(CELLS[2].0), CELLS[2].0);
}

/// A vendor on an implementation like strongSwan, with another command for its daemon.
fn add_strongswan(project: &Project, id: &str, command: &str) {
    let folder = |name: &str| format!("vendor-profiles/implementations/{name}");
    for file in fs::read_dir(project.path().join(folder("strongswan"))).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let text = project.read(&format!("{}/{name}", folder("strongswan")));
        project.write(&format!("{}/{name}", folder(id)), &text);
    }
    let file = format!("{}/implementation.toml", folder(id));
    project.replace(&file, "id = \"strongswan\"", &format!("id = {id:?}"));
    project.replace(&file, DAEMON, command);
    project.add_profile("strongswan-6.0", id, "6.0");
    let profile = format!("vendor-profiles/{id}/profile.toml");
    let own = format!("implementation = {id:?}");
    project.replace(&profile, "implementation = \"strongswan\"", &own);
}

/// The most memory that a process ever had while something is done, in kilobytes.
fn with_peak(pid: Pid, work: impl FnOnce() -> Ran) -> (u64, Ran) {
    let (peak, done) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let watcher = std::thread::spawn({
        let (peak, done) = (peak.clone(), done.clone());
        move || {
            while !done.load(Ordering::Relaxed) {
                let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
                let high = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                let kilobytes =
                    high.and_then(|high| high.trim().trim_end_matches(" kB").parse().ok());
                peak.fetch_max(kilobytes.unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    });
    let ran = work();
    done.store(true, Ordering::Relaxed);
    watcher.join().unwrap();
    (peak.load(Ordering::Relaxed), ran)
}

fn the_capture_says_that_it_was_cut(evidence: &Path) {
    let capture = fs::read(evidence.join("wan.pcapng")).unwrap();
    let note = b"cut: this file holds the first ";
    assert!(capture.windows(note.len()).any(|part| part == note));
    assert!(capture.len() < 17 * 1024 * 1024, "{}", capture.len());
}

fn the_log_says_what_it_lacks(evidence: &Path) {
    let log = fs::read(evidence.join("initiator/daemon.log")).unwrap();
    assert!(log.len() as u64 <= LOG_LIMIT, "{}", log.len());
    let text = String::from_utf8_lossy(&log);
    assert!(text.contains("these are the first words\n"));
    assert!(text.contains(" octets of the log are left out here]\n"));
}

fn the_keys_open_what_was_encrypted(evidence: &Path) {
    let told = tshark(
        evidence,
        "isakmp.exchangetype == 35",
        &["isakmp.id.data.fqdn"],
    );
    for name in ["moon.openiked-7-4.example", "sun.strongswan-6-0.example"] {
        assert!(told.contains(name), "{name} is not in {told:?}");
    }
    let probes = tshark(
        evidence,
        "esp && udp contains \"ikematrix probe\"",
        &["esp.spi"],
    );
    // Three each way, each at the port of its sender and at that of its receiver.
    assert!(probes.lines().count() >= 12, "{probes:?}");
}

fn the_ports_are_named(evidence: &Path, cell: &str) {
    let names = tshark(evidence, "isakmp", &["frame.interface_name"]);
    for port in ["moon-wan", "sun-wan"] {
        assert!(names.lines().any(|name| name == port), "{port}: {names:?}");
    }
    let head = &fs::read(evidence.join("wan.pcapng")).unwrap()[..200];
    let comment = format!("ikematrix {cell}");
    assert!(
        head.windows(comment.len())
            .any(|part| part == comment.as_bytes())
    );
}

/// The fields of the packets that Wireshark finds with the keys of the cell.
fn tshark(evidence: &Path, filter: &str, fields: &[&str]) -> String {
    let mut command = Command::new("tshark");
    command
        .env("WIRESHARK_CONFIG_DIR", evidence.join("keys"))
        .args(["-o", "esp.enable_encryption_decode:TRUE", "-r"])
        .arg(evidence.join("wan.pcapng"))
        .args(["-Y", filter, "-T", "fields"]);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command
        .output()
        .expect("tshark, which scripts/setup.sh installs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark: {said}");
    String::from_utf8(output.stdout).unwrap()
}
