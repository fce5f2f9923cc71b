//! Certificates shaped like those of HPKI. Their keys are RSA keys that nobody has, so nothing
//! verifies their signatures.

use super::*;

const SIGNING: &str = "1.2.392.100495.1.5.1.1.3.1";
const AUTH_PERSON: &str = "1.2.392.100495.1.5.1.2.3.1";
const AUTH_ORGANISATION: &str = "1.2.392.100495.1.5.1.3.3.1";
const CODING: &str = "1.2.392.100495.1.6.1.1";

/// subjectDirectoryAttributes with the role of a physician.
fn hc_role(scheme: &str, name_tag: u8) -> Vec<u8> {
    let name = tlv(0xa2, tlv(name_tag, "Medical Doctor"));
    let coded = tlv(0x31, [tlv(0xa0, oid(scheme)), name].concat());
    let actors = tlv(0x31, seq(&[tlv(0xa0, coded)]));
    seq(&[seq(&[oid("1.0.17090.0.1"), tlv(0x31, actors)])])
}

fn shape(spec: &mut Spec) {
    spec.key = rsa_key(2048, F4);
    spec.inner = sha256_rsa();
    spec.outer = sha256_rsa();
    spec.signature = Some(vec![0x5a; 256]);
    let issuer = tlv(0xa1, tlv(0xa4, named(ROOT)));
    let key = tlv(0x80, key_id(SUB));
    spec.set(AKI, false, seq(&[key, issuer, tlv(0x82, [2])]));
}

fn signing() -> Spec {
    changed(ee(), |ee| {
        shape(ee);
        ee.subject = dn(&[
            (C, PRINTABLE, "JP"),
            (O, UTF8, "Hospital A"),
            (CN, UTF8, "Taro Yamada"),
            (SERIAL, PRINTABLE, "A0001"),
        ]);
        ee.not_before = time("251231150000Z");
        ee.not_after = time("270101145959Z");
        ee.set(KU, true, key_usage(NON_REPUDIATION));
        ee.alt_names(&[tlv(0xa4, named("山田太郎"))]);
        ee.add(CP, true, policies(&[SIGNING]));
        ee.add(SDA, false, hc_role(CODING, UTF8));
    })
}

fn auth(policy: &str) -> Spec {
    changed(signing(), |ee| {
        ee.set(KU, true, key_usage(DIGITAL_SIGNATURE));
        ee.set(CP, true, policies(&[policy]));
    })
}

fn sub_ca() -> Spec {
    changed(sub(), |sub| {
        shape(sub);
        sub.add(CP, true, policies(&[SIGNING]));
    })
}

pub(in super::super) fn complete() -> Vec<(&'static str, Spec)> {
    vec![
        ("hpki-signing", signing()),
        ("hpki-auth-person", auth(AUTH_PERSON)),
        ("hpki-auth-organisation", auth(AUTH_ORGANISATION)),
        ("hpki-sub-ca", sub_ca()),
    ]
}

fn of(profile: &str, rule: &'static str, good: Spec, change: impl FnOnce(&mut Spec)) -> Vector {
    Vector {
        rule,
        good: bundle(std::slice::from_ref(&good)).profile(profile),
        bad: bundle(&[changed(good, change)]).profile(profile),
    }
}

fn of_signing(rule: &'static str, change: impl FnOnce(&mut Spec)) -> Vector {
    of("hpki", rule, signing(), change)
}

fn of_subject(rule: &'static str, bad: &[(&str, u8, &str)]) -> Vector {
    of_signing(rule, |ee| ee.subject = dn(bad))
}

pub(super) fn vectors() -> Vec<Vector> {
    let jp = (C, PRINTABLE, "JP");
    let cn = (CN, UTF8, "Taro Yamada");
    let serial = (SERIAL, PRINTABLE, "A0001");
    vec![
        Vector {
            rule: "HPKI-role",
            good: bundle(&[sub_ca()]).profile("hpki-sub-ca"),
            bad: bundle(&[signing()]).profile("hpki-sub-ca"),
        },
        of_signing("HPKI-rsa", |ee| ee.key = public_key(EE)),
        of_signing("HPKI-hash", |ee| {
            ee.inner = ecdsa_sha256();
            ee.outer = ecdsa_sha256();
        }),
        of_signing("HPKI-validity", |ee| ee.not_before = time("260101000000Z")),
        of("hpki", "HPKI-policy", sub_ca(), |sub| {
            sub.remove(CP);
        }),
        of_signing("HPKI-policy-critical", |ee| {
            ee.critical(CP, false);
        }),
        of(
            "hpki-auth-person",
            "HPKI-policy-purpose",
            auth(AUTH_PERSON),
            |ee| {
                ee.set(CP, true, policies(&[SIGNING]));
            },
        ),
        of_signing("HPKI-usage", |ee| {
            ee.set(KU, true, key_usage(NON_REPUDIATION | DIGITAL_SIGNATURE));
        }),
        of_signing("HPKI-usage-critical", |ee| {
            ee.critical(KU, false);
        }),
        of_signing("HPKI-constraints", |ee| {
            ee.add(BC, true, seq(&[]));
        }),
        of_signing("HPKI-purposes", |ee| {
            ee.add(EKU, false, purposes(&["1.3.6.1.5.5.7.3.17"]));
        }),
        of_signing("HPKI-authority", |ee| {
            ee.set(AKI, false, seq(&[tlv(0x80, key_id(SUB))]));
        }),
        of_signing("HPKI-crl", |ee| {
            ee.remove(CDP);
        }),
        of_signing("HPKI-alt-name-critical", |ee| {
            ee.critical(SAN, true);
        }),
        of_signing("HPKI-alt-name", |ee| {
            ee.alt_names(&[dns("gw1.hosp.example")]);
        }),
        of_subject("HPKI-country", &[cn, jp, serial]),
        of_subject("HPKI-common-name", &[jp, serial]),
        of_subject("HPKI-utf8", &[jp, (CN, PRINTABLE, "Taro Yamada"), serial]),
        of_subject("HPKI-serial", &[jp, cn, (SERIAL, UTF8, "A0001")]),
        of_subject("HPKI-serial-present", &[jp, cn]),
        of_subject("HPKI-order", &[jp, serial, cn]),
        of("hpki", "HPKI-organisation", auth(AUTH_ORGANISATION), |ee| {
            ee.subject = dn(&[jp, cn]);
        }),
        of_signing("HPKI-hc-role-form", |ee| {
            ee.set(SDA, false, hc_role(CODING, PRINTABLE));
        }),
        of_signing("HPKI-hc-role-critical", |ee| {
            ee.critical(SDA, true);
        }),
        of_signing("HPKI-hc-role-scheme", |ee| {
            ee.set(SDA, false, hc_role("1.2.3", UTF8));
        }),
        of_signing("HPKI-hc-role-present", |ee| {
            ee.remove(SDA);
        }),
    ]
}
