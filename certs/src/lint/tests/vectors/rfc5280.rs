use super::*;

const BMP: u8 = 0x1e;

/// Files, encodings and the fields of section 4.1.
pub(super) fn fields() -> Vec<Vector> {
    let der = ee().der();
    let in_pem = |der: &[u8]| file(pem("CERTIFICATE", der));
    let truncated = {
        let mut der = der.clone();
        der.truncate(der.len() - 10);
        der
    };
    // A BOOLEAN TRUE of 01 is BER.
    let ber = changed(ee(), |ee| ee.extensions[3].critical = Some(1));
    let with_tail = [der.clone(), vec![0; 3]].concat();
    vec![
        Vector {
            rule: "FM-01",
            good: in_pem(&der),
            bad: file(der.clone()),
        },
        Vector {
            rule: "FILE-key",
            good: in_pem(&der),
            bad: file(pem("CERTIFICATE", &der) + &pem("PRIVATE KEY", &pair(EE))),
        },
        Vector {
            rule: "FILE-kind",
            good: in_pem(&der),
            bad: file(pem("PKCS7", &seq(&[oid("1.2.840.113549.1.7.2")]))),
        },
        Vector {
            rule: "FILE-label",
            good: in_pem(&der),
            bad: file(pem("X509 CERTIFICATE", &der)),
        },
        Vector {
            rule: "5280-4.1-decode",
            good: in_pem(&der),
            bad: in_pem(&truncated),
        },
        Vector {
            rule: "5280-4.1-der",
            good: in_pem(&der),
            bad: bundle(&[ber]),
        },
        Vector {
            rule: "5280-4.1-trailing",
            good: in_pem(&der),
            bad: in_pem(&with_tail),
        },
        of_ee("5280-4.1.1.2-algorithm", |ee| ee.outer = sha256_rsa()),
        of_ee("5280-4.1.2.1-version", |ee| ee.version.clear()),
        of_ee("5280-4.1.2.2-positive", |ee| ee.serial = vec![0x80, 0x01]),
        Vector {
            rule: "5280-4.1.2.2-length",
            good: bundle(&[changed(ee(), |ee| ee.serial = vec![0x11; 20])]),
            bad: bundle(&[changed(ee(), |ee| ee.serial = vec![0x11; 21])]),
        },
        of_ee("5280-4.1.2.4-empty", |ee| ee.issuer = seq(&[])),
        of_ee("5280-4.1.2.5-order", |ee| {
            ee.not_after = ee.not_before.clone()
        }),
        Vector {
            rule: "5280-4.1.2.5-type",
            good: bundle(&[changed(ee(), |ee| ee.not_after = time("20500101000000Z"))]),
            bad: bundle(&[changed(ee(), |ee| ee.not_after = time("20490101000000Z"))]),
        },
        of_ee("5280-4.1.2.5-form", |ee| {
            ee.not_after = tlv(0x17, "270101000000+0900");
        }),
        Vector {
            rule: "5280-4.1.2.5-begun",
            good: bundle(&[ee()]),
            bad: bundle(&[ee()]).at("2025-12-31T23:59:59Z"),
        },
        Vector {
            rule: "5280-4.1.2.5-ended",
            good: bundle(&[ee()]).at("2027-01-01T00:00:00Z"),
            bad: bundle(&[ee()]).at("2027-01-01T00:00:01Z"),
        },
        of_ca("5280-4.1.2.6-ca", |sub| sub.subject = seq(&[])),
        Vector {
            rule: "5280-4.1.2.6-empty",
            good: bundle(&[changed(ee(), |ee| {
                ee.subject = seq(&[]);
                ee.critical(SAN, true);
            })]),
            bad: bundle(&[changed(ee(), |ee| ee.subject = seq(&[]))]),
        },
        of_ee("5280-4.1.2.8-unique", |ee| ee.unique = tlv(0x81, [0, 1])),
        of_ee("5280-4.1.2.9-some", |ee| {
            ee.extensions.clear();
            ee.unique = tlv(0xa3, seq(&[]));
        }),
        of_ee("5280-4.2-duplicate", |ee| {
            ee.add(SAN, false, seq(&[dns("gw2.hosp.example")]));
        }),
        of_ee("5280-4.2-contents", |ee| {
            ee.set(KU, true, vec![0x05, 0x00]);
        }),
        of_extension(
            "5280-4.2-critical",
            ee,
            "1.3.6.1.4.1.32473.1",
            (false, vec![0x05, 0x00]),
            (true, vec![0x05, 0x00]),
        ),
        of_ee("5280-4.2-default", |ee| ee.extensions[0].critical = Some(0)),
    ]
}

fn of_subject(rule: &'static str, good: &[(&str, u8, &str)], bad: &[(&str, u8, &str)]) -> Vector {
    let with = |name| bundle(&[changed(ee(), |ee| ee.subject = dn(name))]);
    Vector {
        rule,
        good: with(good),
        bad: with(bad),
    }
}

fn of_alt_name(rule: &'static str, good: Vec<u8>, bad: Vec<u8>) -> Vector {
    let (good, bad) = ((false, seq(&[good])), (false, seq(&[bad])));
    of_extension(rule, ee, SAN, good, bad)
}

/// Distinguished names and general names.
pub(super) fn names() -> Vec<Vector> {
    let long = "x".repeat(65);
    vec![
        of_subject(
            "5280-4.1.2.4-string",
            &[(CN, UTF8, "Router")],
            &[(CN, BMP, "\0R\0t\0r")],
        ),
        of_subject(
            "5280-A.1-printable",
            &[(CN, PRINTABLE, "Router (A)")],
            &[(CN, PRINTABLE, "Router_A")],
        ),
        of_subject(
            "5280-A.1-country",
            &[(C, PRINTABLE, "JP"), (CN, UTF8, "Router")],
            &[(C, UTF8, "Japan"), (CN, UTF8, "Router")],
        ),
        of_subject(
            "5280-A.1-length",
            &[(CN, UTF8, &long[1..])],
            &[(CN, UTF8, &long)],
        ),
        of_ee("5280-4.2.1.6-some", |ee| {
            ee.alt_names(&[]);
        }),
        of_ee("5280-4.2.1.6-critical", |ee| {
            ee.critical(SAN, true);
        }),
        of_alt_name(
            "5280-4.2.1.6-ascii",
            dns("xn--p8j.example"),
            dns("あ.example"),
        ),
        of_alt_name(
            "5280-4.2.1.6-nul",
            dns("gw1.hosp.example"),
            dns("gw1.hosp.example\0.evil.example"),
        ),
        of_alt_name(
            "5280-4.2.1.6-dns",
            dns("gw1.hosp.example"),
            dns("gw1.hosp.example."),
        ),
        of_alt_name(
            "5280-4.2.1.6-mail",
            tlv(0x81, "gw1@hosp.example"),
            tlv(0x81, "Gateway <gw1@hosp.example>"),
        ),
        of_alt_name(
            "5280-4.2.1.6-address",
            tlv(0x87, [192, 0, 2, 1]),
            tlv(0x87, [192, 0, 2]),
        ),
        of_alt_name(
            "5280-4.2.1.6-uri",
            uri("ike://gw1.hosp.example"),
            uri("gw1/path"),
        ),
        of_alt_name(
            "5280-4.2.1.6-form",
            dns("gw1.hosp.example"),
            tlv(0x82, [0xff, 0xfe]),
        ),
        of_alt_name(
            "5280-4.2.1.6-directory",
            tlv(0xa4, named("Router")),
            tlv(0xa4, seq(&[])),
        ),
    ]
}

/// The extensions of section 4.2.
pub(super) fn extensions() -> Vec<Vector> {
    let location = seq(&[seq(&[
        oid("1.3.6.1.5.5.7.48.1"),
        uri("http://ocsp.hosp.example/"),
    ])]);
    let issuer = tlv(0xa1, tlv(0xa4, named(ROOT)));
    let serial = tlv(0x82, [2]);
    let key = tlv(0x80, key_id(SUB));
    let explicit = seq(&[tlv(0x80, [0])]);
    let subtree = seq(&[tlv(0xa0, seq(&[dns("hosp.example")]))]);
    let role = seq(&[seq(&[oid("1.2.3"), tlv(0x31, integer(1))])]);
    let usage = |bits| (true, key_usage(bits));
    let map = |from, to| (false, seq(&[seq(&[oid(from), oid(to)])]));
    let mut vectors = vec![
        of_ee("5280-4.2.1.1-present", |ee| {
            ee.remove(AKI);
        }),
        of_extension(
            "5280-4.2.1.1-pair",
            ee,
            AKI,
            (false, seq(&[key.clone(), issuer.clone(), serial])),
            (false, seq(&[key, issuer])),
        ),
        of_ee("5280-4.2.1.1-critical", |ee| {
            ee.critical(AKI, true);
        }),
        of_ca("5280-4.2.1.2-ca", |sub| {
            sub.remove(SKI);
        }),
        of_ee("5280-4.2.1.2-ee", |ee| {
            ee.remove(SKI);
        }),
        of_ee("5280-4.2.1.2-critical", |ee| {
            ee.critical(SKI, true);
        }),
        of_ee("5280-4.2.1.13-critical", |ee| {
            ee.critical(CDP, true);
        }),
        of_ee("5280-4.2.1.13-point", |ee| {
            ee.set(CDP, false, seq(&[seq(&[tlv(0x81, [1, 2])])]));
        }),
        of_ca("5280-4.2.1.3-ca", |sub| {
            sub.remove(KU);
        }),
        of_extension(
            "5280-4.2.1.3-cert-sign",
            ee,
            KU,
            usage(DIGITAL_SIGNATURE),
            usage(DIGITAL_SIGNATURE | CERT_SIGN),
        ),
        of_extension(
            "5280-4.2.1.3-some",
            ee,
            KU,
            usage(DIGITAL_SIGNATURE),
            (true, tlv(3, [0])),
        ),
        of_ee("5280-4.2.1.3-critical", |ee| {
            ee.critical(KU, false);
        }),
        // encipherOnly with and without keyAgreement.
        of_extension(
            "5280-4.2.1.3-agreement",
            ee,
            KU,
            usage(0x8900),
            usage(0x8100),
        ),
        of_extension(
            "5280-4.2.1.4-duplicate",
            ee,
            CP,
            (false, policies(&["1.2.3", "1.2.4"])),
            (false, policies(&["1.2.3", "1.2.3"])),
        ),
        of_extension(
            "5280-4.2.1.5-any",
            sub,
            "2.5.29.33",
            map("1.2.3", "1.2.4"),
            map("1.2.3", "2.5.29.32.0"),
        ),
        of_ca("5280-4.2.1.9-critical", |sub| {
            sub.critical(BC, false);
        }),
        of_extension(
            "5280-4.2.1.9-length",
            ee,
            BC,
            (true, seq(&[])),
            (true, seq(&[integer(0)])),
        ),
        Vector {
            rule: "5280-4.2.1.10-ca",
            good: bundle(&[changed(sub(), |sub| {
                sub.add(NC, true, subtree.clone());
            })]),
            bad: bundle(&[changed(ee(), |ee| {
                ee.add(NC, true, subtree.clone());
            })]),
        },
        of_extension(
            "5280-4.2.1.10-some",
            sub,
            NC,
            (true, subtree.clone()),
            (true, seq(&[])),
        ),
        of_extension(
            "5280-4.2.1.11-some",
            sub,
            "2.5.29.36",
            (true, explicit.clone()),
            (true, seq(&[])),
        ),
        of_extension(
            "5280-4.2.1.12-any",
            ee,
            EKU,
            (false, purposes(&["2.5.29.37.0"])),
            (true, purposes(&["2.5.29.37.0"])),
        ),
    ];
    // Extensions whose criticality is fixed.
    for (rule, spec, oid, critical, value) in [
        (
            "5280-4.2.1.7-critical",
            ee as fn() -> Spec,
            "2.5.29.18",
            false,
            seq(&[dns("ca.example")]),
        ),
        ("5280-4.2.1.8-critical", ee, SDA, false, role),
        ("5280-4.2.1.10-critical", sub, NC, true, subtree),
        ("5280-4.2.1.11-critical", sub, "2.5.29.36", true, explicit),
        ("5280-4.2.1.14-critical", sub, "2.5.29.54", true, integer(0)),
        (
            "5280-4.2.1.15-critical",
            ee,
            "2.5.29.46",
            false,
            points(&[uri("http://a.example/d")]),
        ),
        (
            "5280-4.2.2.1-critical",
            ee,
            "1.3.6.1.5.5.7.1.1",
            false,
            location.clone(),
        ),
        (
            "5280-4.2.2.2-critical",
            ee,
            "1.3.6.1.5.5.7.1.11",
            false,
            location,
        ),
    ] {
        let (good, bad) = ((critical, value.clone()), (!critical, value));
        vectors.push(of_extension(rule, spec, oid, good, bad));
    }
    vectors
}
