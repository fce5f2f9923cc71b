//! What the certificate is for, and how it is checked: the version and the other extensions.

use std::net::IpAddr;

use x509_parser::der_parser::Oid;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};

use super::rule;
use crate::lint::entity::Entity;
use crate::lint::names;
use crate::lint::report::Severity;
use crate::lint::rule::{Hits, Level, Rule, words};
use crate::lint::{Options, oids};

pub(in crate::lint) const EXTENSIONS: &[Rule] = &[
    rule(
        "PX-02",
        "5.1.1",
        Level::May,
        is_version_3,
        (
            "receivers may reject certificates of version 1 and 2",
            "受信側はバージョン 1 および 2 の証明書を拒否してよい",
        ),
        (
            "issue a certificate of version 3",
            "バージョン 3 の証明書を発行する",
        ),
    ),
    rule(
        "PX-10",
        "5.1.3.2",
        Level::Must,
        signs,
        (
            "keyUsage of an end entity has digitalSignature or nonRepudiation",
            "エンドエンティティの keyUsage に digitalSignature または nonRepudiation があること",
        ),
        (
            "add digitalSignature to keyUsage, or leave the extension out",
            "keyUsage に digitalSignature を追加するか、拡張を省く",
        ),
    ),
    rule(
        "PX-11",
        "5.1.3.3",
        Level::MustNot,
        |entity, _, hits| absent(entity, &oids::PRIVATE_KEY_USAGE_PERIOD, hits),
        (
            "there is no privateKeyUsagePeriod",
            "privateKeyUsagePeriod を含めないこと",
        ),
        ("leave the extension out", "この拡張を省く"),
    ),
    rule(
        "PX-12",
        "5.1.3.4",
        Level::ShouldNot,
        critical_policies,
        (
            "certificatePolicies is not critical",
            "certificatePolicies をクリティカルにしないこと",
        ),
        (
            "make it non-critical; receivers without policy processing must reject it",
            "非クリティカルにする（ポリシー処理に対応しない受信側は拒否しなければならない）",
        ),
    ),
    rule(
        "PX-14",
        "5.1.3.5",
        Level::ShouldNot,
        |entity, _, hits| not_critical(entity, &oids::POLICY_MAPPINGS, hits),
        (
            "policyMappings is not critical",
            "policyMappings をクリティカルにしないこと",
        ),
        (
            "make it non-critical; few IKE implementations process it",
            "非クリティカルにする（処理できる IKE 実装は少ない）",
        ),
    ),
    rule(
        "PX-21",
        "5.1.3.9",
        Level::Must,
        ca_constraints,
        (
            "a CA certificate has basicConstraints",
            "CA 証明書に basicConstraints があること",
        ),
        (
            "add basicConstraints, critical, with cA TRUE; by default receivers reject CAs without",
            "cA が TRUE の basicConstraints をクリティカルで追加する（ない場合、受信側は既定で拒否する）",
        ),
    ),
    rule(
        "PX-22",
        "5.1.3.10, 5.1.3.11, 5.1.3.14",
        Level::ShouldNot,
        rare_constraints,
        (
            "there is no nameConstraints, policyConstraints or inhibitAnyPolicy",
            "nameConstraints、policyConstraints、inhibitAnyPolicy を含めないこと",
        ),
        (
            "leave the extension out; it has to be critical, and many IKE implementations lack it",
            "この拡張を省く（クリティカルが必須であり、対応しない IKE 実装が多い）",
        ),
    ),
    rule(
        "PX-23",
        "5.1.3.12",
        Level::ShouldNot,
        has_purposes,
        (
            "a certificate for IKE has no extKeyUsage",
            "IKE 用の証明書に extKeyUsage を含めないこと",
        ),
        ("leave the extension out", "この拡張を省く"),
    ),
    rule(
        "PX-23-deprecated",
        "5.1.3.12",
        Level::ShouldNot,
        old_purposes,
        (
            "extKeyUsage has none of the deprecated purposes ipsecEndSystem, ipsecTunnel, ipsecUser",
            "extKeyUsage に廃止された ipsecEndSystem、ipsecTunnel、ipsecUser を含めないこと",
        ),
        (
            "replace them by ipsecIKE (1.3.6.1.5.5.7.3.17)",
            "ipsecIKE（1.3.6.1.5.5.7.3.17）に置き換える",
        ),
    ),
    rule(
        "PX-24",
        "5.1.3.12",
        Level::Must,
        ipsec_purposes_only,
        (
            "extKeyUsage for IPsec has ipsecIKE or anyExtendedKeyUsage",
            "IPsec 用の extKeyUsage に ipsecIKE または anyExtendedKeyUsage があること",
        ),
        (
            "add ipsecIKE (1.3.6.1.5.5.7.3.17): receivers that support the extension reject others",
            "ipsecIKE（1.3.6.1.5.5.7.3.17）を追加する（拡張に対応する受信側はそれ以外を拒否する）",
        ),
    ),
    rule(
        "PX-25",
        "5.1.3.12",
        Level::Must,
        |entity, _, hits| not_critical(entity, &oids::EXTENDED_KEY_USAGE, hits),
        (
            "receivers that do not support extKeyUsage must reject it when critical",
            "extKeyUsage に対応しない受信側は、クリティカルな場合に証明書を拒否しなければならない",
        ),
        ("make it non-critical", "非クリティカルにする"),
    )
    .with(Severity::Warning),
    rule(
        "PX-26",
        "5.1.3.12",
        Level::Must,
        shared_purposes,
        (
            "a certificate for other uses as well has ipsecIKE or anyExtendedKeyUsage in extKeyUsage",
            "他の用途と兼用する証明書の extKeyUsage に ipsecIKE または anyExtendedKeyUsage があること",
        ),
        (
            "add ipsecIKE (1.3.6.1.5.5.7.3.17)",
            "ipsecIKE（1.3.6.1.5.5.7.3.17）を追加する",
        ),
    ),
    rule(
        "PX-27",
        "5.1.3.13",
        Level::Should,
        distribution_points,
        (
            "cRLDistributionPoints is present",
            "cRLDistributionPoints があること",
        ),
        (
            "add the URI from which receivers can get the CRL",
            "受信側が CRL を取得できる URI を追加する",
        ),
    ),
    rule(
        "PX-27-resolvable",
        "5.1.3.13",
        Level::Should,
        resolvable_points,
        (
            "cRLDistributionPoints can be resolved",
            "cRLDistributionPoints が解決可能であること",
        ),
        (
            "give a URI with a host that receivers can reach",
            "受信側が到達できるホストの URI を記載する",
        ),
    ),
];

/// Hits when the extension is there.
fn absent(entity: &Entity<'_>, oid: &Oid<'_>, hits: &mut Hits) {
    if entity.extension(oid).is_some() {
        hits.add_at(oids::name(oid), None, entity.offset_of(oid));
    }
}

/// Hits when the extension is there and critical.
fn not_critical(entity: &Entity<'_>, oid: &Oid<'_>, hits: &mut Hits) {
    if entity
        .extension(oid)
        .is_some_and(|extension| extension.critical)
    {
        let field = format!("{}.critical", oids::name(oid));
        hits.add_at(field, Some("TRUE".into()), entity.offset_of(oid));
    }
}

fn is_version_3(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let certificate = entity.certificate.filter(|_| !entity.is_self_issued());
    let version = certificate.map(|certificate| certificate.version.0);
    if let Some(version @ 0..=1) = version {
        hits.add_value("version", (version + 1).to_string());
    }
}

fn signs(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some(usage) = entity.key_usage().filter(|_| entity.is_end_entity())
        && !usage.digital_signature()
        && !usage.non_repudiation()
    {
        let offset = entity.offset_of(&oids::KEY_USAGE);
        hits.add_at("keyUsage", Some(usage.to_string()), offset);
    }
}

fn critical_policies(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    not_critical(entity, &oids::CERTIFICATE_POLICIES, hits);
    if options.profile.is_hpki() {
        hits.but(
            Severity::Note,
            words(
                "the HPKI profile demands that it is critical",
                "HPKI プロファイルはクリティカルであることを要求する",
            ),
        );
    }
}

fn ca_constraints(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.role.is_ca() && entity.extension(&oids::BASIC_CONSTRAINTS).is_none() {
        hits.add("basicConstraints");
    }
}

fn rare_constraints(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for oid in [
        oids::NAME_CONSTRAINTS,
        oids::POLICY_CONSTRAINTS,
        oids::INHIBIT_ANY_POLICY,
    ] {
        absent(entity, &oid, hits);
    }
}

fn has_purposes(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.is_end_entity() {
        absent(entity, &oids::EXTENDED_KEY_USAGE, hits);
    }
}

fn old_purposes(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for purpose in entity.purposes() {
        if oids::OLD_IPSEC_PURPOSES.contains(&purpose) {
            let offset = entity.offset_of(&oids::EXTENDED_KEY_USAGE);
            hits.add_at("extKeyUsage", Some(oids::dotted(&purpose)), offset);
        }
    }
}

/// The purposes of an end entity where none of them admits IKE, and whether all are of IPsec.
fn purposes_without_ike(entity: &Entity<'_>) -> Option<(String, bool)> {
    let purposes = entity.purposes();
    let admits = [oids::IPSEC_IKE, oids::ANY_PURPOSE];
    if !entity.is_end_entity()
        || purposes.is_empty()
        || purposes.iter().any(|purpose| admits.contains(purpose))
    {
        return None;
    }
    let for_ipsec = |purpose: &Oid<'_>| {
        *purpose == oids::IKE_INTERMEDIATE || oids::OLD_IPSEC_PURPOSES.contains(purpose)
    };
    // More are not shown anyway.
    let list: Vec<_> = purposes.iter().take(20).map(oids::dotted).collect();
    Some((list.join(", "), purposes.iter().all(for_ipsec)))
}

fn ipsec_purposes_only(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some((purposes, true)) = purposes_without_ike(entity) {
        let offset = entity.offset_of(&oids::EXTENDED_KEY_USAGE);
        hits.add_at("extKeyUsage", Some(purposes), offset);
    }
}

fn shared_purposes(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some((purposes, false)) = purposes_without_ike(entity) {
        let offset = entity.offset_of(&oids::EXTENDED_KEY_USAGE);
        hits.add_at("extKeyUsage", Some(purposes), offset);
    }
}

/// A root is revoked by removing it, and a request leaves the extension to the CA.
fn distribution_points(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let has_issuer = entity.certificate.is_some() && !entity.is_self_issued();
    if has_issuer && entity.extension(&oids::CRL_DISTRIBUTION_POINTS).is_none() {
        hits.add("cRLDistributionPoints");
    }
}

fn resolvable_points(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(ParsedExtension::CRLDistributionPoints(points)) =
        entity.parsed(&oids::CRL_DISTRIBUTION_POINTS)
    else {
        return;
    };
    for (index, point) in points.points.iter().enumerate() {
        let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
            continue;
        };
        for name in names {
            if let GeneralName::URI(text) = name
                && !is_reachable(text)
            {
                let field = format!("cRLDistributionPoints[{index}].uniformResourceIdentifier");
                hits.add_at(field, Some((*text).into()), entity.offset(text.as_bytes()));
            }
        }
    }
}

fn is_reachable(uri: &str) -> bool {
    let host = names::uri_host(uri).unwrap_or_default();
    let is_loopback = host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    !host.is_empty() && !is_loopback
}
