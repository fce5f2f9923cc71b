use super::*;

const SERVER: &str = "1.3.6.1.5.5.7.3.1";
const IPSEC_IKE: &str = "1.3.6.1.5.5.7.3.17";
const IPSEC_TUNNEL: &str = "1.3.6.1.5.5.7.3.6";
const IKE_INTERMEDIATE: &str = "1.3.6.1.5.5.8.2.2";

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = vec![
        Vector {
            rule: "ID-20",
            good: bundle(&[changed(ee(), |ee| ee.subject = named("GW1.hosp.example"))]),
            bad: bundle(&[changed(ee(), |ee| ee.subject = named("gw2.hosp.example"))]),
        },
        Vector {
            rule: "PX-04",
            good: bundle(&[changed(ee(), |ee| ee.subject = named("gw1"))]),
            bad: bundle(&[changed(ee(), |ee| {
                ee.subject = dn(&[(O, UTF8, "A"), ("1.2.840.113549.1.9.2", 0x16, "gw1")]);
            })]),
        },
        of_ee("PX-05", |ee| {
            ee.subject = dn(&[
                (CN, UTF8, EE),
                ("1.2.840.113549.1.9.1", 0x16, "a@hosp.example"),
            ]);
        }),
        of_ee("PX-06", |ee| {
            ee.subject = dn(&[("0.9.2342.19200300.100.1.25", 0x16, "example")]);
        }),
        Vector {
            rule: "PX-15",
            good: bundle(&[changed(ee(), |ee| {
                ee.subject = named("192.0.2.1");
                ee.alt_names(&[tlv(0x87, [192, 0, 2, 1])]);
            })]),
            bad: bundle(&[changed(ee(), |ee| ee.subject = named("192.0.2.1"))]),
        },
        of_ee("PX-15-dn", |ee| {
            ee.remove(SAN);
        }),
        of_ee("PX-16", |ee| {
            ee.alt_names(&[dns("gw1.hosp.example"), uri("urn:example:gw1")]);
        }),
        of_ee("PX-17", |ee| {
            ee.alt_names(&[dns("*.hosp.example")]);
        }),
        Vector {
            rule: "PX-19",
            good: bundle(&[changed(ee(), |ee| {
                ee.alt_names(&[tlv(0x87, [192, 0, 2, 1]), tlv(0x87, [0x20; 16])]);
            })]),
            bad: bundle(&[changed(ee(), |ee| {
                ee.alt_names(&[tlv(0x87, [192, 0, 2, 0, 255, 255, 255, 0])]);
            })]),
        },
        of_ee("PX-02", |ee| {
            ee.version.clear();
            ee.extensions.clear();
        }),
        Vector {
            rule: "PX-10",
            good: bundle(&[changed(ee(), |ee| {
                ee.set(KU, true, key_usage(NON_REPUDIATION));
            })]),
            bad: bundle(&[changed(ee(), |ee| {
                ee.set(KU, true, key_usage(KEY_ENCIPHERMENT));
            })]),
        },
        of_ee("PX-11", |ee| {
            ee.add("2.5.29.16", false, seq(&[tlv(0x80, "20260101000000Z")]));
        }),
        of_extension(
            "PX-12",
            ee,
            CP,
            (false, policies(&["1.2.3"])),
            (true, policies(&["1.2.3"])),
        ),
        of_extension(
            "PX-14",
            sub,
            "2.5.29.33",
            (false, seq(&[seq(&[oid("1.2.3"), oid("1.2.4")])])),
            (true, seq(&[seq(&[oid("1.2.3"), oid("1.2.4")])])),
        ),
        // Known for a CA because it issued another certificate.
        Vector {
            rule: "PX-21",
            good: bundle(&[ee(), sub()]),
            bad: bundle(&[
                ee(),
                changed(sub(), |sub| {
                    sub.remove(BC).remove(KU);
                }),
            ]),
        },
        of_ca("PX-22", |sub| {
            sub.add("2.5.29.54", true, integer(0));
        }),
        of_ee("PX-23", |ee| {
            ee.add(EKU, false, purposes(&[IPSEC_IKE]));
        }),
        of_extension(
            "PX-27-resolvable",
            ee,
            CDP,
            (false, points(&[uri("http://crl.hosp.example/a.crl")])),
            (false, points(&[uri("http://localhost/a.crl")])),
        ),
        of_ee("PX-27", |ee| {
            ee.remove(CDP);
        }),
    ];
    for (rule, good, bad) in [
        (
            "PX-23-deprecated",
            [IPSEC_IKE, SERVER],
            [IPSEC_IKE, IPSEC_TUNNEL],
        ),
        (
            "PX-24",
            [IKE_INTERMEDIATE, IPSEC_IKE],
            [IKE_INTERMEDIATE, IPSEC_TUNNEL],
        ),
        ("PX-26", [SERVER, "2.5.29.37.0"], [SERVER, IKE_INTERMEDIATE]),
    ] {
        let (good, bad) = ((false, purposes(&good)), (false, purposes(&bad)));
        vectors.push(of_extension(rule, ee, EKU, good, bad));
    }
    let critical = |critical| (critical, purposes(&[IPSEC_IKE]));
    vectors.push(of_extension(
        "PX-25",
        ee,
        EKU,
        critical(false),
        critical(true),
    ));
    vectors
}
