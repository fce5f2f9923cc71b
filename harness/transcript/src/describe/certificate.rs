//! What stands in a CERT payload, and what the rules on certificates say of it.

use certs::lint::{AlgorithmText, Facts, Finding, Input, Options, Profile, Severity, lint};
use ikev2::message::{self, Body};
use ikev2::numbers::CertEncoding;
use jiff::Timestamp;
use reports::escape::visible;
use ring::digest;

use super::{MAX_TEXT, named};
use crate::bytes::hex;
use crate::model::{Certificate, CertificateFinding};

/// Certificates of one message that are checked together.
const MOST: usize = 16;
/// Findings of one certificate that are listed.
const MOST_FINDINGS: usize = 16;
/// Rules on files: a payload is none.
const RULES_ON_FILES: [&str; 2] = ["FM-", "FILE-"];

/// The certificates and lists of one message: issuers are sought among them.
pub(super) struct Set<'a> {
    objects: Vec<&'a [u8]>,
    at: Option<Timestamp>,
}

impl<'a> Set<'a> {
    pub(super) fn of(payloads: &'a [message::Payload], at: Option<Timestamp>) -> Self {
        let objects = payloads.iter().filter_map(|payload| {
            if let Body::Cert(certificate) = &payload.body
                && is_checked(certificate.encoding)
            {
                Some(certificate.data.as_slice())
            } else {
                None
            }
        });
        Self {
            objects: objects.take(MOST).collect(),
            at,
        }
    }

    /// What the rules of RFC 4945 and RFC 5280 say of one of them.
    fn findings(&self, der: &[u8]) -> Vec<CertificateFinding> {
        let Some(position) = self.objects.iter().position(|known| *known == der) else {
            return Vec::new();
        };
        // This one is the first file, so that its findings are those of the first object.
        let mut inputs = vec![input(der)];
        let others = self.objects.iter().enumerate();
        inputs.extend(
            others
                .filter(|(at, _)| *at != position)
                .map(|(_, der)| input(der)),
        );
        let options = Options {
            profile: Profile::Rfc4945,
            text: AlgorithmText::Current,
            at: self.at.unwrap_or(Timestamp::UNIX_EPOCH),
            password: None,
        };
        let Ok(report) = lint(&inputs, &options) else {
            return Vec::new();
        };
        let Some(object) = report.objects.into_iter().next() else {
            return Vec::new();
        };
        let of_contents = |finding: &Finding| {
            !RULES_ON_FILES
                .iter()
                .any(|prefix| finding.rule.starts_with(prefix))
        };
        let findings = object.findings.into_iter().filter(of_contents);
        findings.take(MOST_FINDINGS).map(finding).collect()
    }
}

fn input(der: &[u8]) -> Input {
    Input {
        name: String::new(),
        bytes: der.to_vec(),
    }
}

fn finding(finding: Finding) -> CertificateFinding {
    CertificateFinding {
        clause: format!("{} {}", finding.document, finding.section),
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
        .to_owned(),
        rule: finding.rule,
        title: finding.title,
        field: visible(&finding.field, MAX_TEXT),
    }
}

fn is_checked(encoding: CertEncoding) -> bool {
    encoding == CertEncoding::X509_SIGNATURE || encoding == CertEncoding::CRL
}

pub(super) fn sha256(octets: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, octets);
    let mut array = [0; 32];
    array.copy_from_slice(digest.as_ref());
    array
}

/// The certificate; without a set it is only named.
pub(super) fn told(
    certificate: &message::Certificate,
    sha256: &[u8; 32],
    set: Option<&Set<'_>>,
) -> Certificate {
    let encoding = certificate.encoding;
    let mut told = Certificate {
        encoding: named(u32::from(encoding.0), encoding.name(), "ENCODING"),
        sha256: hex(sha256),
        ..Certificate::default()
    };
    let Some(set) = set.filter(|_| encoding == CertEncoding::X509_SIGNATURE) else {
        return told;
    };
    match Facts::of(&certificate.data) {
        Ok(facts) => {
            told.subject = Some(facts.subject);
            told.issuer = Some(facts.issuer);
            told.serial = Some(facts.serial);
            told.names = facts.names;
            told.key_usage = facts.key_usage;
            told.extended_key_usage = facts.extended_key_usage;
            told.ca = facts.ca;
            told.key = Some(facts.key);
            told.signature = Some(facts.signature);
            told.not_before = facts.not_before;
            told.not_after = facts.not_after;
        }
        Err(why) => told.unreadable = Some(visible(&why, MAX_TEXT)),
    }
    told.findings = set.findings(&certificate.data);
    told
}
