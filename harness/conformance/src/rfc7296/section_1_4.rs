//! The INFORMATIONAL exchange, and the deletion of SAs with it.

use ikev2::endpoint::{Action, IkeSa};
use ikev2::message::Body;
use ikev2::numbers::{PayloadType, Protocol};

use crate::bench::{Bench, must_have};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-1.4.empty-request-answered",
        abbreviation: "LIVE",
        title: words("Liveness check", "生存確認"),
        rfc: 7296,
        section: "1.4",
        restated: words(
            "A request without payloads in an INFORMATIONAL exchange is answered without payloads.",
            "ペイロードのない INFORMATIONAL 要求には、ペイロードのない応答を返す。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_empty_request_gets_an_empty_answer,
    },
    Case {
        id: "rfc7296-1.4.1.child-sa-deleted",
        abbreviation: "DEL-C",
        title: words("Child SA deleted", "Child SA の削除"),
        rfc: 7296,
        section: "1.4.1",
        restated: words(
            "The deletion of one direction of a Child SA is answered with the deletion of the other.",
            "Child SA の片方向の削除には、対となる方向の削除で応答する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: the_deletion_of_a_child_sa_names_its_other_direction,
    },
    Case {
        id: "rfc7296-1.4.1.ike-sa-deleted",
        abbreviation: "DEL-I",
        title: words("IKE SA deleted", "IKE SA の削除"),
        rfc: 7296,
        section: "1.4.1",
        restated: words(
            "The deletion of an IKE SA is answered without payloads.",
            "IKE SA の削除には、ペイロードのない応答を返す。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: the_deletion_of_an_ike_sa_gets_an_empty_answer,
    },
];

fn an_empty_request_gets_an_empty_answer(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let answer = bench.ask(&mut tester, sa, Action::CheckLiveness)?;
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    if !answer.is_empty() {
        return Err(Stop::Violation(Seen::Wrong(words::NOT_EMPTY)));
    }
    bench.end(&mut tester, sa)
}

fn the_deletion_of_a_child_sa_names_its_other_direction(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let children = tester.endpoint.sa(sa).map(IkeSa::children);
    let child = children.and_then(|all| all.first()).cloned();
    let child = child.ok_or(Stop::Control(Seen::Silence))?;
    let action = Action::DeleteChild(child.incoming.spi);
    let answer = bench.ask(&mut tester, sa, action)?;
    let answer = must_have(answer, PayloadType::DELETE)?;
    let names_it = answer.iter().any(|payload| match &payload.body {
        Body::Delete(delete) => {
            let wanted = child.outgoing.spi.to_be_bytes();
            delete.protocol == Protocol::ESP && delete.each().any(|spi| spi == wanted)
        }
        _ => false,
    });
    if !names_it {
        return Err(Stop::Violation(Seen::Wrong(words::WRONG_DATA)));
    }
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn the_deletion_of_an_ike_sa_gets_an_empty_answer(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let answer = bench.ask(&mut tester, sa, Action::DeleteIke)?;
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    if answer.is_empty() {
        Ok(())
    } else {
        Err(Stop::Violation(Seen::Wrong(words::NOT_EMPTY)))
    }
}
