//! What the lab itself finds of the credentials that a router was shown: the reason where a router
//! refuses and does not say why.

use certs::lint::{self, AlgorithmText, Input, Options, Severity};
use jiff::Timestamp;
use reports::cause::CauseCode;
use reports::text::Text;
use ring::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use vendors::Identity;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate;
use crate::engine::credentials::Shown;

/// Something about a certificate that a receiver must, or may, refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) code: CauseCode,
    /// What exactly, in a few words.
    pub(super) detail: Text,
}

/// Rules of the lint, the cause that breaking one is, and whether every receiver must refuse it:
/// what only some refuse counts where nothing else is wrong.
const RULES: &[(&str, CauseCode, Weight)] = {
    use CauseCode::*;
    use Weight::*;
    &[
        ("5280-4.1-decode", CredentialMalformed, Must),
        ("5280-4.1.2.5-ended", CredentialExpired, Must),
        ("5280-4.1.2.5-begun", CredentialNotYetValid, Must),
        ("RV-02", CredentialRevoked, Must),
        ("5280-6.1.3-signature", CredentialSignatureInvalid, Must),
        ("5280-6.1.4-ca", CredentialIssuerNotCa, Must),
        ("5280-6.1.4-usage", CredentialIssuerNotCa, Must),
        ("PX-21", CredentialIssuerNotCa, Must),
        ("5280-6.1.4-length", CredentialPathLength, Must),
        ("5280-6.1.3-names", CredentialNameConstraints, Must),
        ("PX-10", CredentialKeyUsage, Must),
        ("6151-2-md5", CredentialWeakSignature, May),
        ("8247-3.2-sha1", CredentialWeakSignature, May),
        ("7296-4-weak", CredentialWeakKey, May),
        ("8247-3.1.1-rsa", CredentialWeakKey, May),
        ("PX-24", CredentialExtendedKeyUsage, May),
        ("PX-26", CredentialExtendedKeyUsage, May),
        (
            "5280-4.2-critical",
            CredentialExtensionCriticalUnsupported,
            May,
        ),
        ("PX-25", CredentialExtendedKeyUsage, May),
        ("5280-5.1.2.5-passed", CredentialCrlExpired, May),
        ("PX-12", CredentialPolicyCriticalUnsupported, May),
    ]
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Must,
    May,
}

/// The credentials of one end as the other end meets them.
pub(super) struct Presented<'a> {
    /// Whose credentials they are.
    pub(super) holder: &'a Shown,
    /// Who checks them.
    pub(super) checker: &'a Shown,
    /// The identity that the holder sends.
    pub(super) identity: &'a Identity,
    /// When they are checked.
    pub(super) at: Timestamp,
}

impl Presented<'_> {
    /// What is wrong with them, the most telling first; empty when the lab finds nothing.
    pub(super) fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let certificate = &self.holder.credentials.certificate.der;
        if certificate::has_identity(certificate, self.identity) == Some(false) {
            found.push(Violation {
                code: CauseCode::CredentialIdNotInCertificate,
                detail: Text::new(
                    format!("it sends {}", self.identity.value),
                    format!("送出した ID は {}", self.identity.value),
                ),
            });
        }
        let key = self.holder.credentials.private_key.expose();
        if belongs(key, certificate) == Some(false) {
            found.push(Violation {
                code: CauseCode::CredentialKeyMismatch,
                detail: Text::new(
                    "the public key of its private key is not that of its certificate",
                    "秘密鍵に対応する公開鍵が証明書の公開鍵と異なります",
                ),
            });
        }
        let mut may = Vec::new();
        for (code, weight, detail) in self.lint() {
            let violation = Violation { code, detail };
            match weight {
                Weight::Must => found.push(violation),
                Weight::May => may.push(violation),
            }
        }
        if !self.is_anchored() {
            found.push(Violation {
                code: CauseCode::CredentialUntrustedIssuer,
                detail: Text::new(
                    "its root is none of the trust anchors",
                    "そのルートは信頼点のいずれでもありません",
                ),
            });
        }
        found.extend(may);
        found
    }

    /// Whether the root above the certificate is a trust anchor of who checks it.
    fn is_anchored(&self) -> bool {
        let anchors = &self.checker.credentials.trust_anchors;
        let root = self.holder.root.as_ref();
        anchors.iter().any(|anchor| Some(&anchor.der) == root)
    }

    fn lint(&self) -> Vec<(CauseCode, Weight, Text)> {
        let mut inputs = vec![Input {
            name: "certificate".into(),
            bytes: self.holder.credentials.certificate.der.clone(),
        }];
        let above = self.holder.credentials.intermediates.iter();
        let anchors = self.checker.credentials.trust_anchors.iter();
        let crls = self.checker.credentials.crls.iter();
        for document in above.chain(anchors).chain(crls) {
            inputs.push(Input {
                name: document.name.clone(),
                bytes: document.der.clone(),
            });
        }
        let options = Options {
            profile: lint::Profile::Rfc4945,
            text: AlgorithmText::Current,
            at: self.at,
            password: None,
        };
        let Ok(report) = lint::lint(&inputs, &options) else {
            return Vec::new();
        };
        let way = self.way();
        let mut found = Vec::new();
        for (rule, code, weight) in RULES {
            let objects = report.objects.iter().zip(&inputs);
            let on_the_way = objects.filter(|(object, input)| {
                object.kind == lint::Kind::Crl || way.contains(&input.bytes)
            });
            let mut findings = on_the_way.flat_map(|(object, input)| {
                let findings = object.findings.iter();
                findings.map(|finding| (input.name.as_str(), finding))
            });
            let broken = findings
                .find(|(_, finding)| finding.severity > Severity::Note && finding.rule == *rule);
            if let Some((name, finding)) = broken {
                found.push((*code, *weight, broken_rule(name, finding)));
            }
        }
        found
    }

    /// The certificates from the end entity to its root.
    fn way(&self) -> Vec<Vec<u8>> {
        let mut way = vec![self.holder.credentials.certificate.der.clone()];
        let known = self.holder.credentials.intermediates.iter();
        let known: Vec<&Vec<u8>> = known
            .map(|document| &document.der)
            .chain(&self.holder.root)
            .collect();
        while let Some(next) = way.last().and_then(|last| issuer_of(last, &known)) {
            if way.contains(next) {
                break;
            }
            way.push(next.clone());
        }
        way
    }
}

/// What is found in a certificate or CRL of that name, and the rule that it breaks.
fn broken_rule(name: &str, finding: &lint::Finding) -> Text {
    let (rule, field) = (&finding.rule, &finding.field);
    let value = finding.value.as_deref();
    let (en, ja) = match value {
        Some(value) => (format!(" is {value},"), format!("は {value} で、")),
        None => (String::new(), "は".into()),
    };
    Text::new(
        format!(
            "{field} of {name}{en} against the rule \"{}\" ({rule})",
            finding.title.en
        ),
        format!(
            "{name} の {field} {ja}規則「{}」（{rule}）に反します",
            finding.title.ja
        ),
    )
}

/// The certificate whose subject is the issuer of this one.
fn issuer_of<'a>(certificate: &[u8], known: &[&'a Vec<u8>]) -> Option<&'a Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    known.iter().copied().find(|candidate| {
        X509Certificate::from_der(candidate).is_ok_and(|(_, candidate)| {
            candidate.subject().as_raw() == certificate.issuer().as_raw()
        })
    })
}

/// Whether a private key, PKCS#8 as PEM, is that of a certificate. `None` where either cannot be
/// read here.
fn belongs(private_key: &str, certificate: &[u8]) -> Option<bool> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let public = certificate.public_key().subject_public_key.data.as_ref();
    let (_, pem) = x509_parser::pem::parse_x509_pem(private_key.as_bytes()).ok()?;
    let key = &pem.contents;
    let random = ring::rand::SystemRandom::new();
    let ecdsa = [
        &ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        &ring::signature::ECDSA_P384_SHA384_ASN1_SIGNING,
    ];
    if let Ok(pair) = RsaKeyPair::from_pkcs8(key) {
        return Some(pair.public_key().as_ref() == public);
    }
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key) {
        return Some(pair.public_key().as_ref() == public);
    }
    let mut pairs = ecdsa
        .into_iter()
        .filter_map(|algorithm| EcdsaKeyPair::from_pkcs8(algorithm, key, &random).ok());
    Some(pairs.next()?.public_key().as_ref() == public)
}

#[cfg(test)]
mod tests {
    use cases::Role;
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::diagnose::refused::tests::cell;
    use crate::engine::router::end_of;
    use crate::judge::Ends;
    use crate::plan::PlannedCell;

    /// What the responder would find of the initiator's credentials.
    fn violations(planned: &PlannedCell, shown: &Ends<Shown>, at: Timestamp) -> Vec<Violation> {
        let (role, method) = (Role::Initiator, planned.case.setup.auth);
        let end = end_of(role, planned.end(role), method, Some(&shown.initiator));
        let presented = Presented {
            holder: &shown.initiator,
            checker: &shown.responder,
            identity: &end.id,
            at,
        };
        presented.violations()
    }

    fn found(planned: &PlannedCell, shown: &Ends<Shown>, at: Timestamp) -> Vec<CauseCode> {
        let violations = violations(planned, shown, at).into_iter();
        violations.map(|violation| violation.code).collect()
    }

    #[tokio::test]
    async fn good_credentials_have_no_violation() {
        let (planned, shown) = cell("auth.cert-rfc4945", "trial-a", "trial-c").await;
        assert_eq!(found(&planned, &shown, Timestamp::now()), []);
    }

    #[tokio::test]
    async fn the_critical_policies_of_hpki_are_what_only_some_refuse() {
        let (planned, shown) = cell("auth.cert-hpki", "trial-a", "trial-c").await;
        assert_eq!(
            found(&planned, &shown, Timestamp::now()),
            [CauseCode::CredentialPolicyCriticalUnsupported]
        );
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_with_the_name_of_the_certificate_and_what_stands_there() {
        let (planned, shown) = cell("auth.cert-hpki", "trial-a", "trial-c").await;
        let years = SignedDuration::from_hours(24 * 366 * 20);
        let violations = violations(&planned, &shown, Timestamp::now() + years);
        let detail = &violations[0].detail;
        assert!(detail.en.contains(" of certificate is 20"), "{detail:?}");
        assert!(detail.en.contains("against the rule"), "{detail:?}");
    }

    #[tokio::test]
    async fn what_is_wrong_with_credentials_is_found() {
        let (planned, shown) = cell("auth.cert-rfc4945", "trial-a", "trial-c").await;
        let now = Timestamp::now();
        let first = |shown: &Ends<Shown>, at| found(&planned, shown, at).first().copied();
        let years = SignedDuration::from_hours(24 * 366 * 20);
        assert_eq!(
            first(&shown, now + years),
            Some(CauseCode::CredentialExpired)
        );
        assert_eq!(
            first(&shown, now - years),
            Some(CauseCode::CredentialNotYetValid)
        );
        let mut untrusted = shown.clone();
        untrusted.responder.credentials.trust_anchors.clear();
        assert_eq!(
            first(&untrusted, now),
            Some(CauseCode::CredentialUntrustedIssuer)
        );
        let mut other_key = shown.clone();
        other_key.initiator.credentials.private_key =
            shown.responder.credentials.private_key.clone();
        assert_eq!(
            first(&other_key, now),
            Some(CauseCode::CredentialKeyMismatch)
        );
        let mut broken = shown;
        // The last octet of a certificate is of its signature.
        let der = &mut broken.initiator.credentials.certificate.der;
        *der.last_mut().unwrap() ^= 1;
        assert_eq!(
            first(&broken, now),
            Some(CauseCode::CredentialSignatureInvalid)
        );
    }
}
