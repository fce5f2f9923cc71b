//! Cryptographic algorithm negotiation: every algorithm that a router is set to, by itself.

use ikev2::{EspProposal, IkeProposal, Transform};

use crate::bench::Bench;
use crate::case::words::words;
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    each(
        "rfc7296-2.7.each-ike-encryption-works",
        "ENCR",
        words(
            "Each encryption algorithm for IKE",
            "IKE の各暗号アルゴリズム",
        ),
        each_encryption_algorithm_for_ike_works,
    ),
    each(
        "rfc7296-2.7.each-prf-works",
        "PRF",
        words("Each PRF", "各 PRF"),
        each_prf_works,
    ),
    each(
        "rfc7296-2.7.each-ike-integrity-works",
        "INTEG",
        words(
            "Each integrity algorithm for IKE",
            "IKE の各完全性アルゴリズム",
        ),
        each_integrity_algorithm_for_ike_works,
    ),
    each(
        "rfc7296-2.7.each-group-works",
        "GROUP",
        words("Each key exchange group", "各鍵交換グループ"),
        each_group_works,
    ),
    each(
        "rfc7296-2.7.each-esp-encryption-works",
        "ESP-E",
        words(
            "Each encryption algorithm for ESP",
            "ESP の各暗号アルゴリズム",
        ),
        each_encryption_algorithm_for_esp_works,
    ),
    each(
        "rfc7296-2.7.each-esp-integrity-works",
        "ESP-I",
        words(
            "Each integrity algorithm for ESP",
            "ESP の各完全性アルゴリズム",
        ),
        each_integrity_algorithm_for_esp_works,
    ),
];

const fn each(
    id: &'static str,
    abbreviation: &'static str,
    title: reports::text::Words,
    run: fn(&mut Bench<'_>) -> Result<(), Stop>,
) -> Case {
    Case {
        id,
        abbreviation,
        title,
        rfc: 7296,
        section: "2.7",
        restated: words(
            "Each of the algorithms in a proposal may be chosen, and a tunnel with it carries traffic.",
            "提案に含まれる各アルゴリズムはいずれも選択でき、それによるトンネルは通信を運ぶ。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run,
    }
}

fn each_encryption_algorithm_for_ike_works(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let all = of_ike(bench, IkeProposal::encryption, |one, encryption| {
        let (integrity, prf) = (first(one.integrity()), first(one.prf()));
        IkeProposal::new(vec![encryption], integrity, prf, first(one.dh())).ok()
    });
    with_each(bench, all)
}

fn each_prf_works(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let all = of_ike(bench, IkeProposal::prf, |one, prf| {
        let (encryption, integrity) = (first(one.encryption()), first(one.integrity()));
        IkeProposal::new(encryption, integrity, vec![prf], first(one.dh())).ok()
    });
    with_each(bench, all)
}

fn each_integrity_algorithm_for_ike_works(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let all = of_ike(bench, IkeProposal::integrity, |one, integrity| {
        let (encryption, prf) = (first(one.encryption()), first(one.prf()));
        IkeProposal::new(encryption, vec![integrity], prf, first(one.dh())).ok()
    });
    with_each(bench, all)
}

fn each_group_works(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let all = of_ike(bench, IkeProposal::dh, |one, group| {
        let (encryption, integrity) = (first(one.encryption()), first(one.integrity()));
        IkeProposal::new(encryption, integrity, first(one.prf()), vec![group]).ok()
    });
    with_each(bench, all)
}

fn each_encryption_algorithm_for_esp_works(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let all = of_esp(bench, EspProposal::encryption, |one, encryption| {
        let (integrity, groups) = (first(one.integrity()), one.dh().to_vec());
        EspProposal::new(vec![encryption], integrity, groups).ok()
    });
    with_each(bench, all)
}

fn each_integrity_algorithm_for_esp_works(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let all = of_esp(bench, EspProposal::integrity, |one, integrity| {
        let (encryption, groups) = (first(one.encryption()), one.dh().to_vec());
        EspProposal::new(encryption, vec![integrity], groups).ok()
    });
    with_each(bench, all)
}

/// An algorithm, and proposals that have no other of its kind.
type Single<P> = (&'static str, P);

fn of_ike<T: Transform>(
    bench: &Bench<'_>,
    list: impl Fn(&IkeProposal) -> &[T],
    single: impl Fn(&IkeProposal, T) -> Option<IkeProposal>,
) -> Vec<(&'static str, Vec<IkeProposal>, Vec<EspProposal>)> {
    let config = bench.config();
    let found = singles(&config.ike, list, single).into_iter();
    let esp = &config.esp;
    found
        .map(|(name, one)| (name, vec![one], esp.clone()))
        .collect()
}

fn of_esp<T: Transform>(
    bench: &Bench<'_>,
    list: impl Fn(&EspProposal) -> &[T],
    single: impl Fn(&EspProposal, T) -> Option<EspProposal>,
) -> Vec<(&'static str, Vec<IkeProposal>, Vec<EspProposal>)> {
    let config = bench.config();
    let found = singles(&config.esp, list, single).into_iter();
    let ike = &config.ike;
    found
        .map(|(name, one)| (name, ike.clone(), vec![one]))
        .collect()
}

/// Each algorithm once, with the first proposal that has it.
fn singles<P, T: Transform>(
    proposals: &[P],
    list: impl Fn(&P) -> &[T],
    single: impl Fn(&P, T) -> Option<P>,
) -> Vec<Single<P>> {
    let mut all: Vec<Single<P>> = Vec::new();
    for proposal in proposals {
        for &algorithm in list(proposal) {
            let name = algorithm.name();
            if !all.iter().any(|(known, _)| *known == name)
                && let Some(one) = single(proposal, algorithm)
            {
                all.push((name, one));
            }
        }
    }
    all
}

/// That a tunnel with each of these comes up and carries traffic.
fn with_each(
    bench: &mut Bench<'_>,
    all: Vec<(&'static str, Vec<IkeProposal>, Vec<EspProposal>)>,
) -> Result<(), Stop> {
    if all.is_empty() {
        return Err(Stop::NotApplicable(words(
            "has no algorithm of this kind among its proposals",
            "この種別のアルゴリズムを提案に含みません",
        )));
    }
    let mut wrong: Vec<(String, Seen)> = Vec::new();
    for (name, ike, esp) in all {
        let mut config = bench.config().clone();
        config.ike = ike;
        config.esp = esp;
        let mut tester = bench.tester_with(config);
        let sa = match bench.establish(&mut tester)? {
            Ok(sa) => sa,
            Err(seen) => {
                wrong.push((name.to_owned(), seen));
                continue;
            }
        };
        match bench.carries_traffic(&mut tester, sa) {
            Err(Stop::Violation(seen)) => wrong.push((name.to_owned(), seen)),
            other => other?,
        }
        bench.end(&mut tester, sa)?;
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Stop::Violation(Seen::Each(wrong)))
    }
}

fn first<T: Transform>(list: &[T]) -> Vec<T> {
    list.first().copied().into_iter().collect()
}
