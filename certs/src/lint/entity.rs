//! What rules look at: decoded certificates, requests and CRLs, and how they belong together.

use std::collections::HashMap;

use x509_parser::certificate::X509Certificate;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::der_parser::Oid;
use x509_parser::extensions::{
    BasicConstraints, GeneralName, KeyUsage, ParsedExtension, X509Extension,
};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use crate::lint::input::Object;
use crate::lint::report::Kind;
use crate::lint::role::{HpkiProfile, Profile, Role};
use crate::lint::signature::{self, Verdict};
use crate::lint::tlv::{self, Tlv};
use crate::lint::{Options, hpki, oids};

/// Issuers of one name whose key is tried on a signature. A file with a thousand certificates of one
/// name must not take a million trials.
const MOST_CANDIDATES: usize = 4;

/// Certificates of one path that are followed.
const LONGEST_PATH: usize = 32;

/// A decoded object; nothing where it cannot be decoded.
pub(super) enum Decoded<'a> {
    Certificate(Box<X509Certificate<'a>>),
    Request(Box<X509CertificationRequest<'a>>),
    Crl(Box<CertificateRevocationList<'a>>),
    Nothing,
}

/// A certificate, or what a request asks to be one.
pub(super) struct Entity<'a> {
    /// Place among all objects.
    pub(super) object: usize,
    pub(super) role: Role,
    /// Which HPKI profile it is held against, if any.
    pub(super) hpki: Option<HpkiProfile>,
    pub(super) subject: &'a X509Name<'a>,
    pub(super) key: &'a SubjectPublicKeyInfo<'a>,
    pub(super) extensions: Vec<&'a X509Extension<'a>>,
    /// None for a request.
    pub(super) certificate: Option<&'a X509Certificate<'a>>,
    pub(super) request: Option<&'a X509CertificationRequest<'a>>,
    der: &'a [u8],
}

/// A CRL.
pub(super) struct Crl<'a> {
    /// Place among all objects.
    pub(super) object: usize,
    pub(super) list: &'a CertificateRevocationList<'a>,
    der: &'a [u8],
}

/// Everything that was given, and who issued what.
pub(super) struct Set<'a> {
    pub(super) objects: &'a [Object],
    pub(super) entities: Vec<Entity<'a>>,
    pub(super) crls: Vec<Crl<'a>>,
    /// For each entity: its issuer among the entities, and whether the signature verifies.
    pub(super) issuers: Vec<Option<(usize, Verdict)>>,
}

pub(super) fn decode(objects: &[Object]) -> Vec<Decoded<'_>> {
    objects.iter().map(decode_one).collect()
}

/// What the octets decode to, as what their shape says they are.
pub(super) fn decode_one(object: &Object) -> Decoded<'_> {
    let der = object.der.as_slice();
    let decoded = match object.kind {
        Kind::Certificate => X509Certificate::from_der(der)
            .ok()
            .map(|(_, certificate)| Decoded::Certificate(Box::new(certificate))),
        Kind::Request => X509CertificationRequest::from_der(der)
            .ok()
            .map(|(_, request)| Decoded::Request(Box::new(request))),
        Kind::Crl => CertificateRevocationList::from_der(der)
            .ok()
            .map(|(_, crl)| Decoded::Crl(Box::new(crl))),
        Kind::PrivateKey | Kind::Unknown => None,
    };
    decoded.unwrap_or(Decoded::Nothing)
}

impl<'a> Entity<'a> {
    /// The only or first extension of this kind.
    pub(super) fn extension(&self, oid: &Oid<'_>) -> Option<&'a X509Extension<'a>> {
        self.extensions.iter().copied().find(|ext| ext.oid == *oid)
    }

    /// Its contents, where it decodes.
    pub(super) fn parsed(&self, oid: &Oid<'_>) -> Option<&'a ParsedExtension<'a>> {
        self.extension(oid).map(X509Extension::parsed_extension)
    }

    pub(super) fn key_usage(&self) -> Option<KeyUsage> {
        let ParsedExtension::KeyUsage(usage) = self.parsed(&oids::KEY_USAGE)? else {
            return None;
        };
        Some(*usage)
    }

    pub(super) fn basic_constraints(&self) -> Option<&'a BasicConstraints> {
        let ParsedExtension::BasicConstraints(constraints) =
            self.parsed(&oids::BASIC_CONSTRAINTS)?
        else {
            return None;
        };
        Some(constraints)
    }

    /// The names of subjectAltName.
    pub(super) fn alt_names(&self) -> &'a [GeneralName<'a>] {
        match self.parsed(&oids::SUBJECT_ALT_NAME) {
            Some(ParsedExtension::SubjectAlternativeName(san)) => &san.general_names,
            Some(_) | None => &[],
        }
    }

    /// The names of subjectAltName with their fields.
    pub(super) fn named_alt_names(&self) -> impl Iterator<Item = (String, &'a GeneralName<'a>)> {
        fields("subjectAltName", self.alt_names())
    }

    /// The purposes of extKeyUsage.
    pub(super) fn purposes(&self) -> Vec<Oid<'a>> {
        let extension = self.extension(&oids::EXTENDED_KEY_USAGE);
        let sequence = extension.and_then(|extension| tlv::first(extension.value));
        let children = sequence
            .into_iter()
            .flat_map(|sequence| sequence.children());
        let purposes = children.filter(|child| child.tag == tlv::OID);
        purposes
            .map(|child| Oid::new(child.contents.into()))
            .collect()
    }

    /// The policies of certificatePolicies.
    pub(super) fn policies(&self) -> Vec<&'a Oid<'a>> {
        match self.parsed(&oids::CERTIFICATE_POLICIES) {
            Some(ParsedExtension::CertificatePolicies(policies)) => {
                policies.iter().map(|policy| &policy.policy_id).collect()
            }
            Some(_) | None => Vec::new(),
        }
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.certificate
            .is_some_and(|c| c.issuer.as_raw() == c.subject.as_raw())
    }

    pub(super) fn is_end_entity(&self) -> bool {
        self.role == Role::EndEntity
    }

    /// Octets of the object before this part of it.
    pub(super) fn offset(&self, part: &[u8]) -> Option<usize> {
        offset(self.der, part)
    }

    /// Octets of the object before the contents of this extension.
    pub(super) fn offset_of(&self, oid: &Oid<'_>) -> Option<usize> {
        self.offset(self.extension(oid)?.value)
    }

    /// The elements of the signed part.
    pub(super) fn signed_parts(&self) -> Vec<Tlv<'a>> {
        signed_parts(self.der)
    }
}

impl<'a> Crl<'a> {
    pub(super) fn extension(&self, oid: &Oid<'_>) -> Option<&X509Extension<'_>> {
        let mut extensions = self.list.extensions().iter();
        extensions.find(|extension| extension.oid == *oid)
    }

    pub(super) fn offset(&self, part: &[u8]) -> Option<usize> {
        offset(self.der, part)
    }

    /// The elements of the signed part.
    pub(super) fn signed_parts(&self) -> Vec<Tlv<'a>> {
        signed_parts(self.der)
    }
}

impl<'a> Set<'a> {
    pub(super) fn of(objects: &'a [Object], decoded: &'a [Decoded<'a>], options: &Options) -> Self {
        let mut entities = Vec::new();
        let mut crls = Vec::new();
        for (object, (raw, decoded)) in objects.iter().zip(decoded).enumerate() {
            let der = raw.der.as_slice();
            match decoded {
                Decoded::Certificate(certificate) => {
                    entities.push(of_certificate(object, der, certificate));
                }
                Decoded::Request(request) => entities.push(of_request(object, der, request)),
                Decoded::Crl(list) => crls.push(Crl { object, list, der }),
                Decoded::Nothing => {}
            }
        }
        let issuers = issuers(&entities);
        // What issued another is a CA, even where it does not say so.
        for (issuer, verdict) in issuers.iter().copied().flatten() {
            let silent = |entity: &Entity<'_>| {
                entity.extension(&oids::BASIC_CONSTRAINTS).is_none() && !entity.is_self_issued()
            };
            if let Some(issuer) = entities.get_mut(issuer).filter(|issuer| silent(issuer))
                && verdict == Verdict::Valid
            {
                issuer.role = Role::SubCa;
            }
        }
        for entity in &mut entities {
            entity.hpki = match options.profile {
                Profile::Rfc4945 => None,
                Profile::Hpki => Some(hpki::profile_of(entity)),
                Profile::HpkiOnly(profile) => Some(profile),
            };
        }
        Self {
            objects,
            entities,
            crls,
            issuers,
        }
    }

    /// Certificates with their issuers, where these are here.
    pub(super) fn issued(&self) -> impl Iterator<Item = (&Entity<'a>, &Entity<'a>, Verdict)> {
        let pairs = self.entities.iter().zip(&self.issuers);
        pairs.filter_map(|(entity, issuer)| {
            let (issuer, verdict) = (*issuer)?;
            Some((entity, self.entities.get(issuer)?, verdict))
        })
    }

    /// The certificates among the entities, with their place there.
    pub(super) fn certificates(
        &self,
    ) -> impl Iterator<Item = (usize, &Entity<'a>, &'a X509Certificate<'a>)> {
        let entities = self.entities.iter().enumerate();
        entities.filter_map(|(index, entity)| Some((index, entity, entity.certificate?)))
    }

    /// The places of a certificate and of those above it, up to the root or to the last that is here.
    pub(super) fn path(&self, mut at: usize) -> Vec<usize> {
        let mut path = vec![at];
        while let Some(Some((issuer, _))) = self.issuers.get(at) {
            if path.len() == LONGEST_PATH || path.contains(issuer) {
                break;
            }
            at = *issuer;
            path.push(at);
        }
        path
    }
}

/// Names with their fields, such as `subjectAltName.dNSName[0]`. The number is the place among all.
pub(super) fn fields<'a>(
    extension: &'static str,
    names: &'a [GeneralName<'a>],
) -> impl Iterator<Item = (String, &'a GeneralName<'a>)> {
    names.iter().enumerate().map(move |(index, name)| {
        let choice = super::names::choice(name);
        (format!("{extension}.{choice}[{index}]"), name)
    })
}

fn offset(whole: &[u8], part: &[u8]) -> Option<usize> {
    let distance = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (distance + part.len() <= whole.len()).then_some(distance)
}

fn signed_parts(der: &[u8]) -> Vec<Tlv<'_>> {
    let signed = tlv::first(der).and_then(|outer| outer.child(0));
    signed.map_or_else(Vec::new, |signed| signed.children().collect())
}

fn of_certificate<'a>(
    object: usize,
    der: &'a [u8],
    certificate: &'a X509Certificate<'a>,
) -> Entity<'a> {
    let mut entity = Entity {
        object,
        role: Role::EndEntity,
        hpki: None,
        subject: &certificate.tbs_certificate.subject,
        key: &certificate.tbs_certificate.subject_pki,
        extensions: certificate.extensions().iter().collect(),
        certificate: Some(certificate),
        request: None,
        der,
    };
    entity.role = role(&entity);
    entity
}

fn of_request<'a>(
    object: usize,
    der: &'a [u8],
    request: &'a X509CertificationRequest<'a>,
) -> Entity<'a> {
    let info = &request.certification_request_info;
    let attributes = info.iter_attributes();
    let requested = attributes.filter_map(|attribute| match attribute.parsed_attribute() {
        ParsedCriAttribute::ExtensionRequest(requested) => Some(&requested.extensions),
        ParsedCriAttribute::ChallengePassword(_) | ParsedCriAttribute::UnsupportedAttribute => None,
    });
    let mut entity = Entity {
        object,
        role: Role::EndEntity,
        hpki: None,
        subject: &info.subject,
        key: &info.subject_pki,
        extensions: requested.flatten().collect(),
        certificate: None,
        request: Some(request),
        der,
    };
    entity.role = role(&entity);
    entity
}

/// A certificate is a CA's by its basicConstraints, or else by its keyUsage.
fn role(entity: &Entity<'_>) -> Role {
    let is_ca = match entity.extension(&oids::BASIC_CONSTRAINTS) {
        Some(_) => entity
            .basic_constraints()
            .is_some_and(|constraints| constraints.ca),
        None => entity
            .key_usage()
            .is_some_and(|usage| usage.key_cert_sign()),
    };
    match (is_ca, entity.is_self_issued()) {
        (false, _) => Role::EndEntity,
        (true, false) => Role::SubCa,
        (true, true) => Role::Root,
    }
}

/// For each entity the one among all whose subject is its issuer. Of several, the one whose key
/// verifies the signature counts.
fn issuers(entities: &[Entity<'_>]) -> Vec<Option<(usize, Verdict)>> {
    let mut by_subject: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (index, entity) in entities.iter().enumerate() {
        if entity.certificate.is_some() {
            by_subject
                .entry(entity.subject.as_raw())
                .or_default()
                .push(index);
        }
    }
    let issuer_of = |entity: &Entity<'_>| {
        let certificate = entity.certificate?;
        let named = by_subject.get(certificate.issuer.as_raw())?;
        let wanted = authority_key_identifier(entity);
        let matches = |index: &&usize| {
            let subject_key = entities.get(**index).and_then(subject_key_identifier);
            wanted.is_some() && subject_key == wanted
        };
        // Those that the key identifier names go first.
        let (first, rest): (Vec<&usize>, Vec<&usize>) = named.iter().partition(matches);
        let candidates = first.into_iter().chain(rest).take(MOST_CANDIDATES);
        let mut tried = Vec::new();
        for candidate in candidates {
            let issuer = entities.get(*candidate)?;
            let verdict = signature::verify(
                issuer.key,
                &certificate.signature_algorithm,
                &certificate.signature_value.data,
                certificate.tbs_certificate.as_ref(),
            );
            if verdict == Verdict::Valid {
                return Some((*candidate, verdict));
            }
            tried.push((*candidate, verdict));
        }
        tried.into_iter().next()
    };
    entities.iter().map(issuer_of).collect()
}

pub(super) fn subject_key_identifier<'a>(entity: &Entity<'a>) -> Option<&'a [u8]> {
    let ParsedExtension::SubjectKeyIdentifier(identifier) =
        entity.parsed(&oids::SUBJECT_KEY_IDENTIFIER)?
    else {
        return None;
    };
    Some(identifier.0)
}

pub(super) fn authority_key_identifier<'a>(entity: &Entity<'a>) -> Option<&'a [u8]> {
    let ParsedExtension::AuthorityKeyIdentifier(identifier) =
        entity.parsed(&oids::AUTHORITY_KEY_IDENTIFIER)?
    else {
        return None;
    };
    identifier.key_identifier.as_ref().map(|key| key.0)
}
