//! Sections 4.2.1.3 to 4.2.1.14: what a key may be used for, and what constrains paths.

use std::collections::HashSet;

use x509_parser::der_parser::Oid;
use x509_parser::extensions::ParsedExtension;

use super::identifiers::{criticality, not_critical};
use super::rule;
use crate::lint::entity::Entity;
use crate::lint::rule::{Hits, Level, Rule};
use crate::lint::{Options, oids};

pub(in crate::lint) const CONSTRAINTS: &[Rule] = &[
    rule(
        "5280-4.2.1.3-ca",
        "4.2.1.3",
        Level::Must,
        usage_of_ca,
        (
            "a CA certificate has keyUsage with keyCertSign",
            "CA 証明書に keyCertSign を含む keyUsage があること",
        ),
        (
            "add keyUsage, critical, with keyCertSign and cRLSign",
            "keyCertSign と cRLSign を含む keyUsage をクリティカルで追加する",
        ),
    ),
    rule(
        "5280-4.2.1.3-cert-sign",
        "4.2.1.3",
        Level::Must,
        usage_of_end_entity,
        (
            "keyCertSign comes with cA TRUE in basicConstraints",
            "keyCertSign がある場合は basicConstraints の cA が TRUE であること",
        ),
        (
            "remove keyCertSign, or add basicConstraints with cA TRUE",
            "keyCertSign を取り除くか、cA が TRUE の basicConstraints を追加する",
        ),
    ),
    rule(
        "5280-4.2.1.3-some",
        "4.2.1.3",
        Level::Must,
        some_usage,
        (
            "keyUsage has at least one bit set",
            "keyUsage の少なくとも 1 ビットが 1 であること",
        ),
        (
            "set the bits that apply, or leave the extension out",
            "該当するビットを 1 にするか、拡張を省く",
        ),
    ),
    rule(
        "5280-4.2.1.3-critical",
        "4.2.1.3",
        Level::Should,
        |entity, _, hits| criticality(entity, &oids::KEY_USAGE, true, hits),
        ("keyUsage is critical", "keyUsage をクリティカルにすること"),
        ("make it critical", "クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.3-agreement",
        "4.2.1.3",
        Level::Must,
        agreement,
        (
            "encipherOnly and decipherOnly come with keyAgreement, never both",
            "encipherOnly と decipherOnly は keyAgreement とともに、いずれか一方のみとすること",
        ),
        ("remove the bits", "当該ビットを 0 にする"),
    ),
    rule(
        "5280-4.2.1.4-duplicate",
        "4.2.1.4",
        Level::MustNot,
        policies_once,
        (
            "no policy occurs twice in certificatePolicies",
            "certificatePolicies に同じポリシーを重複して含めないこと",
        ),
        ("keep one of them", "一つだけ残す"),
    ),
    rule(
        "5280-4.2.1.5-any",
        "4.2.1.5",
        Level::MustNot,
        mapping_of_any,
        (
            "policyMappings does not map from or to anyPolicy",
            "policyMappings で anyPolicy を対応付けないこと",
        ),
        ("map the policies one by one", "ポリシーを個別に対応付ける"),
    ),
    rule(
        "5280-4.2.1.7-critical",
        "4.2.1.7",
        Level::Should,
        |entity, _, hits| not_critical(entity, &oids::ISSUER_ALT_NAME, hits),
        (
            "issuerAltName is not critical",
            "issuerAltName をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.8-critical",
        "4.2.1.8",
        Level::Must,
        |entity, _, hits| not_critical(entity, &oids::SUBJECT_DIRECTORY_ATTRIBUTES, hits),
        (
            "subjectDirectoryAttributes is not critical",
            "subjectDirectoryAttributes をクリティカルにしないこと",
        ),
        (
            "make it non-critical; receivers without it must reject it otherwise",
            "非クリティカルにする（対応しない受信側は拒否しなければならない）",
        ),
    ),
    rule(
        "5280-4.2.1.9-critical",
        "4.2.1.9",
        Level::Must,
        constraints_critical,
        (
            "basicConstraints of a CA is critical",
            "CA の basicConstraints をクリティカルにすること",
        ),
        ("make it critical", "クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.9-length",
        "4.2.1.9",
        Level::MustNot,
        path_length,
        (
            "pathLenConstraint comes with cA TRUE and keyCertSign",
            "pathLenConstraint は、cA が TRUE で keyCertSign がある場合に限ること",
        ),
        (
            "remove pathLenConstraint, or make it a CA certificate",
            "pathLenConstraint を取り除くか、CA 証明書とする",
        ),
    ),
    rule(
        "5280-4.2.1.10-critical",
        "4.2.1.10",
        Level::Must,
        |entity, _, hits| criticality(entity, &oids::NAME_CONSTRAINTS, true, hits),
        (
            "nameConstraints is critical",
            "nameConstraints をクリティカルにすること",
        ),
        ("make it critical", "クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.10-ca",
        "4.2.1.10",
        Level::Must,
        constrained_ca,
        (
            "only CA certificates have nameConstraints",
            "nameConstraints を含むのは CA 証明書に限ること",
        ),
        ("leave the extension out", "この拡張を省く"),
    ),
    rule(
        "5280-4.2.1.10-some",
        "4.2.1.10",
        Level::MustNot,
        some_constraint,
        (
            "nameConstraints has permitted or excluded subtrees",
            "nameConstraints に permittedSubtrees または excludedSubtrees があること",
        ),
        (
            "add a subtree, or leave the extension out",
            "サブツリーを追加するか、拡張を省く",
        ),
    ),
    rule(
        "5280-4.2.1.11-critical",
        "4.2.1.11",
        Level::Must,
        |entity, _, hits| criticality(entity, &oids::POLICY_CONSTRAINTS, true, hits),
        (
            "policyConstraints is critical",
            "policyConstraints をクリティカルにすること",
        ),
        ("make it critical", "クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.11-some",
        "4.2.1.11",
        Level::MustNot,
        some_policy_constraint,
        (
            "policyConstraints is not empty",
            "policyConstraints が空でないこと",
        ),
        (
            "add requireExplicitPolicy or inhibitPolicyMapping, or leave the extension out",
            "requireExplicitPolicy か inhibitPolicyMapping を追加するか、拡張を省く",
        ),
    ),
    rule(
        "5280-4.2.1.12-any",
        "4.2.1.12",
        Level::ShouldNot,
        any_purpose_critical,
        (
            "extKeyUsage with anyExtendedKeyUsage is not critical",
            "anyExtendedKeyUsage を含む extKeyUsage をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.14-critical",
        "4.2.1.14",
        Level::Must,
        |entity, _, hits| criticality(entity, &oids::INHIBIT_ANY_POLICY, true, hits),
        (
            "inhibitAnyPolicy is critical",
            "inhibitAnyPolicy をクリティカルにすること",
        ),
        ("make it critical", "クリティカルにする"),
    ),
];

fn usage_of_ca(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let may_sign = entity
        .key_usage()
        .is_some_and(|usage| usage.key_cert_sign());
    if entity.role.is_ca() && !may_sign {
        let value = entity.key_usage().map(|usage| usage.to_string());
        hits.add_at("keyUsage", value, entity.offset_of(&oids::KEY_USAGE));
    }
}

fn usage_of_end_entity(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let says_ca = entity
        .basic_constraints()
        .is_some_and(|constraints| constraints.ca);
    let usage = entity.key_usage();
    if let Some(usage) = usage.filter(|usage| usage.key_cert_sign() && !says_ca) {
        let offset = entity.offset_of(&oids::KEY_USAGE);
        hits.add_at("keyUsage", Some(usage.to_string()), offset);
    }
}

fn some_usage(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.key_usage().is_some_and(|usage| usage.flags == 0) {
        hits.add_at("keyUsage", None, entity.offset_of(&oids::KEY_USAGE));
    }
}

fn agreement(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(usage) = entity.key_usage() else {
        return;
    };
    let only = usage.encipher_only() || usage.decipher_only();
    let both = usage.encipher_only() && usage.decipher_only();
    if both || (only && !usage.key_agreement()) {
        let offset = entity.offset_of(&oids::KEY_USAGE);
        hits.add_at("keyUsage", Some(usage.to_string()), offset);
    }
}

fn policies_once(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let mut seen = HashSet::new();
    for policy in entity.policies() {
        if !seen.insert(policy.as_bytes()) {
            let offset = entity.offset_of(&oids::CERTIFICATE_POLICIES);
            hits.add_at("certificatePolicies", Some(oids::dotted(policy)), offset);
        }
    }
}

fn mapping_of_any(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if let Some(ParsedExtension::PolicyMappings(mappings)) = entity.parsed(&oids::POLICY_MAPPINGS) {
        let is_any = |oid: &Oid<'_>| *oid == oids::ANY_POLICY;
        let some_any = mappings
            .mappings
            .iter()
            .any(|map| is_any(&map.issuer_domain_policy) || is_any(&map.subject_domain_policy));
        if some_any {
            let offset = entity.offset_of(&oids::POLICY_MAPPINGS);
            hits.add_at("policyMappings", Some("anyPolicy".into()), offset);
        }
    }
}

fn constraints_critical(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.role.is_ca() {
        criticality(entity, &oids::BASIC_CONSTRAINTS, true, hits);
    }
}

fn path_length(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(constraints) = entity.basic_constraints() else {
        return;
    };
    let may_sign = entity.key_usage().is_none_or(|usage| usage.key_cert_sign());
    if let Some(length) = constraints.path_len_constraint
        && !(constraints.ca && may_sign)
    {
        let offset = entity.offset_of(&oids::BASIC_CONSTRAINTS);
        let field = "basicConstraints.pathLenConstraint";
        hits.add_at(field, Some(length.to_string()), offset);
    }
}

fn constrained_ca(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.is_end_entity() && entity.extension(&oids::NAME_CONSTRAINTS).is_some() {
        let offset = entity.offset_of(&oids::NAME_CONSTRAINTS);
        hits.add_at("nameConstraints", None, offset);
    }
}

/// 30 00: a SEQUENCE of nothing.
const EMPTY_SEQUENCE: [u8; 2] = [0x30, 0x00];

fn some_constraint(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let extension = entity.extension(&oids::NAME_CONSTRAINTS);
    if extension.is_some_and(|extension| extension.value == EMPTY_SEQUENCE) {
        hits.add("nameConstraints");
    }
}

fn some_policy_constraint(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let extension = entity.extension(&oids::POLICY_CONSTRAINTS);
    if extension.is_some_and(|extension| extension.value == EMPTY_SEQUENCE) {
        hits.add("policyConstraints");
    }
}

fn any_purpose_critical(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if entity.purposes().contains(&oids::ANY_PURPOSE) {
        not_critical(entity, &oids::EXTENDED_KEY_USAGE, hits);
    }
}
