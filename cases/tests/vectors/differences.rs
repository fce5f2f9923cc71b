//! In what a vector differs from the baseline, read from the certificates themselves.

use std::collections::BTreeMap;

use cases::vector::Presented;
use ikev2::message::Certificate;
use ikev2::numbers::{CertEncoding, IdType};
use x509_parser::prelude::{FromDer, X509Certificate};

/// One line for each difference.
pub(super) fn between(baseline: &Presented, other: &Presented) -> Vec<String> {
    let mut lines = Vec::new();
    let (a, b) = (&baseline.identity, &other.identity);
    if (a.kind, &a.data) != (b.kind, &b.data) {
        // The identifier of a key is of this run.
        let data = match b.kind {
            IdType::KEY_ID => "key identifier".to_owned(),
            _ => shown(&b.data),
        };
        lines.push(format!("ID: {} {data}", b.kind));
    }
    let sent: Vec<String> = other
        .certificates
        .iter()
        .map(|one| payload(one, other))
        .collect();
    if sent != ["end-entity"] {
        lines.push(format!("CERT: {}", sent.join(", ")));
    }
    let vector = &other.vector;
    if let Some(scheme) = vector.signature {
        lines.push(format!("AUTH: {scheme:?}"));
    }
    if !vector.announces_hashes {
        lines.push("no SIGNATURE_HASH_ALGORITHMS".to_owned());
    }
    if !other.requests.is_empty() {
        lines.push(format!("CERTREQ: {}", shown(&other.requests[0].data)));
    }
    let own = other.key.public_key().unwrap();
    if Some(&own) != public_key(other.chain[0].der()).as_ref() {
        lines.push("AUTH: with another key than that of the end entity".to_owned());
    }
    lines.extend(of_certificates(
        baseline.chain[0].der(),
        other.chain[0].der(),
        "end-entity",
    ));
    if !is_signed(other) {
        lines.push("end-entity: not signed by its issuer".to_owned());
    }
    for certificate in other.chain.iter().skip(1) {
        if certificate.name() != "root" {
            lines.extend(told(certificate.der(), certificate.name()));
        }
    }
    lines
}

/// Whether the signature on the end entity is that of an issuer in the chain, or its own.
fn is_signed(presented: &Presented) -> bool {
    let Ok((_, end_entity)) = X509Certificate::from_der(presented.chain[0].der()) else {
        return true;
    };
    // What this library does not verify: MD5, and RSASSA-PSS with SHA-1.
    let unknown = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.10"];
    let algorithm = end_entity.signature_algorithm.algorithm.to_id_string();
    let mut issuers = presented.chain.iter();
    unknown.contains(&algorithm.as_str())
        || issuers.any(|issuer| {
            let parsed = X509Certificate::from_der(issuer.der());
            parsed.is_ok_and(|(_, issuer)| {
                let key = Some(issuer.public_key());
                issuer.subject().as_raw() == end_entity.issuer().as_raw()
                    && end_entity.verify_signature(key).is_ok()
            })
        })
}

/// DER of the SubjectPublicKeyInfo; `None` for what cannot be read.
pub(super) fn public_key(der: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some(parsed.public_key().raw.to_vec())
}

fn payload(payload: &Certificate, of: &Presented) -> String {
    let of_name = |der: &[u8]| {
        let mut chain = of.chain.iter();
        chain
            .find(|known| known.der() == der)
            .map(|known| known.name().to_owned())
    };
    match (payload.encoding, of_name(&payload.data)) {
        (CertEncoding::X509_SIGNATURE, Some(name)) => name,
        (encoding, _) => {
            let end_entity = of.chain[0].der();
            let at = payload.data.windows(end_entity.len());
            let within = at.clone().any(|window| window == end_entity);
            let what = if within {
                "around end-entity"
            } else {
                "octets"
            };
            format!("{encoding} {what}")
        }
    }
}

fn of_certificates(baseline: &[u8], other: &[u8], name: &str) -> Vec<String> {
    let (_, a) = X509Certificate::from_der(baseline).unwrap();
    let Ok((rest, b)) = X509Certificate::from_der(other) else {
        return vec![format!("{name}: no certificate can be read")];
    };
    let mut lines = Vec::new();
    if !rest.is_empty() {
        lines.push(format!("{name}: {} octets behind it", rest.len()));
    }
    let mut of = |what: &str, a: String, b: String| {
        if a != b {
            lines.push(format!("{name}: {what}: {b}"));
        }
    };
    of("version", a.version().to_string(), b.version().to_string());
    of("subject", a.subject().to_string(), b.subject().to_string());
    of("strings", strings(&a), strings(&b));
    of("issuer", a.issuer().to_string(), b.issuer().to_string());
    of("days", days(&a), days(&b));
    of("key", key(&a), key(&b));
    of("signed with", algorithm(&a), algorithm(&b));
    let serial = |one: &X509Certificate<'_>| format!("{} octets", one.raw_serial().len());
    of("serial number", serial(&a), serial(&b));
    let (before, after) = (extensions(&a), extensions(&b));
    for (oid, value) in &before {
        match after.get(oid) {
            None => lines.push(format!("{name}: without {oid}")),
            Some(other) if other != value => lines.push(format!("{name}: {oid} {other}")),
            Some(_) => {}
        }
    }
    for (oid, value) in after {
        if !before.contains_key(&oid) {
            lines.push(format!("{name}: with {oid} {value}"));
        }
    }
    let by_root = b.issuer().to_string() == a.issuer().to_string();
    if by_root && a.tbs_certificate.serial != b.tbs_certificate.serial && lines.is_empty() {
        // What the fields do not tell.
        let raw = |one: &X509Certificate<'_>| one.validity().not_after.is_generalizedtime();
        if raw(&a) != raw(&b) {
            lines.push(format!("{name}: GeneralizedTime"));
        }
    }
    lines
}

/// All of a certificate in one line.
fn told(der: &[u8], name: &str) -> Vec<String> {
    let Ok((_, one)) = X509Certificate::from_der(der) else {
        return vec![format!("{name}: no certificate can be read")];
    };
    let mut lines = vec![format!("{name}: {} by {}", one.subject(), one.issuer())];
    for (oid, value) in extensions(&one) {
        // Identifiers of keys are of this run.
        if oid != "2.5.29.14" && oid != "2.5.29.35" {
            lines.push(format!("{name}: {oid} {value}"));
        }
    }
    lines
}

/// Extensions by their object identifiers; the identifiers of keys without their values.
fn extensions(one: &X509Certificate<'_>) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for extension in one.extensions() {
        let oid = extension.oid.to_id_string();
        let critical = if extension.critical { "critical " } else { "" };
        let value = if oid == "2.5.29.14" || oid == "2.5.29.35" {
            "key identifier".to_owned()
        } else if oid == "2.5.29.16" {
            "period".to_owned()
        } else {
            shown(extension.value)
        };
        let told = all.entry(oid).or_default();
        if !told.is_empty() {
            told.push_str(" and ");
        }
        *told += &format!("{critical}{value}");
    }
    all
}

fn strings(one: &X509Certificate<'_>) -> String {
    let attributes = one.subject().iter_attributes();
    let tags = attributes.map(|attribute| attribute.attr_value().header.tag().to_string());
    tags.collect::<Vec<_>>().join(" ")
}

/// Relative to now, so that it is the same in every run.
fn days(one: &X509Certificate<'_>) -> String {
    let now = jiff::Timestamp::now().as_second();
    let validity = one.validity();
    let [from, to] = [validity.not_before, validity.not_after]
        .map(|time| (time.timestamp() - now).div_euclid(86_400));
    let from_round = from / 5 * 5;
    let until = if to > 20 * 365 {
        "more than 20".to_owned()
    } else {
        format!("about {}", to / 365)
    };
    format!("from {from_round} to {until} years")
}

fn key(one: &X509Certificate<'_>) -> String {
    let bits = one.public_key().subject_public_key.data.len() * 8;
    format!("{} {bits}", one.public_key().algorithm.algorithm)
}

fn algorithm(one: &X509Certificate<'_>) -> String {
    let algorithm = &one.signature_algorithm;
    format!("{}", algorithm.algorithm)
}

fn shown(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) if !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic()) => {
            text.to_owned()
        }
        _ => octets.iter().map(|octet| format!("{octet:02x}")).collect(),
    }
}
