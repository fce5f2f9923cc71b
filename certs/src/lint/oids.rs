//! Object identifiers of extensions, attributes and purposes, and their names.

use x509_parser::der_parser::{Oid, oid};

pub(super) const SUBJECT_DIRECTORY_ATTRIBUTES: Oid<'static> = oid!(2.5.29.9);
pub(super) const SUBJECT_KEY_IDENTIFIER: Oid<'static> = oid!(2.5.29.14);
pub(super) const KEY_USAGE: Oid<'static> = oid!(2.5.29.15);
pub(super) const PRIVATE_KEY_USAGE_PERIOD: Oid<'static> = oid!(2.5.29.16);
pub(super) const SUBJECT_ALT_NAME: Oid<'static> = oid!(2.5.29.17);
pub(super) const ISSUER_ALT_NAME: Oid<'static> = oid!(2.5.29.18);
pub(super) const BASIC_CONSTRAINTS: Oid<'static> = oid!(2.5.29.19);
pub(super) const CRL_NUMBER: Oid<'static> = oid!(2.5.29.20);
pub(super) const REASON_CODE: Oid<'static> = oid!(2.5.29.21);
pub(super) const DELTA_CRL_INDICATOR: Oid<'static> = oid!(2.5.29.27);
pub(super) const ISSUING_DISTRIBUTION_POINT: Oid<'static> = oid!(2.5.29.28);
pub(super) const NAME_CONSTRAINTS: Oid<'static> = oid!(2.5.29.30);
pub(super) const CRL_DISTRIBUTION_POINTS: Oid<'static> = oid!(2.5.29.31);
pub(super) const CERTIFICATE_POLICIES: Oid<'static> = oid!(2.5.29.32);
pub(super) const ANY_POLICY: Oid<'static> = oid!(2.5.29.32.0);
pub(super) const POLICY_MAPPINGS: Oid<'static> = oid!(2.5.29.33);
pub(super) const AUTHORITY_KEY_IDENTIFIER: Oid<'static> = oid!(2.5.29.35);
pub(super) const POLICY_CONSTRAINTS: Oid<'static> = oid!(2.5.29.36);
pub(super) const EXTENDED_KEY_USAGE: Oid<'static> = oid!(2.5.29.37);
pub(super) const ANY_PURPOSE: Oid<'static> = oid!(2.5.29.37.0);
pub(super) const FRESHEST_CRL: Oid<'static> = oid!(2.5.29.46);
pub(super) const INHIBIT_ANY_POLICY: Oid<'static> = oid!(2.5.29.54);
pub(super) const AUTHORITY_INFO_ACCESS: Oid<'static> = oid!(1.3.6.1.5.5.7.1.1);
pub(super) const SUBJECT_INFO_ACCESS: Oid<'static> = oid!(1.3.6.1.5.5.7.1.11);

pub(super) const COMMON_NAME: Oid<'static> = oid!(2.5.4.3);
pub(super) const SERIAL_NUMBER: Oid<'static> = oid!(2.5.4.5);
pub(super) const COUNTRY: Oid<'static> = oid!(2.5.4.6);
pub(super) const ORGANIZATION: Oid<'static> = oid!(2.5.4.10);
pub(super) const ORGANIZATIONAL_UNIT: Oid<'static> = oid!(2.5.4.11);
pub(super) const EMAIL_ADDRESS: Oid<'static> = oid!(1.2.840.113549.1.9.1);
/// Where some routers put their host name.
pub(super) const UNSTRUCTURED_NAME: Oid<'static> = oid!(1.2.840.113549.1.9.2);
pub(super) const UNSTRUCTURED_ADDRESS: Oid<'static> = oid!(1.2.840.113549.1.9.8);
pub(super) const HOST: Oid<'static> = oid!(0.9.2342.19200300.100.1.9);

/// The purposes of RFC 2459, which RFC 4945 deprecates: end system, tunnel, user.
pub(super) const OLD_IPSEC_PURPOSES: [Oid<'static>; 3] = [
    oid!(1.3.6.1.5.5.7.3.5),
    oid!(1.3.6.1.5.5.7.3.6),
    oid!(1.3.6.1.5.5.7.3.7),
];
pub(super) const IPSEC_IKE: Oid<'static> = oid!(1.3.6.1.5.5.7.3.17);
/// Of no RFC on IKEv2, but in use.
pub(super) const IKE_INTERMEDIATE: Oid<'static> = oid!(1.3.6.1.5.5.8.2.2);

/// hcRole of ISO 17090: the health care actor.
pub(super) const HC_ROLE: Oid<'static> = oid!(1.0.17090.0.1);
/// The coding scheme of Japanese hcRole values.
pub(super) const JHPKI_CODING: Oid<'static> = oid!(1.2.392.100495.1.6.1.1);

static NAMES: [(Oid<'static>, &str); 39] = [
    (SUBJECT_DIRECTORY_ATTRIBUTES, "subjectDirectoryAttributes"),
    (SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier"),
    (KEY_USAGE, "keyUsage"),
    (PRIVATE_KEY_USAGE_PERIOD, "privateKeyUsagePeriod"),
    (SUBJECT_ALT_NAME, "subjectAltName"),
    (ISSUER_ALT_NAME, "issuerAltName"),
    (BASIC_CONSTRAINTS, "basicConstraints"),
    (CRL_NUMBER, "cRLNumber"),
    (REASON_CODE, "reasonCode"),
    (DELTA_CRL_INDICATOR, "deltaCRLIndicator"),
    (ISSUING_DISTRIBUTION_POINT, "issuingDistributionPoint"),
    (NAME_CONSTRAINTS, "nameConstraints"),
    (CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
    (CERTIFICATE_POLICIES, "certificatePolicies"),
    (POLICY_MAPPINGS, "policyMappings"),
    (AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier"),
    (POLICY_CONSTRAINTS, "policyConstraints"),
    (EXTENDED_KEY_USAGE, "extKeyUsage"),
    (FRESHEST_CRL, "freshestCRL"),
    (INHIBIT_ANY_POLICY, "inhibitAnyPolicy"),
    (AUTHORITY_INFO_ACCESS, "authorityInfoAccess"),
    (SUBJECT_INFO_ACCESS, "subjectInfoAccess"),
    (COMMON_NAME, "commonName"),
    (SERIAL_NUMBER, "serialNumber"),
    (COUNTRY, "countryName"),
    (oid!(2.5.4.4), "surname"),
    (oid!(2.5.4.7), "localityName"),
    (oid!(2.5.4.8), "stateOrProvinceName"),
    (oid!(2.5.4.12), "title"),
    (oid!(2.5.4.42), "givenName"),
    (oid!(2.5.4.65), "pseudonym"),
    (ORGANIZATION, "organizationName"),
    (ORGANIZATIONAL_UNIT, "organizationalUnitName"),
    (EMAIL_ADDRESS, "emailAddress"),
    (UNSTRUCTURED_NAME, "unstructuredName"),
    (UNSTRUCTURED_ADDRESS, "unstructuredAddress"),
    (HOST, "host"),
    (oid!(0.9.2342.19200300.100.1.25), "domainComponent"),
    (oid!(2.5.4.46), "dnQualifier"),
];

/// Extensions of certificates that receivers may be expected to know: those of RFC 5280, the private
/// key usage period of RFC 3280, and the SCT list.
static CERTIFICATE_EXTENSIONS: [Oid<'static>; 19] = [
    SUBJECT_DIRECTORY_ATTRIBUTES,
    SUBJECT_KEY_IDENTIFIER,
    KEY_USAGE,
    PRIVATE_KEY_USAGE_PERIOD,
    SUBJECT_ALT_NAME,
    ISSUER_ALT_NAME,
    BASIC_CONSTRAINTS,
    NAME_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    CERTIFICATE_POLICIES,
    POLICY_MAPPINGS,
    AUTHORITY_KEY_IDENTIFIER,
    POLICY_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    FRESHEST_CRL,
    INHIBIT_ANY_POLICY,
    AUTHORITY_INFO_ACCESS,
    SUBJECT_INFO_ACCESS,
    oid!(1.3.6.1.4.1.11129.2.4.2),
];

/// The name of an extension or attribute as ASN.1 modules spell it, or the dotted identifier.
pub(super) fn name(oid: &Oid<'_>) -> String {
    let known = NAMES.iter().find(|(known, _)| known == oid);
    known.map_or_else(|| dotted(oid), |(_, name)| (*name).to_owned())
}

/// The identifier in numbers. One of more than 60 octets is no identifier in use, and is cut.
pub(super) fn dotted(oid: &Oid<'_>) -> String {
    const LONGEST: usize = 60;
    let bytes = oid.as_bytes();
    if bytes.len() > LONGEST {
        return format!("OID of {} octets", bytes.len());
    }
    oid.to_id_string()
}

pub(super) fn is_certificate_extension(oid: &Oid<'_>) -> bool {
    CERTIFICATE_EXTENSIONS.contains(oid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oid_has_its_name_or_its_numbers() {
        assert_eq!(name(&KEY_USAGE), "keyUsage");
        assert_eq!(name(&HC_ROLE), "1.0.17090.0.1");
        assert_eq!(name(&Oid::new(vec![0x81; 100].into())), "OID of 100 octets");
    }
}
