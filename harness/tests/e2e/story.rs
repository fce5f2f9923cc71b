//! What a person is told of a cell: the transcript, the keys for Wireshark, and `explain`.

use std::fs;
use std::path::Path;
use std::process::Command;

use reports::model::{Cell, Outcome};
use transcript::Transcript;
use transcript::model::{Keys, Protection};

use crate::support::cases::{INITIATE, PROBE, PSK, TestCase};
use crate::support::program::{Call, Ran, cell, short};
use crate::support::project::Project;
use crate::support::{alone, skipped};

const DIFFERENT_PSK: TestCase = TestCase {
    name: "different-psk",
    auth: PSK,
    setup: "[setup.responder]\npsk = \"different\"",
    steps: &[INITIATE, PROBE],
};

const WORKS: &str = "auth.psk/strongswan-6.0:openiked-7.4";
const FAILS: &str = "test.different-psk/strongswan-6.0:openiked-7.4";
const WITHOUT_KEYS: &str = "auth.psk/libreswan-5.2:libreswan-5.2";

#[test]
fn a_cell_is_told_with_its_keys_its_cause_and_its_proof() {
    let _machine = alone();
    let project = Project::with_cases([&DIFFERENT_PSK]);
    let ran = Call::run(&project)
        .cases(["auth.psk", "test.different-psk"])
        .pairs(["strongswan-6.0:openiked-7.4", "libreswan-5.2:libreswan-5.2"])
        .done();
    let run = ran.expect_code(1).record();
    let works = cell(&run, WORKS);
    assert_eq!(works.outcome, Outcome::Pass);
    what_was_encrypted_is_told(&ran, works);
    wireshark_decrypts_ike_and_esp(&ran.evidence(works));
    without_keys_it_is_said_so(&ran, cell(&run, WITHOUT_KEYS));
    a_failure_is_explained(&ran, cell(&run, FAILS));
    a_capture_is_explained_by_itself(&ran.evidence(works));
    mistakes_are_told(&ran);
}

fn transcript(folder: &Path) -> Transcript {
    let text = fs::read_to_string(folder.join("transcript.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn what_was_encrypted_is_told(ran: &Ran, cell: &Cell) {
    let folder = ran.evidence(cell);
    let transcript = transcript(&folder);
    assert_eq!(transcript.ike_sas[0].keys, Keys::Known);
    assert!(transcript.tells_arrival());
    let auth = transcript.messages.iter().filter(|message| message.is(35));
    let auth: Vec<_> = auth.collect();
    assert_eq!(auth.len(), 2);
    for message in auth {
        assert_eq!(message.protection, Protection::Decrypted);
        assert_eq!(message.arrived(), Some(true));
        assert!(message.payload("AUTH").is_some() && message.payload("TSi").is_some());
    }
    for flow in &transcript.esp {
        assert_eq!(flow.arrived, Some(flow.packets));
    }
    for (name, words) in [
        ("transcript.txt", "decrypted with the session's keys"),
        ("transcript.ja.txt", "セッション鍵により復号"),
    ] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        assert!(text.contains(words) && text.contains("IKE_AUTH"), "{text}");
    }
}

/// The folder of the keys serves as a profile of Wireshark just as it is.
fn wireshark_decrypts_ike_and_esp(folder: &Path) {
    let ask = |filter: &str, field: &str| {
        let mut tshark = Command::new("tshark");
        tshark.env("WIRESHARK_CONFIG_DIR", folder.join("keys"));
        tshark.arg("-r").arg(folder.join("wan.pcapng"));
        tshark.args(["-Y", filter, "-T", "fields", "-e", field]);
        let output = tshark.output()?;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        std::io::Result::Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let identities = match ask("isakmp.exchangetype == 35", "isakmp.id.data.fqdn") {
        Ok(said) => said,
        Err(error) => return skipped(&format!("tshark does not open the keys: {error}")),
    };
    assert!(
        identities.contains("moon.strongswan-6-0.example"),
        "{identities}"
    );
    let probes = ask("esp", "udp.payload").unwrap();
    let text: String = b"ikematrix probe"
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    assert!(probes.contains(&text), "{probes}");
}

fn without_keys_it_is_said_so(ran: &Ran, cell: &Cell) {
    let folder = ran.evidence(cell);
    let transcript = transcript(&folder);
    assert_eq!(transcript.ike_sas[0].keys, Keys::Unknown);
    assert!(transcript.ike_sas[0].chosen.is_some());
    let about = fs::read_to_string(folder.join("keys/README.txt")).unwrap();
    assert!(about.contains("libreswan"), "{about}");
    let text = fs::read_to_string(folder.join("transcript.txt")).unwrap();
    assert!(text.contains("its keys are not known"), "{text}");
}

fn a_failure_is_explained(ran: &Ran, cell: &Cell) {
    let cause = cell.cause.as_ref().unwrap();
    let out = ran.out();
    let from = out.to_str().unwrap();
    let (code, said, errors) = short(&["explain", FAILS, "--from", from]);
    assert_eq!(code, Some(0), "{errors}");
    let proof = cause.proof.first().unwrap();
    let excerpt = proof.excerpt.as_deref().unwrap();
    for words in [
        FAILS,
        "What was tried",
        "× fail",
        "Where it stopped",
        cause.code.as_str(),
        "Proof",
        &proof.place(),
        excerpt.trim(),
        "What to change",
        "The negotiation",
        "AUTHENTICATION_FAILED",
        &format!("ikematrix repro {FAILS}"),
    ] {
        assert!(said.contains(words), "it does not say {words:?}\n{said}");
    }
    // The line of a log stands among those before and after it.
    if let Some(line) = proof.line {
        for near in [line - 1, line, line + 1] {
            assert!(
                said.contains(&format!(" {near}  ")),
                "no line {near}\n{said}"
            );
        }
    }
    let (code, said, _) = short(&["explain", FAILS, "--from", from, "--lang", "ja"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("試験内容") && said.contains("対処"), "{said}");
    let (code, said, _) = short(&["explain", FAILS, "--from", from, "--json"]);
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["cell"]["cause"]["code"], cause.code.as_str());
    assert_eq!(json["transcript"]["schema"], 1);
}

fn a_capture_is_explained_by_itself(folder: &Path) {
    let capture = folder.join("wan.pcapng");
    let keys = folder.join("keys");
    let (capture, keys) = (capture.to_str().unwrap(), keys.to_str().unwrap());
    let (code, said, errors) = short(&["explain", "--pcap", capture]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(said.contains("its keys are not known"), "{said}");
    let (code, said, errors) = short(&["explain", "--pcap", capture, "--keys", keys]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(
        said.contains("ID_FQDN moon.strongswan-6-0.example"),
        "{said}"
    );
    assert!(said.contains("An IKE SA and a Child SA came up"), "{said}");
}

fn mistakes_are_told(ran: &Ran) {
    let out = ran.out();
    let from = out.to_str().unwrap();
    let (code, _, errors) = short(&[
        "explain",
        "auth.psk/strongswan-6.0:openiked-7.3",
        "--from",
        from,
    ]);
    assert_eq!(code, Some(2));
    assert!(
        errors.contains(&format!("did you mean {WORKS:?}?")),
        "{errors}"
    );
}
