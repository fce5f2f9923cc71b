//! CRLs with the certificates that were given beside them.

use std::collections::HashSet;

use x509_parser::extensions::{DistributionPointName, ParsedExtension};

use crate::lint::entity::{Crl, Entity, Set};
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};
use crate::lint::signature::{self, Verdict};
use crate::lint::{Options, names, oids};

/// CAs of one name whose key is tried on a CRL.
const MOST_CANDIDATES: usize = 4;
/// Distribution points of one certificate and one CRL that are compared.
const MOST_POINTS: usize = 16;

const fn rule(
    id: &'static str,
    place: (&'static str, &'static str),
    level: Level,
    check: fn(&Set<'_>, &Options, &mut Hits),
    title: (&'static str, &'static str),
    change: (&'static str, &'static str),
) -> Rule {
    Rule::new(
        id,
        Source::Crl,
        place,
        level,
        Check::Set(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}

pub(in crate::lint) const SETS: &[Rule] = &[
    rule(
        "PX-28",
        ("RFC 4945", "5.2.2.5"),
        Level::Must,
        same_point,
        (
            "the distribution point of a certificate and that of its CRL are identical",
            "証明書の配布点と CRL の issuingDistributionPoint が同一であること",
        ),
        (
            "put the same name into cRLDistributionPoints and issuingDistributionPoint",
            "cRLDistributionPoints と issuingDistributionPoint に同じ名前を記載する",
        ),
    ),
    rule(
        "RV-02",
        ("RFC 4945", "5.2.1"),
        Level::Must,
        not_revoked,
        (
            "the certificate is not on the CRL of its issuer",
            "証明書が発行者の CRL に記載されていないこと",
        ),
        (
            "use another certificate: receivers reject this one",
            "別の証明書を使用する（受信側はこの証明書を拒否する）",
        ),
    ),
    rule(
        "5280-6.3.3-signature",
        ("RFC 5280", "6.3.3 (g)"),
        Level::Must,
        signature,
        (
            "the signature of a CRL verifies with its issuer's key",
            "発行者の鍵で CRL の署名を検証できること",
        ),
        (
            "use the CRL of this CA; another CA may have the same name",
            "この CA の CRL を使用する（同名の別の CA の CRL の可能性がある）",
        ),
    ),
    rule(
        "5280-6.3.3-usage",
        ("RFC 5280", "6.3.3 (f)"),
        Level::Must,
        issuer_may_sign,
        (
            "the keyUsage of a CA that issues CRLs has cRLSign",
            "CRL を発行する CA の keyUsage に cRLSign があること",
        ),
        (
            "issue the CA certificate anew with cRLSign",
            "cRLSign を加えて CA 証明書を発行し直す",
        ),
    ),
];

/// The CAs whose subject is the issuer of the CRL.
fn issuers<'s, 'a>(set: &'s Set<'a>, crl: &Crl<'_>) -> impl Iterator<Item = &'s Entity<'a>> {
    let name = crl.list.tbs_cert_list.issuer.as_raw();
    let certificates = set.certificates().map(|(_, entity, _)| entity);
    certificates
        .filter(move |entity| entity.role.is_ca() && entity.subject.as_raw() == name)
        .take(MOST_CANDIDATES)
}

fn verdict(issuer: &Entity<'_>, crl: &Crl<'_>) -> Verdict {
    signature::verify(
        issuer.key,
        &crl.list.signature_algorithm,
        &crl.list.signature_value.data,
        crl.list.tbs_cert_list.as_ref(),
    )
}

fn signature(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for crl in &set.crls {
        let verdicts: Vec<_> = issuers(set, crl)
            .map(|issuer| verdict(issuer, crl))
            .collect();
        if !verdicts.is_empty() && verdicts.iter().all(|verdict| *verdict == Verdict::Invalid) {
            hits.in_object(crl.object).add("signatureValue");
        }
    }
}

fn issuer_may_sign(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let mut reported = Vec::new();
    for crl in &set.crls {
        for issuer in issuers(set, crl) {
            let usage = issuer.key_usage().filter(|usage| !usage.crl_sign());
            if let Some(usage) = usage.filter(|_| !reported.contains(&issuer.object)) {
                reported.push(issuer.object);
                let offset = issuer.offset_of(&oids::KEY_USAGE);
                let hits = hits.in_object(issuer.object);
                hits.add_at("keyUsage", Some(usage.to_string()), offset);
            }
        }
    }
}

/// Certificates with the CRLs of their issuer.
fn covered<'s, 'a>(
    set: &'s Set<'a>,
) -> impl Iterator<
    Item = (
        &'s Entity<'a>,
        &'a x509_parser::certificate::X509Certificate<'a>,
        &'s Crl<'a>,
    ),
> {
    set.crls.iter().flat_map(move |crl| {
        let name = crl.list.tbs_cert_list.issuer.as_raw();
        let certificates = set.certificates();
        certificates.filter_map(move |(_, entity, certificate)| {
            (certificate.issuer.as_raw() == name).then_some((entity, certificate, crl))
        })
    })
}

fn not_revoked(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    for (entity, certificate, crl) in covered(set) {
        let mut revoked = crl.list.iter_revoked_certificates();
        if revoked.any(|entry| entry.raw_serial() == certificate.raw_serial()) {
            let serial = names::hex(certificate.raw_serial());
            hits.in_object(entity.object)
                .add_value("serialNumber", serial);
        }
    }
}

/// A CA may split its CRL over several points: one that fits the certificate is enough.
fn same_point(set: &Set<'_>, _: &Options, hits: &mut Hits) {
    let mut fitting = HashSet::new();
    let mut other = Vec::new();
    for (entity, _, crl) in covered(set) {
        match fit(entity, crl) {
            Fit::Same => {
                fitting.insert(entity.object);
            }
            Fit::Other(point) => other.push((entity, point)),
            Fit::OutOfScope => {}
        }
    }
    for (entity, point) in other {
        // One hit for each certificate, however many CRLs do not fit.
        if fitting.insert(entity.object) {
            let offset = entity.offset_of(&oids::CRL_DISTRIBUTION_POINTS);
            let value = Some(format!("CRL: {point}"));
            let hits = hits.in_object(entity.object);
            hits.add_at("cRLDistributionPoints", value, offset);
        }
    }
}

/// How a CRL goes with a certificate of the same issuer.
enum Fit {
    Same,
    /// It is of this other point.
    Other(String),
    /// It is of certificates of another kind.
    OutOfScope,
}

/// A CRL without issuingDistributionPoint is for all certificates of its CA.
fn fit(entity: &Entity<'_>, crl: &Crl<'_>) -> Fit {
    let extension = crl.extension(&oids::ISSUING_DISTRIBUTION_POINT);
    let Some(ParsedExtension::IssuingDistributionPoint(issuing)) =
        extension.map(|extension| extension.parsed_extension())
    else {
        return Fit::Same;
    };
    let for_ca = entity.role.is_ca();
    if issuing.only_contains_attribute_certs
        || (issuing.only_contains_ca_certs && !for_ca)
        || (issuing.only_contains_user_certs && for_ca)
    {
        return Fit::OutOfScope;
    }
    let Some(DistributionPointName::FullName(issuing)) = &issuing.distribution_point else {
        return Fit::Same;
    };
    let Some(ParsedExtension::CRLDistributionPoints(points)) =
        entity.parsed(&oids::CRL_DISTRIBUTION_POINTS)
    else {
        return Fit::OutOfScope;
    };
    let points = points.points.iter().take(MOST_POINTS);
    let mut of_certificate = points.flat_map(|point| match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => names.as_slice(),
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => &[],
    });
    let mut of_crl = issuing.iter().take(MOST_POINTS);
    if of_certificate.any(|name| of_crl.clone().any(|point| point == name)) {
        Fit::Same
    } else {
        Fit::Other(of_crl.next().map(names::value).unwrap_or_default())
    }
}
