//! Every case against an endpoint of our own in this process: a correct one, with which it must hold,
//! and broken ones, each of which it must find.

mod broken;
mod keys;
mod router;
mod validator;
mod vectors;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use ikev2::authentication::{PublicKey, SIGNATURES};
use ikev2::endpoint::{Config, Credential, Path, Trust};
use ikev2::keys::Key;
use ikev2::message::{Identification, TrafficSelector};
use ikev2::numbers::IdType;
use ikev2::{DhGroup, Encryption, EspProposal, IkeProposal, Integrity, Prf};

use crate::{Bench, Case, Given, Hosts, Patience, Stop, all};
use router::{Broken, InProcess, random};

const HOSTS: Hosts = Hosts {
    own: Ipv4Addr::new(203, 0, 113, 10),
    remote: Ipv4Addr::new(203, 0, 114, 10),
};

fn fqdn(name: &str) -> Identification {
    Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: name.into(),
    }
}

/// Settings of an end with a key that both share; `networks` are those behind it and the other one.
fn config(name: &str, networks: [u8; 2]) -> Config {
    let key = Key::from(b"the key of both ends".as_slice());
    let ike = IkeProposal::new(
        vec![Encryption::AesCbc256, Encryption::AesCbc128],
        vec![
            Integrity::HmacSha2Bits256Of128,
            Integrity::HmacSha2Bits384Of192,
        ],
        vec![Prf::HmacSha2Bits256, Prf::HmacSha2Bits384],
        vec![DhGroup::Ecp256, DhGroup::Curve25519],
    );
    let aead = EspProposal::new(vec![Encryption::AesGcm16Bits256], vec![], vec![]);
    let esp = EspProposal::new(
        vec![Encryption::AesCbc256, Encryption::AesCbc128],
        vec![
            Integrity::HmacSha2Bits256Of128,
            Integrity::HmacSha2Bits384Of192,
        ],
        vec![],
    );
    let [local, remote] = networks.map(|third| {
        let [first, last] = [0, 255].map(|fourth| Ipv4Addr::new(203, 0, third, fourth));
        vec![TrafficSelector::addresses_v4(first, last)]
    });
    let mut config = Config::new(
        vec![ike.unwrap()],
        vec![aead.unwrap(), esp.unwrap()],
        fqdn(name),
        Credential::SharedKey(key.clone()),
        Trust::SharedKey(key),
    );
    config.local_selectors = local;
    config.remote_selectors = remote;
    config
}

/// From the tester to the router.
fn path() -> Path {
    Path {
        local: "192.0.2.1:500".parse().unwrap(),
        remote: "192.0.2.2:500".parse().unwrap(),
    }
}

fn turned(path: Path) -> Path {
    Path {
        local: path.remote,
        remote: path.local,
    }
}

/// A case against a router, and whether the router answers somebody new after it.
fn run(case: &Case, broken: Broken) -> (Result<(), Stop>, bool) {
    let mut router = config("router.example", [114, 113]);
    router.peer_identity = Some(fqdn("tester.example"));
    let mut tester = config("tester.example", [113, 114]);
    if case.setup.has_certificates {
        let own = keys::of_router();
        router.credential = own.credential(None);
        router.trust = Trust::Certificates(Arc::new(|_, shown| {
            let key = shown.first().ok_or("no certificate")?;
            PublicKey::from_spki(&key.data).map_err(|why| why.to_string())
        }));
        tester.credential = keys::of_tester()[0].credential(None);
        let key = own.key.public_key().unwrap();
        tester.trust = Trust::PublicKey(PublicKey::from_spki(&key).unwrap());
    }
    let path = path();
    let mut network = InProcess::new(router, turned(path), broken);
    let given = Given {
        setup: case.setup,
        path,
        config: tester,
        patience: Patience {
            answer: Duration::from_secs(4),
            silence: Duration::from_millis(1500),
        },
        hosts: HOSTS,
        random,
        signers: keys::of_tester().to_vec(),
        signatures: SIGNATURES.iter().map(|(_, scheme)| *scheme).collect(),
    };
    let mut bench = Bench::new(&mut network, given);
    let ended = (case.run)(&mut bench);
    let alive = bench.is_alive().expect("a network without faults");
    (ended, alive)
}

#[test]
fn every_case_holds_for_an_endpoint_of_our_own() {
    let wrong: Vec<_> = all()
        .map(|case| (case, run(case, Broken::not())))
        .filter(|(_, ended)| *ended != (Ok(()), true))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn ids_and_abbreviations_are_unique_and_ids_name_document_and_section() {
    let mut seen = BTreeSet::new();
    for case in all() {
        assert!(seen.insert(case.id), "{case:?}");
        assert!(seen.insert(case.abbreviation), "{}", case.abbreviation);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        assert!(case.id.bytes().all(plain), "{case:?}");
        let place = format!("rfc{}-{}.", case.rfc, case.section);
        assert!(case.id.starts_with(&place), "{case:?}");
    }
}

#[test]
fn every_case_finds_a_router_that_violates_it() {
    let table = broken::routers();
    let mut wrong = Vec::new();
    for case in all() {
        for (number, make) in table.get(case.id).into_iter().flatten().enumerate() {
            let (ended, _) = run(case, make());
            if !matches!(ended, Err(Stop::Violation(_))) {
                wrong.push(format!("{case:?}, router {number}: {ended:?}"));
            }
        }
        if !table.contains_key(case.id) {
            wrong.push(format!("{case:?} is not proved"));
        }
    }
    let known: BTreeSet<_> = all().map(|case| case.id).collect();
    let unknown = table.keys().filter(|id| !known.contains(*id));
    wrong.extend(unknown.map(|id| format!("{id} is no case")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}
