//! Use of retransmission timers: what is sent again is answered as before.

use ikev2::deviation::{At, Deviation, SendingChange};
use ikev2::endpoint::{Action, Event};
use ikev2::numbers::ExchangeType;

use crate::bench::{Bench, Tester};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-2.1.repeated-init-answered-alike",
        abbreviation: "RTX-I",
        title: words(
            "IKE_SA_INIT request that comes again",
            "IKE_SA_INIT 要求の再送",
        ),
        rfc: 7296,
        section: "2.1",
        restated: words(
            "An IKE_SA_INIT request that comes again, octet by octet the same, is answered with the \
             same message again.",
            "同一内容の IKE_SA_INIT 要求が再び届いた場合、同一の応答を再送する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_repeated_ike_sa_init_request_gets_the_same_answer,
    },
    Case {
        id: "rfc7296-2.1.repeated-auth-answered-alike",
        abbreviation: "RTX-A",
        title: words("IKE_AUTH request that comes again", "IKE_AUTH 要求の再送"),
        rfc: 7296,
        section: "2.1",
        restated: words(
            "An IKE_AUTH request that comes again is answered with the same message again.",
            "IKE_AUTH 要求が再び届いた場合、同一の応答を再送する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_repeated_ike_auth_request_gets_the_same_answer,
    },
    Case {
        id: "rfc7296-2.1.repeated-informational-answered-alike",
        abbreviation: "RTX-L",
        title: words(
            "INFORMATIONAL request that comes again",
            "INFORMATIONAL 要求の再送",
        ),
        rfc: 7296,
        section: "2.1",
        restated: words(
            "An INFORMATIONAL request that comes again is answered with the same message again.",
            "INFORMATIONAL 要求が再び届いた場合、同一の応答を再送する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_repeated_informational_request_gets_the_same_answer,
    },
];

fn a_repeated_ike_sa_init_request_gets_the_same_answer(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let exchange = ExchangeType::IKE_SA_INIT;
    let mut tester = bench.tester();
    send_twice(&mut tester, exchange, bench);
    // IKE_AUTH would follow the first answer and end the time in which the second one is due.
    let withheld = Deviation::new(
        At::request(ExchangeType::IKE_AUTH),
        SendingChange::Delay(bench.patience().silence),
    );
    tester.endpoint.deviate(withheld);
    bench.initiate(&mut tester)?;
    both_alike(bench, &mut tester, exchange)?;
    bench.leave(&mut tester)
}

fn a_repeated_ike_auth_request_gets_the_same_answer(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let exchange = ExchangeType::IKE_AUTH;
    let mut tester = bench.tester();
    send_twice(&mut tester, exchange, bench);
    let sa = bench.establish(&mut tester)?.map_err(Stop::Control)?;
    both_alike(bench, &mut tester, exchange)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn a_repeated_informational_request_gets_the_same_answer(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let exchange = ExchangeType::INFORMATIONAL;
    let (mut tester, sa) = bench.established()?;
    send_twice(&mut tester, exchange, bench);
    bench.perform(&mut tester, sa, Action::CheckLiveness)?;
    both_alike(bench, &mut tester, exchange)?;
    bench.end(&mut tester, sa)
}

/// Lets the first request of this exchange go out a second time, when the first answer has surely
/// come.
fn send_twice(tester: &mut Tester, exchange: ExchangeType, bench: &Bench<'_>) {
    let at = At::request(exchange).nth(0);
    let again = SendingChange::Replay {
        after: bench.patience().silence / 2,
        times: 1,
    };
    tester.endpoint.deviate(Deviation::new(at, again));
}

/// That two answers of this exchange come, and that they are the same.
fn both_alike(
    bench: &mut Bench<'_>,
    tester: &mut Tester,
    exchange: ExchangeType,
) -> Result<(), Stop> {
    // The second answer was not asked for any more.
    bench.until(tester, bench.patience().answer, |event| match event {
        Event::Discarded { sa: Some(_), .. } => Some(()),
        _ => None,
    })?;
    match tester.answers(exchange).as_slice() {
        [] => Err(Stop::Control(Seen::Silence)),
        [_] => Err(Stop::Violation(Seen::Silence)),
        [first, others @ ..] if others.iter().all(|other| other == first) => Ok(()),
        _ => Err(Stop::Violation(Seen::Wrong(words::ANOTHER_ANSWER))),
    }
}
