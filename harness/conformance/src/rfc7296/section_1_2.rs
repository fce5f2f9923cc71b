//! The initial exchanges.

use ikev2::algorithm::Transform as _;
use ikev2::message::{NotifyMeaning, notifies};
use ikev2::numbers::{ExchangeType, NotifyType};
use ikev2::{DhGroup, IkeProposal};

use crate::bench::{Bench, must_refuse};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-1.2.initial-exchanges",
        abbreviation: "INIT",
        title: words("IKE SA and first Child SA", "IKE SA と最初の Child SA"),
        rfc: 7296,
        section: "1.2",
        restated: words(
            "Two exchanges set up the IKE SA, prove who both ends are, and make the first Child SA.",
            "2 回の交換により IKE SA を確立し、両端を認証し、最初の Child SA を作成する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: two_exchanges_make_an_ike_sa_and_a_child_sa,
    },
    Case {
        id: "rfc7296-1.2.other-group-named",
        abbreviation: "KE",
        title: words("Key exchange of another group", "異なるグループの鍵交換"),
        rfc: 7296,
        section: "1.2",
        restated: words(
            "A responder that selects another group than that of the KE payload answers with \
             INVALID_KE_PAYLOAD and names the group that it wants.",
            "応答側が KE ペイロードと異なるグループを選択する場合、INVALID_KE_PAYLOAD により希望する\
             グループを通知する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_key_exchange_of_another_group_is_answered_with_the_wanted_one,
    },
];

fn two_exchanges_make_an_ike_sa_and_a_child_sa(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn a_key_exchange_of_another_group_is_answered_with_the_wanted_one(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let known: Vec<DhGroup> = groups(&bench.config().ike);
    let mut others = DhGroup::ALL.iter().copied();
    let other = others.find(|group| !known.contains(group));
    let other = other.ok_or(Stop::NotApplicable(words::NO_OTHER_GROUP))?;
    let mut config = bench.config().clone();
    config.ike = config
        .ike
        .iter()
        .filter_map(|proposal| {
            let with_other = [&[other], proposal.dh()].concat();
            let (encryption, integrity, prf) =
                (proposal.encryption(), proposal.integrity(), proposal.prf());
            IkeProposal::new(
                encryption.to_vec(),
                integrity.to_vec(),
                prf.to_vec(),
                with_other,
            )
            .ok()
        })
        .collect();
    config.first_group = Some(other);
    let mut tester = bench.tester_with(config);
    bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_SA_INIT)?;
    let answer = must_refuse(answer, NotifyType::INVALID_KE_PAYLOAD)?;
    let wanted = notifies(&answer).find_map(|notify| match notify.meaning() {
        NotifyMeaning::WantedGroup(group) => Some(group),
        _ => None,
    });
    let is_known = wanted.is_some_and(|wanted| {
        let mut ids = known.iter().map(|group| group.transform_id());
        ids.any(|id| id == wanted.0)
    });
    if !is_known {
        return Err(Stop::Violation(Seen::Wrong(words::WRONG_DATA)));
    }
    // The tester has sent its request again with that group by now.
    let done = bench.until(&mut tester, bench.patience().answer, |event| match event {
        ikev2::endpoint::Event::ChildSaEstablished { sa, .. } => Some(*sa),
        _ => None,
    })?;
    let sa = done.ok_or(Stop::Violation(Seen::Silence))?;
    bench.end(&mut tester, sa)
}

fn groups(proposals: &[IkeProposal]) -> Vec<DhGroup> {
    let all = proposals.iter().flat_map(IkeProposal::dh);
    all.copied().collect()
}
