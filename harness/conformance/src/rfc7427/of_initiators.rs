//! Signatures where the router initiates.

use ikev2::deviation::{At, Deviation};
use ikev2::numbers::{ExchangeType, HashAlgorithm};

use super::{damaged, each_signature, uses_only};
use crate::bench::{Bench, Request};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};

const fn signed(
    ids: (&'static str, &'static str),
    (rfc, section): (u32, &'static str),
    level: Level,
    title: reports::text::Words,
    run: fn(&mut Bench<'_>) -> Result<(), Stop>,
) -> Case {
    let restated = words(
        "A good signature by the key of a certificate that the router trusts is accepted.",
        "信頼する証明書の鍵による正しい署名を受け入れる。",
    );
    with_certificates(Case::of_initiator(ids, section, level, title, restated, run).of_rfc(rfc))
}

const fn with_certificates(case: Case) -> Case {
    Case {
        setup: Setup::INITIATES.with_certificates(),
        ..case
    }
}

each_signature! {
    signed:
    0, rsa_with_sha1_is_taken, MUST, "rfc7296-3.8.rsa-sha1-of-responder-taken", "I-SIG1", 7296, "3.8", "RSA, SHA-1 (1)";
    1, rsa_with_sha256_is_taken, MAY, "rfc7427-3.rsa-sha2-256-of-responder-taken", "I-RSA256", 7427, "3", "RSA PKCS #1 1.5, SHA-256 (14)";
    2, rsa_with_sha384_is_taken, MAY, "rfc7427-3.rsa-sha2-384-of-responder-taken", "I-RSA384", 7427, "3", "RSA PKCS #1 1.5, SHA-384 (14)";
    3, rsa_with_sha512_is_taken, MAY, "rfc7427-3.rsa-sha2-512-of-responder-taken", "I-RSA512", 7427, "3", "RSA PKCS #1 1.5, SHA-512 (14)";
    4, rsa_pss_with_sha256_is_taken, MUST, "rfc7427-3.rsa-pss-sha2-256-of-responder-taken", "I-PSS256", 7427, "3", "RSASSA-PSS, SHA-256 (14)";
    5, rsa_pss_with_sha384_is_taken, MAY, "rfc7427-3.rsa-pss-sha2-384-of-responder-taken", "I-PSS384", 7427, "3", "RSASSA-PSS, SHA-384 (14)";
    6, rsa_pss_with_sha512_is_taken, MAY, "rfc7427-3.rsa-pss-sha2-512-of-responder-taken", "I-PSS512", 7427, "3", "RSASSA-PSS, SHA-512 (14)";
    7, ecdsa_on_p256_is_taken, SHOULD, "rfc4754-3.ecdsa-p256-of-responder-taken", "I-EC256", 4754, "3", "ECDSA P-256, SHA-256 (9)";
    8, ecdsa_on_p384_is_taken, MAY, "rfc4754-3.ecdsa-p384-of-responder-taken", "I-EC384", 4754, "3", "ECDSA P-384, SHA-384 (10)";
    9, ecdsa_on_p521_is_taken, MAY, "rfc4754-3.ecdsa-p521-of-responder-taken", "I-EC521", 4754, "3", "ECDSA P-521, SHA-512 (11)";
    10, ecdsa_with_sha256_is_taken, SHOULD, "rfc7427-3.ecdsa-sha2-256-of-responder-taken", "I-DS-EC256", 7427, "3", "ECDSA P-256, SHA-256 (14)";
    11, ecdsa_with_sha384_is_taken, MAY, "rfc7427-3.ecdsa-sha2-384-of-responder-taken", "I-DS-EC384", 7427, "3", "ECDSA P-384, SHA-384 (14)";
    12, ecdsa_with_sha512_is_taken, MAY, "rfc7427-3.ecdsa-sha2-512-of-responder-taken", "I-DS-EC521", 7427, "3", "ECDSA P-521, SHA-512 (14)";
    13, ed25519_is_taken, MAY, "rfc8420-2.ed25519-of-responder-taken", "I-ED25519", 8420, "2", "Ed25519 (14)";
}

pub(crate) const CASES: &[Case] = &[
    SIGNED[0],
    SIGNED[1],
    SIGNED[2],
    SIGNED[3],
    SIGNED[4],
    SIGNED[5],
    SIGNED[6],
    SIGNED[7],
    SIGNED[8],
    SIGNED[9],
    SIGNED[10],
    SIGNED[11],
    SIGNED[12],
    SIGNED[13],
    with_certificates(Case::of_initiator(
        ("rfc7296-2.21.2.wrong-signature-of-responder-refused", "I-SIG-X"),
        "2.21.2",
        Level::Must,
        words(
            "Signature of the responder with a bit wrong",
            "1 ビット誤った応答側の署名",
        ),
        words(
            "An initiator has no IKE SA with a responder whose proof is wrong.",
            "開始側は、認証に失敗した応答側とは IKE SA を確立しない。",
        ),
        a_damaged_signature_is_turned_away,
    )),
    with_certificates(
        Case::of_initiator(
            ("rfc7427-4.unannounced-method-unused-by-initiator", "I-NO-HASH"),
            "4",
            Level::Must,
            words(
                "Responder that announces no hash",
                "ハッシュを通知しない応答側",
            ),
            words(
                "Authentication method 14 is not used with an end that has announced no hash algorithm.",
                "ハッシュアルゴリズムを通知しない相手には認証方式 14 を使用しない。",
            ),
            method_14_is_not_used_without_an_announced_hash,
        )
        .of_rfc(7427),
    ),
    with_certificates(
        Case::of_initiator(
            ("rfc7427-4.announced-hash-used-by-initiator", "I-ONE-HASH"),
            "4",
            Level::Must,
            words(
                "Responder that announces SHA2-512 only",
                "SHA2-512 のみを通知する応答側",
            ),
            words(
                "A signature of authentication method 14 uses a hash algorithm that the other end has \
                 announced.",
                "認証方式 14 の署名には、相手が通知したハッシュアルゴリズムを使用する。",
            ),
            method_14_is_used_with_an_announced_hash_only,
        )
        .of_rfc(7427),
    ),
];

fn a_damaged_signature_is_turned_away(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_AUTH);
    tester.endpoint.deviate(Deviation::new(at, damaged()));
    bench.turned_away(&mut tester)
}

fn method_14_is_not_used_without_an_announced_hash(bench: &mut Bench<'_>) -> Result<(), Stop> {
    match request_after_hashes(bench, &[])? {
        // It can prove itself in no other way.
        None => Ok(()),
        Some(request) => uses_only(&[], &request.payloads),
    }
}

fn method_14_is_used_with_an_announced_hash_only(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let hashes = [HashAlgorithm::SHA2_512];
    match request_after_hashes(bench, &hashes)? {
        None => Ok(()),
        Some(request) => uses_only(&hashes, &request.payloads),
    }
}

/// The IKE_AUTH request of the router, if it comes, when these hashes are announced.
fn request_after_hashes(
    bench: &mut Bench<'_>,
    hashes: &[HashAlgorithm],
) -> Result<Option<Request>, Stop> {
    let mut config = bench.config().clone();
    config.hashes = hashes.to_vec();
    let mut tester = bench.tester_with(config);
    bench.call()?;
    let begun = bench.request(&mut tester, ExchangeType::IKE_SA_INIT)?;
    begun.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))?;
    let request = bench.request(&mut tester, ExchangeType::IKE_AUTH)?;
    bench.leave(&mut tester)?;
    Ok(request)
}
