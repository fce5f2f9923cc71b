//! Routers that are wrong where they initiate.

use ikev2::DhGroup;
use ikev2::algorithm::Transform as _;
use ikev2::deviation::{At, Edit, MessageChange, Position};
use ikev2::message::{AttributeValue, Body, Header, Payload, TrafficSelector, Transform, notifies};
use ikev2::numbers::{NotifyType, PayloadType, TransformType};
use ikev2::wire::Flags;

use super::super::router::{Broken, Esp, Heard, Hearing};
use super::{
    AUTH, INFORMATIONAL, INIT, Table, change, trusting_another_key, without_notifications,
};

pub(super) fn add(table: &mut Table) {
    of_strictness(table);
    of_fragments(table);
    of_requests(table);
    of_answers(table);
    of_proofs(table);
}

fn is_answer(header: &Header) -> bool {
    header.flags.is_response()
}

fn has_unknown(heard: &Heard) -> bool {
    let mut all = heard.payloads.iter();
    all.any(|payload| matches!(payload.body, Body::Unknown { .. }))
}

fn has_notify(payloads: &[Payload], kind: NotifyType) -> bool {
    notifies(payloads).any(|notify| notify.kind == kind)
}

/// Routers that drop an answer for what they should pass over.
fn of_strictness(table: &mut Table) {
    let mut strict = |id: &'static str, to: fn(&Heard) -> bool| {
        table.add(&[id], move || {
            Broken::deaf(move |heard| is_answer(&heard.header) && to(heard))
        });
    };
    strict(
        "rfc7296-2.5.unknown-payload-skipped-in-init-response",
        |heard| heard.header.exchange == INIT && has_unknown(heard),
    );
    strict(
        "rfc7296-2.5.unknown-payload-skipped-in-auth-response",
        |heard| heard.header.exchange == AUTH && has_unknown(heard),
    );
    strict(
        "rfc7296-2.5.critical-bit-of-known-payload-in-response-ignored",
        |heard| heard.payloads.iter().any(|payload| payload.critical),
    );
    strict("rfc7296-2.5.minor-version-of-response-ignored", |heard| {
        heard.header.minor_version != 0
    });
    strict("rfc7296-2.5.reserved-bits-of-response-ignored", |heard| {
        heard.payloads.iter().any(|payload| payload.reserved != 0)
    });
    strict("rfc7296-2.5.reserved-flags-of-response-ignored", |heard| {
        heard.header.flags.reserved() != 0
    });
    strict(
        "rfc7296-2.5.payload-order-of-response-irrelevant",
        |heard| {
            let first = heard.payloads.first().map(Payload::kind);
            heard.header.exchange == INIT && first != Some(PayloadType::SA)
        },
    );
    strict(
        "rfc7296-3.10.1.unknown-status-ignored-in-init-response",
        |heard| heard.header.exchange == INIT && has_unknown_status(heard),
    );
    strict(
        "rfc7296-3.10.1.unknown-status-ignored-in-auth-response",
        |heard| heard.header.exchange == AUTH && has_unknown_status(heard),
    );
    strict("rfc7296-3.14.any-padding-of-response-taken", |heard| {
        heard.padding > 16
    });
    strict("rfc7296-1.2.initial-exchanges-by-initiator", |heard| {
        heard.header.exchange == INIT
    });
    strict("rfc7296-1.2.other-group-taken", |heard| {
        has_notify(&heard.payloads, NotifyType::INVALID_KE_PAYLOAD)
    });
    strict("rfc7296-2.6.1.cookie-and-other-group", |heard| {
        has_notify(&heard.payloads, NotifyType::INVALID_KE_PAYLOAD)
    });
    strict("rfc7296-2.6.cookie-returned", |heard| {
        has_notify(&heard.payloads, NotifyType::COOKIE)
    });
}

fn has_unknown_status(heard: &Heard) -> bool {
    notifies(&heard.payloads).any(|notify| notify.kind.0 > 60_000)
}

fn of_fragments(table: &mut Table) {
    table.add(&["rfc7383-2.6.fragments-of-response-joined"], || {
        Broken::deaf(|heard| heard.fragment.is_some())
    });
    table.add(
        &["rfc7383-2.6.fragments-of-response-joined-in-any-order"],
        || {
            let mut has_begun = false;
            Broken {
                hears: Box::new(move |heard| match heard.fragment {
                    Some(number) if number != 1 && !has_begun => Hearing::GiveUp,
                    Some(_) => {
                        has_begun = true;
                        Hearing::Take
                    }
                    None => Hearing::Take,
                }),
                ..Broken::not()
            }
        },
    );
    table.add(
        &["rfc7383-2.6.doubled-fragment-of-response-passed-over"],
        || {
            let mut last = None;
            Broken {
                hears: Box::new(move |heard| {
                    let is_doubled = heard.fragment.is_some() && heard.fragment == last;
                    last = heard.fragment;
                    if is_doubled {
                        Hearing::GiveUp
                    } else {
                        Hearing::Take
                    }
                }),
                ..Broken::not()
            }
        },
    );
}

/// Routers that send a request which is not what it should be.
fn of_requests(table: &mut Table) {
    let other_offer = || {
        MessageChange::Edit(Edit::new("another offer", |draft| {
            let mut all = draft.payloads().iter_mut();
            let proposals = all.find_map(|payload| match &mut payload.body {
                Body::Sa(sa) => Some(&mut sa.proposals),
                _ => None,
            });
            let removed = proposals.and_then(|all| all.first_mut()?.transforms.pop());
            removed.is_some()
        }))
    };
    table.add(&["rfc7296-1.2.other-group-taken"], move || {
        Broken::by([change(At::request(INIT).nth(1), other_offer())])
    });
    table.add(&["rfc7296-3.4.foreign-group-not-sent"], || {
        // It takes any group for one of its own, and sends one for the other.
        let offered = DhGroup::Curve25519.transform_id().to_be_bytes().to_vec();
        let foreign = DhGroup::ALL.first().unwrap().transform_id();
        let edit = Edit::new("the group that is wanted", move |draft| {
            let mut all = draft.payloads().iter_mut();
            all.any(|payload| match &mut payload.body {
                Body::Ke(exchange) => {
                    exchange.group.0 = foreign;
                    true
                }
                _ => false,
            })
        });
        Broken {
            deviations: vec![change(At::request(INIT).nth(1), MessageChange::Edit(edit))],
            ..Broken::believing(move |_, payloads| {
                for payload in payloads {
                    if let Body::Notify(notify) = &mut payload.body
                        && notify.kind == NotifyType::INVALID_KE_PAYLOAD
                    {
                        notify.data.clone_from(&offered);
                    }
                }
            })
        }
    });
    for misplaced in [
        MessageChange::Reverse,
        MessageChange::Replace(PayloadType::NONCE, Body::Nonce(vec![7; 32]).into()),
        MessageChange::Move(PayloadType::SA, Position::First),
    ] {
        table.add(&["rfc7296-2.6.cookie-returned"], move || {
            Broken::by([change(At::request(INIT).nth(1), misplaced.clone())])
        });
    }
    for (id, exchange) in [
        ("rfc7296-2.1.init-sent-again-alike", INIT),
        ("rfc7296-2.1.auth-sent-again-alike", AUTH),
    ] {
        table.set(&[id], |config| config.retransmission.times = 1);
        table.add(&[id], move || Broken {
            repeats_anew: Some(exchange),
            ..Broken::not()
        });
    }
    table.add(&["rfc7296-2.2.message-ids-count-up"], || {
        Broken::by([change(At::request(AUTH), MessageChange::MessageId(2))])
    });
    table.add(&["rfc7296-3.1.initiator-flag-kept"], || {
        let flags = MessageChange::Flags(Flags::RESPONSE);
        Broken::by([change(At::response(INFORMATIONAL), flags)])
    });
    table.add(&["rfc7296-2.23.nat-detection-sent"], || {
        Broken::by([without_notifications(At::request(INIT))])
    });
    table.add(&["rfc7296-2.23.nat-detection-sent"], || {
        let wrong = Edit::new("wrong hashes", |draft| {
            let mut any = false;
            for payload in draft.payloads() {
                if let Body::Notify(notify) = &mut payload.body
                    && let Some(first) = notify.data.first_mut()
                {
                    *first ^= 1;
                    any = true;
                }
            }
            any
        });
        Broken::by([change(At::request(INIT), MessageChange::Edit(wrong))])
    });
    table.set(&["rfc7296-2.23.port-4500-after-nat"], |config| {
        config.nat_traversal = false;
    });
    table.add(
        &[
            "rfc7296-2.23.port-4500-after-nat",
            "rfc7296-2.9.narrowed-selectors-taken",
        ],
        || Broken::with_esp(Esp::Nothing),
    );
}

/// Routers that take an answer for a good one which is not.
fn of_answers(table: &mut Table) {
    table.add(
        &[
            "rfc7296-2.5.critical-payload-in-init-response-rejected",
            "rfc7296-2.5.critical-payload-in-auth-response-rejected",
        ],
        || {
            Broken::believing(|_, payloads| {
                for payload in payloads {
                    payload.critical = false;
                }
            })
        },
    );
    table.add(&["rfc7296-2.5.major-version-of-response-rejected"], || {
        Broken {
            any_version: true,
            ..Broken::not()
        }
    });
    table.add(
        &[
            "rfc7296-3.3.6.ike-answer-not-offered-refused",
            "rfc7296-3.3.6.esp-answer-not-offered-refused",
        ],
        || Broken::believing(|_, payloads| offered_again(payloads)),
    );
    table.add(&["rfc7296-2.7.two-answers-refused"], || {
        Broken::believing(|_, payloads| {
            for payload in payloads {
                if let Body::Sa(sa) = &mut payload.body {
                    for proposal in &mut sa.proposals {
                        let kinds = |one: &mut Transform| one.kind;
                        proposal.transforms.dedup_by_key(kinds);
                    }
                }
            }
        })
    });
    table.add(&["rfc7296-2.9.wider-selectors-not-used"], || Broken {
        esp: Esp::TakesForeign,
        ..Broken::believing(|_, payloads| {
            for payload in payloads {
                let (selectors, network) = match &mut payload.body {
                    Body::TsI(selectors) => (selectors, 114),
                    Body::TsR(selectors) => (selectors, 113),
                    _ => continue,
                };
                let [first, last] = [0, 255].map(|fourth| [203, 0, network, fourth].into());
                selectors.selectors = vec![TrafficSelector::addresses_v4(first, last)];
            }
        })
    });
}

/// The lengths of keys that are in no proposal, as they were offered.
fn offered_again(payloads: &mut [Payload]) {
    for payload in payloads {
        let Body::Sa(sa) = &mut payload.body else {
            continue;
        };
        let transforms = sa.proposals.iter_mut().flat_map(|one| &mut one.transforms);
        for transform in transforms.filter(|one| one.kind == TransformType::ENCRYPTION) {
            for length in &mut transform.attributes {
                length.value = AttributeValue::Short(256);
            }
        }
    }
}

fn of_proofs(table: &mut Table) {
    table.set(
        &["rfc7296-2.21.2.wrong-key-of-responder-refused"],
        trusting_another_key,
    );
    table.set(
        &["rfc4301-4.4.3.other-identity-of-responder-refused"],
        |config| config.peer_identity = None,
    );
    table.add(
        &[
            "rfc7296-2.21.4.error-in-clear-ignored",
            "rfc7296-2.21.4.damaged-response-ignored",
            "rfc7296-2.6.response-of-other-spi-ignored",
        ],
        || Broken {
            gives_up: true,
            ..Broken::not()
        },
    );
}
