use super::*;

fn of_chain(rule: &'static str, change: impl FnOnce(&mut [Spec; 3])) -> Vector {
    let mut chain = [ee(), sub(), root()];
    let good = bundle(&chain);
    change(&mut chain);
    Vector {
        rule,
        good,
        bad: bundle(&chain),
    }
}

/// A CA of this name below another one.
fn ca_below(name: &str, issuer: &str) -> Spec {
    changed(sub(), |ca| {
        ca.subject = named(name);
        ca.key = public_key(name);
        ca.set(SKI, false, tlv(0x04, key_id(name)));
        ca.issuer = named(issuer);
        ca.set(AKI, false, seq(&[tlv(0x80, key_id(issuer))]));
        ca.signer = issuer.to_owned();
    })
}

fn ee_below(issuer: &str) -> Spec {
    changed(ee(), |ee| {
        ee.issuer = named(issuer);
        ee.set(AKI, false, seq(&[tlv(0x80, key_id(issuer))]));
        ee.signer = issuer.to_owned();
    })
}

fn with_length(ca: Spec, length: u8) -> Spec {
    changed(ca, |ca| {
        ca.set(BC, true, seq(&[tlv(0x01, [0xff]), integer(length)]));
    })
}

pub(super) fn vectors() -> Vec<Vector> {
    let below_two = |length| {
        bundle(&[
            ee_below("C1"),
            ca_below("C1", SUB),
            with_length(sub(), length),
        ])
    };
    let deep = |cas: &[&str]| {
        let mut chain = vec![ee_below(cas[0])];
        chain.extend(cas.windows(2).map(|pair| ca_below(pair[0], pair[1])));
        bundle(&chain)
    };
    let excluding = |name: &str| {
        let tree = seq(&[tlv(0xa1, seq(&[dns(name)]))]);
        bundle(&[
            ee(),
            changed(sub(), |sub| {
                sub.add(NC, true, tree);
            }),
        ])
    };
    let explicit = seq(&[tlv(0x80, [0])]);
    let with_policy = changed(ee(), |ee| {
        ee.add(CP, false, policies(&["1.2.3"]));
    });
    let requiring = changed(sub(), |sub| {
        sub.add("2.5.29.36", true, explicit);
    });
    vec![
        of_chain("5280-6.1.3-signature", |[ee, ..]| {
            ee.signer = "Other".to_owned()
        }),
        of_chain("5280-6.1.3-untried", |[ee, ..]| {
            ee.inner = seq(&[oid("1.2.3.4")]);
            ee.outer = ee.inner.clone();
        }),
        of_chain("5280-4.1.2.6-same", |[ee, ..]| {
            ee.issuer = dn(&[
                (C, PRINTABLE, "JP"),
                (O, PRINTABLE, "Hospital A"),
                (CN, UTF8, "SUB CA"),
            ]);
        }),
        of_chain("5280-4.2.1.1-match", |[ee, ..]| {
            ee.set(AKI, false, seq(&[tlv(0x80, [7; 20])]));
        }),
        of_chain("5280-6.1.4-ca", |[_, sub, _]| {
            sub.set(BC, true, seq(&[]));
        }),
        of_chain("5280-6.1.4-usage", |[_, sub, _]| {
            sub.set(KU, true, key_usage(CRL_SIGN));
        }),
        of_chain("5280-6.1.3-nesting", |[ee, ..]| {
            ee.not_after = time("310101000000Z")
        }),
        of_chain("5280-6.1-missing", |[_, sub, _]| {
            sub.issuer = named("Unknown CA")
        }),
        of_chain("5280-4.1.2.2-unique", |chain| {
            chain[2] = changed(ee(), |other| other.not_after = time("260901000000Z"));
        }),
        of_chain("4945-3.3.10-duplicate", |[_, sub, root]| {
            // The same octets: a signature of ECDSA is new each time it is made.
            sub.signature = Some(vec![1]);
            *root = sub.clone();
        }),
        of_chain("PX-09", |chain| {
            chain[2] = changed(sub(), |other| {
                other.serial = vec![9];
                other.key = public_key("Other");
            });
        }),
        Vector {
            rule: "7296-3.6-order",
            good: bundle(&[ee(), sub()]),
            bad: bundle(&[sub(), ee()]),
        },
        Vector {
            rule: "7296-3.6-count",
            good: deep(&["C1", "C2", "C3", "C4"]),
            bad: deep(&["C1", "C2", "C3", "C4", "C5"]),
        },
        Vector {
            rule: "5280-6.1.4-length",
            good: below_two(1),
            bad: below_two(0),
        },
        Vector {
            rule: "5280-6.1.3-names",
            good: excluding("other.example"),
            bad: excluding("hosp.example"),
        },
        Vector {
            rule: "5280-6.1.5-policy",
            good: bundle(&[with_policy, requiring.clone()]),
            bad: bundle(&[ee(), requiring]),
        },
    ]
}
