//! Every case against an endpoint of our own in this process: a correct one, with which it must hold,
//! and broken ones, each of which it must find.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use ikev2::deviation::{At, Deviation, Edit, MessageChange};
use ikev2::endpoint::{Action, Config, Credential, Datagram, Endpoint, Event, Path, Phase, Trust};
use ikev2::keys::Key;
use ikev2::message::{Body, Identification, Notify, Payload, TrafficSelector};
use ikev2::numbers::{ExchangeType, IdType, NotifyType, PayloadType};
use ikev2::random::{Random, SystemRandom};
use ikev2::wire::{Flags, MessageView};
use ikev2::{DhGroup, Encryption, EspProposal, IkeProposal, Integrity, Prf};

use crate::{Bench, Case, Network, NetworkFault, Patience, Stop, all};

const INIT: ExchangeType = ExchangeType::IKE_SA_INIT;
const AUTH: ExchangeType = ExchangeType::IKE_AUTH;
const CHILD: ExchangeType = ExchangeType::CREATE_CHILD_SA;
const INFORMATIONAL: ExchangeType = ExchangeType::INFORMATIONAL;

/// A router in this process, with a clock that only waiting moves.
struct InProcess {
    router: Endpoint,
    now: Instant,
    /// The router answers what it should drop.
    answers_anything: bool,
    /// It never answers this.
    silent: Option<ExchangeType>,
    /// It answers this only the first time.
    answers_once: Option<ExchangeType>,
    /// It answers this with another message each time.
    answers_anew: Option<ExchangeType>,
    answers: u8,
}

impl Network for InProcess {
    fn now(&self) -> Instant {
        self.now
    }

    fn exchange(
        &mut self,
        sent: Vec<Datagram>,
        until: Instant,
    ) -> Result<Vec<Datagram>, NetworkFault> {
        for datagram in sent {
            let turned = turned(datagram);
            self.router.receive(self.now, &turned);
            let mut dropped = false;
            while let Some(event) = self.router.event() {
                dropped |= matches!(event, Event::Discarded { .. });
            }
            if dropped && self.answers_anything {
                self.answer_anything();
            }
        }
        let mut arrived = Vec::new();
        loop {
            self.router.handle_timeout(self.now);
            while let Some(datagram) = self.router.transmit(self.now) {
                arrived.extend(self.spoil(datagram).map(turned));
            }
            if !arrived.is_empty() || self.now >= until {
                return Ok(arrived);
            }
            let next = self.router.timeout().unwrap_or(until);
            self.now = next.clamp(self.now + Duration::from_millis(1), until);
        }
    }
}

impl InProcess {
    fn new(config: Config, broken: &Broken) -> Self {
        let mut config = config;
        (broken.config)(&mut config);
        let mut router = Endpoint::new(config, random());
        for deviation in &broken.deviations {
            router.deviate(deviation.clone());
        }
        Self {
            router,
            now: Instant::now(),
            answers_anything: broken.answers_anything,
            silent: broken.silent,
            answers_once: broken.answers_once,
            answers_anew: broken.answers_anew,
            answers: 0,
        }
    }

    /// What becomes of a message of a broken router.
    fn spoil(&mut self, mut datagram: Datagram) -> Option<Datagram> {
        let message = MessageView::new(&datagram.bytes).expect("a message of our own");
        let exchange = Some(message.exchange_type()).filter(|_| message.flags().is_response());
        if exchange.is_some() && exchange == self.silent {
            return None;
        }
        if exchange.is_some() && exchange == self.answers_once.or(self.answers_anew) {
            self.answers += 1;
            if self.answers > 1 {
                self.answers_anew?;
                *datagram.bytes.last_mut()? ^= 1;
            }
        }
        Some(datagram)
    }

    /// A protected message that looks like an answer.
    fn answer_anything(&mut self) {
        let mut all = self.router.sas().iter();
        let Some(sa) = all.find(|sa| sa.phase() == Phase::Established) else {
            return;
        };
        let id = sa.id();
        let flags = MessageChange::Flags(Flags::RESPONSE);
        let at = At::request(INFORMATIONAL);
        self.router.deviate(Deviation::new(at, flags));
        let stray = Action::Stray {
            exchange: INFORMATIONAL,
            payloads: Vec::new(),
        };
        self.router
            .perform(self.now, id, stray)
            .expect("an established IKE SA");
    }
}

fn turned(datagram: Datagram) -> Datagram {
    Datagram {
        local: datagram.remote,
        remote: datagram.local,
        bytes: datagram.bytes,
    }
}

fn random() -> Box<dyn Random> {
    Box::new(SystemRandom)
}

/// A way in which a router is wrong.
struct Broken {
    deviations: Vec<Deviation>,
    config: fn(&mut Config),
    answers_anything: bool,
    silent: Option<ExchangeType>,
    answers_once: Option<ExchangeType>,
    answers_anew: Option<ExchangeType>,
}

impl Broken {
    fn not() -> Self {
        Self {
            deviations: Vec::new(),
            config: |_| (),
            answers_anything: false,
            silent: None,
            answers_once: None,
            answers_anew: None,
        }
    }

    fn by(deviations: impl IntoIterator<Item = Deviation>) -> Self {
        Self {
            deviations: deviations.into_iter().collect(),
            ..Self::not()
        }
    }
}

fn fqdn(name: &str) -> Identification {
    Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: name.into(),
    }
}

fn config(name: &str) -> Config {
    let key = Key::from(b"the key of both ends".as_slice());
    let ike = IkeProposal::new(
        vec![Encryption::AesCbc256],
        vec![Integrity::HmacSha2Bits256Of128],
        vec![Prf::HmacSha2Bits256],
        vec![DhGroup::Ecp256, DhGroup::Curve25519],
    );
    let esp = EspProposal::new(vec![Encryption::AesGcm16Bits256], vec![], vec![]);
    let network = |third| {
        let [first, last] = [0, 255].map(|fourth| Ipv4Addr::new(203, 0, third, fourth));
        vec![TrafficSelector::addresses_v4(first, last)]
    };
    let mut config = Config::new(
        vec![ike.unwrap()],
        vec![esp.unwrap()],
        fqdn(name),
        Credential::SharedKey(key.clone()),
        Trust::SharedKey(key),
    );
    config.local_selectors = network(113);
    config.remote_selectors = network(114);
    config
}

fn run(case: &Case, broken: &Broken) -> (Result<(), Stop>, bool) {
    let mut router = config("router.example");
    std::mem::swap(&mut router.local_selectors, &mut router.remote_selectors);
    let mut network = InProcess::new(router, broken);
    let path = Path {
        local: "192.0.2.1:500".parse().unwrap(),
        remote: "192.0.2.2:500".parse().unwrap(),
    };
    let patience = Patience {
        answer: Duration::from_secs(4),
        silence: Duration::from_millis(1500),
    };
    let tester = config("tester.example");
    let mut bench = Bench::new(&mut network, path, tester, patience, random);
    let ended = (case.run)(&mut bench);
    let alive = bench.is_alive().expect("a network without faults");
    (ended, alive)
}

#[test]
fn every_case_holds_for_an_endpoint_of_our_own() {
    for case in all() {
        assert_eq!(run(case, &Broken::not()), (Ok(()), true), "{case:?}");
    }
}

#[test]
fn ids_and_abbreviations_are_unique_and_ids_name_document_and_section() {
    let mut seen = BTreeSet::new();
    for case in all() {
        assert!(seen.insert(case.id), "{case:?}");
        assert!(seen.insert(case.abbreviation), "{}", case.abbreviation);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        assert!(case.id.bytes().all(plain), "{case:?}");
        let place = format!("rfc{}-", case.rfc);
        assert!(case.id.starts_with(&place), "{case:?}");
    }
}

fn change(at: At, change: impl Into<ikev2::deviation::Change>) -> Deviation {
    Deviation::new(at, change)
}

/// Takes every notification of a message away.
fn without_notifications(at: At) -> Deviation {
    change(at, MessageChange::Drop(PayloadType::NOTIFY))
}

fn silent(exchange: ExchangeType) -> Broken {
    Broken {
        silent: Some(exchange),
        ..Broken::not()
    }
}

/// Nothing but an error in the place of every answer.
fn refusing(exchange: ExchangeType, with: NotifyType) -> Broken {
    let refuse = Edit::new("an error alone", move |draft| {
        let notify = Notify::new(with, Vec::new());
        *draft.payloads() = vec![Payload::new(Body::Notify(notify))];
        true
    });
    Broken::by([change(At::response(exchange), MessageChange::Edit(refuse))])
}

/// For each case, a router that violates it.
fn broken_routers() -> BTreeMap<&'static str, Vec<Broken>> {
    let mut table: BTreeMap<&'static str, Vec<Broken>> = BTreeMap::new();
    let mut add = |ids: &[&'static str], make: &dyn Fn() -> Broken| {
        for id in ids {
            table.entry(id).or_default().push(make());
        }
    };
    let of_init = [
        "rfc7296-2.5.unknown-payload-skipped-in-init",
        "rfc7296-2.5.critical-bit-of-known-payload-ignored",
        "rfc7296-2.5.minor-version-ignored",
        "rfc7296-2.5.reserved-bits-ignored",
        "rfc7296-2.5.reserved-flags-ignored",
        "rfc7296-2.5.payload-order-irrelevant",
        "rfc7296-3.10.1.unknown-status-ignored-in-init",
        "rfc7296-1.2.initial-exchanges",
    ];
    add(&of_init, &|| silent(INIT));
    add(&of_init, &|| refusing(INIT, NotifyType::INVALID_SYNTAX));
    let of_choice = [
        "rfc7296-3.3.6.unknown-transform-passed-over",
        "rfc7296-3.3.6.unknown-transform-type-passed-over",
        "rfc7296-3.3.6.unknown-attribute-passed-over",
    ];
    add(&of_choice, &|| {
        let drop = MessageChange::Drop(PayloadType::SA);
        Broken::by([change(At::response(INIT), drop)])
    });
    let of_auth = [
        "rfc7296-2.5.unknown-payload-skipped-in-auth",
        "rfc7296-3.10.1.unknown-status-ignored-in-auth",
        "rfc7296-3.14.any-padding-taken",
        "rfc7383-2.5.fragments-joined",
        "rfc7383-2.6.fragments-joined-in-any-order",
        "rfc7383-2.6.doubled-fragment-passed-over",
        "rfc7296-2.9.wide-selectors-narrowed",
    ];
    add(&of_auth, &|| silent(AUTH));
    add(&of_auth, &|| {
        refusing(AUTH, NotifyType::AUTHENTICATION_FAILED)
    });
    let of_informational = [
        "rfc7296-1.4.empty-request-answered",
        "rfc7296-1.4.1.child-sa-deleted",
        "rfc7296-1.4.1.ike-sa-deleted",
        "rfc7296-2.5.unknown-payload-skipped-in-informational",
        "rfc7296-2.5.critical-payload-refused-in-informational",
        "rfc7296-2.21.3.malformed-request-refused",
        "rfc7296-3.10.1.unknown-error-in-request-ignored",
        "rfc7296-2.3.beyond-window-not-answered",
        "rfc7296-2.21.4.damaged-request-not-answered",
        "rfc7296-2.21.4.request-in-clear-not-answered",
    ];
    add(&of_informational, &|| silent(INFORMATIONAL));
    let of_notifications = [
        "rfc7296-2.5.critical-payload-refused-in-init",
        "rfc7296-2.7.nothing-in-common-refused",
        "rfc7296-1.2.other-group-named",
        "rfc7296-2.5.major-version-refused",
        "rfc7296-2.23.nat-detection-answered",
    ];
    add(&of_notifications, &|| {
        Broken::by([without_notifications(At::response(INIT))])
    });
    let of_refusals = [
        "rfc7296-2.5.critical-payload-refused-in-auth",
        "rfc7296-2.21.2.wrong-key-refused",
        "rfc7296-2.9.foreign-selectors-refused",
    ];
    add(&of_refusals, &|| {
        Broken::by([without_notifications(At::response(AUTH))])
    });
    let of_children = [
        "rfc7296-1.3.1.another-child-sa",
        "rfc7296-1.3.2.ike-sa-rekeyed",
        "rfc7296-1.3.3.child-sa-rekeyed",
        "rfc7296-2.25.unknown-child-sa-named",
    ];
    add(&of_children, &|| silent(CHILD));
    add(&of_children, &|| {
        refusing(CHILD, NotifyType::INVALID_SYNTAX)
    });
    add(
        &[
            "rfc7296-2.3.beyond-window-not-answered",
            "rfc7296-2.21.4.damaged-request-not-answered",
            "rfc7296-2.21.4.request-in-clear-not-answered",
        ],
        &|| Broken {
            answers_anything: true,
            ..Broken::not()
        },
    );
    for (id, exchange) in [
        ("rfc7296-2.1.repeated-init-answered-alike", INIT),
        ("rfc7296-2.1.repeated-auth-answered-alike", AUTH),
        (
            "rfc7296-2.1.repeated-informational-answered-alike",
            INFORMATIONAL,
        ),
    ] {
        add(&[id], &|| Broken {
            answers_once: Some(exchange),
            ..Broken::not()
        });
        add(&[id], &|| Broken {
            answers_anew: Some(exchange),
            ..Broken::not()
        });
    }
    add(&["rfc7296-2.9.wide-selectors-narrowed"], &|| Broken {
        config: |config| config.local_selectors = TrafficSelector::everything(),
        ..Broken::not()
    });
    add(&["rfc7296-2.21.2.wrong-key-refused"], &|| Broken {
        config: |config| {
            let key = Key::from(b"not the key of both ends".as_slice());
            config.trust = Trust::SharedKey(key);
        },
        ..Broken::not()
    });
    table
}

#[test]
fn every_case_finds_a_router_that_violates_it() {
    let table = broken_routers();
    let mut unproved = Vec::new();
    for case in all() {
        for (number, broken) in table.get(case.id).into_iter().flatten().enumerate() {
            let (ended, _) = run(case, broken);
            let found = matches!(ended, Err(Stop::Violation(_)));
            assert!(found, "{case:?}, router {number}: {ended:?}");
        }
        if !table.contains_key(case.id) {
            unproved.push(case.id);
        }
    }
    assert_eq!(unproved, Vec::<&str>::new());
}
