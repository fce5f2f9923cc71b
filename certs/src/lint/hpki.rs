//! The certificate profile of HPKI, Japan's Healthcare Public Key Infrastructure.
//!
//! The rules are those that the published CA certificates and test certificates follow; where the
//! public documents leave something open, it is a note at most.

mod certificate;
mod hc_role;
mod subject;

use x509_parser::der_parser::{Oid, oid};

use crate::lint::entity::Entity;
use crate::lint::oids;
use crate::lint::role::{HpkiProfile, Role};
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};

pub(super) use certificate::CERTIFICATE;
pub(super) use subject::SUBJECT;

/// All policies of HPKI.
const POLICIES: Oid<'static> = oid!(1.2.392.100495.1.5.1);
const SIGNING: Oid<'static> = oid!(1.2.392.100495.1.5.1.1);
const AUTH_PERSON: Oid<'static> = oid!(1.2.392.100495.1.5.1.2);
const AUTH_ORGANISATION: Oid<'static> = oid!(1.2.392.100495.1.5.1.3);

const fn rule(
    id: &'static str,
    section: &'static str,
    level: Level,
    check: fn(&Entity<'_>, HpkiProfile, &mut Hits),
    title: (&'static str, &'static str),
    change: (&'static str, &'static str),
) -> Rule {
    Rule::new(
        id,
        Source::Hpki,
        ("HPKI profile", section),
        level,
        Check::Hpki(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}

/// Which profile a certificate is of, by its role, its policy, and else by its keyUsage.
pub(super) fn profile_of(entity: &Entity<'_>) -> HpkiProfile {
    match entity.role {
        Role::Root => return HpkiProfile::Root,
        Role::SubCa => return HpkiProfile::SubCa,
        Role::EndEntity => {}
    }
    let policies = entity.policies();
    let under = |arc: &Oid<'_>| policies.iter().any(|policy| is_under(policy, arc));
    let signs_documents = entity
        .key_usage()
        .is_some_and(|usage| usage.non_repudiation() && !usage.digital_signature());
    if under(&SIGNING) {
        HpkiProfile::Signing
    } else if under(&AUTH_ORGANISATION) {
        HpkiProfile::AuthOrganisation
    } else if under(&AUTH_PERSON) || !signs_documents {
        HpkiProfile::AuthPerson
    } else {
        HpkiProfile::Signing
    }
}

/// Whether an identifier is one of those below an arc.
fn is_under(oid: &Oid<'_>, arc: &Oid<'_>) -> bool {
    let rest = oid.as_bytes().strip_prefix(arc.as_bytes());
    rest.is_some_and(|rest| !rest.is_empty())
}

/// The policies of a certificate as text.
fn policy_text(entity: &Entity<'_>) -> String {
    // More are not shown anyway.
    let policies = entity.policies().into_iter().take(20);
    policies.map(oids::dotted).collect::<Vec<_>>().join(", ")
}
