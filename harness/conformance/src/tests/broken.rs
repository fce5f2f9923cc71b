//! For each case, routers that violate it.

mod initiators;

use std::collections::BTreeMap;

use ikev2::deviation::{At, Change, Deviation, Edit, MessageChange};
use ikev2::endpoint::{Config, Credential, Trust};
use ikev2::keys::Key;
use ikev2::message::{Body, Notify, Payload, TrafficSelector};
use ikev2::numbers::{ExchangeType, NotifyType, PayloadType};
use ikev2::{EspProposal, IkeProposal};

use super::keys;
use super::router::{Broken, Esp};

pub(super) const INIT: ExchangeType = ExchangeType::IKE_SA_INIT;
pub(super) const AUTH: ExchangeType = ExchangeType::IKE_AUTH;
pub(super) const CHILD: ExchangeType = ExchangeType::CREATE_CHILD_SA;
pub(super) const INFORMATIONAL: ExchangeType = ExchangeType::INFORMATIONAL;

/// Makes a broken router anew for each try.
type Make = Box<dyn Fn() -> Broken>;

/// Broken routers by the ids of the cases that must find them.
#[derive(Default)]
struct Table(BTreeMap<&'static str, Vec<Make>>);

impl Table {
    fn add(&mut self, ids: &[&'static str], make: impl Fn() -> Broken + Clone + 'static) {
        for id in ids {
            self.0.entry(id).or_default().push(Box::new(make.clone()));
        }
    }

    fn set(&mut self, ids: &[&'static str], config: fn(&mut Config)) {
        self.add(ids, move || Broken {
            config,
            ..Broken::not()
        });
    }
}

pub(super) fn routers() -> BTreeMap<&'static str, Vec<Make>> {
    let mut table = Table::default();
    of_first_exchanges(&mut table);
    of_other_exchanges(&mut table);
    of_algorithms(&mut table);
    of_esp(&mut table);
    of_signatures(&mut table);
    initiators::add(&mut table);
    table.0
}

fn change(at: At, change: impl Into<Change>) -> Deviation {
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

fn of_first_exchanges(table: &mut Table) {
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
    table.add(&of_init, || silent(INIT));
    table.add(&of_init, || refusing(INIT, NotifyType::INVALID_SYNTAX));
    let of_choice = [
        "rfc7296-3.3.6.unknown-transform-passed-over",
        "rfc7296-3.3.6.unknown-transform-type-passed-over",
        "rfc7296-3.3.6.unknown-attribute-passed-over",
    ];
    table.add(&of_choice, || {
        let drop = MessageChange::Drop(PayloadType::SA);
        Broken::by([change(At::response(INIT), drop)])
    });
    let of_auth = [
        "rfc7296-2.5.unknown-payload-skipped-in-auth",
        "rfc7296-3.10.1.unknown-status-ignored-in-auth",
        "rfc7296-3.14.any-padding-taken",
        "rfc7383-2.6.fragments-joined",
        "rfc7383-2.6.fragments-joined-in-any-order",
        "rfc7383-2.6.doubled-fragment-passed-over",
        "rfc7296-2.9.wide-selectors-narrowed",
    ];
    table.add(&of_auth, || silent(AUTH));
    table.add(&of_auth, || {
        refusing(AUTH, NotifyType::AUTHENTICATION_FAILED)
    });
    let of_notifications = [
        "rfc7296-2.5.critical-payload-refused-in-init",
        "rfc7296-2.7.nothing-in-common-refused",
        "rfc7296-1.2.other-group-named",
        "rfc7296-2.5.major-version-refused",
        "rfc7296-2.23.nat-detection-answered",
    ];
    table.add(&of_notifications, || {
        Broken::by([without_notifications(At::response(INIT))])
    });
    let of_refusals = [
        "rfc7296-2.5.critical-payload-refused-in-auth",
        "rfc7296-2.21.2.wrong-key-refused",
        "rfc7296-2.9.foreign-selectors-refused",
    ];
    table.add(&of_refusals, || {
        Broken::by([without_notifications(At::response(AUTH))])
    });
    table.set(&["rfc7296-2.9.wide-selectors-narrowed"], |config| {
        config.local_selectors = TrafficSelector::everything();
    });
    table.set(&["rfc7296-2.21.2.wrong-key-refused"], trusting_another_key);
}

fn trusting_another_key(config: &mut Config) {
    let key = Key::from(b"not the key of both ends".as_slice());
    config.trust = Trust::SharedKey(key);
}

fn of_other_exchanges(table: &mut Table) {
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
        "rfc7296-1.4.empty-request-answered-by-initiator",
        "rfc7296-1.4.1.child-sa-deleted-with-initiator",
        "rfc7296-1.4.1.ike-sa-deleted-with-initiator",
        "rfc7296-2.5.unknown-payload-skipped-in-informational-by-initiator",
        "rfc7296-2.5.critical-payload-refused-in-informational-by-initiator",
        "rfc7296-2.21.3.malformed-request-refused-by-initiator",
        "rfc7296-3.10.1.unknown-error-in-request-ignored-by-initiator",
        "rfc7296-2.3.beyond-window-not-answered-by-initiator",
        "rfc7296-2.21.4.damaged-request-not-answered-by-initiator",
        "rfc7296-2.21.4.request-in-clear-not-answered-by-initiator",
    ];
    table.add(&of_informational, || silent(INFORMATIONAL));
    let of_children = [
        "rfc7296-1.3.1.another-child-sa",
        "rfc7296-1.3.2.ike-sa-rekeyed",
        "rfc7296-1.3.3.child-sa-rekeyed",
        "rfc7296-2.25.unknown-child-sa-named",
        "rfc7296-1.3.1.another-child-sa-by-initiator",
        "rfc7296-1.3.2.ike-sa-rekeyed-with-initiator",
        "rfc7296-1.3.3.child-sa-rekeyed-with-initiator",
        "rfc7296-2.25.unknown-child-sa-named-by-initiator",
    ];
    table.add(&of_children, || silent(CHILD));
    table.add(&of_children, || refusing(CHILD, NotifyType::INVALID_SYNTAX));
    let of_dropped = [
        "rfc7296-2.3.beyond-window-not-answered",
        "rfc7296-2.21.4.damaged-request-not-answered",
        "rfc7296-2.21.4.request-in-clear-not-answered",
        "rfc7296-2.3.beyond-window-not-answered-by-initiator",
        "rfc7296-2.21.4.damaged-request-not-answered-by-initiator",
        "rfc7296-2.21.4.request-in-clear-not-answered-by-initiator",
    ];
    table.add(&of_dropped, || Broken {
        answers_anything: true,
        ..Broken::not()
    });
    table.add(&of_dropped, || Broken {
        gives_up: true,
        ..Broken::not()
    });
    for (id, exchange) in [
        ("rfc7296-2.1.repeated-init-answered-alike", INIT),
        ("rfc7296-2.1.repeated-auth-answered-alike", AUTH),
        (
            "rfc7296-2.1.repeated-informational-answered-alike",
            INFORMATIONAL,
        ),
        (
            "rfc7296-2.1.repeated-informational-answered-alike-by-initiator",
            INFORMATIONAL,
        ),
    ] {
        table.add(&[id], move || Broken {
            answers_once: Some(exchange),
            ..Broken::not()
        });
        table.add(&[id], move || Broken {
            answers_anew: Some(exchange),
            ..Broken::not()
        });
    }
}

/// Routers that lack one algorithm of those that they are said to have, or let no traffic through.
fn of_algorithms(table: &mut Table) {
    let ike_encryption = [
        "rfc7296-2.7.each-ike-encryption-works",
        "rfc7296-2.7.each-ike-encryption-works-with-initiator",
    ];
    let prf = [
        "rfc7296-2.7.each-prf-works",
        "rfc7296-2.7.each-prf-works-with-initiator",
    ];
    let ike_integrity = [
        "rfc7296-2.7.each-ike-integrity-works",
        "rfc7296-2.7.each-ike-integrity-works-with-initiator",
    ];
    let group = [
        "rfc7296-2.7.each-group-works",
        "rfc7296-2.7.each-group-works-with-initiator",
    ];
    let esp_encryption = [
        "rfc7296-2.7.each-esp-encryption-works",
        "rfc7296-2.7.each-esp-encryption-works-with-initiator",
    ];
    let esp_integrity = [
        "rfc7296-2.7.each-esp-integrity-works",
        "rfc7296-2.7.each-esp-integrity-works-with-initiator",
    ];
    table.set(&ike_encryption, |config| {
        for_ike(config, |of, keep| of.0.truncate(keep));
    });
    table.set(&ike_integrity, |config| {
        for_ike(config, |of, keep| of.1.truncate(keep));
    });
    table.set(&prf, |config| {
        for_ike(config, |of, keep| of.2.truncate(keep));
    });
    table.set(&group, |config| {
        for_ike(config, |of, keep| of.3.truncate(keep));
    });
    table.set(&esp_encryption, |config| config.esp.truncate(1));
    table.set(&esp_integrity, |config| {
        for one in &mut config.esp {
            let integrity = one.integrity().iter().take(1).copied().collect();
            *one = EspProposal::new(one.encryption().to_vec(), integrity, vec![]).unwrap();
        }
    });
    for ids in [
        ike_encryption,
        prf,
        ike_integrity,
        group,
        esp_encryption,
        esp_integrity,
    ] {
        table.add(&ids, || Broken::with_esp(Esp::Nothing));
    }
}

/// The lists of a proposal for IKE.
type Lists = (
    Vec<ikev2::Encryption>,
    Vec<ikev2::Integrity>,
    Vec<ikev2::Prf>,
    Vec<ikev2::DhGroup>,
);

fn for_ike(config: &mut Config, shorten: impl Fn(&mut Lists, usize)) {
    for one in &mut config.ike {
        let (encryption, integrity) = (one.encryption().to_vec(), one.integrity().to_vec());
        let mut lists = (encryption, integrity, one.prf().to_vec(), one.dh().to_vec());
        shorten(&mut lists, 1);
        *one = IkeProposal::new(lists.0, lists.1, lists.2, lists.3).unwrap();
    }
}

fn of_esp(table: &mut Table) {
    for (esp, id) in [
        (Esp::Nothing, "rfc4303-3.4.packet-delivered"),
        (Esp::Nothing, "rfc4303-3.4.packet-delivered-by-initiator"),
        (Esp::TakesReplayed, "rfc4303-3.4.3.replayed-packet-dropped"),
        (Esp::TakesDamaged, "rfc4303-3.4.4.damaged-packet-dropped"),
        (Esp::TakesDummies, "rfc4303-2.6.dummy-packet-dropped"),
        (Esp::TakesForeign, "rfc4301-5.2.foreign-source-dropped"),
    ] {
        table.add(&[id], move || Broken::with_esp(esp));
    }
}

fn of_signatures(table: &mut Table) {
    let taken = [
        "rfc7296-3.8.rsa-sha1-taken",
        "rfc7427-3.rsa-sha2-256-taken",
        "rfc7427-3.rsa-sha2-384-taken",
        "rfc7427-3.rsa-sha2-512-taken",
        "rfc7427-3.rsa-pss-sha2-256-taken",
        "rfc7427-3.rsa-pss-sha2-384-taken",
        "rfc7427-3.rsa-pss-sha2-512-taken",
        "rfc4754-3.ecdsa-p256-taken",
        "rfc4754-3.ecdsa-p384-taken",
        "rfc4754-3.ecdsa-p521-taken",
        "rfc7427-3.ecdsa-sha2-256-taken",
        "rfc7427-3.ecdsa-sha2-384-taken",
        "rfc7427-3.ecdsa-sha2-512-taken",
        "rfc8420-2.ed25519-taken",
        "rfc7296-3.8.rsa-sha1-of-responder-taken",
        "rfc7427-3.rsa-sha2-256-of-responder-taken",
        "rfc7427-3.rsa-sha2-384-of-responder-taken",
        "rfc7427-3.rsa-sha2-512-of-responder-taken",
        "rfc7427-3.rsa-pss-sha2-256-of-responder-taken",
        "rfc7427-3.rsa-pss-sha2-384-of-responder-taken",
        "rfc7427-3.rsa-pss-sha2-512-of-responder-taken",
        "rfc4754-3.ecdsa-p256-of-responder-taken",
        "rfc4754-3.ecdsa-p384-of-responder-taken",
        "rfc4754-3.ecdsa-p521-of-responder-taken",
        "rfc7427-3.ecdsa-sha2-256-of-responder-taken",
        "rfc7427-3.ecdsa-sha2-384-of-responder-taken",
        "rfc7427-3.ecdsa-sha2-512-of-responder-taken",
        "rfc8420-2.ed25519-of-responder-taken",
    ];
    table.set(&taken, |config| {
        let nobody = |_: &_, _: &[_]| Err("trusts nobody".to_owned());
        config.trust = Trust::Certificates(std::sync::Arc::new(nobody));
    });
    table.add(&taken, || Broken::with_esp(Esp::Nothing));
    // It takes the second signature that it sees for the good one that it was.
    table.add(&["rfc7296-2.21.2.wrong-signature-refused"], || {
        let mut seen = 0;
        Broken::believing(move |_, payloads| {
            for payload in payloads {
                if let Body::Auth(auth) = &mut payload.body {
                    seen += 1;
                    if seen == 2 {
                        *auth.data.last_mut().unwrap() ^= 1;
                    }
                }
            }
        })
    });
    table.add(
        &["rfc7296-2.21.2.wrong-signature-of-responder-refused"],
        || {
            Broken::believing(|_, payloads| {
                for payload in payloads {
                    if let Body::Auth(auth) = &mut payload.body {
                        *auth.data.last_mut().unwrap() ^= 1;
                    }
                }
            })
        },
    );
    let stubborn = [
        "rfc7427-4.unannounced-method-unused",
        "rfc7427-4.announced-hash-used",
        "rfc7427-4.unannounced-method-unused-by-initiator",
        "rfc7427-4.announced-hash-used-by-initiator",
    ];
    table.set(&stubborn, |config| {
        use ikev2::authentication::Scheme;
        use ikev2::message::SignatureAlgorithm;

        let scheme = Scheme::Digital(SignatureAlgorithm::RsaSha256);
        let own: Credential = keys::of_router().credential(Some(scheme));
        config.credential = own;
    });
}
