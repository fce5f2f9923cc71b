//! Certificate revocation lists (RFC 5280 section 5).

use der::asn1::{Any, BitString};
use der::oid::ObjectIdentifier;
use der::{Encode, Tag};
use jiff::Timestamp;
use x509_cert::ext::pkix::IssuingDistributionPoint;
use x509_cert::name::Name;

use super::extension::{Authority, authority_key_identifier, full_name};
use super::time::time;
use super::{DerExtension, explicit, sequence};
use crate::error::IssueError;
use crate::key::{PrivateKey, algorithm_identifier};
use crate::spec::{CrlSpec, DistributionPointScope, SignatureAlgorithm};

/// One revocation list with everything decided.
pub(crate) struct CrlPlan<'a> {
    pub(crate) spec: &'a CrlSpec,
    pub(crate) now: Timestamp,
    pub(crate) issuer_name: Name,
    pub(crate) authority: Authority<'a>,
    /// Serial numbers of the revoked certificates, as contents octets.
    pub(crate) revoked: Vec<Vec<u8>>,
    pub(crate) signer: &'a PrivateKey,
    pub(crate) algorithm: SignatureAlgorithm,
}

/// Makes and signs the list.
pub(crate) fn certificate_list(plan: &CrlPlan<'_>) -> Result<Vec<u8>, IssueError> {
    let signed_part = signed_part(plan)?;
    let signature = plan.signer.sign(plan.algorithm, &signed_part)?;
    Ok(sequence(&[
        signed_part,
        algorithm_identifier(plan.algorithm)?.to_der()?,
        BitString::from_bytes(&signature)?.to_der()?,
    ])?)
}

/// TBSCertList, of version 2.
pub(crate) fn signed_part(plan: &CrlPlan<'_>) -> Result<Vec<u8>, IssueError> {
    let spec = plan.spec;
    let this_update = spec.this_update.resolve(plan.now)?;
    let mut elements = vec![
        1u8.to_der()?,
        algorithm_identifier(plan.algorithm)?.to_der()?,
        plan.issuer_name.to_der()?,
        time(this_update, spec.this_update.form)?.to_der()?,
    ];
    if let Some(next_update) = &spec.next_update {
        elements.push(time(next_update.resolve(plan.now)?, next_update.form)?.to_der()?);
    }
    // A list of nothing is left out (RFC 5280 section 5.1.2.6).
    if !plan.revoked.is_empty() {
        let revoked_at = time(this_update, None)?.to_der()?;
        let entries = plan
            .revoked
            .iter()
            .map(|serial| {
                let serial = Any::new(Tag::Integer, serial.clone())?.to_der()?;
                sequence(&[serial, revoked_at.clone()])
            })
            .collect::<der::Result<Vec<_>>>()?;
        elements.push(sequence(&entries)?);
    }
    let extensions = extensions(plan)?;
    if !extensions.is_empty() {
        elements.push(explicit(0, extensions.to_der()?)?);
    }
    Ok(sequence(&elements)?)
}

fn extensions(plan: &CrlPlan<'_>) -> Result<Vec<DerExtension>, IssueError> {
    const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
    const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
    const DELTA_CRL_INDICATOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
    const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
    let spec = plan.spec;
    let mut extensions = Vec::new();
    if !spec.authority_key_identifier.is_empty() {
        let value = authority_key_identifier(&spec.authority_key_identifier, &plan.authority)?;
        extensions.push(DerExtension::new(AUTHORITY_KEY_IDENTIFIER, false, &value)?);
    }
    if let Some(number) = &spec.number {
        extensions.push(DerExtension::new(CRL_NUMBER, false, number)?);
    }
    if let Some(base) = &spec.delta_of {
        extensions.push(DerExtension::new(DELTA_CRL_INDICATOR, true, base)?);
    }
    if let Some(point) = &spec.issuing_point {
        let value = IssuingDistributionPoint {
            distribution_point: full_name(&point.name, None)?,
            only_contains_user_certs: point.only == Some(DistributionPointScope::EndEntities),
            only_contains_ca_certs: point.only == Some(DistributionPointScope::Authorities),
            only_some_reasons: None,
            indirect_crl: false,
            only_contains_attribute_certs: false,
        };
        extensions.push(DerExtension::new(ISSUING_DISTRIBUTION_POINT, true, &value)?);
    }
    Ok(extensions)
}
