//! CRLs and requests.

use super::*;

const CRL_NUMBER: &str = "2.5.29.20";
const DELTA: &str = "2.5.29.27";
const IDP: &str = "2.5.29.28";

#[derive(Clone)]
struct Crl {
    version: Vec<u8>,
    inner: Vec<u8>,
    outer: Vec<u8>,
    issuer: Vec<u8>,
    this_update: Vec<u8>,
    next_update: Vec<u8>,
    revoked: Vec<u8>,
    extensions: Vec<Extension>,
    signer: &'static str,
}

/// A CRL of the subordinate CA with nothing on it.
fn crl() -> Crl {
    Crl {
        version: integer(1),
        inner: ecdsa_sha256(),
        outer: ecdsa_sha256(),
        issuer: named(SUB),
        this_update: time("260501000000Z"),
        next_update: time("260701000000Z"),
        revoked: Vec::new(),
        extensions: vec![
            extension(CRL_NUMBER, false, integer(7)),
            extension(AKI, false, seq(&[tlv(0x80, key_id(SUB))])),
        ],
        signer: SUB,
    }
}

impl Crl {
    fn pem(&self) -> String {
        let extensions: Vec<_> = self.extensions.iter().map(Extension::encode).collect();
        let signed = seq(&[
            self.version.clone(),
            self.inner.clone(),
            self.issuer.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            self.revoked.clone(),
            tlv(0xa0, seq(&extensions)),
        ]);
        let signature = [vec![0], sign(self.signer, &signed)].concat();
        let der = seq(&[signed, self.outer.clone(), tlv(0x03, signature)]);
        pem("X509 CRL", &der)
    }
}

/// One entry: serial number and reason.
fn revoked(serial: u8, reason: Option<u8>) -> Vec<u8> {
    let reason =
        reason.map(|reason| seq(&[extension("2.5.29.21", false, tlv(0x0a, [reason])).encode()]));
    seq(&[seq(&[
        integer(serial),
        time("260401000000Z"),
        reason.unwrap_or_default(),
    ])])
}

fn of_crl(rule: &'static str, change: impl FnOnce(&mut Crl)) -> Vector {
    let mut bad = crl();
    change(&mut bad);
    Vector {
        rule,
        good: file(crl().pem()),
        bad: file(bad.pem()),
    }
}

/// The CRL beside an end entity and its CA.
fn of_set(
    rule: &'static str,
    good: impl FnOnce(&mut [Spec; 2], &mut Crl),
    bad: impl FnOnce(&mut [Spec; 2], &mut Crl),
) -> Vector {
    let case = |(specs, crl): ([Spec; 2], Crl)| {
        let blocks = specs.iter().map(|spec| pem("CERTIFICATE", &spec.der()));
        let mut other = crl.clone();
        // A CA may split its list: a part for other certificates must not matter.
        if let Some(point) = other.extensions.iter().position(|e| e.oid == IDP) {
            other.extensions[point] = issuing("http://crl.hosp.example/other.crl");
        }
        file(blocks.collect::<String>() + &crl.pem() + &other.pem())
    };
    let mut with_good = ([ee(), sub()], crl());
    let mut with_bad = with_good.clone();
    good(&mut with_good.0, &mut with_good.1);
    bad(&mut with_bad.0, &mut with_bad.1);
    Vector {
        rule,
        good: case(with_good),
        bad: case(with_bad),
    }
}

fn issuing(name: &str) -> Extension {
    extension(IDP, true, seq(&[tlv(0xa0, tlv(0xa0, uri(name)))]))
}

struct Request {
    version: u8,
    attributes: Vec<Vec<u8>>,
    signer: &'static str,
}

impl Request {
    fn case(&self) -> Case {
        let signed = seq(&[
            integer(self.version),
            named(EE),
            public_key(EE),
            tlv(0xa0, self.attributes.concat()),
        ]);
        let signature = [vec![0], sign(self.signer, &signed)].concat();
        let der = seq(&[signed, ecdsa_sha256(), tlv(0x03, signature)]);
        file(pem("CERTIFICATE REQUEST", &der))
    }
}

/// The attribute extensionRequest.
fn asking_for(extensions: &[Extension]) -> Vec<u8> {
    let extensions: Vec<_> = extensions.iter().map(Extension::encode).collect();
    seq(&[oid("1.2.840.113549.1.9.14"), tlv(0x31, seq(&extensions))])
}

pub(in super::super) fn request_for(extensions: &[Extension]) -> Case {
    Request {
        version: 0,
        attributes: vec![asking_for(extensions)],
        signer: EE,
    }
    .case()
}

fn of_request(rule: &'static str, change: impl FnOnce(&mut Request)) -> Vector {
    let alt_name = extension(SAN, false, seq(&[dns("gw1.hosp.example")]));
    let mut request = Request {
        version: 0,
        attributes: vec![asking_for(&[alt_name])],
        signer: EE,
    };
    let good = request.case();
    change(&mut request);
    Vector {
        rule,
        good,
        bad: request.case(),
    }
}

pub(super) fn vectors() -> Vec<Vector> {
    let sha1 = with_null("1.2.840.113549.1.1.5");
    let point = "http://crl.hosp.example/a.crl";
    let same = |_: &mut [Spec; 2], _: &mut Crl| {};
    vec![
        of_crl("RV-03", |crl| {
            crl.extensions.retain(|e| e.oid != CRL_NUMBER)
        }),
        of_crl("RV-04", |crl| {
            crl.extensions.push(extension(DELTA, true, integer(1)))
        }),
        of_crl("5280-5.1.1.2-algorithm", |crl| crl.outer = sha256_rsa()),
        of_crl("8247-3.2-crl", |crl| {
            crl.inner = sha1.clone();
            crl.outer = sha1;
        }),
        of_crl("5280-5.1.2.1-version", |crl| crl.version = integer(0)),
        of_crl("5280-5.1.2.3-empty", |crl| crl.issuer = seq(&[])),
        of_crl("5280-5.1.2.5-present", |crl| crl.next_update.clear()),
        of_crl("5280-5.1.2.5-order", |crl| {
            crl.this_update = time("260801000000Z")
        }),
        of_crl("5280-5.1.2.5-passed", |crl| {
            crl.next_update = time("260531235959Z")
        }),
        of_crl("5280-5.1.2.6-some", |crl| crl.revoked = seq(&[])),
        of_crl("5280-5.2-duplicate", |crl| {
            crl.extensions.push(crl.extensions[0].clone())
        }),
        of_crl("5280-5.2-contents", |crl| {
            crl.extensions[0].value = vec![0x05, 0x00]
        }),
        of_crl("5280-5.2.1-present", |crl| {
            crl.extensions.retain(|e| e.oid != AKI)
        }),
        of_crl("5280-5.2.3-critical", |crl| {
            crl.extensions[0].critical = Some(0xff)
        }),
        of_crl("5280-5.2.3-length", |crl| {
            crl.extensions[0].value = tlv(0x02, [1; 21])
        }),
        Vector {
            rule: "5280-5.2.4-critical",
            ..of_crl("", |crl| {
                crl.extensions.push(extension(DELTA, false, integer(1)))
            })
        },
        of_crl("5280-5.2.5-critical", |crl| {
            crl.extensions.push(Extension {
                critical: None,
                ..issuing(point)
            });
        }),
        of_crl("5280-5.3.1-unspecified", |crl| {
            crl.revoked = revoked(9, Some(0))
        }),
        of_set(
            "PX-28",
            |_, crl| crl.extensions.push(issuing(point)),
            |_, crl| {
                crl.extensions
                    .push(issuing("http://crl.hosp.example/b.crl"))
            },
        ),
        of_set(
            "RV-02",
            |_, crl| crl.revoked = revoked(0x11, Some(1)),
            |_, crl| crl.revoked = revoked(0x10, Some(1)),
        ),
        of_set("5280-6.3.3-signature", same, |_, crl| crl.signer = "Other"),
        of_set("5280-6.3.3-usage", same, |[_, sub], _| {
            sub.set(KU, true, key_usage(CERT_SIGN));
        }),
        of_request("2986-4.1-version", |request| request.version = 1),
        of_request("2986-4.2-signature", |request| request.signer = "Other"),
        of_request("2985-5.4.1-challenge", |request| {
            let password = tlv(0x31, tlv(UTF8, "secret"));
            request
                .attributes
                .push(seq(&[oid("1.2.840.113549.1.9.7"), password]));
        }),
        of_request("2985-5.4.2-once", |request| {
            let key_usage = extension(KU, true, key_usage(DIGITAL_SIGNATURE));
            request.attributes.push(asking_for(&[key_usage]));
        }),
    ]
}
