//! The closed list of causes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares the codes once: the variant, its name in records, the rule it rests on, and what it
/// means.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $id:literal, $rule:literal;)+) => {
        /// Closed list of causes. The part before the dot says whom to ask.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            JsonSchema,
        )]
        pub enum CauseCode {
            $($(#[doc = $doc])+ #[serde(rename = $id)] $variant,)+
        }

        impl CauseCode {
            /// Every code, grouped by blame.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as it stands in `run.json`, such as `auth.psk-mismatch`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)+
                }
            }

            /// The rule that decides: a clause such as `RFC 7296, section 2.15`; empty where no
            /// document speaks of it.
            pub fn rule(self) -> &'static str {
                match self {
                    $(Self::$variant => $rule,)+
                }
            }

            /// What the code means, in English, as the schema says it.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+),)+
                }
            }
        }
    };
}

codes! {
    /// The identity that a router sends does not stand in its certificate.
    CredentialIdNotInCertificate = "credential.id-not-in-certificate", "RFC 4945, section 3.1";
    /// A certificate leads to no trust anchor of the router that checks it.
    CredentialUntrustedIssuer = "credential.untrusted-issuer", "RFC 5280, section 6.1";
    /// The certificate of a subordinate CA was neither sent nor installed.
    CredentialIssuerMissing = "credential.issuer-missing", "RFC 7296, section 3.6";
    /// The validity period of a certificate is over.
    CredentialExpired = "credential.expired", "RFC 5280, section 6.1.3";
    /// The validity period of a certificate has not begun.
    CredentialNotYetValid = "credential.not-yet-valid", "RFC 5280, section 6.1.3";
    /// A certificate stands on the CRL of its issuer.
    CredentialRevoked = "credential.revoked", "RFC 4945, section 5.2";
    /// A router demands revocation information, and has none that it can use.
    CredentialCrlUnavailable = "credential.crl-unavailable", "RFC 4945, section 5.2";
    /// The CRL that a router has is out of its time.
    CredentialCrlExpired = "credential.crl-expired", "RFC 5280, section 6.3.3";
    /// The keyUsage of a certificate allows no signature in IKE.
    CredentialKeyUsage = "credential.key-usage", "RFC 4945, section 5.1.3.2";
    /// The extendedKeyUsage of a certificate does not allow IKE.
    CredentialExtendedKeyUsage = "credential.extended-key-usage", "RFC 4945, section 5.1.3.12";
    /// A router does not process certificatePolicies, and the extension is critical.
    CredentialPolicyCriticalUnsupported = "credential.policy-critical-unsupported", "RFC 4945, section 5.1.3";
    /// A critical extension is unknown to a router.
    CredentialExtensionCriticalUnsupported = "credential.extension-critical-unsupported", "RFC 5280, section 4.2";
    /// The key of a certificate is shorter than a router accepts.
    CredentialWeakKey = "credential.weak-key", "RFC 8247, section 4.1.1";
    /// A certificate is signed with an algorithm that a router no longer accepts.
    CredentialWeakSignature = "credential.weak-signature", "RFC 8247, section 4.1.2";
    /// The signature on a certificate is not that of its issuer.
    CredentialSignatureInvalid = "credential.signature-invalid", "RFC 5280, section 6.1.3";
    /// The issuer of a certificate is no certification authority.
    CredentialIssuerNotCa = "credential.issuer-not-ca", "RFC 5280, section 6.1.4";
    /// There are more certificates below a CA than its pathLenConstraint allows.
    CredentialPathLength = "credential.path-length", "RFC 5280, section 6.1.4";
    /// A name in a certificate is one that its CA may not certify.
    CredentialNameConstraints = "credential.name-constraints", "RFC 5280, section 6.1.3";
    /// A certificate cannot be decoded.
    CredentialMalformed = "credential.malformed", "RFC 5280, section 4.1";
    /// A router sent no certificate, or has none that it could send.
    CredentialMissing = "credential.missing", "RFC 7296, section 3.6";
    /// The AUTH payload was not made with the key of the certificate.
    CredentialKeyMismatch = "credential.key-mismatch", "RFC 7296, section 2.15";
    /// A certificate was refused, and nothing says why.
    CredentialRefused = "credential.refused", "RFC 5280, section 6.1";

    /// The two ends hold different pre-shared keys.
    AuthPskMismatch = "auth.psk-mismatch", "RFC 7296, section 2.15";
    /// One end authenticates by a pre-shared key, and the other demands a certificate, or the other way round.
    AuthMethodMismatch = "auth.method-mismatch", "RFC 7296, section 2.15";
    /// A router has no key, or no credential, for the peer that it speaks with.
    AuthNoKeyForPeer = "auth.no-key-for-peer", "RFC 7296, section 2.15";
    /// The algorithm of the signature in the AUTH payload was refused.
    AuthSignatureRefused = "auth.signature-refused", "RFC 7427, section 3";
    /// Authentication was refused, and nothing says why.
    AuthFailed = "auth.failed", "RFC 7296, section 2.21.2";

    /// A router does not know the identity that its peer presented.
    IdentityUnknownPeer = "identity.unknown-peer", "RFC 7296, section 3.5";
    /// The identity has the configured words, and another ID type.
    IdentityTypeMismatch = "identity.type-mismatch", "RFC 7296, section 3.5";

    /// No IKE proposal of one end is acceptable to the other.
    ProposalIkeNoneInCommon = "proposal.ike-none-in-common", "RFC 7296, section 2.7";
    /// No ESP proposal of one end is acceptable to the other.
    ProposalEspNoneInCommon = "proposal.esp-none-in-common", "RFC 7296, section 2.7";
    /// The ends do not agree on a key exchange group for a new Child SA.
    ProposalPfsMismatch = "proposal.pfs-mismatch", "RFC 7296, section 1.3.1";
    /// A router asks again and again for another key exchange group.
    ProposalKeGroupLoop = "proposal.ke-group-loop", "RFC 7296, section 1.2";

    /// The traffic selectors do not meet.
    SelectorsUnacceptable = "selectors.unacceptable", "RFC 7296, section 2.9";
    /// The responder narrowed the traffic selectors, and the initiator did not take that.
    SelectorsNarrowingRefused = "selectors.narrowing-refused", "RFC 7296, section 2.9";
    /// The responder answered with traffic selectors that it had not been offered.
    SelectorsNotNarrowed = "selectors.not-narrowed", "RFC 7296, section 2.9";
    /// One end wants transport mode, and the other tunnel mode.
    SelectorsModeMismatch = "selectors.mode-mismatch", "RFC 7296, section 1.3.1";
    /// The traffic selectors of the two ends are of different address families.
    SelectorsAddressFamily = "selectors.address-family", "RFC 7296, section 3.13.1";

    /// A router's messages were not answered.
    PathNoAnswer = "path.no-answer", "RFC 7296, section 2.4";
    /// Packets arrive one way only.
    PathOneWay = "path.one-way", "RFC 7296, section 2.4";
    /// UDP port 500 does not pass.
    PathPort500Blocked = "path.port-500-blocked", "RFC 7296, section 2";
    /// UDP port 4500 does not pass, and port 500 does.
    PathPort4500Blocked = "path.port-4500-blocked", "RFC 7296, section 2.23";
    /// Messages went as IP fragments, and those did not arrive.
    PathFragmentsLost = "path.fragments-lost", "RFC 7383, section 1";
    /// Packets above a size vanish, and smaller ones pass.
    PathMtuBlackHole = "path.mtu-black-hole", "RFC 7383, section 2.5.1";
    /// ESP packets are sent and do not arrive.
    PathEspBlocked = "path.esp-blocked", "RFC 4303, section 2";
    /// A NAT stands between the routers, and NAT traversal is not used.
    PathNatWithoutTraversal = "path.nat-without-traversal", "RFC 7296, section 2.23";
    /// The packets leave the tunnel, and a host behind a router has no route back.
    PathRouteMissing = "path.route-missing", "RFC 4301, section 5";

    /// One end believes in a Child SA that the other does not have.
    EspOneSided = "esp.one-sided", "RFC 7296, section 2.4";
    /// A router's kernel did not take the Child SA that its daemon had negotiated, and so neither end has it.
    EspRefusedByKernel = "esp.refused-by-kernel", "RFC 8221, section 5";
    /// Both ends have the Child SA, and the probes do not arrive.
    EspNoTraffic = "esp.no-traffic", "RFC 4301, section 5";
    /// A probe crossed the wan unprotected.
    EspClearText = "esp.clear-text", "RFC 4301, section 5.1";
    /// The packets on the wire do not carry the SPIs that both ends negotiated.
    EspWrongSpi = "esp.wrong-spi", "RFC 4303, section 3.4.2";
    /// A router takes the packets of its peer for replayed ones.
    EspReplayRejected = "esp.replay-rejected", "RFC 4303, section 3.4.3";
    /// A router finds the integrity check value of its peer's packets wrong.
    EspIntegrityFailed = "esp.integrity-failed", "RFC 4303, section 3.4.4";

    /// A daemon ended by itself, or was killed.
    RouterStopped = "router.stopped", "";
    /// A daemon is there, takes packets, and answers nothing.
    RouterHang = "router.hang", "";
    /// A daemon did not get ready in time.
    RouterNotReady = "router.not-ready", "";
    /// A daemon refused the configuration that its profile renders.
    RouterRefusedConfiguration = "router.refused-configuration", "";
    /// A daemon is up and has no connection for its peer.
    RouterNoConnection = "router.no-connection", "";
    /// A router speaks IKEv1 where its peer speaks IKEv2.
    RouterIkeVersion = "router.ike-version", "RFC 7296, section 2.5";
    /// The clock of a router is wrong, so that it takes a valid certificate for one out of its time.
    RouterClockOff = "router.clock-off", "RFC 5280, section 6.1.3";
    /// A router sent more than the lab records.
    RouterFloodedWan = "router.flooded-wan", "";

    /// A router does not do what a clause demands of every router.
    ConformanceViolated = "conformance.violated", "";
    /// A router does not do what a clause advises.
    ConformanceAdviceIgnored = "conformance.advice-ignored", "";
    /// A router does not do what every case begins with, so the clause was not tried.
    ConformanceNoControl = "conformance.no-control", "RFC 7296, section 1.2";
    /// A router no longer answers a correct IKE_SA_INIT request after the case.
    ConformanceNotAlive = "conformance.not-alive", "RFC 7296, section 2.4";
    /// A router does not announce the function that the clause is about.
    ConformanceNotApplicable = "conformance.not-applicable", "";
    /// A router does not process critical certificate policies and refuses them, as RFC 4945 wants of such a router: it conforms, and cannot serve HPKI.
    ConformancePoliciesUnsupported = "conformance.policies-unsupported", "RFC 4945, section 5.1.3";

    /// The profile declares that the vendor has no such function.
    DeclaredUnsupported = "declared.unsupported", "";
    /// The case asks of an external router what nobody can do to it from outside.
    LabOutOfReach = "lab.out-of-reach", "";
    /// The lab could not do its part.
    LabFault = "lab.fault", "";
    /// The observers contradict each other in a way that no other code covers.
    Unknown = "unknown", "";
}

impl CauseCode {
    /// The part before the dot: whom to ask.
    pub fn blame(self) -> &'static str {
        let id = self.as_str();
        id.split_once('.').map_or(id, |(blame, _)| blame)
    }

    /// Whether it says that something was refused and not why.
    pub fn is_bare(self) -> bool {
        matches!(
            self,
            Self::AuthFailed | Self::CredentialRefused | Self::Unknown
        )
    }
}
