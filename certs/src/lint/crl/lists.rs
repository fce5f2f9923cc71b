//! One CRL by itself.

use std::collections::HashSet;

use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{
    OID_MD5_WITH_RSA, OID_PKCS1_MD5WITHRSAENC, OID_PKCS1_SHA1WITHRSA, OID_SHA1_WITH_RSA,
};
use x509_parser::x509::ReasonCode;

use crate::lint::entity::Crl;
use crate::lint::report::Severity;
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};
use crate::lint::tlv::{GENERALIZED_TIME, SEQUENCE, UTC_TIME};
use crate::lint::{AlgorithmText, Options, names, oids};

const fn rule(
    id: &'static str,
    place: (&'static str, &'static str),
    level: Level,
    check: fn(&Crl<'_>, &Options, &mut Hits),
    title: (&'static str, &'static str),
    change: (&'static str, &'static str),
) -> Rule {
    Rule::new(
        id,
        Source::Crl,
        place,
        level,
        Check::Crl(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}

pub(in crate::lint) const LISTS: &[Rule] = &[
    rule(
        "RV-03",
        ("RFC 4945", "5.2.2.3"),
        Level::Must,
        |crl, _, hits| present(crl, &oids::CRL_NUMBER, hits),
        ("a CRL has cRLNumber", "CRL に cRLNumber があること"),
        ("add the extension", "この拡張を追加する"),
    ),
    rule(
        "RV-04",
        ("RFC 4945", "5.2.2.4"),
        Level::May,
        is_base,
        (
            "receivers without support of delta CRLs must reject them",
            "デルタ CRL に対応しない受信側はこれを拒否しなければならない",
        ),
        ("publish a complete CRL as well", "完全な CRL も公開する"),
    ),
    rule(
        "5280-5.1.1.2-algorithm",
        ("RFC 5280", "5.1.1.2"),
        Level::Must,
        same_algorithm,
        (
            "signatureAlgorithm is the same as signature in the signed part of the CRL",
            "CRL の signatureAlgorithm が署名対象内の signature と一致すること",
        ),
        ("issue the CRL anew", "CRL を発行し直す"),
    ),
    rule(
        "8247-3.2-crl",
        ("RFC 8247", "3.2"),
        Level::MustNot,
        old_hash,
        (
            "the signature of a CRL does not use SHA-1 or MD5",
            "CRL の署名に SHA-1 や MD5 を使用しないこと",
        ),
        (
            "sign the CRL with SHA-256 or stronger",
            "SHA-256 以上のハッシュで CRL に署名する",
        ),
    ),
    rule(
        "5280-5.1.2.1-version",
        ("RFC 5280", "5.1.2.1"),
        Level::Must,
        version,
        ("a CRL is of version 2", "CRL のバージョンが 2 であること"),
        (
            "issue the CRL as version 2",
            "バージョン 2 の CRL を発行する",
        ),
    ),
    rule(
        "5280-5.1.2.3-empty",
        ("RFC 5280", "5.1.2.3"),
        Level::Must,
        issuer_is_named,
        (
            "the issuer of a CRL is not empty",
            "CRL の発行者名が空でないこと",
        ),
        ("issue the CRL anew", "CRL を発行し直す"),
    ),
    rule(
        "5280-5.1.2.5-present",
        ("RFC 5280", "5.1.2.5"),
        Level::Must,
        next_update,
        ("a CRL has nextUpdate", "CRL に nextUpdate があること"),
        ("add nextUpdate", "nextUpdate を追加する"),
    ),
    rule(
        "5280-5.1.2.5-order",
        ("RFC 5280", "5.1.2.5"),
        Level::Must,
        update_order,
        (
            "thisUpdate is before nextUpdate",
            "thisUpdate が nextUpdate より前であること",
        ),
        ("correct the times", "時刻を修正する"),
    ),
    rule(
        "5280-5.1.2.5-passed",
        ("RFC 5280", "5.1.2.5"),
        Level::Must,
        is_fresh,
        ("nextUpdate has not passed", "nextUpdate を過ぎていないこと"),
        (
            "publish a new CRL; strict receivers reject the certificates otherwise",
            "新しい CRL を公開する（厳格な受信側は証明書を拒否する）",
        ),
    )
    .with(Severity::Warning),
    rule(
        "5280-5.1.2.6-some",
        ("RFC 5280", "5.1.2.6"),
        Level::Must,
        some_revoked,
        (
            "revokedCertificates is absent rather than empty",
            "失効した証明書がない場合は revokedCertificates を省くこと",
        ),
        ("leave the list out", "一覧を省く"),
    ),
    rule(
        "5280-5.2-duplicate",
        ("RFC 5280", "5.2"),
        Level::MustNot,
        duplicates,
        (
            "no extension occurs twice in a CRL",
            "CRL に同じ拡張を重複して含めないこと",
        ),
        ("keep one of them", "一つだけ残す"),
    ),
    rule(
        "5280-5.2-contents",
        ("RFC 5280", "5.2"),
        Level::Must,
        contents,
        (
            "the contents of known extensions of a CRL decode",
            "CRL の既知の拡張の内容が解読できること",
        ),
        (
            "encode the extension by its definition",
            "拡張を定義どおりに符号化する",
        ),
    ),
    rule(
        "5280-5.2.1-present",
        ("RFC 5280", "5.2.1"),
        Level::Must,
        |crl, _, hits| present(crl, &oids::AUTHORITY_KEY_IDENTIFIER, hits),
        (
            "a CRL has authorityKeyIdentifier",
            "CRL に authorityKeyIdentifier があること",
        ),
        ("add the extension", "この拡張を追加する"),
    ),
    rule(
        "5280-5.2.3-critical",
        ("RFC 5280", "5.2.3"),
        Level::Must,
        |crl, _, hits| criticality(crl, &oids::CRL_NUMBER, false, hits),
        (
            "cRLNumber is not critical",
            "cRLNumber をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-5.2.3-length",
        ("RFC 5280", "5.2.3"),
        Level::MustNot,
        short_number,
        (
            "cRLNumber has at most 20 octets",
            "cRLNumber が 20 オクテット以下であること",
        ),
        ("use smaller numbers", "より小さい番号を使用する"),
    ),
    rule(
        "5280-5.2.4-critical",
        ("RFC 5280", "5.2.4"),
        Level::Must,
        |crl, _, hits| criticality(crl, &oids::DELTA_CRL_INDICATOR, true, hits),
        (
            "deltaCRLIndicator is critical",
            "deltaCRLIndicator をクリティカルにすること",
        ),
        ("make it critical", "クリティカルにする"),
    ),
    rule(
        "5280-5.2.5-critical",
        ("RFC 5280", "5.2.5"),
        Level::Must,
        |crl, _, hits| criticality(crl, &oids::ISSUING_DISTRIBUTION_POINT, true, hits),
        (
            "issuingDistributionPoint is critical",
            "issuingDistributionPoint をクリティカルにすること",
        ),
        ("make it critical", "クリティカルにする"),
    ),
    rule(
        "5280-5.3.1-unspecified",
        ("RFC 5280", "5.3.1"),
        Level::Should,
        reasons,
        (
            "reasonCode is absent rather than unspecified",
            "理由が unspecified の場合は reasonCode を省くこと",
        ),
        ("leave the reason out", "reasonCode を省く"),
    ),
];

fn present(crl: &Crl<'_>, oid: &x509_parser::der_parser::Oid<'_>, hits: &mut Hits) {
    if crl.extension(oid).is_none() {
        hits.add(oids::name(oid));
    }
}

fn criticality(
    crl: &Crl<'_>,
    oid: &x509_parser::der_parser::Oid<'_>,
    wanted: bool,
    hits: &mut Hits,
) {
    let extension = crl.extension(oid);
    if let Some(extension) = extension.filter(|extension| extension.critical != wanted) {
        let value = if extension.critical { "TRUE" } else { "FALSE" };
        let field = format!("{}.critical", oids::name(oid));
        hits.add_at(field, Some(value.into()), crl.offset(extension.value));
    }
}

fn is_base(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    if crl.extension(&oids::DELTA_CRL_INDICATOR).is_some() {
        hits.add("deltaCRLIndicator");
    }
}

fn same_algorithm(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    let outer = &crl.list.signature_algorithm;
    let inner = &crl.list.tbs_cert_list.signature;
    if outer != inner {
        let (outer, inner) = (
            oids::dotted(&outer.algorithm),
            oids::dotted(&inner.algorithm),
        );
        hits.add_value("signatureAlgorithm", format!("{outer}, signed: {inner}"));
    }
}

fn old_hash(crl: &Crl<'_>, options: &Options, hits: &mut Hits) {
    let old = [
        OID_PKCS1_SHA1WITHRSA,
        OID_SHA1_WITH_RSA,
        OID_PKCS1_MD5WITHRSAENC,
        OID_MD5_WITH_RSA,
    ];
    let algorithm = &crl.list.signature_algorithm.algorithm;
    if options.text == AlgorithmText::Current && old.contains(algorithm) {
        hits.add_value("signatureAlgorithm", oids::dotted(algorithm));
    }
}

fn version(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    let version = crl.list.version().map(|version| version.0);
    if version != Some(1) {
        let shown = version.map_or(1, |version| u64::from(version) + 1);
        hits.add_value("version", shown.to_string());
    }
}

fn issuer_is_named(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    if crl.list.issuer().iter_rdn().next().is_none() {
        hits.add("issuer");
    }
}

fn next_update(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    if crl.list.next_update().is_none() {
        hits.add("nextUpdate");
    }
}

fn update_order(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    let this = crl.list.last_update();
    if let Some(next) = crl.list.next_update()
        && this.timestamp() >= next.timestamp()
    {
        hits.add_value("nextUpdate", names::time(&next));
    }
}

fn is_fresh(crl: &Crl<'_>, options: &Options, hits: &mut Hits) {
    if let Some(next) = crl.list.next_update()
        && next.timestamp() < options.at.as_second()
    {
        hits.add_value("nextUpdate", names::time(&next));
    }
}

fn some_revoked(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    let parts = crl.signed_parts();
    let times = parts
        .iter()
        .rposition(|part| part.tag == UTC_TIME || part.tag == GENERALIZED_TIME);
    // The list follows the last of the times.
    let list = times.and_then(|last| parts.get(last + 1));
    if let Some(list) = list.filter(|list| list.tag == SEQUENCE && list.contents.is_empty()) {
        hits.add_at("revokedCertificates", None, Some(list.start));
    }
}

fn duplicates(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    let mut seen = HashSet::new();
    for extension in crl.list.extensions() {
        if !seen.insert(extension.oid.as_bytes()) {
            hits.add_at(
                oids::name(&extension.oid),
                None,
                crl.offset(extension.value),
            );
        }
    }
}

fn contents(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    for extension in crl.list.extensions() {
        if let ParsedExtension::ParseError { error } = extension.parsed_extension() {
            let value = format!("{} ({error})", names::hex(extension.value));
            let offset = crl.offset(extension.value);
            hits.add_at(oids::name(&extension.oid), Some(value), offset);
        }
    }
}

fn short_number(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    const LONGEST: usize = 20;
    let number = crl.extension(&oids::CRL_NUMBER);
    let contents = number.and_then(|number| crate::lint::tlv::first(number.value));
    if let Some(number) = contents.filter(|number| number.contents.len() > LONGEST) {
        let value = format!("{} octets", number.contents.len());
        hits.add_at("cRLNumber", Some(value), crl.offset(number.contents));
    }
}

fn reasons(crl: &Crl<'_>, _: &Options, hits: &mut Hits) {
    for revoked in crl.list.iter_revoked_certificates() {
        let reasons = revoked.extensions().iter();
        let mut reasons = reasons.filter(|extension| extension.oid == oids::REASON_CODE);
        let unspecified = reasons.any(|extension| {
            *extension.parsed_extension() == ParsedExtension::ReasonCode(ReasonCode::Unspecified)
        });
        if unspecified {
            let serial = names::hex(revoked.raw_serial());
            hits.add_value("revokedCertificates.reasonCode", format!("serial {serial}"));
        }
    }
}
