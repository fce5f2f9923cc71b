use std::time::Duration;

use cases::Role::{Initiator, Responder};

use super::*;
use crate::judge::wire::Fragments;
use crate::sample::{BACK, crossed, no_tunnel, planned, project, wan, working};

use lines::LINES;

mod lines;

#[test]
fn a_line_of_a_log_is_understood_by_its_first_pattern() {
    let profiles = project().profiles().to_vec();
    for (family, line, cause, side) in LINES {
        let profile = profiles
            .iter()
            .find(|profile| profile.implementation.id == *family);
        let patterns = &profile.unwrap().implementation.log_patterns;
        let known = patterns.iter().find(|known| known.pattern.is_match(line));
        let known = known.unwrap_or_else(|| panic!("{family} has no pattern for: {line}"));
        assert_eq!(
            (known.cause, known.side),
            (*cause, *side),
            "{family}: {line}"
        );
    }
}

#[test]
fn every_pattern_of_a_daemon_has_a_line_that_the_daemon_wrote() {
    for profile in project().profiles() {
        let family = &profile.implementation;
        for wanted in &family.log_patterns {
            let mut lines = LINES.iter().filter(|(of, ..)| *of == family.id);
            assert!(
                lines.any(|(_, line, ..)| {
                    let first = family
                        .log_patterns
                        .iter()
                        .find(|p| p.pattern.is_match(line));
                    first.is_some_and(|first| first.pattern.as_str() == wanted.pattern.as_str())
                }),
                "{}: no line for {}",
                family.id,
                wanted.pattern
            );
        }
    }
}

/// Something that went wrong, as the observers and the daemons saw it.
struct Scene {
    what: &'static str,
    pairing: [&'static str; 2],
    seen: Sightings,
    logs: [&'static str; 2],
    expected: (CauseCode, Side),
}

fn scenes() -> Vec<Scene> {
    let scene = |what, pairing, seen, logs, code, side| Scene {
        what,
        pairing,
        seen,
        logs,
        expected: (code, side),
    };
    let changed = |mut seen: Sightings, change: fn(&mut Sightings)| {
        change(&mut seen);
        seen
    };
    let one_sided = |without: Role| {
        let mut seen = working();
        match without {
            Initiator => seen.sas.initiator.clear(),
            Responder => seen.sas.responder.clear(),
        }
        seen.traffic.responder.received = 0;
        seen
    };
    vec![
        scene(
            "another pre-shared key, told by the responder",
            ["strongswan-6.0", "libreswan-5.2"],
            no_tunnel(),
            [
                "[IKE] received AUTHENTICATION_FAILED notify error",
                "loaded\n\"net\" #1: authentication failed: computed hash does not match hash received from peer ID_FQDN '@moon.example'\n\"net\" #1: responding to IKE_AUTH message (ID 1) from 198.51.100.1:500 with encrypted notification AUTHENTICATION_FAILED",
            ],
            CauseCode::AuthPskMismatch,
            Side::Responder,
        ),
        scene(
            "another pre-shared key, found by the initiator",
            ["openiked-7.4", "strongswan-6.0"],
            no_tunnel(),
            [
                "ikev2_msg_authverify: authentication failed",
                "00[DMN] all well",
            ],
            CauseCode::AuthPskMismatch,
            Side::Initiator,
        ),
        scene(
            "a refusal without a reason",
            ["openiked-7.4", "libreswan-5.2"],
            no_tunnel(),
            [
                "spi=0x0332856ce18a809c: sa_free: authentication failed notification from peer",
                "\"net\" #1: responding to IKE_AUTH message (ID 1) from 198.51.100.1:500 with encrypted notification AUTHENTICATION_FAILED",
            ],
            CauseCode::AuthFailed,
            Side::Responder,
        ),
        scene(
            "an identity that nobody knows",
            ["libreswan-5.2", "openiked-7.4"],
            no_tunnel(),
            [
                "\"net\" #1: IKE SA authentication request rejected by peer: AUTHENTICATION_FAILED",
                "spi=0x7b22773fd1728fa0: ikev2_ike_auth_recv: no compatible policy found",
            ],
            CauseCode::IdentityUnknownPeer,
            Side::Responder,
        ),
        scene(
            "no IKE proposal in common",
            ["libreswan-4.10", "strongswan-5.9"],
            no_tunnel(),
            [
                "\"net\" #1: dropping unexpected IKE_SA_INIT message containing NO_PROPOSAL_CHOSEN notification; message payloads: N; missing payloads: SA,KE,Ni\n\"net\" #1: STATE_V2_PARENT_I1: 10 second timeout exceeded after 3 retransmits.  No response (or no acceptable response) to our first IKEv2 message",
                "05[IKE] <1> received proposals unacceptable",
            ],
            CauseCode::ProposalIkeNoneInCommon,
            Side::Responder,
        ),
        scene(
            "no ESP proposal in common, and only the initiator says so",
            ["strongswan-6.0", "openiked-7.2"],
            no_tunnel(),
            [
                "[ENC] parsed IKE_AUTH response 1 [ N(NO_PROP) ]",
                "control: up",
            ],
            CauseCode::ProposalEspNoneInCommon,
            Side::Responder,
        ),
        scene(
            "selectors that do not meet",
            ["openiked-7.4", "strongswan-6.0"],
            no_tunnel(),
            [
                "ikev2_pld_notify: protoid NONE spisize 0 type TS_UNACCEPTABLE",
                "10[IKE] <ikematrix|1> traffic selectors 203.0.113.64/26 === 203.0.113.0/26 unacceptable",
            ],
            CauseCode::SelectorsUnacceptable,
            Side::Responder,
        ),
        scene(
            "a responder that stays silent",
            ["openiked-7.4", "libreswan-5.2"],
            changed(no_tunnel(), |seen| {
                seen.wire.ike = [(wan(Initiator), crossed(3))].into()
            }),
            [
                "spi=0x253955d556cee647: retransmit 1 IKE_SA_INIT req 0 peer 198.51.100.2:500 local 198.51.100.1:500",
                "",
            ],
            CauseCode::PathNoAnswer,
            Side::Path,
        ),
        scene(
            "a Child SA that the responder's kernel interface refused",
            ["strongswan-6.0", "openiked-7.4"],
            one_sided(Responder),
            [
                "05[IKE] <ikematrix|1> CHILD_SA net{1} established",
                "ikev2_childsa_negotiate: proposal 1\npfkey_sa: unsupported integrity algorithm HMAC_SHA2_256_128\nikev2_childsa_enable: failed to load CHILD SA spi 0xe212f2e9",
            ],
            CauseCode::EspOneSided,
            Side::Responder,
        ),
        scene(
            "a Child SA that the initiator's kernel interface refused",
            ["openiked-7.4", "strongswan-6.0"],
            one_sided(Initiator),
            [
                "pfkey_sa: unsupported integrity algorithm HMAC_SHA2_256_128",
                "",
            ],
            CauseCode::EspOneSided,
            Side::Initiator,
        ),
        scene(
            "a Child SA at one end, and nobody says why",
            ["strongswan-6.0", "strongswan-5.9"],
            one_sided(Responder),
            ["", ""],
            CauseCode::EspOneSided,
            Side::Responder,
        ),
        scene(
            "a daemon that crashed",
            ["strongswan-6.0", "openiked-7.4"],
            changed(no_tunnel(), |seen| seen.control.responder.running = false),
            [
                "",
                "ikev2_recv: IKE_SA_INIT\nlost child: pid 5 terminated; signal 11\n\n",
            ],
            CauseCode::RouterStopped,
            Side::Responder,
        ),
        scene(
            "probes in clear beside a tunnel",
            ["strongswan-6.0", "libreswan-5.2"],
            changed(working(), |seen| seen.wire.clear = vec![7, 8]),
            ["", ""],
            CauseCode::EspClearText,
            Side::Both,
        ),
        scene(
            "probes in clear because there is no tunnel",
            ["strongswan-6.0", "libreswan-5.2"],
            changed(no_tunnel(), |seen| seen.wire.clear = vec![7, 8]),
            [
                "",
                "\"net\" #2: No IKEv2 connection found with compatible Traffic Selectors",
            ],
            CauseCode::SelectorsUnacceptable,
            Side::Responder,
        ),
        scene(
            "SPIs that do not belong together",
            ["strongswan-6.0", "libreswan-5.2"],
            changed(working(), |seen| {
                seen.sas.responder[1].spi = 9;
                seen.traffic.responder.received = 0;
            }),
            ["", ""],
            CauseCode::EspWrongSpi,
            Side::Both,
        ),
        scene(
            "ESP that is dropped on the wan",
            ["strongswan-6.0", "libreswan-5.2"],
            changed(working(), |seen| seen.traffic.initiator.received = 0),
            ["", ""],
            CauseCode::EspNoTraffic,
            Side::Path,
        ),
        scene(
            "probes that never became ESP",
            ["strongswan-6.0", "libreswan-5.2"],
            changed(working(), |seen| {
                seen.traffic.responder.received = 0;
                seen.wire
                    .esp
                    .remove(&(wan(Responder), wan(Initiator), BACK));
            }),
            ["", ""],
            CauseCode::EspNoTraffic,
            Side::Path,
        ),
        scene(
            "a daemon that claims too little",
            ["strongswan-6.0", "libreswan-5.2"],
            changed(working(), |seen| {
                seen.control.responder.child_installed = false
            }),
            ["", "\"net\" #1: well"],
            CauseCode::Unknown,
            Side::Both,
        ),
    ]
}

#[test]
fn every_way_to_fail_has_its_cause_and_its_proof() {
    let mut report = String::new();
    for scene in scenes() {
        let [initiator, responder] = scene.pairing;
        let [of_initiator, of_responder] = scene.logs.map(String::from);
        let logs = Logs {
            initiator: of_initiator,
            responder: of_responder,
        };
        let planned = planned(initiator, responder);
        let case = alone(&planned, &logs);
        let cause = cause(&case, &scene.seen);
        assert_eq!((cause.code, cause.side), scene.expected, "{}", scene.what);
        report.push_str(&tell(scene.what, &cause));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn fragments_are_lost_only_if_nothing_answers_them() {
    let mut seen = no_tunnel();
    seen.wire.fragments = [(
        wan(Initiator),
        Fragments {
            crossed: crossed(3),
            first: 5,
        },
    )]
    .into();
    seen.wire.last_ike = [(wan(Initiator), 9), (wan(Responder), 4)].into();
    let planned = planned("strongswan-6.0", "libreswan-5.2");
    let logs = Logs::default();
    let case = alone(&planned, &logs);
    assert_eq!(cause(&case, &seen).code, CauseCode::PathFragmentsLost);
    seen.wire.last_ike.insert(wan(Responder), 8);
    assert_eq!(cause(&case, &seen).code, CauseCode::Unknown);
}

#[test]
fn what_a_daemon_said_before_the_negotiation_is_not_its_cause() {
    let planned = planned("openiked-7.4", "openiked-7.4");
    let logs = Logs {
        initiator: "ca_validate_cert: /CN=moon.example certificate has expired\nready\n".into(),
        responder: String::new(),
    };
    let case = |before| Diagnosis {
        before: Ends {
            initiator: before,
            responder: 0,
        },
        ..alone(&planned, &logs)
    };
    assert_eq!(
        cause(&case(0), &no_tunnel()).code,
        CauseCode::RouterClockOff
    );
    assert_eq!(cause(&case(1), &no_tunnel()).code, CauseCode::Unknown);
}

#[test]
fn a_router_that_does_not_come_up_says_why() {
    let planned = planned("strongswan-6.0", "libreswan-5.2");
    let logs = Logs {
        initiator: "first\n00[LIB] plugin 'x': failed to load\n\n".into(),
        responder: String::new(),
    };
    let case = alone(&planned, &logs);
    let refusals = [
        Refusal::Stopped { code: Some(66) },
        Refusal::Stopped { code: None },
        Refusal::NotReady {
            waited: Duration::from_secs(60),
        },
        Refusal::Configuration {
            command: "/usr/sbin/swanctl --load-all --noprompt".into(),
            said: "loading failed\nloaded 0 of 1 connections, 1 failed".into(),
        },
    ];
    let mut report = String::new();
    for refused in refusals {
        for role in Role::BOTH {
            let cause = refusal(&case, role, &refused);
            assert_eq!(cause.side, side_of(role));
            report.push_str(&tell(&format!("{refused:?} at the {role}"), &cause));
        }
    }
    insta::assert_snapshot!(report);
}

/// A cell of which only the logs are known.
pub(super) fn alone<'a>(planned: &'a PlannedCell, logs: &'a Logs) -> Diagnosis<'a> {
    Diagnosis {
        planned,
        logs,
        shown: None,
        settings: None,
        transcript: None,
        path: None,
        before: Ends::default(),
    }
}

fn tell(what: &str, cause: &Cause) -> String {
    let mut text = format!("{what}\n  {} {:?}\n", cause.code.as_str(), cause.side);
    text.push_str(&format!(
        "  {}\n  {}\n",
        cause.sentence.en, cause.sentence.ja
    ));
    for contradiction in &cause.contradictions {
        text.push_str(&format!("  ! {}\n", contradiction.en));
    }
    for proof in &cause.proof {
        let excerpt = proof
            .excerpt
            .as_ref()
            .map_or_else(String::new, |words| format!(": {words}"));
        text.push_str(&format!("  > {}{excerpt}\n", proof.place()));
    }
    text
}
