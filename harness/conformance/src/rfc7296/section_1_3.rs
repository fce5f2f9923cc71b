//! The CREATE_CHILD_SA exchange.

use ikev2::endpoint::{Action, Event};
use ikev2::message::{Body, Notify, Payload};
use ikev2::numbers::{NotifyType, PayloadType, Protocol};

use crate::bench::{Bench, must_have, must_refuse};
use crate::case::words::words;
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-1.3.1.another-child-sa",
        abbreviation: "CHILD",
        title: words("Another Child SA", "Child SA の追加"),
        rfc: 7296,
        section: "1.3.1",
        restated: words(
            "On an IKE SA, CREATE_CHILD_SA makes another Child SA; who does not do this says \
             NO_ADDITIONAL_SAS.",
            "IKE SA 上の CREATE_CHILD_SA により Child SA を追加する。追加しない場合は \
             NO_ADDITIONAL_SAS を返す。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: another_child_sa_is_made_or_refused_by_name,
    },
    Case {
        id: "rfc7296-1.3.2.ike-sa-rekeyed",
        abbreviation: "REKEY-I",
        title: words("IKE SA rekeyed", "IKE SA の再鍵交換"),
        rfc: 7296,
        section: "1.3.2",
        restated: words(
            "CREATE_CHILD_SA with a proposal for IKE replaces the IKE SA, and the new one takes the \
             Child SAs over.",
            "IKE の提案を含む CREATE_CHILD_SA により IKE SA を置き換え、新しい IKE SA が Child SA を\
             引き継ぐ。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_rekeyed_ike_sa_takes_over,
    },
    Case {
        id: "rfc7296-1.3.3.child-sa-rekeyed",
        abbreviation: "REKEY-C",
        title: words("Child SA rekeyed", "Child SA の再鍵交換"),
        rfc: 7296,
        section: "1.3.3",
        restated: words(
            "CREATE_CHILD_SA with REKEY_SA replaces the Child SA that it names.",
            "REKEY_SA を含む CREATE_CHILD_SA により、指定された Child SA を置き換える。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_rekeyed_child_sa_takes_the_place_of_the_old_one,
    },
    Case {
        id: "rfc7296-2.25.unknown-child-sa-named",
        abbreviation: "NO-CHILD",
        title: words(
            "Rekeying of a Child SA that is not there",
            "存在しない Child SA の再鍵交換",
        ),
        rfc: 7296,
        section: "2.25",
        restated: words(
            "A request to rekey a Child SA that the responder does not have is answered with \
             CHILD_SA_NOT_FOUND.",
            "応答側が保持しない Child SA の再鍵交換要求には CHILD_SA_NOT_FOUND で応答する。",
        ),
        level: Level::Should,
        setup: Setup::RESPONDS,
        run: a_rekeying_of_an_unknown_child_sa_is_refused_by_name,
    },
];

fn another_child_sa_is_made_or_refused_by_name(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let answer = bench.ask(&mut tester, sa, Action::CreateChild)?;
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    match crate::bench::refusal(&answer) {
        None => must_have(Some(answer), PayloadType::SA).map(drop)?,
        Some(NotifyType::NO_ADDITIONAL_SAS) => {}
        Some(other) => return Err(Stop::Violation(Seen::Refused(other))),
    }
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn a_rekeyed_ike_sa_takes_over(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let answer = bench.ask(&mut tester, sa, Action::RekeyIke)?;
    must_have(answer, PayloadType::SA)?;
    let new = bench.until(&mut tester, bench.patience().answer, |event| match event {
        Event::IkeSaRekeyed { new, .. } => Some(*new),
        _ => None,
    })?;
    let new = new.ok_or(Stop::Violation(Seen::Wrong(crate::case::words::NOT_USABLE)))?;
    bench.still_has(&mut tester, new)?;
    bench.end(&mut tester, new)
}

fn a_rekeyed_child_sa_takes_the_place_of_the_old_one(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let children = tester.endpoint.sa(sa).map(ikev2::endpoint::IkeSa::children);
    let old = children.and_then(|all| all.first());
    let spi = old
        .map(|child| child.incoming.spi)
        .ok_or(Stop::Control(Seen::Silence))?;
    let answer = bench.ask(&mut tester, sa, Action::RekeyChild(spi))?;
    must_have(answer, PayloadType::SA)?;
    let replaced = bench.until(&mut tester, bench.patience().answer, |event| match event {
        Event::ChildSaEstablished { replaces, .. } => Some(*replaces == Some(spi)),
        _ => None,
    })?;
    if replaced != Some(true) {
        let what = Seen::Wrong(crate::case::words::NOT_USABLE);
        return Err(Stop::Violation(what));
    }
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn a_rekeying_of_an_unknown_child_sa_is_refused_by_name(bench: &mut Bench<'_>) -> Result<(), Stop> {
    use ikev2::deviation::{At, Deviation, MessageChange, Position};

    let (mut tester, sa) = bench.established()?;
    let named = Notify {
        protocol: Protocol::ESP,
        spi: vec![0x7e, 0x57, 0x7e, 0x57],
        ..Notify::new(NotifyType::REKEY_SA, Vec::new())
    };
    let at = At::request(ikev2::numbers::ExchangeType::CREATE_CHILD_SA);
    let payload = Payload::new(Body::Notify(named));
    let add = MessageChange::Add {
        payload,
        at: Position::First,
    };
    tester.endpoint.deviate(Deviation::new(at, add));
    let answer = bench.ask(&mut tester, sa, Action::CreateChild)?;
    must_refuse(answer, NotifyType::CHILD_SA_NOT_FOUND)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}
