//! From a datagram to the exchange that it belongs to.

use std::time::Instant;

use super::event::{Closed, Discarded, Event, Failure};
use super::payloads::{Payloads, notify};
use super::sa::{IkeSa, Phase};
use super::window::{Judgement, Purpose};
use super::{Core, Datagram, Endpoint, NAT_PORT, Path};
use crate::decrypt::{Decrypted, decrypt};
use crate::message::{Body, Chain, Header, Message, Payload};
use crate::numbers::{ExchangeType, NotifyType, PayloadType};
use crate::reassembly::{Fragment, Progress, SetKey};
use crate::wire::{Malformed, MessageView, NON_ESP_MARKER};

/// A message that came, whole and decrypted.
pub(super) struct Incoming {
    pub(super) header: Header,
    pub(super) payloads: Vec<Payload>,
    pub(super) path: Path,
    /// As it came; of a fragmented one, the last fragment.
    pub(super) octets: Vec<u8>,
}

impl Incoming {
    pub(super) fn payloads(&self) -> Payloads<'_> {
        Payloads(&self.payloads)
    }
}

/// What a request is answered with.
pub(super) struct Answer {
    pub(super) payloads: Vec<Payload>,
    /// The IKE SA is closed after the answer.
    pub(super) close: Option<Closed>,
}

impl Answer {
    pub(super) fn new(payloads: Vec<Payload>) -> Self {
        Self {
            payloads,
            close: None,
        }
    }

    pub(super) fn error(kind: NotifyType) -> Self {
        Self::new(vec![notify(kind, Vec::new())])
    }

    pub(super) fn closing(self, why: Closed) -> Self {
        Self {
            close: Some(why),
            ..self
        }
    }
}

/// How a message was opened.
enum Opened {
    Whole(Vec<Payload>),
    /// A payload chain within the protection does not hold together.
    Broken(Malformed),
    /// Other fragments are missing.
    Incomplete,
    /// A fragment that came before, of this number.
    Repeated(u16),
}

impl Endpoint {
    /// Takes a datagram. Whatever it holds, nothing but events and datagrams comes of it.
    pub fn receive(&mut self, now: Instant, datagram: &Datagram) {
        let path = Path {
            local: datagram.local,
            remote: datagram.remote,
        };
        let bytes = datagram.bytes.as_slice();
        let message = if path.local.port() != NAT_PORT {
            bytes
        } else if let Some(message) = bytes.strip_prefix(&NON_ESP_MARKER) {
            message
        } else {
            // One octet keeps the mapping of a NAT alive (RFC 3948, section 2.3).
            if bytes.len() > 1 {
                self.core.events.push(Event::Esp(bytes.to_vec()));
            }
            return;
        };
        self.core.sa_count = self.sas.len();
        if let Err(why) = self.take(now, path, message) {
            self.core.events.push(Event::Discarded { sa: None, why });
        }
        self.settle(now);
    }

    /// Takes a packet of ESP that came without UDP, from its SPI on.
    pub fn receive_esp(&mut self, packet: Vec<u8>) {
        self.core.events.push(Event::Esp(packet));
    }

    fn take(&mut self, now: Instant, path: Path, octets: &[u8]) -> Result<(), Discarded> {
        let view = MessageView::new(octets)?;
        let message = match Message::parse(octets) {
            Ok(message) => message,
            Err(why) => {
                self.refuse_version(now, path, &view);
                return Err(why.into());
            }
        };
        let (header, flags) = (message.header, message.header.flags);
        let is_init = header.exchange == ExchangeType::IKE_SA_INIT;
        if is_init && !flags.is_response() {
            self.tell(None, &message);
            let payloads = message.payloads;
            let incoming = Incoming {
                header,
                payloads,
                path,
                octets: octets.to_vec(),
            };
            return self.answer_init(now, &incoming);
        }
        let sa = self.sas.iter_mut().find(|sa| {
            let is_sent_to = flags.is_initiator() != sa.is_initiator;
            let is_waiting = is_init && sa.phase == Phase::InitSent;
            let fits = sa.responder_spi == header.responder_spi || is_waiting;
            is_sent_to && sa.initiator_spi == header.initiator_spi && fits
        });
        let Some(sa) = sa else {
            self.tell(None, &message);
            return Err(Discarded::UnknownSa);
        };
        let id = Some(sa.id);
        if is_init {
            self.core.events.push(received(id, &message, None));
            if sa.phase != Phase::InitSent {
                return Err(Discarded::NotAsked(header.message_id));
            }
            let payloads = message.payloads;
            let incoming = Incoming {
                header,
                payloads,
                path,
                octets: octets.to_vec(),
            };
            return self.core.take_init_response(now, sa, &incoming);
        }
        let Some(protection) = &sa.protection else {
            self.core.events.push(received(id, &message, None));
            return Err(Discarded::NotAsked(header.message_id));
        };
        if message.encrypted().is_none() && message.fragment().is_none() {
            self.core.events.push(received(id, &message, None));
            return Err(Discarded::InClear);
        }
        let decrypted = decrypt(octets, &protection.keys, flags.is_initiator())?;
        let opened = open(sa, &view, &message, decrypted)?;
        let outcome = self.core.proceed(now, sa, path, &message, octets, opened);
        if let Err(why) = outcome {
            self.core.events.push(Event::Discarded { sa: id, why });
        }
        Ok(())
    }

    /// Says which version is spoken here (RFC 7296, section 2.5).
    fn refuse_version(&mut self, now: Instant, path: Path, view: &MessageView<'_>) {
        const HIGHEST: u8 = 2;
        if view.major_version() <= HIGHEST || view.flags().is_response() {
            return;
        }
        let request = Header {
            initiator_spi: view.initiator_spi(),
            responder_spi: view.responder_spi(),
            exchange: view.exchange_type(),
            message_id: view.message_id(),
            ..Header::default()
        };
        let payloads = vec![notify(NotifyType::INVALID_MAJOR_VERSION, vec![HIGHEST])];
        self.core.respond_without_sa(now, &request, path, payloads);
    }

    fn tell(&mut self, sa: Option<super::SaId>, message: &Message) {
        self.core.events.push(received(sa, message, None));
    }
}

fn received(sa: Option<super::SaId>, message: &Message, within: Option<&[Payload]>) -> Event {
    Event::Received {
        sa,
        header: message.header,
        payloads: within.unwrap_or(&message.payloads).to_vec(),
        is_protected: within.is_some(),
    }
}

/// The payloads in clear and those within the protection, if they are all there.
fn open(
    sa: &mut IkeSa,
    view: &MessageView<'_>,
    message: &Message,
    decrypted: Decrypted,
) -> Result<Opened, Discarded> {
    let (first, plaintext) = match decrypted.fragment {
        None => (decrypted.first, decrypted.plaintext),
        Some(_) if !sa.can_fragment => return Err(Discarded::Fragment),
        Some(at) => {
            let fragment = Fragment {
                first: decrypted.first,
                number: at.number,
                total: at.total,
                piece: &decrypted.plaintext,
            };
            match sa.reassembler.insert(SetKey::from(view), fragment)? {
                Progress::Complete(complete) => (complete.first, complete.plaintext),
                Progress::Incomplete { .. } | Progress::Restarted { .. } => {
                    return Ok(Opened::Incomplete);
                }
                Progress::Duplicate => return Ok(Opened::Repeated(at.number)),
            }
        }
    };
    let chain = match Chain::parse(first, &plaintext) {
        Ok(chain) => chain,
        Err(why) => return Ok(Opened::Broken(why)),
    };
    let is_clear = |payload: &&Payload| !matches!(payload.body, Body::Sk(_) | Body::Skf(_));
    let mut payloads: Vec<Payload> = message.payloads.iter().filter(is_clear).cloned().collect();
    payloads.extend(chain.payloads);
    Ok(Opened::Whole(payloads))
}

impl Core {
    /// Goes on with a message whose integrity is verified.
    fn proceed(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        path: Path,
        message: &Message,
        octets: &[u8],
        opened: Opened,
    ) -> Result<(), Discarded> {
        let header = message.header;
        let id = header.message_id;
        if !header.flags.is_response() {
            match (sa.responses.judge(id), &opened) {
                (Judgement::New, _) => {}
                // Of a request in fragments only the first one is answered again (RFC 7383, section
                // 2.6.1).
                (Judgement::Repeated(packets), Opened::Whole(_) | Opened::Repeated(1)) => {
                    let packets = packets.to_vec();
                    self.send_again(now, path, &packets);
                    return Ok(());
                }
                (Judgement::Repeated(_), _) => return Ok(()),
                (Judgement::Outside, _) => return Err(Discarded::MessageId(id)),
            }
        }
        let payloads = match opened {
            Opened::Whole(payloads) => payloads,
            Opened::Incomplete | Opened::Repeated(_) => return Ok(()),
            Opened::Broken(why) => {
                self.refuse_syntax(now, sa, &header, path);
                return Err(why.into());
            }
        };
        self.events
            .push(received(Some(sa.id), message, Some(&payloads)));
        let incoming = Incoming {
            header,
            payloads,
            path,
            octets: octets.to_vec(),
        };
        if header.flags.is_response() {
            self.take_response(now, sa, &incoming)
        } else {
            self.take_request(now, sa, &incoming)
        }
    }

    /// A request that is malformed within its protection ends the IKE SA at both ends (RFC 7296,
    /// section 2.21.3); so does a response.
    fn refuse_syntax(&mut self, now: Instant, sa: &mut IkeSa, header: &Header, path: Path) {
        if !header.flags.is_response() {
            let payloads = vec![notify(NotifyType::INVALID_SYNTAX, Vec::new())];
            self.respond(now, sa, header, path, payloads);
        }
        if sa.phase != Phase::Closed {
            self.close(now, sa, Closed::InvalidSyntax);
        }
    }

    fn take_request(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        incoming: &Incoming,
    ) -> Result<(), Discarded> {
        let header = incoming.header;
        let payloads = incoming.payloads();
        if let Some(kind) = payloads.not_understood() {
            let kind = vec![kind.0];
            let payloads = vec![notify(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, kind)];
            self.respond(now, sa, &header, incoming.path, payloads);
            return Ok(());
        }
        if let Some(kind) = payloads.broken() {
            self.refuse_syntax(now, sa, &header, incoming.path);
            return Err(Discarded::Payload(kind));
        }
        // An initiator behind a NAT changes the port, and its NAT may change the address (RFC 7296,
        // section 2.23).
        if sa.phase == Phase::AwaitingAuth || sa.nat.is_some_and(|nat| nat.remote) {
            sa.path = incoming.path;
        }
        let is_open = matches!(
            sa.phase,
            Phase::Established | Phase::Replaced | Phase::Closing
        );
        let answer = match header.exchange {
            ExchangeType::IKE_AUTH if sa.phase == Phase::AwaitingAuth => {
                self.answer_auth(sa, incoming)
            }
            ExchangeType::CREATE_CHILD_SA if is_open => self.answer_create_child_sa(sa, incoming),
            ExchangeType::INFORMATIONAL if is_open => self.answer_informational(sa, incoming),
            other => return Err(Discarded::Exchange(other)),
        };
        self.respond(now, sa, &header, incoming.path, answer.payloads);
        if let Some(why) = answer.close {
            self.close(now, sa, why);
        }
        Ok(())
    }

    fn take_response(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        incoming: &Incoming,
    ) -> Result<(), Discarded> {
        let id = incoming.header.message_id;
        let exchange = incoming.header.exchange;
        let outstanding = sa.requests.take(id, exchange);
        let outstanding = outstanding.ok_or(Discarded::NotAsked(id))?;
        let payloads = incoming.payloads();
        if let Some(kind) = payloads.not_understood() {
            self.reject_response(now, sa, exchange, &outstanding.purpose);
            return Err(Discarded::Payload(kind));
        }
        if let Some(kind) = payloads.broken() {
            self.refuse_syntax(now, sa, &incoming.header, incoming.path);
            return Err(Discarded::Payload(kind));
        }
        if let Some(size) = payloads.notify(NotifyType::SET_WINDOW_SIZE)
            && let Ok(size) = size.data.as_slice().try_into()
        {
            sa.requests.widen(u32::from_be_bytes(size));
        }
        match outstanding.purpose {
            Purpose::Init => {}
            Purpose::Auth(offer) => self.take_auth_response(now, sa, incoming, *offer),
            Purpose::CreateChild(offer) => self.take_child_response(now, sa, incoming, *offer),
            Purpose::RekeyIke(offer) => self.take_ike_response(now, sa, incoming, *offer),
            Purpose::DeleteChild(spi) => {
                if sa.take_child(spi).is_some() {
                    self.events.push(Event::ChildSaDeleted { sa: sa.id, spi });
                }
            }
            Purpose::DeleteIke => self.close(now, sa, Closed::Deleted),
            Purpose::RejectPeer => self.close(now, sa, Closed::NotEstablished),
            Purpose::Other => self.take_other_response(sa, exchange, id, payloads),
        }
        if sa.phase != Phase::Closed {
            self.start_waiting(now, sa);
        }
        Ok(())
    }

    /// A response with a critical payload that is not understood is rejected (RFC 7296, section 2.5).
    /// The other end believes in what it answered, so the IKE SA is ended.
    fn reject_response(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        exchange: ExchangeType,
        purpose: &Purpose,
    ) {
        let kind = NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD;
        self.fail(sa, exchange, Failure::Rejected(kind));
        match purpose {
            Purpose::DeleteIke => self.close(now, sa, Closed::Deleted),
            Purpose::RejectPeer => self.close(now, sa, Closed::NotEstablished),
            Purpose::Init
            | Purpose::Auth(_)
            | Purpose::CreateChild(_)
            | Purpose::RekeyIke(_)
            | Purpose::DeleteChild(_)
            | Purpose::Other => self.delete_ike(now, sa),
        }
    }

    fn take_other_response(
        &mut self,
        sa: &IkeSa,
        exchange: ExchangeType,
        message_id: u32,
        payloads: Payloads<'_>,
    ) {
        let sa = sa.id;
        self.events.push(match payloads.error() {
            Some(error) => Event::Refused {
                sa,
                exchange,
                why: error.kind,
            },
            None => Event::Answered {
                sa,
                exchange,
                message_id,
            },
        });
    }
}

impl From<PayloadType> for Discarded {
    fn from(kind: PayloadType) -> Self {
        Self::Payload(kind)
    }
}
