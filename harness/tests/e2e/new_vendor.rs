//! A vendor on a known daemon is one file of data.

use reports::model::Outcome;

use crate::support::alone;
use crate::support::expect::{PASS, check};
use crate::support::program::Call;
use crate::support::project::Project;

const PROFILE: &str = r#"id = "acme-gate"
implementation = "strongswan"
version = "6.0"

[name]
en = "Acme Gate 7"
ja = "アクメ ゲート7"

[auth]
methods = ["psk"]

[identity]
psk = "rfc822"

[[ike.proposals]]
encryption = ["aes-gcm-16-256", "aes-gcm-16-128"]
prf = ["hmac-sha2-384"]
dh = ["ecp-384"]

[[ike.proposals]]
encryption = ["aes-cbc-256"]
integrity = ["hmac-sha2-256-128"]
prf = ["hmac-sha2-256"]
dh = ["ecp-256"]

[[esp.proposals]]
encryption = ["aes-gcm-16-256"]

[[esp.proposals]]
encryption = ["aes-cbc-256"]
integrity = ["hmac-sha1-96"]

[settings]
retransmit_tries = 3
"#;

#[test]
fn a_seventh_vendor_is_one_short_file_and_runs_with_the_others() {
    let _machine = alone();
    assert!(PROFILE.lines().count() < 60);
    let project = Project::new();
    project.write("vendor-profiles/acme-gate/profile.toml", PROFILE);
    let cells = [
        "acme-gate:libreswan-5.2",
        "openiked-7.4:acme-gate",
        "acme-gate:acme-gate",
    ];
    let ran = Call::run(&project).cases(["auth.psk"]).pairs(cells).done();
    let run = ran.record();
    check(
        &ran,
        &run,
        &cells.map(|pair| (format!("auth.psk/{pair}"), PASS)),
    );
    ran.expect_code(0);
    assert!(run.cells.iter().all(|cell| cell.outcome == Outcome::Pass));
    assert!(ran.stdout.contains("Acme Gate 7"), "{ran}");
    println!(
        "{} lines, {} cells in {:?}",
        PROFILE.lines().count(),
        run.cells.len(),
        ran.took
    );
}
