//! Encoding without a key, so that a profile that cannot be issued is refused when it is loaded.

use der::Encode;
use jiff::Timestamp;
use x509_cert::name::Name;

use super::extension::{Authority, Surroundings, authority_key_identifier, extension, full_name};
use super::name::name;
use super::time::time;
use crate::error::IssueError;
use crate::holder::Holder;
use crate::profile::{CrlNode, Node};
use crate::spec::{CrlFault, Fault};

/// As long as SHA-1 and a serial number are.
const KEY: [u8; 20] = [1; 20];

/// Encodes all of a certificate that needs no key.
pub(crate) fn rehearse(node: &Node, holder: Option<&Holder>) -> Result<(), IssueError> {
    let spec = &node.spec;
    let now = Timestamp::now();
    let nameless = Name::default();
    name(&spec.subject, holder)?.to_der()?;
    for moment in [&spec.not_before, &spec.not_after] {
        time(moment.resolve(now)?, moment.form)?;
    }
    let around = Surroundings {
        holder,
        now,
        key_sha1: KEY.to_vec(),
        authority: stand_in(&nameless),
    };
    for spec in &spec.extensions {
        extension(spec, &around)?;
    }
    for fault in &spec.faults {
        if let Fault::IssuerName(spec) = fault {
            name(spec, holder)?.to_der()?;
        }
    }
    Ok(())
}

/// Encodes all of a revocation list that needs no key.
pub(crate) fn rehearse_crl(crl: &CrlNode) -> Result<(), IssueError> {
    let spec = &crl.spec;
    let now = Timestamp::now();
    for moment in [Some(&spec.this_update), spec.next_update.as_ref()]
        .into_iter()
        .flatten()
    {
        time(moment.resolve(now)?, moment.form)?;
    }
    authority_key_identifier(&spec.authority_key_identifier, &stand_in(&Name::default()))?;
    if let Some(point) = &spec.issuing_point {
        full_name(&point.name, None)?;
    }
    for fault in &spec.faults {
        if let CrlFault::IssuerName(spec) = fault {
            name(spec, None)?.to_der()?;
        }
    }
    Ok(())
}

fn stand_in(nameless: &Name) -> Authority<'_> {
    Authority {
        key_identifier: KEY.to_vec(),
        issuer: nameless,
        serial: &KEY,
    }
}
