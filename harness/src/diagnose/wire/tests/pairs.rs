//! Captures of several peers, and of several IKE SAs of two.

use super::*;

const OTHER: &str = "198.51.100.7";

/// Puts the messages into one IKE SA each, between these addresses.
fn several(stories: Vec<(&str, &str, Vec<Message>)>) -> Transcript {
    let mut messages = Vec::new();
    let mut sas = Vec::new();
    for (sa, (initiator, responder, story)) in stories.into_iter().enumerate() {
        sas.push([initiator, responder].map(|host| address(host, 500)));
        for mut message in story {
            message.sa = sa;
            let ends = [address(initiator, 500), address(responder, 500)];
            (message.source, message.destination) = match message.from {
                End::Initiator => (ends[0], ends[1]),
                End::Responder => (ends[1], ends[0]),
            };
            messages.push(message);
        }
    }
    let mut transcript = told(messages);
    let sample = transcript.ike_sas[0].clone();
    let of = |[initiator, responder]: [SocketAddr; 2]| IkeSa {
        initiator,
        responder,
        ..sample.clone()
    };
    transcript.ike_sas = sas.into_iter().map(of).collect();
    transcript
}

fn refused() -> Message {
    from(SUN, Message::response(IKE_AUTH), &["AUTHENTICATION_FAILED"])
}

fn up() -> Vec<Message> {
    vec![init(), chosen(), auth(), accepted()]
}

#[test]
fn each_pair_of_peers_has_its_own_conclusion() {
    let transcript = several(vec![
        (MOON, SUN, up()),
        (OTHER, SUN, vec![init(), chosen(), auth(), refused()]),
    ]);
    let told = conclude_each(&transcript);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].conclusion, Conclusion::Established);
    let Conclusion::Failed(finding) = &told[1].conclusion else {
        panic!("{told:?}");
    };
    assert_eq!((finding.code, finding.sa), (CauseCode::AuthFailed, Some(1)));
    assert_eq!(told[1].addresses[0].to_string(), OTHER);
}

#[test]
fn a_finding_is_about_the_ike_sa_whose_roles_it_names() {
    // The second negotiation goes the other way.
    let transcript = several(vec![
        (MOON, SUN, vec![init()]),
        (SUN, MOON, vec![init(), chosen(), auth(), refused()]),
    ]);
    let told = conclude_each(&transcript);
    assert_eq!(told.len(), 1);
    let finding = failed(&transcript);
    assert_eq!(
        (finding.code, finding.by, finding.sa),
        (CauseCode::AuthFailed, Role::Responder, Some(1))
    );
}

#[test]
fn the_last_attempt_counts_once_a_tunnel_stood() {
    let again = || vec![init(), chosen(), auth(), refused()];
    let transcript = several(vec![(MOON, SUN, up()), (MOON, SUN, again())]);
    let finding = failed(&transcript);
    assert_eq!(
        (finding.code, finding.sa, finding.reached),
        (CauseCode::AuthFailed, Some(1), Reached::Later)
    );
    let transcript = several(vec![(MOON, SUN, again()), (MOON, SUN, up())]);
    assert_eq!(conclude(&transcript), Conclusion::Established);
    // One that the capture ends in is none.
    let transcript = several(vec![(MOON, SUN, up()), (MOON, SUN, vec![init()])]);
    assert_eq!(conclude(&transcript), Conclusion::Established);
}

#[test]
fn esp_and_refused_children_of_other_peers_do_not_count() {
    let child = from(
        SUN,
        Message::response(CREATE_CHILD_SA),
        &["NO_PROPOSAL_CHOSEN"],
    );
    let mut refused = up();
    refused.extend([asking(3, true), child]);
    let mut later = up();
    let mut good = from(SUN, Message::response(CREATE_CHILD_SA), &[]);
    good.payloads.push(choice());
    later.push(good);
    let mut transcript = several(vec![(MOON, SUN, refused), (OTHER, SUN, later)]);
    transcript.esp.push(flow("192.0.2.1", "192.0.2.9"));
    let told = conclude_each(&transcript);
    assert!(
        matches!(&told[0].conclusion, Conclusion::Failed(finding)
            if finding.code == CauseCode::ProposalPfsMismatch && finding.sa == Some(0)),
        "{told:?}"
    );
    assert_eq!(told[1].conclusion, Conclusion::Established);
}

#[test]
fn who_speaks_another_version_than_its_peer_is_named_and_noise_is_not() {
    let first = |mut message: Message, exchange: u32| {
        message.version = "1.0".into();
        message.exchange = Named::new(exchange, "EXCHANGE");
        message
    };
    // The responder refuses IKEv2 in IKEv1.
    let answer = first(from(SUN, Message::response(IKE_SA_INIT), &[]), 5);
    let finding = failed(&told([init(), answer]));
    assert_eq!(
        (finding.code, finding.by, finding.side),
        (
            CauseCode::RouterIkeVersion,
            Role::Responder,
            Side::Responder
        )
    );
    // Both speak IKEv1: nobody is to blame.
    let both = [
        first(init(), 2),
        first(from(SUN, Message::response(IKE_SA_INIT), &[]), 2),
    ];
    assert!(unclear(&told(both)).contains("both ends speak IKEv1"));
    // What has no version of IKE says nothing.
    let mut noise = init();
    noise.version = "9.9".into();
    assert_eq!(conclude(&told([noise])), Conclusion::NoIke);
}
