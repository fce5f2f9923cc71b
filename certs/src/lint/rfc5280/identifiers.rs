//! Sections 4.2.1.1, 4.2.1.2, 4.2.1.13, 4.2.1.15 and 4.2.2: key identifiers, and where to find more.

use x509_parser::der_parser::Oid;
use x509_parser::extensions::{AuthorityKeyIdentifier, ParsedExtension};

use super::rule;
use crate::lint::entity::{self, Entity};
use crate::lint::rule::{Hits, Level, Rule};
use crate::lint::{Options, oids};

pub(in crate::lint) const IDENTIFIERS: &[Rule] = &[
    rule(
        "5280-4.2.1.1-present",
        "4.2.1.1",
        Level::Must,
        authority_key,
        (
            "authorityKeyIdentifier has a keyIdentifier, except in self-signed certificates",
            "自己署名以外の証明書の authorityKeyIdentifier に keyIdentifier があること",
        ),
        (
            "add the subjectKeyIdentifier of the issuer as keyIdentifier",
            "発行者の subjectKeyIdentifier を keyIdentifier として追加する",
        ),
    ),
    rule(
        "5280-4.2.1.1-pair",
        "4.2.1.1",
        Level::Must,
        issuer_with_serial,
        (
            "authorityCertIssuer and authorityCertSerialNumber are both present or both absent",
            "authorityCertIssuer と authorityCertSerialNumber は、両方記載するか両方省くこと",
        ),
        (
            "add the missing one, or leave both out",
            "不足する一方を追加するか、両方を省く",
        ),
    ),
    rule(
        "5280-4.2.1.1-critical",
        "4.2.1.1",
        Level::Must,
        |entity, _, hits| not_critical(entity, &oids::AUTHORITY_KEY_IDENTIFIER, hits),
        (
            "authorityKeyIdentifier is not critical",
            "authorityKeyIdentifier をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.2-ca",
        "4.2.1.2",
        Level::Must,
        subject_key_of_ca,
        (
            "a CA certificate has subjectKeyIdentifier",
            "CA 証明書に subjectKeyIdentifier があること",
        ),
        ("add the extension", "この拡張を追加する"),
    ),
    rule(
        "5280-4.2.1.2-ee",
        "4.2.1.2",
        Level::Should,
        subject_key_of_end_entity,
        (
            "an end entity certificate has subjectKeyIdentifier",
            "エンドエンティティ証明書に subjectKeyIdentifier があること",
        ),
        ("add the extension", "この拡張を追加する"),
    ),
    rule(
        "5280-4.2.1.2-critical",
        "4.2.1.2",
        Level::Must,
        |entity, _, hits| not_critical(entity, &oids::SUBJECT_KEY_IDENTIFIER, hits),
        (
            "subjectKeyIdentifier is not critical",
            "subjectKeyIdentifier をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.13-critical",
        "4.2.1.13",
        Level::Should,
        |entity, _, hits| not_critical(entity, &oids::CRL_DISTRIBUTION_POINTS, hits),
        (
            "cRLDistributionPoints is not critical",
            "cRLDistributionPoints をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.13-point",
        "4.2.1.13",
        Level::MustNot,
        distribution_point,
        (
            "a distribution point has a distributionPoint or a cRLIssuer, and not reasons alone",
            "配布点に distributionPoint または cRLIssuer があり、reasons のみでないこと",
        ),
        (
            "add the name of the distribution point",
            "配布点の名前を追加する",
        ),
    ),
    rule(
        "5280-4.2.1.15-critical",
        "4.2.1.15",
        Level::Must,
        |entity, _, hits| not_critical(entity, &oids::FRESHEST_CRL, hits),
        (
            "freshestCRL is not critical",
            "freshestCRL をクリティカルにしないこと",
        ),
        (
            "make it non-critical, or leave it out: IKE implementations rarely know delta CRLs",
            "非クリティカルにするか省く（デルタ CRL に対応する IKE 実装は少ない）",
        ),
    ),
    rule(
        "5280-4.2.2.1-critical",
        "4.2.2.1",
        Level::Must,
        |entity, _, hits| not_critical(entity, &oids::AUTHORITY_INFO_ACCESS, hits),
        (
            "authorityInfoAccess is not critical",
            "authorityInfoAccess をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-4.2.2.2-critical",
        "4.2.2.2",
        Level::Must,
        |entity, _, hits| not_critical(entity, &oids::SUBJECT_INFO_ACCESS, hits),
        (
            "subjectInfoAccess is not critical",
            "subjectInfoAccess をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
];

/// Hits when the extension is there and critical.
pub(super) fn not_critical(entity: &Entity<'_>, oid: &Oid<'_>, hits: &mut Hits) {
    criticality(entity, oid, false, hits);
}

/// Hits when the extension is there and its criticality is not this.
pub(super) fn criticality(entity: &Entity<'_>, oid: &Oid<'_>, wanted: bool, hits: &mut Hits) {
    let extension = entity.extension(oid);
    if let Some(extension) = extension.filter(|extension| extension.critical != wanted) {
        let field = format!("{}.critical", oids::name(oid));
        let value = if extension.critical { "TRUE" } else { "FALSE" };
        hits.add_at(field, Some(value.into()), entity.offset(extension.value));
    }
}

fn authority_key(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let is_issued = entity.certificate.is_some() && !entity.is_self_issued();
    if is_issued && entity::authority_key_identifier(entity).is_none() {
        let offset = entity.offset_of(&oids::AUTHORITY_KEY_IDENTIFIER);
        hits.add_at("authorityKeyIdentifier.keyIdentifier", None, offset);
    }
}

fn authority<'a>(entity: &Entity<'a>) -> Option<&'a AuthorityKeyIdentifier<'a>> {
    if let ParsedExtension::AuthorityKeyIdentifier(identifier) =
        entity.parsed(&oids::AUTHORITY_KEY_IDENTIFIER)?
    {
        Some(identifier)
    } else {
        None
    }
}

fn issuer_with_serial(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(authority) = authority(entity) else {
        return;
    };
    let offset = entity.offset_of(&oids::AUTHORITY_KEY_IDENTIFIER);
    match (
        authority.authority_cert_issuer.is_some(),
        authority.authority_cert_serial.is_some(),
    ) {
        (true, false) => {
            let field = "authorityKeyIdentifier.authorityCertSerialNumber";
            hits.add_at(field, None, offset);
        }
        (false, true) => {
            let field = "authorityKeyIdentifier.authorityCertIssuer";
            hits.add_at(field, None, offset);
        }
        (true, true) | (false, false) => {}
    }
}

fn subject_key_of_ca(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.role.is_ca() && entity.extension(&oids::SUBJECT_KEY_IDENTIFIER).is_none() {
        hits.add("subjectKeyIdentifier");
    }
}

/// A request leaves the extension to the CA.
fn subject_key_of_end_entity(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let is_issued = entity.certificate.is_some() && entity.is_end_entity();
    if is_issued && entity.extension(&oids::SUBJECT_KEY_IDENTIFIER).is_none() {
        hits.add("subjectKeyIdentifier");
    }
}

fn distribution_point(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some(ParsedExtension::CRLDistributionPoints(points)) =
        entity.parsed(&oids::CRL_DISTRIBUTION_POINTS)
    {
        for (index, point) in points.points.iter().enumerate() {
            if point.distribution_point.is_none() && point.crl_issuer.is_none() {
                let offset = entity.offset_of(&oids::CRL_DISTRIBUTION_POINTS);
                hits.add_at(format!("cRLDistributionPoints[{index}]"), None, offset);
            }
        }
    }
}
