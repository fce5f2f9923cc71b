//! Whole paths, from a certificate up to its root.

use x509_parser::extensions::{NameConstraints, ParsedExtension};

use super::constraints::{Constrained, breaks};
use super::rule;
use crate::lint::entity::{Entity, Set};
use crate::lint::input::Form;
use crate::lint::report::Severity;
use crate::lint::rule::{Hits, Level, Rule};
use crate::lint::{Options, oids};

/// Certificates that every IKE implementation takes in one exchange (RFC 7296 section 3.6).
const MOST_SENT: usize = 4;

/// CAs with nameConstraints on one path that are followed.
const MOST_CONSTRAINED: usize = 8;

pub(in crate::lint) const PATHS: &[Rule] = &[
    rule(
        "7296-3.6-order",
        ("RFC 7296", "3.6"),
        Level::Must,
        end_entity_first,
        (
            "the end entity goes first, its chain after it",
            "エンドエンティティ証明書を先頭に置き、その後に証明書チェーンを続けること",
        ),
        (
            "put the end entity's certificate first in the file",
            "エンドエンティティ証明書をファイルの先頭に移す",
        ),
    )
    .with(Severity::Warning),
    rule(
        "7296-3.6-count",
        ("RFC 7296", "3.6"),
        Level::Must,
        path_is_sendable,
        (
            "receivers have to take only four certificates",
            "受信側に受入れが義務付けられる証明書は 4 枚まで",
        ),
        (
            "shorten the chain, or install intermediate CAs at the receivers",
            "チェーンを短くするか、中間 CA を受信側に登録しておく",
        ),
    )
    .with(Severity::Warning),
    rule(
        "5280-6.1.4-length",
        ("RFC 5280", "6.1.4 (l), (m)"),
        Level::MustNot,
        path_lengths,
        (
            "no more CAs are below a CA than its pathLenConstraint allows",
            "CA の下位にある CA の数が pathLenConstraint を超えないこと",
        ),
        (
            "issue from a CA higher up, or issue the CA certificate anew with a greater length",
            "上位の CA から発行するか、値を大きくして CA 証明書を発行し直す",
        ),
    ),
    rule(
        "5280-6.1.3-names",
        ("RFC 5280", "6.1.3 (b), (c)"),
        Level::Must,
        permitted_names,
        (
            "names below a CA are permitted and not excluded by its nameConstraints",
            "下位の証明書の名前が CA の nameConstraints で許可され、除外されていないこと",
        ),
        (
            "use a name that the CA may certify, or another CA",
            "CA が証明できる名前を使用するか、別の CA から発行する",
        ),
    ),
    rule(
        "5280-6.1.5-policy",
        ("RFC 5280", "6.1.3 (f), 6.1.5 (g)"),
        Level::Must,
        explicit_policy,
        (
            "certificatePolicies is present where a CA above requires an explicit policy",
            "上位の CA が明示的なポリシーを要求する場合に certificatePolicies があること",
        ),
        (
            "add certificatePolicies with a policy of the CA",
            "CA のポリシーを含む certificatePolicies を追加する",
        ),
    ),
];

fn end_entity_first(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let mut file = None;
    for (_, entity, _) in set.certificates() {
        let Some(object) = set
            .objects
            .get(entity.object)
            .filter(|object| object.form == Form::Pem)
        else {
            continue;
        };
        let is_first = file.replace(object.file) != Some(object.file);
        let end_entity_follows = || {
            set.certificates().any(|(_, other, _)| {
                let place = set.objects.get(other.object);
                place.is_some_and(|place| place.file == object.file) && other.is_end_entity()
            })
        };
        if is_first && entity.role.is_ca() && end_entity_follows() {
            hits.in_object(entity.object).add("order");
        }
    }
}

fn path_is_sendable(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (index, entity, _) in set
        .certificates()
        .filter(|(_, entity, _)| entity.is_end_entity())
    {
        let path = set.path(index);
        let sent = path.iter().filter_map(|at| set.entities.get(*at));
        let sent = sent.filter(|entity| !entity.is_self_issued()).count();
        if sent > MOST_SENT {
            hits.in_object(entity.object)
                .add_value("path", format!("{sent} certificates below the root"));
        }
    }
}

/// A certificate and those below it on the path to an entity, nearest first.
fn below<'s, 'a>(set: &'s Set<'a>, path: &[usize], ca: usize) -> Vec<&'s Entity<'a>> {
    let lower = path.iter().take_while(|at| **at != ca);
    let mut lower: Vec<_> = lower.filter_map(|at| set.entities.get(*at)).collect();
    lower.reverse();
    lower
}

fn path_lengths(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let mut reported = Vec::new();
    for (index, _, _) in set.certificates() {
        let path = set.path(index);
        for ca in path.iter().skip(1) {
            let Some(entity) = set.entities.get(*ca).filter(|_| !reported.contains(ca)) else {
                continue;
            };
            let constraints = entity.basic_constraints();
            let limit = constraints.and_then(|constraints| constraints.path_len_constraint);
            let lower = below(set, &path, *ca);
            // The last certificate of a path does not count, whatever it is.
            let between = lower.len().saturating_sub(1);
            let counted = lower.iter().take(between);
            let counted = counted.filter(|entity| !entity.is_self_issued()).count();
            if let Some(limit) = limit
                && u32::try_from(counted).unwrap_or(u32::MAX) > limit
            {
                reported.push(*ca);
                let value = format!("{limit}, CAs below: {counted}");
                let offset = entity.offset_of(&oids::BASIC_CONSTRAINTS);
                let field = "basicConstraints.pathLenConstraint";
                hits.in_object(entity.object)
                    .add_at(field, Some(value), offset);
            }
        }
    }
}

fn name_constraints<'a>(entity: &Entity<'a>) -> Option<&'a NameConstraints<'a>> {
    if let ParsedExtension::NameConstraints(constraints) = entity.parsed(&oids::NAME_CONSTRAINTS)? {
        Some(constraints)
    } else {
        None
    }
}

fn permitted_names(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (index, entity, _) in set.certificates() {
        let path = set.path(index);
        if entity.is_self_issued() && !entity.is_end_entity() {
            continue;
        }
        let above = path.iter().skip(1).filter_map(|at| set.entities.get(*at));
        let constraints = above.filter_map(name_constraints);
        let constraints: Vec<_> = constraints.take(MOST_CONSTRAINED).collect();
        let names = Constrained::of(entity);
        for (field, value) in constraints
            .iter()
            .flat_map(|constraints| breaks(&names, constraints))
        {
            hits.in_object(entity.object).add_value(field, value);
        }
    }
}

fn explicit_policy(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (index, entity, _) in set.certificates() {
        let path = set.path(index);
        let required = path.iter().skip(1).any(|ca| {
            let above = set.entities.get(*ca);
            let parsed = above.and_then(|above| above.parsed(&oids::POLICY_CONSTRAINTS));
            let Some(ParsedExtension::PolicyConstraints(constraints)) = parsed else {
                return false;
            };
            let lower = below(set, &path, *ca);
            // Self-issued certificates do not count down.
            let counted = lower
                .iter()
                .filter(|entity| !entity.is_self_issued())
                .count();
            let limit = constraints.require_explicit_policy;
            limit.is_some_and(|limit| limit < u32::try_from(counted).unwrap_or(u32::MAX))
        });
        if required && entity.extension(&oids::CERTIFICATE_POLICIES).is_none() {
            hits.in_object(entity.object).add("certificatePolicies");
        }
    }
}
