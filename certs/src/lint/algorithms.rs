//! Signature algorithms and keys, by the age of the standards that was asked for.

use x509_parser::der_parser::{Oid, oid};
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_DSA, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_MD5_WITH_RSA, OID_NIST_EC_P384,
    OID_NIST_EC_P521, OID_PKCS1_MD2WITHRSAENC, OID_PKCS1_MD4WITHRSAENC, OID_PKCS1_MD5WITHRSAENC,
    OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS, OID_PKCS1_SHA1WITHRSA, OID_PKCS1_SHA224WITHRSA,
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SHA1_WITH_RSA,
    OID_SIG_DSA_WITH_SHA1, OID_SIG_ECDSA_WITH_SHA224, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ECDSA_WITH_SHA512, OID_SIG_ED448, OID_SIG_ED25519,
};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::AlgorithmIdentifier;

use crate::lint::entity::Entity;
use crate::lint::report::Severity;
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};
use crate::lint::{AlgorithmText, Options, oids, signature};

const fn rule(
    id: &'static str,
    place: (&'static str, &'static str),
    level: Level,
    check: fn(&Entity<'_>, &Options, &mut Hits),
    title: (&'static str, &'static str),
    change: (&'static str, &'static str),
) -> Rule {
    Rule::new(
        id,
        Source::Algorithms,
        place,
        level,
        Check::Entity(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}

const RESIGN: (&str, &str) = (
    "issue it anew, signed with SHA-256 or stronger",
    "SHA-256 以上のハッシュで署名して発行し直す",
);

pub(super) const RULES: &[Rule] = &[
    rule(
        "AL-01",
        ("RFC 4945", "5.3"),
        Level::Must,
        assured_in_2007,
        (
            "by the text of 2007, receivers have to verify only SHA-1 and MD5 with RSA",
            "2007 年の規定で受信側に検証が義務付けられるのは、SHA-1 または MD5 と RSA の組合せのみ",
        ),
        (
            "nothing, unless receivers are of that age: ask their vendors for the algorithm",
            "当時の受信側を対象とする場合のみ、このアルゴリズムへの対応を確認する",
        ),
    )
    .with(Severity::Note),
    rule(
        "7296-4-rsa",
        ("RFC 7296", "4"),
        Level::Must,
        assured_rsa_size,
        (
            "by the text of 2007, receivers have to accept RSA keys of 1024 and 2048 bits only",
            "2007 年の規定で受信側に受入れが義務付けられる RSA 鍵は 1024 ビットと 2048 ビットのみ",
        ),
        (
            "use an RSA key of 2048 bits where receivers are of that age",
            "当時の受信側を対象とする場合は 2048 ビットの RSA 鍵を使用する",
        ),
    )
    .with(Severity::Note),
    rule(
        "8247-3.2-sha1",
        ("RFC 8247", "3.2"),
        Level::MustNot,
        sha1,
        (
            "the signature does not use SHA-1",
            "署名に SHA-1 を使用しないこと",
        ),
        RESIGN,
    ),
    rule(
        "6151-2-md5",
        ("RFC 6151", "2"),
        Level::MustNot,
        md5,
        (
            "the signature does not use MD5 or an older hash",
            "署名に MD5 以前のハッシュを使用しないこと",
        ),
        RESIGN,
    ),
    rule(
        "8247-3.2-pss",
        ("RFC 8247", "3.2"),
        Level::MustNot,
        pss_parameters,
        (
            "RSASSA-PSS has parameters that name a hash other than SHA-1",
            "RSASSA-PSS のパラメータで SHA-1 以外のハッシュを指定すること",
        ),
        (
            "state hash, mask and salt length: absent parameters mean SHA-1",
            "ハッシュ、マスク、ソルト長を明記する（省略は SHA-1 を意味する）",
        ),
    ),
    rule(
        "8247-3.1.1-rsa",
        ("RFC 8247", "3.1.1"),
        Level::ShouldNot,
        rsa_size,
        (
            "an RSA key has at least 2048 bits",
            "RSA 鍵が 2048 ビット以上であること",
        ),
        (
            "make an RSA key of 2048 bits or more",
            "2048 ビット以上の RSA 鍵を作成する",
        ),
    )
    .with(Severity::Error),
    rule(
        "7296-4-weak",
        ("RFC 7296", "4"),
        Level::Must,
        very_small_rsa,
        (
            "an RSA key has at least 1024 bits by any text",
            "いずれの規定でも RSA 鍵は 1024 ビット以上であること",
        ),
        (
            "make an RSA key of 2048 bits or more",
            "2048 ビット以上の RSA 鍵を作成する",
        ),
    ),
    rule(
        "8017-3.1-exponent",
        ("RFC 8017", "3.1"),
        Level::Must,
        rsa_exponent,
        (
            "the exponent of an RSA key is odd and at least 3",
            "RSA 鍵の公開指数が 3 以上の奇数であること",
        ),
        (
            "make a key with exponent 65537",
            "公開指数 65537 の鍵を作成する",
        ),
    ),
    rule(
        "8247-3.1-key",
        ("RFC 8247", "3.1"),
        Level::Should,
        key_type,
        (
            "the key is RSA, ECDSA on P-256, P-384 or P-521, or Ed25519 or Ed448",
            "鍵が RSA、P-256・P-384・P-521 の ECDSA、Ed25519 または Ed448 であること",
        ),
        (
            "make a key of one of these types; IKEv2 has no authentication method for others",
            "いずれかの種類の鍵を作成する（他の鍵に対応する IKEv2 の認証方式はない）",
        ),
    ),
    rule(
        "8247-3.2-algorithm",
        ("RFC 8247", "3.2"),
        Level::Should,
        known_algorithm,
        (
            "the signature algorithm is one that IKE implementations know",
            "署名アルゴリズムが IKE 実装で一般に対応されていること",
        ),
        (
            "sign with RSA or ECDSA and SHA-256",
            "RSA または ECDSA と SHA-256 で署名する",
        ),
    ),
    rule(
        "4055-5-null",
        ("RFC 4055", "5"),
        Level::Must,
        rsa_parameters,
        (
            "identifiers of RSA with PKCS #1 v1.5 have NULL parameters, those of ECDSA and EdDSA none",
            "PKCS #1 v1.5 の RSA の識別子は NULL パラメータを持ち、ECDSA と EdDSA の識別子は持たないこと",
        ),
        (
            "encode the parameters so; some receivers compare the identifier octet by octet",
            "そのように符号化する（識別子をオクテット単位で比較する受信側がある）",
        ),
    ),
];

/// The signature algorithm of a certificate or request. That of a self-signed CA protects nothing,
/// since it is trusted as it is.
fn signature_of<'a>(entity: &Entity<'a>) -> Option<&'a AlgorithmIdentifier<'a>> {
    if let Some(request) = entity.request {
        return Some(&request.signature_algorithm);
    }
    let certificate = entity.certificate?;
    (!entity.is_self_issued()).then_some(&certificate.signature_algorithm)
}

fn uses(entity: &Entity<'_>, algorithms: &[Oid<'static>], hits: &mut Hits) {
    if let Some(signature) = signature_of(entity)
        && algorithms.contains(&signature.algorithm)
    {
        hits.add_value("signatureAlgorithm", oids::dotted(&signature.algorithm));
    }
}

const SHA1_RSA: [Oid<'static>; 2] = [OID_PKCS1_SHA1WITHRSA, OID_SHA1_WITH_RSA];
const SHA1_OTHERS: [Oid<'static>; 2] = [OID_SIG_DSA_WITH_SHA1, oid!(1.2.840.10045.4.1)];
const MD5_RSA: [Oid<'static>; 2] = [OID_PKCS1_MD5WITHRSAENC, OID_MD5_WITH_RSA];
const OLDER: [Oid<'static>; 2] = [OID_PKCS1_MD2WITHRSAENC, OID_PKCS1_MD4WITHRSAENC];
const MODERN: [Oid<'static>; 11] = [
    OID_PKCS1_SHA224WITHRSA,
    OID_PKCS1_SHA256WITHRSA,
    OID_PKCS1_SHA384WITHRSA,
    OID_PKCS1_SHA512WITHRSA,
    OID_PKCS1_RSASSAPSS,
    OID_SIG_ECDSA_WITH_SHA224,
    OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384,
    OID_SIG_ECDSA_WITH_SHA512,
    OID_SIG_ED25519,
    OID_SIG_ED448,
];

fn assured_in_2007(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    if options.text == AlgorithmText::Of2007
        && let Some(signature) = signature_of(entity)
        && !SHA1_RSA.contains(&signature.algorithm)
        && !MD5_RSA.contains(&signature.algorithm)
    {
        hits.add_value("signatureAlgorithm", oids::dotted(&signature.algorithm));
    }
}

fn assured_rsa_size(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    let bits = signature::rsa_bits(entity.key);
    if let Some(bits) = bits.filter(|bits| *bits >= 1024 && !matches!(bits, 1024 | 2048))
        && options.text == AlgorithmText::Of2007
    {
        hits.add_value("subjectPublicKeyInfo", format!("RSA, {bits} bits"));
    }
}

fn sha1(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    if options.text == AlgorithmText::Current {
        uses(entity, &SHA1_RSA, hits);
        uses(entity, &SHA1_OTHERS, hits);
    }
}

fn md5(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    if options.text == AlgorithmText::Current {
        uses(entity, &MD5_RSA, hits);
    }
    uses(entity, &OLDER, hits);
}

fn pss_parameters(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if signature_of(entity).is_some_and(signature::pss_uses_sha1) {
        hits.add("signatureAlgorithm.parameters");
    }
}

fn rsa_size(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    let bits = signature::rsa_bits(entity.key);
    if let Some(bits) = bits.filter(|bits| (1024..2048).contains(bits))
        && options.text == AlgorithmText::Current
    {
        hits.add_value("subjectPublicKeyInfo", format!("RSA, {bits} bits"));
    }
}

fn very_small_rsa(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some(bits) = signature::rsa_bits(entity.key).filter(|bits| *bits < 1024) {
        hits.add_value("subjectPublicKeyInfo", format!("RSA, {bits} bits"));
    }
}

fn rsa_exponent(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Ok(PublicKey::RSA(rsa)) = entity.key.parsed() else {
        return;
    };
    let odd = rsa.exponent.last().is_some_and(|last| last % 2 == 1);
    let zeros = rsa.exponent.iter().take_while(|octet| **octet == 0).count();
    let one = rsa.exponent.get(zeros..) == Some(&[1]);
    let negative = rsa.exponent.first().is_some_and(|first| *first >= 0x80);
    if !odd || one || negative {
        let value = crate::lint::names::hex(rsa.exponent);
        hits.add_value("subjectPublicKeyInfo.publicExponent", value);
    }
}

fn key_type(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let algorithm = &entity.key.algorithm;
    let oid = &algorithm.algorithm;
    let value = if *oid == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let parameters = algorithm.parameters.as_ref();
        let curve = parameters.and_then(|parameters| parameters.as_oid().ok());
        let common = [OID_EC_P256, OID_NIST_EC_P384, OID_NIST_EC_P521];
        match curve {
            Some(curve) if common.contains(&curve) => return,
            Some(curve) => oids::dotted(&curve),
            None => "curve without a name".to_owned(),
        }
    } else if [OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS].contains(oid) {
        match signature::rsa_bits(entity.key) {
            Some(_) => return,
            None if *oid == OID_PKCS1_RSASSAPSS => return,
            None => "RSA key that cannot be read".to_owned(),
        }
    } else if [OID_SIG_ED25519, OID_SIG_ED448].contains(oid) {
        return;
    } else if *oid == OID_KEY_TYPE_DSA {
        "DSA".to_owned()
    } else {
        oids::dotted(oid)
    };
    hits.add_value("subjectPublicKeyInfo", value);
}

fn known_algorithm(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(signature) = signature_of(entity) else {
        return;
    };
    let oid = &signature.algorithm;
    let known = MODERN.contains(oid)
        || SHA1_RSA.contains(oid)
        || SHA1_OTHERS.contains(oid)
        || MD5_RSA.contains(oid)
        || OLDER.contains(oid);
    if !known {
        hits.add_value("signatureAlgorithm", oids::dotted(oid));
    }
}

fn rsa_parameters(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let with_null = [
        OID_PKCS1_RSAENCRYPTION,
        OID_PKCS1_SHA1WITHRSA,
        OID_PKCS1_SHA224WITHRSA,
        OID_PKCS1_SHA256WITHRSA,
        OID_PKCS1_SHA384WITHRSA,
        OID_PKCS1_SHA512WITHRSA,
    ];
    let without = [
        OID_SIG_ECDSA_WITH_SHA224,
        OID_SIG_ECDSA_WITH_SHA256,
        OID_SIG_ECDSA_WITH_SHA384,
        OID_SIG_ECDSA_WITH_SHA512,
        OID_SIG_ED25519,
        OID_SIG_ED448,
    ];
    let key = Some(&entity.key.algorithm);
    for (field, algorithm) in [
        ("signatureAlgorithm", signature_of(entity)),
        ("subjectPublicKeyInfo.algorithm", key),
    ] {
        let Some(algorithm) = algorithm else {
            continue;
        };
        let parameters = algorithm.parameters.as_ref();
        let is_null = parameters.is_some_and(|parameters| parameters.as_null().is_ok());
        let wrong = (with_null.contains(&algorithm.algorithm) && !is_null)
            || (without.contains(&algorithm.algorithm) && parameters.is_some());
        if wrong {
            hits.add(format!("{field}.parameters"));
        }
    }
}
