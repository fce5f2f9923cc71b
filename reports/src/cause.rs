//! Why a cell did not pass: a closed list of codes, split by who did not accept what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// The cause of a cell's outcome, with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub code: CauseCode,
    /// Who did not accept, did not answer, or broke.
    pub side: Side,
    /// One sentence that the reader can act on.
    pub sentence: Text,
    /// Where the proof stands.
    #[serde(default)]
    pub proof: Vec<Proof>,
}

/// A pointer into the evidence, with the words found there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// File in the cell's evidence folder.
    pub file: String,
    /// Line in that file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The line's text as the router wrote it: hostile, to be escaped wherever it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

/// Who a cause speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Initiator,
    Responder,
    /// Neither alone: the two do not fit each other.
    Both,
    /// The way between the routers, or behind one.
    Path,
    /// The lab or the harness.
    Lab,
    /// The vendor's own declaration.
    Profile,
}

/// Closed list of causes. The part before the dot says whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum CauseCode {
    /// The two ends hold different pre-shared keys.
    #[serde(rename = "auth.psk-mismatch")]
    AuthPskMismatch,
    /// Authentication was refused, and nothing says why.
    #[serde(rename = "auth.failed")]
    AuthFailed,
    /// No IKE proposal of one end is acceptable to the other.
    #[serde(rename = "proposal.ike-none-in-common")]
    ProposalIkeNoneInCommon,
    /// No ESP proposal of one end is acceptable to the other.
    #[serde(rename = "proposal.esp-none-in-common")]
    ProposalEspNoneInCommon,
    /// The traffic selectors do not meet.
    #[serde(rename = "selectors.unacceptable")]
    SelectorsUnacceptable,
    /// A router does not know the identity that its peer presented.
    #[serde(rename = "identity.unknown-peer")]
    IdentityUnknownPeer,
    /// A router's messages were not answered.
    #[serde(rename = "path.no-answer")]
    PathNoAnswer,
    /// The identity that a router sends does not stand in its certificate (RFC 4945, section 3.1).
    #[serde(rename = "credential.id-not-in-certificate")]
    CredentialIdNotInCertificate,
    /// A certificate leads to no trust anchor of the router that checks it.
    #[serde(rename = "credential.untrusted-issuer")]
    CredentialUntrustedIssuer,
    /// The certificate of a subordinate CA was neither sent nor installed.
    #[serde(rename = "credential.issuer-missing")]
    CredentialIssuerMissing,
    /// The validity period of a certificate is over (RFC 5280, section 4.1.2.5).
    #[serde(rename = "credential.expired")]
    CredentialExpired,
    /// The validity period of a certificate has not begun (RFC 5280, section 4.1.2.5).
    #[serde(rename = "credential.not-yet-valid")]
    CredentialNotYetValid,
    /// A certificate stands on the CRL of its issuer.
    #[serde(rename = "credential.revoked")]
    CredentialRevoked,
    /// A router does not process certificatePolicies, and the extension is critical (RFC 4945, section 5.1.3).
    #[serde(rename = "credential.policy-critical-unsupported")]
    CredentialPolicyCriticalUnsupported,
    /// A critical extension is unknown to a router.
    #[serde(rename = "credential.extension-critical-unsupported")]
    CredentialExtensionCriticalUnsupported,
    /// The signature on a certificate is not that of its issuer (RFC 5280, section 6.1.3).
    #[serde(rename = "credential.signature-invalid")]
    CredentialSignatureInvalid,
    /// A certificate was refused, and nothing says why.
    #[serde(rename = "credential.refused")]
    CredentialRefused,
    /// The algorithm of the signature in the AUTH payload was refused (RFC 7296, section 2.15; RFC
    /// 7427).
    #[serde(rename = "auth.signature-refused")]
    AuthSignatureRefused,
    /// Messages went as IP fragments, and those did not arrive (RFC 7383 avoids them).
    #[serde(rename = "path.fragments-lost")]
    PathFragmentsLost,
    /// The clock of a router is wrong, so that it takes a valid certificate for one out of its time.
    #[serde(rename = "router.clock-off")]
    RouterClockOff,
    /// One end believes in a Child SA that the other does not have.
    #[serde(rename = "esp.one-sided")]
    EspOneSided,
    /// A router's kernel did not take the Child SA that its daemon had negotiated, and so neither end
    /// has it.
    #[serde(rename = "esp.refused-by-kernel")]
    EspRefusedByKernel,
    /// Both ends have the Child SA, and the probes do not arrive.
    #[serde(rename = "esp.no-traffic")]
    EspNoTraffic,
    /// A probe crossed the wan unprotected.
    #[serde(rename = "esp.clear-text")]
    EspClearText,
    /// The packets on the wire do not carry the SPIs that both ends negotiated.
    #[serde(rename = "esp.wrong-spi")]
    EspWrongSpi,
    /// A daemon ended by itself, or was killed.
    #[serde(rename = "router.stopped")]
    RouterStopped,
    /// A daemon refused the configuration that its profile renders.
    #[serde(rename = "router.refused-configuration")]
    RouterRefusedConfiguration,
    /// A daemon did not get ready in time.
    #[serde(rename = "router.not-ready")]
    RouterNotReady,
    /// The observers contradict each other in a way that no other code covers.
    #[serde(rename = "unknown")]
    Unknown,
    /// The profile declares that the vendor has no such function.
    #[serde(rename = "declared.unsupported")]
    DeclaredUnsupported,
    /// The lab could not do its part.
    #[serde(rename = "lab.fault")]
    LabFault,
}

impl CauseCode {
    /// The code as it stands in `run.json`, such as `auth.psk-mismatch`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthPskMismatch => "auth.psk-mismatch",
            Self::AuthFailed => "auth.failed",
            Self::ProposalIkeNoneInCommon => "proposal.ike-none-in-common",
            Self::ProposalEspNoneInCommon => "proposal.esp-none-in-common",
            Self::SelectorsUnacceptable => "selectors.unacceptable",
            Self::IdentityUnknownPeer => "identity.unknown-peer",
            Self::PathNoAnswer => "path.no-answer",
            Self::CredentialIdNotInCertificate => "credential.id-not-in-certificate",
            Self::CredentialUntrustedIssuer => "credential.untrusted-issuer",
            Self::CredentialIssuerMissing => "credential.issuer-missing",
            Self::CredentialExpired => "credential.expired",
            Self::CredentialNotYetValid => "credential.not-yet-valid",
            Self::CredentialRevoked => "credential.revoked",
            Self::CredentialPolicyCriticalUnsupported => "credential.policy-critical-unsupported",
            Self::CredentialExtensionCriticalUnsupported => {
                "credential.extension-critical-unsupported"
            }
            Self::CredentialSignatureInvalid => "credential.signature-invalid",
            Self::CredentialRefused => "credential.refused",
            Self::AuthSignatureRefused => "auth.signature-refused",
            Self::PathFragmentsLost => "path.fragments-lost",
            Self::RouterClockOff => "router.clock-off",
            Self::EspOneSided => "esp.one-sided",
            Self::EspRefusedByKernel => "esp.refused-by-kernel",
            Self::EspNoTraffic => "esp.no-traffic",
            Self::EspClearText => "esp.clear-text",
            Self::EspWrongSpi => "esp.wrong-spi",
            Self::RouterStopped => "router.stopped",
            Self::RouterRefusedConfiguration => "router.refused-configuration",
            Self::RouterNotReady => "router.not-ready",
            Self::Unknown => "unknown",
            Self::DeclaredUnsupported => "declared.unsupported",
            Self::LabFault => "lab.fault",
        }
    }
}
