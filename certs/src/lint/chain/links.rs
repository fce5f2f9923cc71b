//! One certificate and its issuer.

use std::collections::{HashMap, HashSet};

use x509_parser::extensions::{GeneralName, ParsedExtension};

use super::rule;
use crate::lint::entity::{self, Set};
use crate::lint::rule::{Hits, Level, Rule};
use crate::lint::signature::Verdict;
use crate::lint::{Options, names, oids};

pub(in crate::lint) const LINKS: &[Rule] = &[
    rule(
        "5280-6.1.3-signature",
        ("RFC 5280", "6.1.3 (a) (1)"),
        Level::Must,
        signature,
        (
            "the signature verifies with the issuer's key",
            "発行者の鍵で署名を検証できること",
        ),
        (
            "use the certificate of the CA that truly issued it, or issue it anew",
            "実際に発行した CA の証明書を使用するか、発行し直す",
        ),
    ),
    rule(
        "5280-6.1.3-untried",
        ("RFC 5280", "6.1.3 (a) (1)"),
        Level::May,
        untried_signature,
        (
            "the signature was not verified: this program lacks the algorithm or the key's size",
            "署名は未検証（本プログラムがアルゴリズムまたは鍵長に対応していない）",
        ),
        ("verify it with another program", "他のプログラムで検証する"),
    ),
    rule(
        "5280-4.1.2.6-same",
        ("RFC 5280", "4.1.2.6"),
        Level::Must,
        same_name,
        (
            "the issuer is encoded exactly as the subject of the CA",
            "発行者名が CA のサブジェクトとビット単位で一致すること",
        ),
        (
            "copy the octets of the CA's subject into the issuer",
            "CA のサブジェクトのオクテット列をそのまま発行者名とする",
        ),
    ),
    rule(
        "5280-4.2.1.1-match",
        ("RFC 5280", "4.2.1.1"),
        Level::Must,
        key_identifiers,
        (
            "authorityKeyIdentifier names the issuer's key",
            "authorityKeyIdentifier が発行者の鍵を指すこと",
        ),
        (
            "copy the issuer's subjectKeyIdentifier, and its issuer and serial number where given",
            "発行者の subjectKeyIdentifier（記載する場合は発行者証明書の発行者名と番号も）を転記する",
        ),
    ),
    rule(
        "5280-6.1.4-ca",
        ("RFC 5280", "6.1.4 (k)"),
        Level::Must,
        issuer_is_ca,
        (
            "whatever issues certificates has basicConstraints with cA TRUE",
            "証明書を発行するものは、cA が TRUE の basicConstraints を持つこと",
        ),
        (
            "issue from a CA certificate; an end entity cannot issue",
            "CA 証明書から発行する（エンドエンティティは発行できない）",
        ),
    ),
    rule(
        "5280-6.1.4-usage",
        ("RFC 5280", "6.1.4 (n)"),
        Level::Must,
        issuer_may_sign,
        (
            "the keyUsage of whatever issues certificates has keyCertSign",
            "証明書を発行するものの keyUsage に keyCertSign があること",
        ),
        (
            "issue the CA certificate anew with keyCertSign",
            "keyCertSign を加えて CA 証明書を発行し直す",
        ),
    ),
    rule(
        "5280-6.1.3-nesting",
        ("RFC 5280", "6.1.3 (a) (2)"),
        Level::Should,
        nested_periods,
        (
            "the validity period lies within that of the issuer",
            "有効期間が発行者の有効期間内に収まること",
        ),
        (
            "shorten the period, or renew the CA first; the path fails outside the issuer's period",
            "期間を短くするか、先に CA を更新する（発行者の期間外では検証に失敗する）",
        ),
    ),
    rule(
        "5280-6.1-missing",
        ("RFC 5280", "6.1"),
        Level::Should,
        missing_issuer,
        (
            "the issuer is among the certificates given",
            "発行者の証明書が含まれること",
        ),
        (
            "add the issuer's certificate, unless receivers have it",
            "受信側が持っていない場合は、発行者の証明書を追加する",
        ),
    ),
    rule(
        "5280-4.1.2.2-unique",
        ("RFC 5280", "4.1.2.2"),
        Level::Must,
        unique_serials,
        (
            "a CA gives each serial number once",
            "一つの CA が同じシリアル番号を再使用しないこと",
        ),
        (
            "issue one of them anew with another serial number",
            "一方を別のシリアル番号で発行し直す",
        ),
    ),
    rule(
        "4945-3.3.10-duplicate",
        ("RFC 4945", "3.3.10.4"),
        Level::May,
        duplicates,
        (
            "a certificate given twice has no effect",
            "重複する証明書に効果はない",
        ),
        ("keep one of them", "一つだけ残す"),
    ),
    rule(
        "PX-09",
        ("RFC 4945", "5.1.3.1"),
        Level::ShouldNot,
        similar_cas,
        (
            "no two CA keys have the same name, so that receivers without key identifiers find the issuer",
            "鍵識別子に対応しない受信側が発行者を特定できるよう、同名の CA 鍵が複数ないこと",
        ),
        (
            "give each CA key a name of its own",
            "CA の鍵ごとに異なる名前を付ける",
        ),
    ),
];

fn signature(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (entity, issuer, verdict) in set.issued() {
        if verdict == Verdict::Invalid {
            let issuer = names::distinguished(issuer.subject);
            let hits = hits.in_object(entity.object);
            hits.add_value("signatureValue", format!("issuer: {issuer}"));
        }
    }
}

fn untried_signature(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (entity, _, verdict) in set.issued() {
        if let Some(certificate) = entity.certificate
            && verdict == Verdict::Untried
        {
            let algorithm = oids::dotted(&certificate.signature_algorithm.algorithm);
            hits.in_object(entity.object)
                .add_value("signatureAlgorithm", algorithm);
        }
    }
}

/// The name with letter case and string types set aside.
fn folded(name: &x509_parser::x509::X509Name<'_>) -> String {
    let attributes = name.iter_attributes();
    let parts = attributes.map(|attribute| {
        let text = names::text_of(attribute.attr_value()).to_lowercase();
        let words: Vec<_> = text.split_whitespace().collect();
        format!(
            "{}={}",
            oids::dotted(attribute.attr_type()),
            words.join(" ")
        )
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn same_name(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let certificates = set.certificates();
    let subjects: HashSet<String> = certificates
        .map(|(_, entity, _)| folded(entity.subject))
        .collect();
    for (index, entity, certificate) in set.certificates() {
        let unresolved = set.issuers.get(index).is_none_or(Option::is_none);
        if unresolved && subjects.contains(&folded(&certificate.issuer)) {
            let issuer = names::distinguished(&certificate.issuer);
            hits.in_object(entity.object).add_value("issuer", issuer);
        }
    }
}

fn key_identifiers(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (entity, issuer, _) in set.issued() {
        let Some(ParsedExtension::AuthorityKeyIdentifier(authority)) =
            entity.parsed(&oids::AUTHORITY_KEY_IDENTIFIER)
        else {
            continue;
        };
        let hits = hits.in_object(entity.object);
        let offset = entity.offset_of(&oids::AUTHORITY_KEY_IDENTIFIER);
        let own = entity::subject_key_identifier(issuer);
        if let (Some(key), Some(own)) = (&authority.key_identifier, own)
            && key.0 != own
        {
            let value = names::hex(key.0);
            hits.add_at("authorityKeyIdentifier.keyIdentifier", Some(value), offset);
        }
        let Some(issuer_certificate) = issuer.certificate else {
            continue;
        };
        if let Some(serial) = authority.authority_cert_serial
            && serial != issuer_certificate.raw_serial()
        {
            let field = "authorityKeyIdentifier.authorityCertSerialNumber";
            hits.add_at(field, Some(names::hex(serial)), offset);
        }
        let issuer_name = issuer_certificate.issuer.as_raw();
        let is_other = |name: &GeneralName<'_>| matches!(name, GeneralName::DirectoryName(name) if name.as_raw() != issuer_name);
        if let Some(given) = &authority.authority_cert_issuer
            && given.iter().all(is_other)
        {
            let value = given.first().map(names::value);
            let field = "authorityKeyIdentifier.authorityCertIssuer";
            hits.add_at(field, value, offset);
        }
    }
}

/// Pairs of a certificate and another one that issued it, once for each issuer.
fn true_issuers<'s, 'a>(set: &'s Set<'a>) -> Vec<&'s entity::Entity<'a>> {
    let mut seen = HashSet::new();
    let others = set.issued().filter(|(entity, issuer, verdict)| {
        entity.object != issuer.object && *verdict != Verdict::Invalid
    });
    others
        .filter(|(_, issuer, _)| seen.insert(issuer.object))
        .map(|(_, issuer, _)| issuer)
        .collect()
}

fn issuer_is_ca(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for issuer in true_issuers(set) {
        let says_ca = issuer
            .basic_constraints()
            .is_some_and(|constraints| constraints.ca);
        if !says_ca {
            let offset = issuer.offset_of(&oids::BASIC_CONSTRAINTS);
            hits.in_object(issuer.object)
                .add_at("basicConstraints.cA", None, offset);
        }
    }
}

fn issuer_may_sign(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for issuer in true_issuers(set) {
        let usage = issuer.key_usage();
        if let Some(usage) = usage.filter(|usage| !usage.key_cert_sign()) {
            let offset = issuer.offset_of(&oids::KEY_USAGE);
            hits.in_object(issuer.object)
                .add_at("keyUsage", Some(usage.to_string()), offset);
        }
    }
}

fn nested_periods(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (entity, issuer, _) in set.issued() {
        let (Some(inner), Some(outer)) = (entity.certificate, issuer.certificate) else {
            continue;
        };
        let (inner, outer) = (&inner.validity, &outer.validity);
        let hits = hits.in_object(entity.object);
        if inner.not_before.timestamp() < outer.not_before.timestamp() {
            hits.add_value("validity.notBefore", names::time(&inner.not_before));
        }
        if inner.not_after.timestamp() > outer.not_after.timestamp() {
            hits.add_value("validity.notAfter", names::time(&inner.not_after));
        }
    }
}

fn missing_issuer(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    if set.certificates().count() < 2 {
        return;
    }
    for (index, entity, certificate) in set.certificates() {
        if set.issuers.get(index).is_none_or(Option::is_none) {
            let issuer = names::distinguished(&certificate.issuer);
            hits.in_object(entity.object).add_value("issuer", issuer);
        }
    }
}

fn unique_serials(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let mut seen = HashMap::new();
    for (_, entity, certificate) in set.certificates() {
        let key = (certificate.issuer.as_raw(), certificate.raw_serial());
        let first = *seen.entry(key).or_insert(certificate.as_raw());
        if first != certificate.as_raw() {
            let serial = names::hex(certificate.raw_serial());
            hits.in_object(entity.object)
                .add_value("serialNumber", serial);
        }
    }
}

fn duplicates(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let mut seen = HashSet::new();
    for (_, entity, certificate) in set.certificates() {
        if !seen.insert(certificate.as_raw()) {
            hits.in_object(entity.object).add("certificate");
        }
    }
}

fn similar_cas(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let mut seen = HashMap::new();
    for (_, entity, _) in set
        .certificates()
        .filter(|(_, entity, _)| entity.role.is_ca())
    {
        let first = *seen
            .entry(entity.subject.as_raw())
            .or_insert(entity.key.raw);
        if first != entity.key.raw {
            let subject = names::distinguished(entity.subject);
            hits.in_object(entity.object).add_value("subject", subject);
        }
    }
}
