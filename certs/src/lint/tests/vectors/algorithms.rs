use super::*;

const SHA1_RSA: &str = "1.2.840.113549.1.1.5";
const MD5_RSA: &str = "1.2.840.113549.1.1.4";
const PSS: &str = "1.2.840.113549.1.1.10";

fn signed_with(algorithm: Vec<u8>) -> Case {
    bundle(&[changed(ee(), |ee| {
        ee.inner = algorithm.clone();
        ee.outer = algorithm;
    })])
}

fn with_key(key: Vec<u8>) -> Case {
    bundle(&[changed(ee(), |ee| ee.key = key)])
}

/// RSASSA-PSS with a hash and the mask and salt length that go with it.
fn pss_sha256() -> Vec<u8> {
    let hash = with_null("2.16.840.1.101.3.4.2.1");
    let mask = seq(&[oid("1.2.840.113549.1.1.8"), hash.clone()]);
    let parameters = seq(&[tlv(0xa0, hash), tlv(0xa1, mask), tlv(0xa2, integer(32))]);
    seq(&[oid(PSS), parameters])
}

pub(super) fn vectors() -> Vec<Vector> {
    let old = AlgorithmText::Of2007;
    vec![
        Vector {
            rule: "AL-01",
            good: signed_with(with_null(SHA1_RSA)).by(old),
            bad: signed_with(ecdsa_sha256()).by(old),
        },
        Vector {
            rule: "7296-4-rsa",
            good: with_key(rsa_key(1024, F4)).by(old),
            bad: with_key(rsa_key(3072, F4)).by(old),
        },
        Vector {
            rule: "8247-3.2-sha1",
            good: signed_with(with_null(SHA1_RSA)).by(old),
            bad: signed_with(with_null(SHA1_RSA)),
        },
        Vector {
            rule: "6151-2-md5",
            good: signed_with(with_null(MD5_RSA)).by(old),
            bad: signed_with(with_null(MD5_RSA)),
        },
        Vector {
            rule: "8247-3.2-pss",
            good: signed_with(pss_sha256()),
            bad: signed_with(seq(&[oid(PSS), seq(&[])])),
        },
        Vector {
            rule: "8247-3.1.1-rsa",
            good: with_key(rsa_key(1024, F4)).by(old),
            bad: with_key(rsa_key(1024, F4)),
        },
        Vector {
            rule: "7296-4-weak",
            good: with_key(rsa_key(1024, F4)),
            bad: with_key(rsa_key(768, F4)).by(old),
        },
        Vector {
            rule: "8017-3.1-exponent",
            good: with_key(rsa_key(2048, &[3])),
            bad: with_key(rsa_key(2048, &[1])),
        },
        Vector {
            rule: "8247-3.1-key",
            good: with_key(rsa_key(2048, F4)),
            bad: with_key(seq(&[
                seq(&[oid("1.2.840.10045.2.1"), oid("1.3.132.0.10")]),
                tlv(0x03, [0, 4]),
            ])),
        },
        Vector {
            rule: "8247-3.2-algorithm",
            good: signed_with(sha256_rsa()),
            bad: signed_with(seq(&[oid("1.2.3.4")])),
        },
        Vector {
            rule: "4055-5-null",
            good: signed_with(sha256_rsa()),
            bad: signed_with(seq(&[oid("1.2.840.113549.1.1.11")])),
        },
    ]
}
