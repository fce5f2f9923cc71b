//! Certificates (RFC 5280 section 4.1), with every field as the plan has it.

use der::Encode;
use der::Tag;
use der::asn1::{Any, BitString};

use super::extension::extension;
use super::{explicit, sequence};
use crate::encode::time::time;
use crate::error::IssueError;
use crate::key::algorithm_identifier;
use crate::plan::Plan;
use crate::spec::{Fault, Version};

/// Makes and signs the certificate.
pub(crate) fn certificate(plan: &Plan<'_>) -> Result<Vec<u8>, IssueError> {
    let signed_part = signed_part(plan)?;
    let signature = plan.signer.sign(plan.algorithm, &signed_part)?;
    let outer = plan.spec.faults.iter().find_map(|fault| match fault {
        Fault::OuterSignatureAlgorithm(algorithm) => Some(*algorithm),
        Fault::CorruptSignature
        | Fault::SignedByOtherKey
        | Fault::IssuerName(_)
        | Fault::TrailingOctets(_)
        | Fault::MissingOctets(_) => None,
    });
    Ok(sequence(&[
        signed_part,
        algorithm_identifier(outer.unwrap_or(plan.algorithm))?.to_der()?,
        BitString::from_bytes(&signature)?.to_der()?,
    ])?)
}

/// TBSCertificate.
pub(crate) fn signed_part(plan: &Plan<'_>) -> Result<Vec<u8>, IssueError> {
    let spec = plan.spec;
    let mut elements = Vec::new();
    match spec.version {
        // The default, which DER leaves out.
        Version::V1 => {}
        Version::V2 => elements.push(explicit(0, 1u8.to_der()?)?),
        Version::V3 => elements.push(explicit(0, 2u8.to_der()?)?),
    }
    elements.push(Any::new(Tag::Integer, plan.serial.clone())?.to_der()?);
    elements.push(algorithm_identifier(plan.algorithm)?.to_der()?);
    elements.push(plan.issuer_name.to_der()?);
    elements.push(sequence(&[
        time(plan.not_before, spec.not_before.form)?.to_der()?,
        time(plan.not_after, spec.not_after.form)?.to_der()?,
    ])?);
    elements.push(plan.subject.to_der()?);
    elements.push(plan.key.public_key_der().to_vec());
    if !spec.extensions.is_empty() {
        let around = plan.surroundings();
        let extensions = spec
            .extensions
            .iter()
            .map(|spec| extension(spec, &around))
            .collect::<Result<Vec<_>, _>>()?;
        elements.push(explicit(3, extensions.to_der()?)?);
    }
    Ok(sequence(&elements)?)
}
