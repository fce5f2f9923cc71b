//! Negotiations through a NAT.

use super::*;
use crate::diagnose::wire::nat::left_out;

const SOURCE: &str = "NAT_DETECTION_SOURCE_IP";

/// With a NAT_DETECTION notification, which shows a NAT or does not.
fn detecting(mut message: Message, nat: bool) -> Message {
    message.payloads.push(payload(Content::Notify(Notify {
        kind: Named::new(16388u32, SOURCE),
        error: false,
        protocol: None,
        spi: None,
        octets: 20,
        data: Vec::new(),
        nat,
    })));
    message
}

fn found(transcript: &Transcript) -> Option<(CauseCode, Side, Option<u64>)> {
    left_out(&Talk::whole(transcript)).map(|finding| (finding.code, finding.side, finding.packet))
}

const CODE: CauseCode = CauseCode::PathNatWithoutTraversal;

#[test]
fn who_sends_no_notification_leaves_nat_traversal_out() {
    let silent = told([init(), chosen()]);
    assert_eq!(found(&silent), Some((CODE, Side::Initiator, Some(1))));
    let by_responder = told([detecting(init(), true), chosen()]);
    assert_eq!(found(&by_responder), Some((CODE, Side::Responder, Some(2))));
    let neither = told([detecting(init(), true), detecting(chosen(), false)]);
    assert_eq!(found(&neither), None);
    // Without an answer that chooses, something else is the matter.
    assert_eq!(found(&told([init()])), None);
}

#[test]
fn who_stays_on_port_500_beside_a_nat_leaves_it_out_and_without_a_nat_does_not() {
    let story = |nat, auth| {
        let init = detecting(init(), nat);
        told([init, detecting(chosen(), false), auth])
    };
    assert_eq!(
        found(&story(true, auth())),
        Some((CODE, Side::Initiator, Some(3)))
    );
    assert_eq!(found(&story(true, on_4500(auth()))), None);
    assert_eq!(found(&story(false, auth())), None);
}

#[test]
fn bare_esp_one_way_beside_a_nat_is_told_and_esp_in_udp_is_not() {
    let standing = |nat, flow: EspFlow| {
        let mut transcript = told([
            detecting(init(), nat),
            detecting(chosen(), false),
            on_4500(auth()),
            accepted(),
        ]);
        transcript.esp.push(flow);
        conclude(&transcript)
    };
    let Conclusion::Failed(finding) = standing(true, flow(SUN, MOON)) else {
        panic!("no finding");
    };
    assert_eq!((finding.code, finding.side), (CODE, Side::Responder));
    for conclusion in [
        standing(false, flow(SUN, MOON)),
        standing(
            true,
            EspFlow {
                in_udp: true,
                ..flow(SUN, MOON)
            },
        ),
    ] {
        assert!(
            !matches!(conclusion, Conclusion::Failed(_)),
            "{conclusion:?}"
        );
    }
}

#[test]
fn a_message_that_is_lost_beside_a_nat_is_explained_by_who_leaves_traversal_out() {
    let lost = |nat| told([detecting(init(), nat), chosen(), auth()]);
    let code = |transcript| failed(&transcript).code;
    assert_eq!(code(lost(true)), CODE);
    assert_eq!(code(lost(false)), CauseCode::PathNoAnswer);
}
