//! The reason of a refusal that its router keeps to itself: what it was set to expect, beside what it
//! was sent.

use cases::Role;
use jiff::Timestamp;
use reports::cause::{CauseCode, Proof};
use reports::text::Text;
use transcript::model::query::IKE_AUTH;
use transcript::model::{Content, Message};
use vendors::{Credential, Credentials, Identity, IdentityKind};

use super::Diagnosis;
use super::examine::Presented;
use crate::engine::CERTIFICATES;

/// A refusal of authentication.
#[derive(Clone, Copy)]
pub(super) struct Refusal {
    /// Who refused.
    pub(super) by: Role,
    /// Whose credentials were refused: mostly those of the other end.
    pub(super) of: Role,
    /// Whether that one said so itself, in its log or over the wire.
    pub(super) own: bool,
}

/// Why something was refused.
pub(super) struct Reason {
    pub(super) code: CauseCode,
    pub(super) detail: Text,
    pub(super) proof: Vec<Proof>,
}

/// Auth method of a pre-shared key (RFC 7296, section 3.8).
const SHARED_KEY: u32 = 2;

impl Diagnosis<'_> {
    /// The first thing that would make a router refuse its peer.
    pub(super) fn explain(&self, refusal: Refusal) -> Option<Reason> {
        // What the other one was told may have any reason.
        if !refusal.own {
            return self.credentials(refusal);
        }
        self.method(refusal)
            .or_else(|| self.identity(refusal))
            .or_else(|| self.missing(refusal))
            .or_else(|| self.credentials(refusal))
            .or_else(|| self.key(refusal))
    }

    /// The ends do not authenticate the same way.
    pub(super) fn method(&self, refusal: Refusal) -> Option<Reason> {
        let settings = self.settings?;
        let expects_psk = matches!(settings.of(refusal.by).auth, Credentials::Psk(_));
        let sent = self.sent(refusal.by.peer()).and_then(auth_method);
        let sent_psk = match &sent {
            Some(number) => *number == SHARED_KEY,
            None => matches!(settings.of(refusal.by.peer()).auth, Credentials::Psk(_)),
        };
        if expects_psk == sent_psk {
            return None;
        }
        let expected = if expects_psk {
            ["a pre-shared key", "事前共有鍵"]
        } else {
            ["a certificate", "証明書"]
        };
        Some(Reason {
            code: CauseCode::AuthMethodMismatch,
            detail: Text::new(
                format!("it is set to expect {}", expected[0]),
                format!("期待する方式は{}", expected[1]),
            ),
            proof: Vec::new(),
        })
    }

    /// The identity is not the one that the router is set to expect.
    pub(super) fn identity(&self, refusal: Refusal) -> Option<Reason> {
        let settings = self.settings?;
        let expected = &settings.of(refusal.by).remote.id;
        let sent = self.sent_identity(refusal.by.peer())?;
        let Some(code) = apart(&sent, expected) else {
            return self.asked_for(refusal);
        };
        let (sent, expected) = (tell(&sent), tell(expected));
        Some(Reason {
            code,
            detail: Text::new(
                format!("it expects {expected} and got {sent}"),
                format!("期待する ID は {expected}、受け取った ID は {sent}"),
            ),
            proof: Vec::new(),
        })
    }

    /// The initiator asked for a responder of another identity (IDr; RFC 7296, section 1.2).
    fn asked_for(&self, refusal: Refusal) -> Option<Reason> {
        if refusal.by != Role::Responder {
            return None;
        }
        let settings = self.settings?;
        let own = &settings.of(Role::Responder).local.id;
        let asked = &settings.of(Role::Initiator).remote.id;
        let code = apart(asked, own)?;
        let (asked, own) = (tell(asked), tell(own));
        Some(Reason {
            code,
            detail: Text::new(
                format!("it was asked for {asked} and is {own}"),
                format!("要求された ID は {asked}、自身の ID は {own}"),
            ),
            proof: Vec::new(),
        })
    }

    /// The log of the router that refused shows all that came, and there was no certificate.
    fn missing(&self, refusal: Refusal) -> Option<Reason> {
        let settings = self.settings?;
        if refusal.of == refusal.by {
            return None;
        }
        let Credentials::Certificate(_) = settings.of(refusal.by.peer()).auth else {
            return None;
        };
        // Some daemons show a certificate only where it has the identity that they send.
        let foreign = CauseCode::CredentialIdNotInCertificate;
        if self
            .credentials(refusal)
            .is_some_and(|reason| reason.code == foreign)
        {
            return None;
        }
        let said = self.said();
        if !said.iter().any(|said| said.own && said.by == refusal.by) {
            return None;
        }
        let implementation = &super::profile_of(self.planned, refusal.by).implementation;
        let received = implementation.certificate_received.as_ref()?;
        let lines = self.logs.of(refusal.by).lines();
        let mut lines = lines.skip(*self.before.of(refusal.by));
        (!lines.any(|line| received.is_match(line))).then(|| Reason {
            code: CauseCode::CredentialMissing,
            detail: Text::new(
                "its log shows no certificate that came",
                "ログに証明書の受信を示す記録がありません",
            ),
            proof: Vec::new(),
        })
    }

    /// Something is wrong with the certificate of the end that was refused.
    pub(super) fn credentials(&self, refusal: Refusal) -> Option<Reason> {
        let shown = self.shown?;
        let holder = refusal.of;
        let identity = self.sent_identity(holder)?;
        let presented = Presented {
            holder: shown.of(holder),
            checker: shown.of(refusal.by),
            identity: &identity,
            at: Timestamp::now(),
        };
        let violations = presented.violations().into_iter();
        let mut violations = violations.filter(|violation| {
            // Without the refuser's own word, an identity may be foreign and accepted all the same.
            refusal.own || violation.code != CauseCode::CredentialIdNotInCertificate
        });
        let violation = violations.next()?;
        Some(Reason {
            code: violation.code,
            detail: violation.detail,
            proof: self.certificate_file(holder).into_iter().collect(),
        })
    }

    /// The certificate of an end, where the evidence has it.
    fn certificate_file(&self, holder: Role) -> Option<Proof> {
        let places = &super::profile_of(self.planned, holder)
            .implementation
            .credentials;
        let own = places
            .iter()
            .find(|place| place.what == Credential::Certificate)?;
        let (_, name) = own.path.rsplit_once('/')?;
        Some(Proof::file(format!("{holder}/{CERTIFICATES}/{name}")))
    }

    /// The ends hold different pre-shared keys, or one holds none.
    fn key(&self, refusal: Refusal) -> Option<Reason> {
        let settings = self.settings?;
        let (Credentials::Psk(own), Credentials::Psk(other)) = (
            &settings.of(refusal.by).auth,
            &settings.of(refusal.by.peer()).auth,
        ) else {
            return None;
        };
        let (code, detail) = match (own, other) {
            (Some(own), Some(other)) if own.expose() != other.expose() => (
                CauseCode::AuthPskMismatch,
                Text::new(
                    "the keys in the two configurations differ",
                    "両者の設定にある鍵が異なります",
                ),
            ),
            (None, _) => (
                CauseCode::AuthNoKeyForPeer,
                Text::new(
                    "its configuration holds no key for this peer",
                    "その設定には、この対向の鍵がありません",
                ),
            ),
            (Some(_), _) => return None,
        };
        Some(Reason {
            code,
            detail,
            proof: Vec::new(),
        })
    }

    /// The identity that an end sent, or else the one that it is set to send.
    fn sent_identity(&self, role: Role) -> Option<Identity> {
        let own = &self.settings?.of(role).local.id;
        let sent = self.sent(role).and_then(|message| {
            let mut contents = message.payloads.iter().map(|payload| &payload.content);
            contents.find_map(|content| {
                let Content::Identity(identity) = content else {
                    return None;
                };
                is_of(identity.of, role).then_some(identity)
            })
        });
        let Some(sent) = sent else {
            return Some(own.clone());
        };
        if sent.hex == own.hex {
            return Some(own.clone());
        }
        Some(Identity {
            kind: kind_of(sent.kind.number)?,
            value: sent.text.clone(),
            hex: sent.hex.clone(),
            attributes: Vec::new(),
        })
    }

    /// The last IKE_AUTH message of an end that can be read.
    fn sent(&self, role: Role) -> Option<&Message> {
        let messages = self.transcript?.messages.iter().rev();
        let mut theirs =
            messages.filter(|message| message.is(IKE_AUTH) && is_of(message.from, role));
        theirs.find(|message| message.payloads.iter().any(|payload| payload.protected))
    }
}

/// What it is when one identity is presented and another one expected; `None` when they are the same.
fn apart(presented: &Identity, expected: &Identity) -> Option<CauseCode> {
    let same_octets = presented.hex == expected.hex;
    if presented.kind == expected.kind {
        return (!same_octets).then_some(CauseCode::IdentityUnknownPeer);
    }
    let same_words = presented.value.eq_ignore_ascii_case(&expected.value);
    Some(if same_octets || same_words {
        CauseCode::IdentityTypeMismatch
    } else {
        CauseCode::IdentityUnknownPeer
    })
}

fn is_of(of: transcript::model::Role, role: Role) -> bool {
    matches!(
        (of, role),
        (transcript::model::Role::Initiator, Role::Initiator)
            | (transcript::model::Role::Responder, Role::Responder)
    )
}

/// Number of the auth method of a message.
fn auth_method(message: &Message) -> Option<u32> {
    let mut contents = message.payloads.iter().map(|payload| &payload.content);
    contents.find_map(|content| {
        if let Content::Authentication(auth) = content {
            Some(auth.method.number)
        } else {
            None
        }
    })
}

/// ID type (RFC 7296, section 3.5).
fn kind_of(number: u32) -> Option<IdentityKind> {
    Some(match number {
        1 => IdentityKind::Ipv4,
        2 => IdentityKind::Fqdn,
        3 => IdentityKind::Rfc822,
        5 => IdentityKind::Ipv6,
        9 => IdentityKind::Dn,
        11 => IdentityKind::KeyId,
        _ => return None,
    })
}

fn tell(identity: &Identity) -> String {
    let kind = match identity.kind {
        IdentityKind::Fqdn => "ID_FQDN",
        IdentityKind::Ipv4 => "ID_IPV4_ADDR",
        IdentityKind::Ipv6 => "ID_IPV6_ADDR",
        IdentityKind::Rfc822 => "ID_RFC822_ADDR",
        IdentityKind::KeyId => "ID_KEY_ID",
        IdentityKind::Dn => "ID_DER_ASN1_DN",
    };
    format!("{kind} {}", identity.value)
}
