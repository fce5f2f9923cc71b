//! What stands in a certificate, as text for people: no rule, no judgement.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{KeyUsage, ParsedExtension};
use x509_parser::oid_registry::{
    OID_EC_P256, OID_NIST_EC_P384, OID_NIST_EC_P521, OID_PKCS1_RSASSAPSS, OID_PKCS1_SHA1WITHRSA,
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA,
    OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ECDSA_WITH_SHA512, OID_SIG_ED448,
    OID_SIG_ED25519,
};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use crate::lint::{names, oids};

/// Names that are listed; a certificate may hold thousands.
const MOST_NAMES: usize = 32;

/// A certificate's contents. All text is cut, on one line, and safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// In the order of the encoding, such as `C=JP, CN=gw1`; empty for an empty name.
    pub subject: String,
    pub issuer: String,
    /// In hexadecimal.
    pub serial: String,
    /// subjectAltName, such as `dNSName=gw1.example`, 32 at most.
    pub names: Vec<String>,
    /// keyUsage; absent without the extension.
    pub key_usage: Option<Vec<String>>,
    /// extendedKeyUsage by name or by OID; absent without the extension.
    pub extended_key_usage: Option<Vec<String>>,
    /// cA of basicConstraints.
    pub ca: bool,
    /// Algorithm and size of the public key, such as `RSA 2048`.
    pub key: String,
    /// Algorithm of the signature, by name or by OID.
    pub signature: String,
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
}

impl Facts {
    /// Reads a certificate.
    ///
    /// # Errors
    ///
    /// The octets are no certificate (RFC 5280, section 4.1); the error says where decoding ended.
    pub fn of(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let mut facts = Self {
            subject: names::distinguished(certificate.subject()),
            issuer: names::distinguished(certificate.issuer()),
            serial: names::hex(certificate.raw_serial()),
            names: Vec::new(),
            key_usage: None,
            extended_key_usage: None,
            ca: false,
            key: key(certificate.public_key()),
            signature: signature(&certificate),
            not_before: timestamp(&certificate.validity().not_before),
            not_after: timestamp(&certificate.validity().not_after),
        };
        for extension in certificate.extensions() {
            let parsed = extension.parsed_extension();
            if let ParsedExtension::SubjectAlternativeName(alternative) = parsed {
                let listed = alternative.general_names.iter().take(MOST_NAMES);
                facts.names.extend(listed.map(|name| {
                    let text = format!("{}={}", names::choice(name), names::value(name));
                    reports::escape::visible(&text, names::LONGEST)
                }));
            } else if let ParsedExtension::KeyUsage(usage) = parsed {
                facts.key_usage = Some(key_usage(usage));
            } else if let ParsedExtension::BasicConstraints(constraints) = parsed {
                facts.ca = constraints.ca;
            } else if let ParsedExtension::ExtendedKeyUsage(usage) = parsed {
                let common = [
                    (usage.any, "anyExtendedKeyUsage"),
                    (usage.server_auth, "serverAuth"),
                    (usage.client_auth, "clientAuth"),
                    (usage.code_signing, "codeSigning"),
                    (usage.email_protection, "emailProtection"),
                    (usage.time_stamping, "timeStamping"),
                    (usage.ocsp_signing, "OCSPSigning"),
                ];
                let named = common.iter().filter(|(set, _)| *set);
                let others = usage.other.iter().take(MOST_NAMES).map(|oid| {
                    if *oid == oids::IPSEC_IKE {
                        "ipsecIKE".to_owned()
                    } else {
                        oids::dotted(oid)
                    }
                });
                let named = named.map(|(_, name)| (*name).to_owned());
                facts.extended_key_usage = Some(named.chain(others).collect());
            }
        }
        Ok(facts)
    }
}

/// A distinguished name from its DER, in the order of its encoding, safe to print; none if the
/// octets are no name.
pub fn distinguished_name(der: &[u8]) -> Option<String> {
    let (_, name) = X509Name::from_der(der).ok()?;
    Some(names::distinguished(&name))
}

fn key_usage(usage: &KeyUsage) -> Vec<String> {
    let bits = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    let set = bits.iter().filter(|(set, _)| *set);
    set.map(|(_, name)| (*name).to_owned()).collect()
}

fn key(key: &SubjectPublicKeyInfo<'_>) -> String {
    let algorithm = &key.algorithm.algorithm;
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(point)) => {
            let curve = key.algorithm.parameters.as_ref();
            let curve = curve.and_then(|parameters| parameters.as_oid().ok());
            let named = [
                (OID_EC_P256, "ECDSA P-256"),
                (OID_NIST_EC_P384, "ECDSA P-384"),
                (OID_NIST_EC_P521, "ECDSA P-521"),
            ];
            let known = named.iter().find(|(oid, _)| Some(oid) == curve.as_ref());
            known.map_or_else(
                || format!("ECDSA {}", point.key_size()),
                |(_, name)| (*name).to_owned(),
            )
        }
        Ok(PublicKey::DSA(_)) => "DSA".to_owned(),
        Ok(_) | Err(_) if *algorithm == OID_SIG_ED25519 => "Ed25519".to_owned(),
        Ok(_) | Err(_) if *algorithm == OID_SIG_ED448 => "Ed448".to_owned(),
        Ok(_) | Err(_) => oids::dotted(algorithm),
    }
}

fn signature(certificate: &X509Certificate<'_>) -> String {
    let oid = &certificate.signature_algorithm.algorithm;
    let named = [
        (OID_PKCS1_SHA1WITHRSA, "sha1WithRSAEncryption"),
        (OID_PKCS1_SHA256WITHRSA, "sha256WithRSAEncryption"),
        (OID_PKCS1_SHA384WITHRSA, "sha384WithRSAEncryption"),
        (OID_PKCS1_SHA512WITHRSA, "sha512WithRSAEncryption"),
        (OID_PKCS1_RSASSAPSS, "RSASSA-PSS"),
        (OID_SIG_ECDSA_WITH_SHA256, "ecdsa-with-SHA256"),
        (OID_SIG_ECDSA_WITH_SHA384, "ecdsa-with-SHA384"),
        (OID_SIG_ECDSA_WITH_SHA512, "ecdsa-with-SHA512"),
        (OID_SIG_ED25519, "Ed25519"),
        (OID_SIG_ED448, "Ed448"),
    ];
    let known = named.iter().find(|(known, _)| known == oid);
    known.map_or_else(|| oids::dotted(oid), |(_, name)| (*name).to_owned())
}

fn timestamp(time: &ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_no_certificate_are_an_error() {
        for octets in [&b""[..], b"\x30", b"\x30\x03\x02\x01\x05", &[0xff; 64]] {
            assert!(Facts::of(octets).is_err(), "{octets:02x?}");
        }
        assert_eq!(distinguished_name(b"\x30\x03\x02"), None);
    }

    #[test]
    fn a_distinguished_name_is_told_in_the_order_of_its_encoding() {
        let der = b"\x30\x19\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02JP\
                    \x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01a";
        assert_eq!(distinguished_name(der).as_deref(), Some("C=JP, CN=a"));
    }
}
