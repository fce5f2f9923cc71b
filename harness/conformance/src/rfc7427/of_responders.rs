//! Signatures where the router responds.

use ikev2::deviation::{At, Deviation};
use ikev2::numbers::{ExchangeType, HashAlgorithm, NotifyType};

use super::{damaged, each_signature, uses_only};
use crate::bench::{Answer, Bench, must_refuse};
use crate::case::words::words;
use crate::case::{Case, Level, Seen, Setup, Stop};

const fn signed(
    (id, abbreviation): (&'static str, &'static str),
    (rfc, section): (u32, &'static str),
    level: Level,
    title: reports::text::Words,
    run: fn(&mut Bench<'_>) -> Result<(), Stop>,
) -> Case {
    Case {
        id,
        abbreviation,
        title,
        rfc,
        section,
        restated: words(
            "A good signature by the key of a certificate that the router trusts is accepted.",
            "信頼する証明書の鍵による正しい署名を受け入れる。",
        ),
        level,
        setup: Setup::RESPONDS.with_certificates(),
        run,
    }
}

each_signature! {
    signed:
    0, rsa_with_sha1_is_taken, MUST, "rfc7296-3.8.rsa-sha1-taken", "SIG1", 7296, "3.8", "RSA, SHA-1 (1)";
    1, rsa_with_sha256_is_taken, MAY, "rfc7427-3.rsa-sha2-256-taken", "RSA256", 7427, "3", "RSA PKCS #1 1.5, SHA-256 (14)";
    2, rsa_with_sha384_is_taken, MAY, "rfc7427-3.rsa-sha2-384-taken", "RSA384", 7427, "3", "RSA PKCS #1 1.5, SHA-384 (14)";
    3, rsa_with_sha512_is_taken, MAY, "rfc7427-3.rsa-sha2-512-taken", "RSA512", 7427, "3", "RSA PKCS #1 1.5, SHA-512 (14)";
    4, rsa_pss_with_sha256_is_taken, MUST, "rfc7427-3.rsa-pss-sha2-256-taken", "PSS256", 7427, "3", "RSASSA-PSS, SHA-256 (14)";
    5, rsa_pss_with_sha384_is_taken, MAY, "rfc7427-3.rsa-pss-sha2-384-taken", "PSS384", 7427, "3", "RSASSA-PSS, SHA-384 (14)";
    6, rsa_pss_with_sha512_is_taken, MAY, "rfc7427-3.rsa-pss-sha2-512-taken", "PSS512", 7427, "3", "RSASSA-PSS, SHA-512 (14)";
    7, ecdsa_on_p256_is_taken, SHOULD, "rfc4754-3.ecdsa-p256-taken", "EC256", 4754, "3", "ECDSA P-256, SHA-256 (9)";
    8, ecdsa_on_p384_is_taken, MAY, "rfc4754-3.ecdsa-p384-taken", "EC384", 4754, "3", "ECDSA P-384, SHA-384 (10)";
    9, ecdsa_on_p521_is_taken, MAY, "rfc4754-3.ecdsa-p521-taken", "EC521", 4754, "3", "ECDSA P-521, SHA-512 (11)";
    10, ecdsa_with_sha256_is_taken, SHOULD, "rfc7427-3.ecdsa-sha2-256-taken", "DS-EC256", 7427, "3", "ECDSA P-256, SHA-256 (14)";
    11, ecdsa_with_sha384_is_taken, MAY, "rfc7427-3.ecdsa-sha2-384-taken", "DS-EC384", 7427, "3", "ECDSA P-384, SHA-384 (14)";
    12, ecdsa_with_sha512_is_taken, MAY, "rfc7427-3.ecdsa-sha2-512-taken", "DS-EC521", 7427, "3", "ECDSA P-521, SHA-512 (14)";
    13, ed25519_is_taken, MAY, "rfc8420-2.ed25519-taken", "ED25519", 8420, "2", "Ed25519 (14)";
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
    Case {
        id: "rfc7296-2.21.2.wrong-signature-refused",
        abbreviation: "SIG-X",
        title: words("Signature with a bit wrong", "1 ビット誤った署名"),
        rfc: 7296,
        section: "2.21.2",
        restated: words(
            "An initiator whose proof is wrong is refused with AUTHENTICATION_FAILED.",
            "認証に失敗した開始側は AUTHENTICATION_FAILED で拒否する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS.with_certificates(),
        run: a_damaged_signature_is_refused,
    },
    Case {
        id: "rfc7427-4.unannounced-method-unused",
        abbreviation: "NO-HASH",
        title: words(
            "Initiator that announces no hash",
            "ハッシュを通知しない開始側",
        ),
        rfc: 7427,
        section: "4",
        restated: words(
            "Authentication method 14 is not used with an end that has announced no hash algorithm.",
            "ハッシュアルゴリズムを通知しない相手には認証方式 14 を使用しない。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS.with_certificates(),
        run: method_14_is_not_used_without_an_announced_hash,
    },
    Case {
        id: "rfc7427-4.announced-hash-used",
        abbreviation: "ONE-HASH",
        title: words(
            "Initiator that announces SHA2-512 only",
            "SHA2-512 のみを通知する開始側",
        ),
        rfc: 7427,
        section: "4",
        restated: words(
            "A signature of authentication method 14 uses a hash algorithm that the other end has \
             announced.",
            "認証方式 14 の署名には、相手が通知したハッシュアルゴリズムを使用する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS.with_certificates(),
        run: method_14_is_used_with_an_announced_hash_only,
    },
];

fn a_damaged_signature_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut good, sa) = bench.established()?;
    bench.end(&mut good, sa)?;
    let mut tester = bench.tester();
    let at = At::request(ExchangeType::IKE_AUTH);
    tester.endpoint.deviate(Deviation::new(at, damaged()));
    bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_AUTH)?;
    must_refuse(answer, NotifyType::AUTHENTICATION_FAILED).map(drop)
}

fn method_14_is_not_used_without_an_announced_hash(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let answer = answer_to_hashes(bench, &[])?;
    uses_only(&[], &answer)
}

fn method_14_is_used_with_an_announced_hash_only(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let hashes = [HashAlgorithm::SHA2_512];
    let answer = answer_to_hashes(bench, &hashes)?;
    uses_only(&hashes, &answer)
}

/// What the router answers in IKE_AUTH when these hashes are announced.
fn answer_to_hashes(bench: &mut Bench<'_>, hashes: &[HashAlgorithm]) -> Result<Answer, Stop> {
    let mut config = bench.config().clone();
    config.hashes = hashes.to_vec();
    let mut tester = bench.tester_with(config);
    bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_AUTH)?;
    let answer = answer.ok_or(Stop::Control(Seen::Silence))?;
    bench.leave(&mut tester)?;
    Ok(answer)
}
