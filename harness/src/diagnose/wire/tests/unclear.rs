//! Captures that cannot tell, and those in which something else than the negotiation speaks.

use transcript::model::{Delete, IcmpError, IcmpWhat, IkeFragment, IkeFragments};

use super::*;

fn up() -> Vec<Message> {
    vec![init(), chosen(), auth(), accepted()]
}

fn with(mut story: Vec<Message>, more: impl IntoIterator<Item = Message>) -> Transcript {
    story.extend(more);
    told(story)
}

fn again(mut message: Message, times: usize) -> Message {
    let sent = message.transmissions[0].clone();
    message.transmissions = vec![sent; times];
    message
}

#[test]
fn an_answer_that_cannot_be_read_is_not_taken_for_a_tunnel() {
    let answer = |protection| Message {
        protection,
        payloads: Vec::new(),
        ..accepted()
    };
    let story = |answer| told([init(), chosen(), auth(), answer]);
    let why = "the integrity check fails".to_owned();
    let undecryptable = story(answer(Protection::Undecryptable { why }));
    assert!(unclear(&undecryptable).contains("cannot be decrypted"));
    let encrypted = || answer(Protection::Encrypted);
    assert!(unclear(&story(encrypted())).contains("no key is known"));
    let part = IkeFragment {
        number: 1,
        transmissions: encrypted().transmissions,
        more_transmissions: 0,
    };
    let fragments = Some(IkeFragments {
        total: 2,
        parts: vec![part],
    });
    let incomplete = story(Message {
        fragments,
        ..encrypted()
    });
    assert!(unclear(&incomplete).contains("1 of 2 fragments"));
    let empty = story(answer(Protection::Decrypted));
    assert!(unclear(&empty).contains("neither AUTH nor an error"));
}

#[test]
fn without_keys_new_esp_in_both_directions_lets_a_tunnel_seem_up_and_old_esp_does_not() {
    let story = |since: i64, back: &str| {
        let answer = Message {
            protection: Protection::Encrypted,
            payloads: Vec::new(),
            ..accepted()
        };
        let mut transcript = told([init(), chosen(), auth(), answer]);
        for (from, to) in [(MOON, SUN), (back, MOON)] {
            transcript.esp.push(EspFlow {
                first_us: since,
                ..flow(from, to)
            });
        }
        conclude(&transcript)
    };
    assert_eq!(story(9_000, SUN), Conclusion::SeemsEstablished);
    assert!(matches!(story(0, SUN), Conclusion::Unclear(_)));
    assert!(matches!(story(9_000, "192.0.2.9"), Conclusion::Unclear(_)));
}

#[test]
fn only_an_answer_that_is_too_short_for_auth_leaves_room_for_a_notification_only() {
    let story = |octets| {
        let answer = Message {
            protection: Protection::Encrypted,
            payloads: Vec::new(),
            octets,
            ..accepted()
        };
        unclear(&told([init(), chosen(), auth(), answer]))
    };
    assert!(story(80).contains("a notification only"));
    assert!(!story(128).contains("a notification only"));
}

#[test]
fn what_ends_a_tunnel_later_speaks_against_it() {
    let deleted = {
        let mut message = from(MOON, Message::request(INFORMATIONAL), &[]);
        message.payloads.push(payload(Content::Delete(Delete {
            protocol: Named::new(1u32, "IKE"),
            spis: Vec::new(),
            more: 0,
        })));
        message
    };
    assert!(unclear(&with(up(), [deleted])).contains("the initiator deleted the IKE SA"));
    let refused = from(
        SUN,
        Message::request(INFORMATIONAL),
        &["AUTHENTICATION_FAILED"],
    );
    let finding = failed(&with(up(), [refused]));
    assert_eq!(
        (finding.code, finding.side),
        (CauseCode::AuthFailed, Side::Responder)
    );
    let dpd = || from(MOON, Message::request(INFORMATIONAL), &[]);
    let finding = failed(&with(up(), [again(dpd(), 6)]));
    assert_eq!(finding.code, CauseCode::PathNoAnswer);
    assert!(finding.detail.en.contains("sent 6 times"));
    let answer = from(SUN, Message::response(INFORMATIONAL), &[]);
    let answered = with(up(), [again(dpd(), 2), answer]);
    assert_eq!(conclude(&answered), Conclusion::Established);
    let mut one_way = told(up());
    one_way.esp.push(flow(MOON, SUN));
    assert!(unclear(&one_way).contains("from the initiator only"));
}

#[test]
fn what_no_key_protects_and_private_notifications_do_not_overturn_an_answer() {
    let clear = Message {
        protection: Protection::Clear,
        ..from(SUN, Message::response(IKE_AUTH), &["AUTHENTICATION_FAILED"])
    };
    assert_eq!(
        conclude(&with(up(), [clear.clone()])),
        Conclusion::Established
    );
    assert!(unclear(&told([init(), chosen(), auth(), clear])).contains("no protected answer"));
    let mut private = accepted();
    private
        .payloads
        .extend(from(SUN, Message::response(IKE_AUTH), &["UNKNOWN_8192"]).payloads);
    let story = told([init(), chosen(), auth(), private]);
    assert_eq!(conclude(&story), Conclusion::Established);
}

fn icmp(source: &str, what: IcmpWhat, port: u16) -> IcmpError {
    IcmpError {
        packet: 77,
        at_us: 500,
        source: source.parse().unwrap(),
        destination: MOON.parse().unwrap(),
        what,
        about: SUN.parse().unwrap(),
        about_port: Some(port),
    }
}

#[test]
fn icmp_of_others_is_the_path_and_only_the_responders_own_word_is_its_daemon() {
    const FIREWALL: &str = "203.0.113.254";
    let story = |messages: Vec<Message>, error| {
        let mut transcript = told(messages);
        transcript.icmp_errors.push(error);
        let finding = failed(&transcript);
        (finding.code, finding.side)
    };
    let path = (CauseCode::PathNoAnswer, Side::Path);
    let stopped = (CauseCode::RouterStopped, Side::Responder);
    use IcmpWhat::*;
    assert_eq!(
        story(vec![init()], icmp(SUN, PortUnreachable, 500)),
        stopped
    );
    for (source, what) in [
        (FIREWALL, PortUnreachable),
        (FIREWALL, AdministrativelyProhibited),
        (FIREWALL, HostUnreachable),
        (SUN, AdministrativelyProhibited),
    ] {
        assert_eq!(story(vec![init()], icmp(source, what, 500)), path);
    }
    // It spoke from that port before.
    let spoke = vec![init(), chosen(), auth()];
    assert_eq!(story(spoke, icmp(SUN, PortUnreachable, 500)), path);
}

#[test]
fn port_4500_is_blamed_only_where_the_peer_is_silent_on_it_and_was_asked_again() {
    let code = |transcript: Transcript| failed(&transcript).code;
    let story = |times| told([init(), chosen(), again(on_4500(auth()), times)]);
    assert_eq!(code(story(3)), CauseCode::PathPort4500Blocked);
    assert_eq!(code(story(1)), CauseCode::PathNoAnswer);
    let mut alive = story(3);
    alive.nat_keepalives.push(transcript::model::NatKeepalives {
        source: address(SUN, 4500),
        destination: address(MOON, 4500),
        packets: 3,
        first_packet: 9,
    });
    assert_eq!(code(alive), CauseCode::PathNoAnswer);
    let mut init_there = story(3);
    for message in &mut init_there.messages {
        message.source.set_port(4500);
        message.destination.set_port(4500);
    }
    assert_eq!(code(init_there), CauseCode::PathNoAnswer);
    // At one end, fragments that are not answered are not yet lost.
    let fragments = told([init(), chosen(), again(fragmented(auth()), 3)]);
    assert_eq!(code(fragments), CauseCode::PathNoAnswer);
}

#[test]
fn a_group_that_was_offered_is_no_lack_of_proposals() {
    const GROUP: &str = "256-bit random ECP group";
    let story = |offered: &[&'static str], rounds: usize| {
        let mut request = init();
        request.payloads.push(proposing(1, offered));
        let mut answer = from(SUN, Message::response(IKE_SA_INIT), &["INVALID_KE_PAYLOAD"]);
        if let Content::Notify(notify) = &mut answer.payloads[0].content {
            notify.data.push(GROUP.into());
        }
        told((0..rounds).flat_map(|_| [request.clone(), answer.clone()]))
    };
    assert!(unclear(&story(&[GROUP], 1)).contains("had offered it"));
    assert!(unclear(&story(&[GROUP], 4)).contains("had offered it"));
    assert_eq!(
        failed(&story(&["2048-bit MODP Group"], 1)).code,
        CauseCode::ProposalIkeNoneInCommon
    );
}

#[test]
fn what_was_asked_for_decides_what_its_refusal_means() {
    let story = |request: Message| {
        let answer = from(
            SUN,
            Message::response(CREATE_CHILD_SA),
            &["NO_PROPOSAL_CHOSEN"],
        );
        failed(&with(up(), [request, answer])).code
    };
    assert_eq!(story(asking(1, true)), CauseCode::ProposalIkeNoneInCommon);
    assert_eq!(story(asking(3, true)), CauseCode::ProposalPfsMismatch);
    assert_eq!(story(asking(3, false)), CauseCode::ProposalEspNoneInCommon);
}

#[test]
fn an_answer_may_join_the_selectors_that_were_offered() {
    const ALL: [u16; 2] = [0, u16::MAX];
    let halves = [
        (0, ALL, ["203.0.113.0", "203.0.113.31"]),
        (0, ALL, ["203.0.113.32", "203.0.113.63"]),
    ];
    let story = |answer: [&str; 2]| {
        conclude(&told([
            init(),
            chosen(),
            protecting(auth(), &halves),
            protecting(accepted(), &[(0, ALL, answer)]),
        ]))
    };
    assert_eq!(
        story(["203.0.113.0", "203.0.113.63"]),
        Conclusion::Established
    );
    let Conclusion::Failed(finding) = story(["203.0.113.0", "203.0.113.64"]) else {
        panic!("no finding");
    };
    assert_eq!(finding.code, CauseCode::SelectorsNotNarrowed);
}

#[test]
fn what_is_no_refusal_is_named_and_nobody_is_blamed() {
    let answered = |exchange, names: &[&'static str]| from(SUN, Message::response(exchange), names);
    let cookie = |name| {
        let mut message = answered(IKE_SA_INIT, &[name]);
        if let Content::Notify(notify) = &mut message.payloads[0].content {
            notify.error = false;
        }
        message
    };
    assert!(unclear(&told([init(), cookie("COOKIE")])).contains("asked for a cookie once"));
    assert!(unclear(&told([init(), cookie("REDIRECT")])).contains("redirects"));
    for name in ["INVALID_SYNTAX", "UNSUPPORTED_CRITICAL_PAYLOAD"] {
        assert!(unclear(&told([init(), answered(IKE_SA_INIT, &[name])])).contains(name));
    }
    let refused = answered(IKE_AUTH, &["FAILED_CP_REQUIRED"]);
    let told_of = unclear(&told([init(), chosen(), auth(), refused]));
    assert!(told_of.contains("the responder answered EXCHANGE with FAILED_CP_REQUIRED"));
    let mut elsewhere = chosen();
    elsewhere.source = address("198.51.100.99", 500);
    assert!(unclear(&told([init(), elsewhere])).contains("198.51.100.99"));
    let mut request = init();
    request
        .payloads
        .push(proposing(1, &["2048-bit MODP Group"]));
    let mut odd = from(SUN, Message::response(IKE_SA_INIT), &[]);
    odd.payloads.push(proposing(1, &["1024-bit MODP Group"]));
    assert!(unclear(&told([request, odd])).contains("1024-bit MODP Group"));
}
