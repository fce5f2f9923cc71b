//! IKE_AUTH (RFC 7296, section 1.2): both ends prove who they are, and the first Child SA is made.

use std::time::Instant;

use aws_lc_rs::constant_time;

use super::child_sa::{Agreed, OwnSide};
use super::config::{Config, Credential, Trust};
use super::create_child_sa::ChildOffer;
use super::event::{Closed, Event, Failure};
use super::payloads::{Payloads, notify};
use super::receive::{Answer, Incoming};
use super::sa::{IkeSa, Phase};
use super::window::Purpose;
use super::{ChildSa, Core};
use crate::authentication::{AuthenticationError, Scheme};
use crate::keys::Key;
use crate::message::{Auth, Body, Certificate, Identification, Payload};
use crate::negotiation::offer_esp;
use crate::numbers::{AuthMethod, ExchangeType, NotifyType, PayloadType};
use crate::random;
use crate::schedule::SignedOctets;

const EXCHANGE: ExchangeType = ExchangeType::IKE_AUTH;

impl Core {
    pub(super) fn request_auth(&mut self, now: Instant, sa: &mut IkeSa) {
        let identity = self.config.identity.clone();
        let auth = match self.prove(sa, &identity) {
            Ok(auth) => auth,
            Err(why) => {
                self.fail(sa, EXCHANGE, why);
                return self.close(now, sa, Closed::NotEstablished);
            }
        };
        let offer = ChildOffer {
            spi: random::esp_spi(&mut *self.random),
            nonce: Vec::new(),
            key_pair: None,
            replaces: None,
            initiator_selectors: self.config.local_selectors.clone(),
            responder_selectors: self.config.remote_selectors.clone(),
            has_repeated: false,
            collision: None,
        };
        let mut payloads = vec![Body::IdI(identity).into()];
        payloads.extend(certificates(&self.config));
        payloads.extend(certificate_requests(&self.config));
        if self.config.ask_for_peer
            && let Some(peer) = &self.config.peer_identity
        {
            payloads.push(Body::IdR(peer.clone()).into());
        }
        payloads.push(Body::Auth(auth).into());
        payloads.push(Body::Sa(offer_esp(&self.config.esp, offer.spi, false)).into());
        payloads.extend(offer.selectors());
        payloads.extend(window(&self.config));
        if self.config.initial_contact {
            payloads.push(notify(NotifyType::INITIAL_CONTACT, Vec::new()));
        }
        sa.phase = Phase::AuthSent;
        let purpose = Purpose::Auth(Box::new(offer));
        self.request(now, sa, EXCHANGE, payloads, purpose);
    }

    pub(super) fn answer_auth(&mut self, sa: &mut IkeSa, incoming: &Incoming) -> Answer {
        let payloads = incoming.payloads();
        let (Ok(peer), Ok(auth)) = (payloads.initiator(), payloads.auth()) else {
            return Answer::error(NotifyType::INVALID_SYNTAX).closing(Closed::InvalidSyntax);
        };
        let refused =
            || Answer::error(NotifyType::AUTHENTICATION_FAILED).closing(Closed::NotEstablished);
        let scheme = match self.check(sa, peer, &payloads.certificates(), auth) {
            Ok(scheme) => scheme,
            Err(why) => {
                self.fail(sa, EXCHANGE, why);
                return refused();
            }
        };
        let identity = self.config.identity.clone();
        let own = match self.prove(sa, &identity) {
            Ok(own) => own,
            Err(why) => {
                self.fail(sa, EXCHANGE, why);
                return refused();
            }
        };
        let mut answer: Vec<Payload> = vec![Body::IdR(identity).into()];
        answer.extend(certificates(&self.config));
        answer.push(Body::Auth(own).into());
        answer.extend(window(&self.config));
        if let Some(window) = announced_window(payloads) {
            sa.requests.widen(window);
        }
        // The Child SA is none of a failed proof: without it there is an IKE SA all the same.
        let child = self.first_child(sa, payloads);
        self.establish(sa, peer, scheme);
        match child {
            Ok((child, payloads)) => {
                answer.extend(payloads);
                self.install(sa, child, None);
            }
            Err(kind) => answer.push(notify(kind, Vec::new())),
        }
        Answer::new(answer)
    }

    fn first_child(
        &mut self,
        sa: &IkeSa,
        payloads: Payloads<'_>,
    ) -> Result<(ChildSa, [Payload; 3]), NotifyType> {
        let agreed = Agreed::of_request(&self.config, payloads, false)?;
        let own = OwnSide {
            spi: random::esp_spi(&mut *self.random),
            is_initiator: false,
        };
        let nonces = sa.handshake.nonces();
        let payloads = agreed.payloads(own.spi);
        let child = agreed.child(sa, nonces, None, own);
        Ok((child.ok_or(NotifyType::TEMPORARY_FAILURE)?, payloads))
    }

    pub(super) fn take_auth_response(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        incoming: &Incoming,
        offer: ChildOffer,
    ) {
        let payloads = incoming.payloads();
        let (Ok(peer), Ok(auth)) = (payloads.responder(), payloads.auth()) else {
            let id = sa.id;
            match payloads.error() {
                Some(error) => self.events.push(Event::Refused {
                    sa: id,
                    exchange: EXCHANGE,
                    why: error.kind,
                }),
                None => self.fail(sa, EXCHANGE, Failure::Payload(PayloadType::AUTH)),
            }
            return self.close(now, sa, Closed::NotEstablished);
        };
        let scheme = match self.check(sa, peer, &payloads.certificates(), auth) {
            Ok(scheme) => scheme,
            Err(why) => {
                self.fail(sa, EXCHANGE, why);
                // Told in an exchange of its own (section 2.21.2).
                let payloads = vec![notify(NotifyType::AUTHENTICATION_FAILED, Vec::new())];
                let exchange = ExchangeType::INFORMATIONAL;
                return self.request(now, sa, exchange, payloads, Purpose::RejectPeer);
            }
        };
        self.establish(sa, peer, scheme);
        if let Some(error) = payloads.error() {
            self.events.push(Event::Refused {
                sa: sa.id,
                exchange: EXCHANGE,
                why: error.kind,
            });
            return;
        }
        let own = OwnSide {
            spi: offer.spi,
            is_initiator: true,
        };
        let child = offer
            .accept(&self.config, payloads, false)
            .and_then(|agreed| {
                let child = agreed.child(sa, sa.handshake.nonces(), None, own);
                child.ok_or(Failure::State)
            });
        match child {
            Ok(child) => self.install(sa, child, None),
            Err(why) => {
                self.fail(sa, EXCHANGE, why);
                self.disown_child(now, sa, offer.spi);
            }
        }
    }

    fn establish(&mut self, sa: &mut IkeSa, peer: &Identification, scheme: Option<Scheme>) {
        sa.phase = Phase::Established;
        sa.expires = None;
        sa.handshake.key_pair = None;
        self.events.push(Event::IkeSaEstablished {
            sa: sa.id,
            peer: peer.clone(),
            scheme,
        });
    }

    /// Makes the AUTH payload of this end.
    fn prove(&self, sa: &IkeSa, identity: &Identification) -> Result<Auth, Failure> {
        let identity = identity.signed_octets();
        let signed = signed(sa, sa.is_initiator, &identity).ok_or(Failure::State)?;
        match &self.config.credential {
            Credential::SharedKey(key) => Ok(Auth {
                method: AuthMethod::SHARED_KEY,
                reserved: [0; 3],
                data: signed.shared_key_auth(key.as_bytes()).as_bytes().to_vec(),
            }),
            Credential::Signature { key, scheme, .. } => {
                let scheme = match scheme {
                    Some(scheme) => *scheme,
                    None => key.choose(sa.peer_hashes.as_deref())?,
                };
                Ok(key.sign(scheme, &signed.octets())?)
            }
        }
    }

    /// Checks who the other end is, and its AUTH payload.
    fn check(
        &self,
        sa: &IkeSa,
        peer: &Identification,
        certificates: &[Certificate],
        auth: &Auth,
    ) -> Result<Option<Scheme>, Failure> {
        let expected = self.config.peer_identity.as_ref();
        let is_expected = |one: &Identification| one.kind == peer.kind && one.data == peer.data;
        if !expected.is_none_or(is_expected) {
            return Err(Failure::Identity);
        }
        let identity = peer.signed_octets();
        let signed = signed(sa, !sa.is_initiator, &identity).ok_or(Failure::State)?;
        let key = match &self.config.trust {
            Trust::SharedKey(key) => return check_shared_key(&signed, key, auth).map(|()| None),
            Trust::PublicKey(key) => key.clone(),
            Trust::Certificates(find) => find(peer, certificates).map_err(Failure::NoPublicKey)?,
        };
        let scheme = key.verify(auth, &signed.octets(), &self.config.hashes)?;
        Ok(Some(scheme))
    }
}

fn check_shared_key(signed: &SignedOctets<'_>, key: &Key, auth: &Auth) -> Result<(), Failure> {
    let method = auth.method;
    if method != AuthMethod::SHARED_KEY {
        return Err(AuthenticationError::Method { method }.into());
    }
    let truth = signed.shared_key_auth(key.as_bytes());
    constant_time::verify_slices_are_equal(truth.as_bytes(), &auth.data)
        .map_err(|_| AuthenticationError::Wrong.into())
}

/// What the AUTH payload of one end is about; `None` before there are keys.
fn signed<'a>(sa: &'a IkeSa, by_initiator: bool, identity: &'a [u8]) -> Option<SignedOctets<'a>> {
    let protection = sa.protection.as_ref()?;
    let handshake = &sa.handshake;
    let (first_message, peer_nonce, sk_p) = if by_initiator {
        (
            &handshake.request,
            &handshake.responder_nonce,
            &protection.keys.sk_pi,
        )
    } else {
        (
            &handshake.response,
            &handshake.initiator_nonce,
            &protection.keys.sk_pr,
        )
    };
    Some(SignedOctets {
        first_message,
        peer_nonce,
        prf: protection.suite.prf,
        sk_p: sk_p.as_ref()?.as_bytes(),
        identity,
        intermediate: &[],
    })
}

fn certificates(config: &Config) -> Vec<Payload> {
    let Credential::Signature { certificates, .. } = &config.credential else {
        return Vec::new();
    };
    let all = certificates.iter().cloned();
    all.map(|one| Body::Cert(one).into()).collect()
}

/// Those of an initiator go into IKE_AUTH, and those of a responder into IKE_SA_INIT (section 1.2).
pub(super) fn certificate_requests(config: &Config) -> impl Iterator<Item = Payload> {
    let all = config.certificate_requests.iter().cloned();
    all.map(|one| Body::CertReq(one).into())
}

fn window(config: &Config) -> Option<Payload> {
    let size = config.window.to_be_bytes().to_vec();
    (config.window > 1).then(|| notify(NotifyType::SET_WINDOW_SIZE, size))
}

fn announced_window(payloads: Payloads<'_>) -> Option<u32> {
    let notify = payloads.notify(NotifyType::SET_WINDOW_SIZE)?;
    Some(u32::from_be_bytes(notify.data.as_slice().try_into().ok()?))
}
