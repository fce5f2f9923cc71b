//! What a loaded case holds, and the cases that the suite comes with.

use std::path::Path;

use cases::{Block, Case, Psk, Role, Step, Traffic};
use ikev2::{Encryption, EspProposal, Integrity};

use crate::{FULL, Folder};

#[test]
fn every_key_of_a_file_reaches_the_case() {
    let case = full();
    assert_eq!(case.clause.to_string(), "RFC 7296, section 2.15");
    assert_eq!(case.setup.initiator.psk, Psk::Different);
    assert_eq!(case.setup.responder.psk, Psk::Shared);
    assert!(case.setup.initiator.lan_route);
    assert!(!case.setup.responder.lan_route);
    assert_eq!(case.setup.nat, Some(Role::Responder));
    let subnets = case.setup.responder.remote_subnets.unwrap();
    assert_eq!(subnets, ["198.51.100.128/25".parse().unwrap()]);
    assert_eq!(
        case.steps,
        [
            Step::Bypass,
            Step::FailCapture,
            Step::Initiate,
            Step::Block(Block {
                from: None,
                traffic: Traffic::Esp
            }),
            Step::Unblock,
            Step::Kill(Role::Responder),
            Step::Probe { size: None },
        ]
    );
}

#[test]
fn the_proposals_of_an_end_come_before_those_of_both() {
    let setup = full().setup;
    let encryption = |role| setup.esp_of(role).unwrap()[0].encryption()[0];
    assert_eq!(encryption(Role::Initiator), Encryption::AesGcm16Bits256);
    assert_eq!(encryption(Role::Responder), Encryption::AesCbc128);
    assert_eq!(setup.ike_of(Role::Initiator), setup.ike_of(Role::Responder));
}

#[test]
fn the_real_cases_are_in_order() {
    let cases = cases::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(cases.is_sorted_by(|a, b| a.id < b.id));
    let of = |id: &str| cases.iter().find(|case| case.id == id).unwrap();
    assert_eq!(
        of("auth.psk").steps,
        [Step::Initiate, Step::Probe { size: None }]
    );
    assert_eq!(of("auth.psk").setup.esp, None);
    let only = EspProposal::new(
        vec![Encryption::AesCbc256],
        vec![Integrity::HmacSha2Bits256Of128],
        vec![],
    );
    assert_eq!(of("esp.aes256-sha256").setup.esp, Some(vec![only.unwrap()]));
}

#[test]
fn the_digest_of_a_case_is_that_of_its_file() {
    let changed = Folder::with_case(format!("{FULL}# A note.\n"))
        .load()
        .unwrap();
    assert_ne!(changed[0].sha256, full().sha256);
    assert_eq!(changed[0].sha256.len(), 64);
}

fn full() -> Case {
    Folder::with_case(FULL).load().unwrap().remove(0)
}

#[test]
fn what_a_case_says_of_certificates_and_clocks_reaches_it() {
    let text = FULL
        .replace("needs = [\"psk\"]", "needs = [\"cert-hpki\"]")
        .replace(
            "auth = \"psk\"\n",
            "auth = \"cert-hpki\"\ncertificates = \"one\"\nwan_mtu = 1280\n",
        )
        .replace("psk = \"different\"\n", "revoked = true\nclock = -400\n")
        .replace("lan_route = false\n", "certificates = \"other\"\n");
    let setup = Folder::with_case(text).load().unwrap().remove(0).setup;
    assert_eq!(setup.certificates_of(Role::Initiator), Some("one"));
    assert_eq!(setup.certificates_of(Role::Responder), Some("other"));
    assert_eq!(setup.wan_mtu, Some(1280));
    assert!(setup.initiator.revoked && !setup.responder.revoked);
    assert_eq!((setup.initiator.clock, setup.responder.clock), (-400, 0));
}

#[test]
fn every_step_and_its_keys_reach_the_case() {
    let (initiator, responder) = (Role::Initiator, Role::Responder);
    let block = |from, traffic| Step::Block(Block { from, traffic });
    for (text, step) in [
        ("\"probe\"\nsize = 1400", Step::Probe { size: Some(1400) }),
        ("\"block\"\nwhat = \"all\"", block(None, Traffic::All)),
        (
            "\"block\"\nwhat = \"udp-500\"\nfrom = \"initiator\"",
            block(Some(initiator), Traffic::Udp500),
        ),
        (
            "\"block\"\nwhat = \"udp-4500\"\nfrom = \"responder\"",
            block(Some(responder), Traffic::Udp4500),
        ),
        (
            "\"block\"\nwhat = \"ike-auth\"",
            block(None, Traffic::IkeAuth),
        ),
        (
            "\"block\"\nwhat = \"larger-than\"\nsize = 1000",
            block(None, Traffic::LargerThan(1000)),
        ),
        ("\"hang\"\nrouter = \"responder\"", Step::Hang(responder)),
        (
            "\"flush-sas\"\nrouter = \"responder\"",
            Step::FlushSas(responder),
        ),
        (
            "\"replay\"\nrouter = \"initiator\"",
            Step::Replay(initiator),
        ),
        (
            "\"corrupt-key\"\nrouter = \"responder\"",
            Step::CorruptKey(responder),
        ),
        (
            "\"rekey-child\"\nrouter = \"initiator\"",
            Step::RekeyChild(initiator),
        ),
        (
            "\"rekey-ike\"\nrouter = \"initiator\"",
            Step::RekeyIke(initiator),
        ),
        (
            "\"terminate\"\nrouter = \"initiator\"",
            Step::Terminate(initiator),
        ),
    ] {
        let text = format!("{FULL}\n[[steps]]\ndo = {text}\n\n[[steps]]\ndo = \"probe\"\n");
        let case = Folder::with_case(text).load().unwrap().remove(0);
        assert_eq!(case.steps[case.steps.len() - 2], step);
    }
    let armed = FULL.replace(
        "do = \"bypass\"",
        "do = \"kill\"\nrouter = \"responder\"\nwhen = \"ike-auth\"",
    );
    let case = Folder::with_case(armed).load().unwrap().remove(0);
    assert_eq!(case.steps[0], Step::KillInIkeAuth(responder));
}
