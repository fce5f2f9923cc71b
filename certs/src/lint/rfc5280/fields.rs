//! Section 4.1: the fields outside the extensions, and the extensions as a list.

use std::collections::HashSet;

use x509_parser::extensions::ParsedExtension;

use super::rule;
use crate::lint::entity::Entity;
use crate::lint::report::Severity;
use crate::lint::rule::{Hits, Level, Rule};
use crate::lint::tlv::{GENERALIZED_TIME, SEQUENCE, Tlv, UTC_TIME};
use crate::lint::{Options, names, oids};

pub(in crate::lint) const FIELDS: &[Rule] = &[
    rule(
        "5280-4.1.1.2-algorithm",
        "4.1.1.2",
        Level::Must,
        same_algorithm,
        (
            "signatureAlgorithm is the same as signature in the signed part",
            "signatureAlgorithm が署名対象内の signature と一致すること",
        ),
        (
            "issue it anew with one algorithm identifier in both places",
            "両方に同じアルゴリズム識別子を記載して発行し直す",
        ),
    ),
    rule(
        "5280-4.1.2.1-version",
        "4.1.2.1",
        Level::Must,
        version,
        (
            "the version is 3 where there are extensions, and 2 or 3 where there are unique identifiers",
            "拡張がある場合はバージョン 3、一意識別子がある場合はバージョン 2 または 3 であること",
        ),
        ("issue it as version 3", "バージョン 3 として発行する"),
    ),
    rule(
        "5280-4.1.2.2-positive",
        "4.1.2.2",
        Level::Must,
        positive_serial,
        (
            "the serial number is positive",
            "シリアル番号が正の整数であること",
        ),
        (
            "use a serial number above zero, with a leading zero octet where the top bit is set",
            "0 より大きい番号とし、最上位ビットが 1 の場合は先頭に 0 のオクテットを置く",
        ),
    ),
    rule(
        "5280-4.1.2.2-length",
        "4.1.2.2",
        Level::MustNot,
        short_serial,
        (
            "the serial number has at most 20 octets",
            "シリアル番号が 20 オクテット以下であること",
        ),
        (
            "use a serial number of at most 20 octets",
            "20 オクテット以下の番号を使用する",
        ),
    ),
    rule(
        "5280-4.1.2.4-empty",
        "4.1.2.4",
        Level::Must,
        issuer_is_named,
        ("the issuer is not empty", "発行者名が空でないこと"),
        ("give the CA a distinguished name", "CA に識別名を付ける"),
    ),
    rule(
        "5280-4.1.2.5-order",
        "4.1.2.5",
        Level::Must,
        period_order,
        (
            "notBefore is before notAfter",
            "notBefore が notAfter より前であること",
        ),
        ("correct the validity period", "有効期間を修正する"),
    ),
    rule(
        "5280-4.1.2.5-type",
        "4.1.2.5",
        Level::Must,
        time_type,
        (
            "times up to 2049 are UTCTime, later ones GeneralizedTime",
            "2049 年までの時刻は UTCTime、それ以降は GeneralizedTime であること",
        ),
        (
            "encode the time with the other type",
            "もう一方の型で時刻を符号化する",
        ),
    ),
    rule(
        "5280-4.1.2.5-form",
        "4.1.2.5.1, 4.1.2.5.2",
        Level::Must,
        time_form,
        (
            "times are in GMT with seconds, and without fractions",
            "時刻は秒まで記載した GMT とし、秒未満を含まないこと",
        ),
        (
            "write the time as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ",
            "YYMMDDHHMMSSZ または YYYYMMDDHHMMSSZ の形式で記載する",
        ),
    ),
    rule(
        "5280-4.1.2.5-begun",
        "4.1.2.5",
        Level::Must,
        has_begun,
        (
            "the validity period has begun",
            "有効期間が始まっていること",
        ),
        (
            "wait until notBefore, or check the clock",
            "notBefore まで待つか、時計を確認する",
        ),
    )
    .with(Severity::Warning),
    rule(
        "5280-4.1.2.5-ended",
        "4.1.2.5",
        Level::Must,
        has_not_ended,
        (
            "the validity period has not ended",
            "有効期間が終わっていないこと",
        ),
        ("renew it", "更新する"),
    )
    .with(Severity::Warning),
    rule(
        "5280-4.1.2.6-ca",
        "4.1.2.6",
        Level::Must,
        ca_is_named,
        (
            "the subject of a CA is not empty",
            "CA のサブジェクトが空でないこと",
        ),
        (
            "give the CA the name under which it issues",
            "発行者名と同じ識別名をサブジェクトに記載する",
        ),
    ),
    rule(
        "5280-4.1.2.6-empty",
        "4.1.2.6, 4.2.1.6",
        Level::Must,
        someone_is_named,
        (
            "an empty subject comes with a critical subjectAltName",
            "サブジェクトが空の場合は subjectAltName をクリティカルで記載すること",
        ),
        (
            "fill the subject, or add subjectAltName and make it critical",
            "サブジェクトを記載するか、subjectAltName をクリティカルで追加する",
        ),
    ),
    rule(
        "5280-4.1.2.8-unique",
        "4.1.2.8",
        Level::MustNot,
        unique_identifiers,
        (
            "there is no issuerUniqueID and no subjectUniqueID",
            "issuerUniqueID および subjectUniqueID を含めないこと",
        ),
        ("leave them out", "これらを省く"),
    ),
    rule(
        "5280-4.1.2.9-some",
        "4.1.2.9",
        Level::Must,
        some_extension,
        (
            "the list of extensions is absent rather than empty",
            "拡張の一覧は、空にせず省くこと",
        ),
        ("leave the field out", "このフィールドを省く"),
    ),
    rule(
        "5280-4.2-duplicate",
        "4.2",
        Level::MustNot,
        duplicates,
        (
            "no extension occurs twice",
            "同じ拡張を重複して含めないこと",
        ),
        (
            "keep one of them, with the contents of all",
            "一つにまとめる",
        ),
    ),
    rule(
        "5280-4.2-contents",
        "4.2",
        Level::Must,
        contents,
        (
            "the contents of known extensions decode",
            "既知の拡張の内容が解読できること",
        ),
        (
            "encode the extension by its definition, and nothing after it",
            "拡張を定義どおりに符号化し、後に何も付けない",
        ),
    ),
    rule(
        "5280-4.2-critical",
        "4.2",
        Level::Must,
        known_critical,
        (
            "receivers must reject an unknown extension that is critical",
            "受信側は未知のクリティカルな拡張を含む証明書を拒否しなければならない",
        ),
        (
            "make it non-critical, or leave it out",
            "非クリティカルにするか省く",
        ),
    )
    .with(Severity::Warning),
    rule(
        "5280-4.2-default",
        "4.2",
        Level::Must,
        default_is_absent,
        (
            "critical is absent where it is FALSE (DER leaves defaults out)",
            "critical が FALSE の場合は省くこと（DER では既定値を符号化しない）",
        ),
        ("leave the BOOLEAN out", "BOOLEAN を省く"),
    ),
];

fn same_algorithm(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some(certificate) = entity.certificate
        && certificate.signature_algorithm != certificate.signature
    {
        let outer = oids::dotted(&certificate.signature_algorithm.algorithm);
        let inner = oids::dotted(&certificate.signature.algorithm);
        hits.add_value("signatureAlgorithm", format!("{outer}, signed: {inner}"));
    }
}

fn version(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(certificate) = entity.certificate else {
        return;
    };
    let unique = certificate.issuer_uid.is_some() || certificate.subject_uid.is_some();
    let extended = !certificate.extensions().is_empty();
    let fits = match certificate.version.0 {
        0 => !unique && !extended,
        1 => !extended,
        2 => true,
        _ => false,
    };
    if !fits {
        let version = u64::from(certificate.version.0) + 1;
        hits.add_value("version", version.to_string());
    }
}

fn positive_serial(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(certificate) = entity.certificate else {
        return;
    };
    let serial = certificate.raw_serial();
    let negative = serial.first().is_some_and(|octet| *octet >= 0x80);
    if negative || serial.iter().all(|octet| *octet == 0) {
        hits.add_at(
            "serialNumber",
            Some(names::hex(serial)),
            entity.offset(serial),
        );
    }
}

fn short_serial(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    const LONGEST: usize = 20;
    let Some(certificate) = entity.certificate else {
        return;
    };
    let serial = certificate.raw_serial();
    if serial.len() > LONGEST {
        let value = format!("{} octets", serial.len());
        hits.add_at("serialNumber", Some(value), entity.offset(serial));
    }
}

fn issuer_is_named(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let issuer = entity.certificate.map(|certificate| &certificate.issuer);
    if issuer.is_some_and(|issuer| issuer.iter_rdn().next().is_none()) {
        hits.add("issuer");
    }
}

fn period_order(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some(certificate) = entity.certificate {
        let period = &certificate.validity;
        if period.not_before.timestamp() >= period.not_after.timestamp() {
            let value = format!(
                "{} to {}",
                names::time(&period.not_before),
                names::time(&period.not_after)
            );
            hits.add_value("validity", value);
        }
    }
}

/// The two times of the validity with their fields, as they are encoded.
fn times<'a>(entity: &Entity<'a>) -> Vec<(&'static str, Tlv<'a>)> {
    if entity.certificate.is_none() {
        return Vec::new();
    }
    let parts = entity.signed_parts();
    let is_time = |tag: u8| tag == UTC_TIME || tag == GENERALIZED_TIME;
    let validity = parts
        .iter()
        .find(|part| part.tag == SEQUENCE && part.child(0).is_some_and(|child| is_time(child.tag)));
    let times = validity
        .into_iter()
        .flat_map(|validity| validity.children());
    ["validity.notBefore", "validity.notAfter"]
        .into_iter()
        .zip(times)
        .collect()
}

fn time_type(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, time) in times(entity) {
        let year = time.contents.get(..4);
        if time.tag == GENERALIZED_TIME && year.is_some_and(|year| year < b"2050".as_slice()) {
            let value = format!("GeneralizedTime {}", time_text(&time));
            hits.add_at(field, Some(value), Some(time.start));
        }
    }
}

fn time_form(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, time) in times(entity) {
        let digits = match time.tag {
            UTC_TIME => 12,
            _ => 14,
        };
        let good = match time.contents.split_at_checked(digits) {
            Some((date, zone)) => date.iter().all(u8::is_ascii_digit) && zone == b"Z",
            None => false,
        };
        if !good {
            hits.add_at(field, Some(time_text(&time)), Some(time.start));
        }
    }
}

fn time_text(time: &Tlv<'_>) -> String {
    String::from_utf8_lossy(time.contents).into_owned()
}

fn has_begun(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    if let Some(certificate) = entity.certificate {
        let begin = certificate.validity.not_before;
        if begin.timestamp() > options.at.as_second() {
            hits.add_value("validity.notBefore", names::time(&begin));
        }
    }
}

fn has_not_ended(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    if let Some(certificate) = entity.certificate {
        let end = certificate.validity.not_after;
        if end.timestamp() < options.at.as_second() {
            hits.add_value("validity.notAfter", names::time(&end));
        }
    }
}

fn is_nameless(entity: &Entity<'_>) -> bool {
    entity.subject.iter_rdn().next().is_none()
}

fn ca_is_named(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.role.is_ca() && is_nameless(entity) {
        hits.add("subject");
    }
}

fn someone_is_named(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let named = entity
        .extension(&oids::SUBJECT_ALT_NAME)
        .is_some_and(|extension| extension.critical && !entity.alt_names().is_empty());
    if entity.is_end_entity() && is_nameless(entity) && !named {
        hits.add("subject");
    }
}

fn unique_identifiers(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(certificate) = entity.certificate else {
        return;
    };
    for (field, identifier) in [
        ("issuerUniqueID", &certificate.issuer_uid),
        ("subjectUniqueID", &certificate.subject_uid),
    ] {
        if identifier.is_some() {
            hits.add(field);
        }
    }
}

/// [3] EXPLICIT.
const EXTENSIONS_TAG: u8 = 0xa3;

fn extension_parts<'a>(entity: &Entity<'a>) -> Option<Tlv<'a>> {
    entity.certificate?;
    let parts = entity.signed_parts();
    let field = parts.iter().find(|part| part.tag == EXTENSIONS_TAG)?;
    field.child(0)
}

fn some_extension(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some(list) = extension_parts(entity)
        && list.contents.is_empty()
    {
        hits.add_at("extensions", None, Some(list.start));
    }
}

fn duplicates(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let mut seen = HashSet::new();
    for extension in &entity.extensions {
        if !seen.insert(extension.oid.as_bytes()) {
            let offset = entity.offset(extension.value);
            hits.add_at(oids::name(&extension.oid), None, offset);
        }
    }
}

fn contents(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for extension in &entity.extensions {
        if let ParsedExtension::ParseError { error } = extension.parsed_extension() {
            let offset = entity.offset(extension.value);
            let value = format!("{} ({error})", names::hex(extension.value));
            hits.add_at(oids::name(&extension.oid), Some(value), offset);
        }
    }
}

fn known_critical(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for extension in &entity.extensions {
        if extension.critical && !oids::is_certificate_extension(&extension.oid) {
            let offset = entity.offset(extension.value);
            hits.add_at(oids::name(&extension.oid), Some("critical".into()), offset);
        }
    }
}

fn default_is_absent(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let extensions = extension_parts(entity).into_iter();
    for extension in extensions.flat_map(|list| list.children()) {
        if let Some(critical) = extension.child(1)
            && critical.tag == crate::lint::tlv::BOOLEAN
            && critical.contents == [0]
        {
            let offset = Some(critical.start);
            hits.add_at("extensions.critical", Some("FALSE".into()), offset);
        }
    }
}
