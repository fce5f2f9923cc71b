//! IKE_SA_INIT (RFC 7296, section 1.2): algorithms, key exchange and nonces, cookies (section 2.6),
//! another group (section 1.3), and what both ends can do.

use std::time::Instant;

use ring::hmac;

use super::event::{Closed, Discarded, Event, Failure};
use super::ike_auth::certificate_requests;
use super::payloads::{Payloads, notify};
use super::receive::Incoming;
use super::sa::{IkeSa, Phase, Protection};
use super::window::Purpose;
use super::{Core, Endpoint, NAT_PORT, Path};
use crate::algorithm::{DhGroup, Transform as _};
use crate::key_exchange::KeyPair;
use crate::keys::Key;
use crate::message::{Body, KeyExchange, Notify, NotifyMeaning, Payload, SecurityAssociation};
use crate::nat::{self, detection_hash};
use crate::negotiation::{IkeChoice, accept_ike, choose_ike, offer_ike};
use crate::numbers::{ExchangeType, NotifyType, PayloadType};
use crate::random;
use crate::schedule::{Nonces, sk_keys, skeyseed};

/// Octets of a nonce of this end: at least half of the longest key of a PRF (section 2.10).
pub(super) const NONCE: usize = 32;

/// How many IKE SAs of a responder wait for IKE_AUTH.
const HALF_OPEN: usize = 32;

/// How many IKE SAs there are altogether.
pub(super) const SAS: usize = 128;

/// How often an initiator begins anew because it was asked to.
const REPETITIONS: u32 = 4;

impl Core {
    /// Begins an IKE SA as initiator.
    pub(super) fn begin(&mut self, now: Instant, path: Path) -> Option<IkeSa> {
        let first = self.config.ike.first()?.dh().first().copied();
        let group = self.config.first_group.or(first)?;
        let key_pair = random::key_pair(&mut *self.random, group)?;
        let spi = random::ike_spi(&mut *self.random);
        let (id, window) = (self.next_id(), self.config.window);
        let mut sa = IkeSa::new(id, (spi, 0), true, path, window);
        sa.handshake.key_pair = Some(key_pair);
        sa.handshake.initiator_nonce = random::octets(&mut *self.random, NONCE);
        self.request_init(now, &mut sa);
        Some(sa)
    }

    /// Sends the request, the first time or again with a cookie or another group.
    fn request_init(&mut self, now: Instant, sa: &mut IkeSa) {
        let cookie = sa.handshake.cookie.clone();
        let mut payloads: Vec<Payload> = cookie
            .map(|cookie| notify(NotifyType::COOKIE, cookie))
            .into_iter()
            .collect();
        payloads.push(Body::Sa(offer_ike(&self.config.ike, &[])).into());
        payloads.extend(sa.handshake.key_pair.as_ref().map(key_exchange));
        payloads.push(Body::Nonce(sa.handshake.initiator_nonce.clone()).into());
        payloads.extend(self.abilities(sa, sa.path, true, true));
        // Every IKE_SA_INIT request of an IKE SA has the number 0 (section 2.2).
        sa.requests.next_id = 0;
        let exchange = ExchangeType::IKE_SA_INIT;
        self.request(now, sa, exchange, payloads, Purpose::Init);
    }

    /// Notifications of what this end can do.
    fn abilities(
        &self,
        sa: &IkeSa,
        path: Path,
        with_nat: bool,
        with_fragmentation: bool,
    ) -> Vec<Payload> {
        let mut all = Vec::new();
        if self.config.nat_traversal && with_nat {
            let hash = |at| detection_hash(sa.initiator_spi, sa.responder_spi, at);
            let (source, destination) = (hash(path.local), hash(path.remote));
            all.push(notify(NotifyType::NAT_DETECTION_SOURCE_IP, source));
            all.push(notify(
                NotifyType::NAT_DETECTION_DESTINATION_IP,
                destination,
            ));
        }
        if self.config.fragment_octets.is_some() && with_fragmentation {
            let kind = NotifyType::IKEV2_FRAGMENTATION_SUPPORTED;
            all.push(notify(kind, Vec::new()));
        }
        let hashes = &self.config.hashes;
        if !hashes.is_empty() {
            let octets = hashes.iter().flat_map(|hash| hash.0.to_be_bytes());
            let kind = NotifyType::SIGNATURE_HASH_ALGORITHMS;
            all.push(notify(kind, octets.collect()));
        }
        all
    }

    pub(super) fn take_init_response(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        incoming: &Incoming,
    ) -> Result<(), Discarded> {
        let payloads = incoming.payloads();
        if incoming.header.message_id != 0 {
            return Err(Discarded::NotAsked(incoming.header.message_id));
        }
        // Anybody may have sent it: the true response may still come (section 2.21.1).
        if let Some(kind) = payloads.not_understood() {
            return Err(kind.into());
        }
        if let Ok(offered) = payloads.sa() {
            return self.finish_init(now, sa, incoming, offered);
        }
        let error = payloads.error();
        let why = if let Some(cookie) = payloads.notify(NotifyType::COOKIE) {
            if cookie.data.is_empty() || cookie.data.len() > 64 {
                return Err(PayloadType::NOTIFY.into());
            }
            sa.handshake.cookie = Some(cookie.data.clone());
            return self.repeat_init(now, sa);
        } else if let Some(group) = payloads.notify(NotifyType::INVALID_KE_PAYLOAD) {
            match self.other_group(sa, group) {
                Some(group) => {
                    let key_pair = random::key_pair(&mut *self.random, group);
                    sa.handshake.key_pair = key_pair;
                    return self.repeat_init(now, sa);
                }
                None => NotifyType::INVALID_KE_PAYLOAD,
            }
        } else if let Some(error) = error {
            error.kind
        } else {
            return Err(PayloadType::SA.into());
        };
        let exchange = ExchangeType::IKE_SA_INIT;
        let id = sa.id;
        let refused = Event::Refused {
            sa: id,
            exchange,
            why,
        };
        self.events.push(refused);
        self.close(now, sa, Closed::NotEstablished);
        Ok(())
    }

    /// The group that the responder wants, if it was offered and not tried just now (section 1.2).
    fn other_group(&self, sa: &IkeSa, notify: &Notify) -> Option<DhGroup> {
        let NotifyMeaning::WantedGroup(wanted) = notify.meaning() else {
            return None;
        };
        let tried = sa.handshake.key_pair.as_ref().map(KeyPair::group);
        let group = DhGroup::from_id(wanted.0).filter(|group| Some(*group) != tried)?;
        let is_offered = |one: &crate::IkeProposal| one.dh().contains(&group);
        self.config.ike.iter().any(is_offered).then_some(group)
    }

    fn repeat_init(&mut self, now: Instant, sa: &mut IkeSa) -> Result<(), Discarded> {
        if sa.handshake.repeated == REPETITIONS {
            return Err(Discarded::Repetition);
        }
        sa.handshake.repeated += 1;
        sa.requests.outstanding.clear();
        self.request_init(now, sa);
        Ok(())
    }

    fn finish_init(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        incoming: &Incoming,
        answer: &SecurityAssociation,
    ) -> Result<(), Discarded> {
        let payloads = incoming.payloads();
        let (ke, nonce) = (payloads.key_exchange()?, payloads.nonce()?);
        if incoming.header.responder_spi == 0 {
            return Err(Discarded::NotInitial);
        }
        let exchange = ExchangeType::IKE_SA_INIT;
        let choice = accept_ike(answer, &self.config.ike);
        let Some(choice) = choice else {
            self.fail(sa, exchange, Failure::Proposal);
            self.close(now, sa, Closed::NotEstablished);
            return Ok(());
        };
        let key_pair = sa.handshake.key_pair.take();
        let fits = |pair: &KeyPair| pair.group() == choice.group && ke.group == choice.group.into();
        let secret = match key_pair.filter(fits).map(|pair| pair.agree(&ke.data)) {
            Some(Ok(secret)) => secret,
            other => {
                let why = match other {
                    Some(Err(error)) => error.into(),
                    Some(Ok(_)) | None => Failure::Group,
                };
                self.fail(sa, exchange, why);
                self.close(now, sa, Closed::NotEstablished);
                return Ok(());
            }
        };
        sa.requests.outstanding.clear();
        sa.responder_spi = incoming.header.responder_spi;
        sa.handshake.responder_nonce = nonce.to_vec();
        sa.handshake.response.clone_from(&incoming.octets);
        protect(sa, &choice, &secret);
        self.learn(sa, payloads, incoming);
        if sa.nat.is_some_and(nat::NatDetected::any) {
            sa.path.local.set_port(NAT_PORT);
            sa.path.remote.set_port(NAT_PORT);
        }
        self.request_auth(now, sa);
        Ok(())
    }

    /// Notes what the other end can do.
    fn learn(&mut self, sa: &mut IkeSa, payloads: Payloads<'_>, incoming: &Incoming) {
        let fragments = payloads.notify(NotifyType::IKEV2_FRAGMENTATION_SUPPORTED);
        sa.can_fragment = fragments.is_some() && self.config.fragment_octets.is_some();
        sa.peer_hashes = payloads.hashes().filter(|_| !self.config.hashes.is_empty());
        if self.config.nat_traversal {
            let header = incoming.header;
            sa.nat = nat::detect(
                payloads.notifies(),
                (header.initiator_spi, header.responder_spi),
                incoming.path.local,
                incoming.path.remote,
            );
            self.events.push(Event::NatDetection {
                sa: sa.id,
                nat: sa.nat,
            });
        }
    }
}

impl Endpoint {
    pub(super) fn answer_init(
        &mut self,
        now: Instant,
        incoming: &Incoming,
    ) -> Result<(), Discarded> {
        let header = incoming.header;
        if header.responder_spi != 0
            || header.initiator_spi == 0
            || header.message_id != 0
            || !header.flags.is_initiator()
        {
            return Err(Discarded::NotInitial);
        }
        let known = self
            .sas
            .iter()
            .find(|sa| !sa.is_initiator && sa.handshake.request == incoming.octets);
        if let Some(sa) = known {
            if !sa.handshake.response.is_empty() {
                let packets = [sa.handshake.response.clone()];
                self.core.send_again(now, incoming.path, &packets);
            }
            return Ok(());
        }
        match self.core.begin_response(now, incoming)? {
            Ok(sa) => {
                self.make_room(now);
                self.sas.push(*sa);
            }
            Err(refusal) => {
                let path = incoming.path;
                self.core
                    .respond_without_sa(now, &header, path, vec![refusal]);
            }
        }
        Ok(())
    }

    /// Forgets IKE SAs for a new one: closed ones, then half-open ones, then the oldest.
    fn make_room(&mut self, now: Instant) {
        let half_open = |sa: &IkeSa| sa.phase == Phase::AwaitingAuth;
        if self.sas.iter().filter(|sa| half_open(sa)).count() >= HALF_OPEN
            && let Some(at) = self.sas.iter().position(half_open)
        {
            let mut sa = self.sas.remove(at);
            self.core.close(now, &mut sa, Closed::Abandoned);
        }
        if self.sas.len() < SAS {
            return;
        }
        let closed = self.sas.iter().position(|sa| sa.phase == Phase::Closed);
        let mut sa = self.sas.remove(closed.unwrap_or(0));
        if sa.phase != Phase::Closed {
            self.core.close(now, &mut sa, Closed::Abandoned);
        }
    }
}

impl Core {
    /// A half-open IKE SA, or the notification that refuses it.
    fn begin_response(
        &mut self,
        now: Instant,
        incoming: &Incoming,
    ) -> Result<Result<Box<IkeSa>, Payload>, Discarded> {
        let header = incoming.header;
        let payloads = incoming.payloads();
        let refuse = |kind, data| Ok(Err(notify(kind, data)));
        if let Some(kind) = payloads.not_understood() {
            return refuse(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, vec![kind.0]);
        }
        if payloads.broken().is_some() {
            return refuse(NotifyType::INVALID_SYNTAX, Vec::new());
        }
        let (Ok(offered), Ok(ke), Ok(nonce)) =
            (payloads.sa(), payloads.key_exchange(), payloads.nonce())
        else {
            return refuse(NotifyType::INVALID_SYNTAX, Vec::new());
        };
        if self.config.demand_cookie {
            let cookie = self.cookie(header.initiator_spi, nonce, incoming.path);
            // It is the first payload (section 2.6).
            let is_returned = matches!(
                incoming.payloads.first().map(|payload| &payload.body),
                Some(Body::Notify(first))
                    if first.kind == NotifyType::COOKIE && first.data == cookie
            );
            if !is_returned {
                return refuse(NotifyType::COOKIE, cookie);
            }
        }
        let Some(choice) = choose_ike(offered, &self.config.ike) else {
            return refuse(NotifyType::NO_PROPOSAL_CHOSEN, Vec::new());
        };
        if ke.group != choice.group.into() {
            let wanted = choice.group.transform_id().to_be_bytes().to_vec();
            return refuse(NotifyType::INVALID_KE_PAYLOAD, wanted);
        }
        let key_pair = random::key_pair(&mut *self.random, choice.group);
        let key_pair = key_pair.ok_or(Discarded::Repetition)?;
        let Ok(secret) = key_pair.agree(&ke.data) else {
            return refuse(NotifyType::INVALID_SYNTAX, Vec::new());
        };
        let spi = random::ike_spi(&mut *self.random);
        let (id, window) = (self.next_id(), self.config.window);
        let spis = (header.initiator_spi, spi);
        let mut sa = IkeSa::new(id, spis, false, incoming.path, window);
        sa.expires = Some(now + self.config.linger);
        sa.handshake.request.clone_from(&incoming.octets);
        sa.handshake.initiator_nonce = nonce.to_vec();
        sa.handshake.responder_nonce = random::octets(&mut *self.random, NONCE);
        self.learn(&mut sa, payloads, incoming);
        let mut answer = vec![
            Body::Sa(SecurityAssociation {
                proposals: vec![choice.answer.clone()],
            })
            .into(),
            key_exchange(&key_pair),
            Body::Nonce(sa.handshake.responder_nonce.clone()).into(),
        ];
        answer.extend(certificate_requests(&self.config));
        let (with_nat, with_fragmentation) = (sa.nat.is_some(), sa.can_fragment);
        answer.extend(self.abilities(&sa, incoming.path, with_nat, with_fragmentation));
        sa.handshake.response = self.respond(now, &mut sa, &header, incoming.path, answer);
        protect(&mut sa, &choice, &secret);
        Ok(Ok(Box::new(sa)))
    }

    /// A checksum over what a spoofed request cannot receive (section 2.6).
    fn cookie(&self, initiator_spi: u64, nonce: &[u8], path: Path) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.cookie_secret);
        let mut context = hmac::Context::with_key(&key);
        context.update(path.remote.to_string().as_bytes());
        context.update(&initiator_spi.to_be_bytes());
        context.update(nonce);
        context.sign().as_ref().to_vec()
    }
}

/// The KE payload of a key pair.
pub(super) fn key_exchange(pair: &KeyPair) -> Payload {
    Body::Ke(KeyExchange {
        group: pair.group().into(),
        reserved: [0; 2],
        data: pair.public().to_vec(),
    })
    .into()
}

/// Derives the keys (section 2.14).
fn protect(sa: &mut IkeSa, choice: &IkeChoice, secret: &Key) {
    let nonces = Nonces {
        initiator: &sa.handshake.initiator_nonce,
        responder: &sa.handshake.responder_nonce,
    };
    let seed = skeyseed(choice.suite.prf, nonces, secret.as_bytes());
    let keys = sk_keys(
        choice.suite,
        seed.as_bytes(),
        nonces,
        sa.initiator_spi,
        sa.responder_spi,
    );
    sa.protection = Some(Protection {
        suite: choice.suite,
        group: choice.group,
        keys,
        next_iv: 0,
    });
}
