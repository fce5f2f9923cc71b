//! A router in this process: an endpoint with a host behind it, right or broken, and a clock that only
//! waiting moves.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ikev2::decrypt::{decrypt, encrypt, padding_octets};
use ikev2::deviation::{At, Deviation, MessageChange};
use ikev2::endpoint::{Action, Config, Datagram, Endpoint, Event, IkeSa, NAT_PORT, Path, Phase};
use ikev2::esp::{EspReceiver, EspSender, IPV4, Opened};
use ikev2::keys::SkKeys;
use ikev2::message::{Body, Chain, Encrypted, Header, Message, Payload, TrafficSelector};
use ikev2::negotiation::selectors::covers;
use ikev2::numbers::ExchangeType;
use ikev2::random::{Random, SystemRandom};
use ikev2::wire::{Flags, MessageView, NON_ESP_MARKER};

use super::HOSTS;
use crate::echo::Echo;
use crate::network::{EspPacket, Network, NetworkFault, Packet};

/// A way in which a router is wrong.
pub(super) struct Broken {
    pub(super) deviations: Vec<Deviation>,
    pub(super) config: fn(&mut Config),
    /// It answers what it should drop.
    pub(super) answers_anything: bool,
    /// It never answers this.
    pub(super) silent: Option<ExchangeType>,
    /// It answers this only the first time.
    pub(super) answers_once: Option<ExchangeType>,
    /// It answers this with another message each time.
    pub(super) answers_anew: Option<ExchangeType>,
    /// It sends this request again with other octets.
    pub(super) repeats_anew: Option<ExchangeType>,
    /// It gives everything up when there is something to drop.
    pub(super) gives_up: bool,
    /// What it does with a message before it looks at it.
    pub(super) hears: Box<dyn FnMut(&Heard) -> Hearing>,
    /// What it takes the payloads for that are in a message.
    pub(super) believes: Box<Believe>,
    pub(super) any_version: bool,
    pub(super) esp: Esp,
}

/// Changes the payloads of a message, as a router takes them that is wrong about them.
type Believe = dyn FnMut(&Header, &mut Vec<Payload>);

/// What a broken router does with packets of ESP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Esp {
    Right,
    Nothing,
    TakesReplayed,
    TakesDamaged,
    TakesDummies,
    TakesForeign,
}

/// A message that comes to the router, decrypted as far as it can be.
pub(super) struct Heard {
    pub(super) header: Header,
    pub(super) payloads: Vec<Payload>,
    /// Which fragment it is.
    pub(super) fragment: Option<u16>,
    pub(super) padding: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    Take,
    Drop,
    /// It ends all that it has.
    GiveUp,
}

impl Broken {
    pub(super) fn not() -> Self {
        Self {
            deviations: Vec::new(),
            config: |_| (),
            answers_anything: false,
            silent: None,
            answers_once: None,
            answers_anew: None,
            repeats_anew: None,
            gives_up: false,
            hears: Box::new(|_| Hearing::Take),
            believes: Box::new(|_, _| ()),
            any_version: false,
            esp: Esp::Right,
        }
    }

    pub(super) fn by(deviations: impl IntoIterator<Item = Deviation>) -> Self {
        Self {
            deviations: deviations.into_iter().collect(),
            ..Self::not()
        }
    }

    /// It drops such messages.
    pub(super) fn deaf(to: impl Fn(&Heard) -> bool + 'static) -> Self {
        Self {
            hears: Box::new(move |heard| {
                if to(heard) {
                    Hearing::Drop
                } else {
                    Hearing::Take
                }
            }),
            ..Self::not()
        }
    }

    pub(super) fn believing(believes: impl FnMut(&Header, &mut Vec<Payload>) + 'static) -> Self {
        Self {
            believes: Box::new(believes),
            ..Self::not()
        }
    }

    pub(super) fn with_esp(esp: Esp) -> Self {
        Self { esp, ..Self::not() }
    }
}

pub(super) struct InProcess {
    config: Config,
    path: Path,
    router: Endpoint,
    now: Instant,
    broken: Broken,
    answers: u8,
    requests: u8,
    has_given_up: bool,
    tunnels: BTreeMap<u32, (EspSender, EspReceiver)>,
    /// ESP that the host behind the router has caused.
    echoes: Vec<Packet>,
}

impl Network for InProcess {
    fn now(&self) -> Instant {
        self.now
    }

    fn exchange(&mut self, sent: Vec<Packet>, until: Instant) -> Result<Vec<Packet>, NetworkFault> {
        for packet in sent {
            match packet {
                Packet::Udp(datagram) => self.take(turned(datagram)),
                Packet::Esp(packet) => {
                    let answered = self.forward(&packet.bytes);
                    let echo = answered.map(|bytes| EspPacket { bytes, ..packet });
                    self.echoes.extend(echo.map(Packet::Esp));
                }
            }
        }
        let mut arrived = std::mem::take(&mut self.echoes);
        loop {
            self.router.handle_timeout(self.now);
            while let Some(datagram) = self.router.transmit(self.now) {
                let spoiled = self.spoil(datagram).map(turned);
                arrived.extend(spoiled.map(Packet::Udp));
            }
            if !arrived.is_empty() || self.now >= until {
                return Ok(arrived);
            }
            let next = self.router.timeout().unwrap_or(until);
            self.now = next.clamp(self.now + Duration::from_millis(1), until);
        }
    }

    fn call(&mut self) -> Result<(), NetworkFault> {
        self.router = endpoint(&self.config, &self.broken);
        self.has_given_up = false;
        self.requests = 0;
        let begun = self.router.initiate(self.now, self.path);
        begun.map(drop).map_err(|why| NetworkFault(why.to_string()))
    }
}

impl InProcess {
    /// `path` is from the router to the tester.
    pub(super) fn new(mut config: Config, path: Path, broken: Broken) -> Self {
        (broken.config)(&mut config);
        Self {
            router: endpoint(&config, &broken),
            config,
            path,
            now: Instant::now(),
            broken,
            answers: 0,
            requests: 0,
            has_given_up: false,
            tunnels: BTreeMap::new(),
            echoes: Vec::new(),
        }
    }

    fn take(&mut self, mut datagram: Datagram) {
        if self.has_given_up {
            return;
        }
        if let Some(message) = message_of(&datagram) {
            match self.hear(message) {
                None => {}
                Some((Hearing::Take, bytes)) => datagram = with_message(&datagram, bytes),
                Some((Hearing::Drop, _)) => return,
                Some((Hearing::GiveUp, _)) => return self.give_up(),
            }
        }
        self.router.receive(self.now, &datagram);
        let mut dropped = false;
        let mut packets = Vec::new();
        while let Some(event) = self.router.event() {
            dropped |= matches!(event, Event::Discarded { .. });
            if let Event::Esp(bytes) = event {
                packets.push(bytes);
            }
        }
        for packet in packets {
            let echo = self.forward(&packet).map(|bytes| Datagram {
                bytes,
                ..turned(datagram.clone())
            });
            self.echoes.extend(echo.map(Packet::Udp));
        }
        if dropped && self.broken.gives_up {
            self.give_up();
        } else if dropped && self.broken.answers_anything {
            self.answer_anything();
        }
    }

    fn give_up(&mut self) {
        self.has_given_up = true;
        self.router = endpoint(&self.config, &Broken::not());
    }

    /// What the router makes of a message; `None` for one that it cannot read.
    fn hear(&mut self, bytes: &[u8]) -> Option<(Hearing, Vec<u8>)> {
        let mut bytes = bytes.to_vec();
        if self.broken.any_version
            && let Some(version) = bytes.get_mut(17)
        {
            *version = 0x20;
        }
        let mut message = Message::parse(&bytes).ok()?;
        let header = message.header;
        let mut heard = Heard {
            header,
            payloads: message.payloads.clone(),
            fragment: message.fragment().map(|fragment| fragment.number),
            padding: 0,
        };
        if message.encrypted().is_none() {
            let hearing = (self.broken.hears)(&heard);
            let before = message.payloads.clone();
            (self.broken.believes)(&header, &mut message.payloads);
            if message.payloads != before {
                bytes = message.emit();
            }
            return Some((hearing, bytes));
        }
        let keys = self.keys(&header)?;
        let decrypted = decrypt(&bytes, &keys, header.flags.is_initiator()).ok()?;
        let mut chain = decrypted.chain().ok()?;
        heard.payloads.clone_from(&chain.payloads);
        heard.padding = decrypted.padding.len();
        let hearing = (self.broken.hears)(&heard);
        let before = chain.payloads.clone();
        (self.broken.believes)(&header, &mut chain.payloads);
        if chain.payloads != before {
            bytes = sealed(message, &chain, &decrypted.iv, &keys);
        }
        Some((hearing, bytes))
    }

    fn keys(&self, header: &Header) -> Option<SkKeys> {
        let spis = (header.initiator_spi, header.responder_spi);
        let mut all = self.router.sas().iter();
        all.find(|sa| sa.spis() == spis)?.keys().cloned()
    }

    /// What comes back for a packet of ESP.
    fn forward(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let how = self.broken.esp;
        let spi = u32::from_be_bytes(packet.get(..4)?.try_into().ok()?);
        let mut all = self.router.sas().iter().flat_map(IkeSa::children);
        let child = all.find(|child| child.incoming.spi == spi)?.clone();
        let fresh = || (EspSender::new(&child), EspReceiver::new(&child));
        let (sender, receiver) = self.tunnels.entry(spi).or_insert_with(fresh);
        if how == Esp::TakesReplayed {
            *receiver = EspReceiver::new(&child);
        }
        let mut opened = receiver.open(packet);
        if how == Esp::TakesDamaged && opened.is_err() {
            let mut mended = packet.to_vec();
            *mended.last_mut()? ^= 1;
            opened = receiver.open(&mended);
        }
        let Opened {
            next_header,
            payload,
            ..
        } = opened.ok()?;
        let request = Echo::parse(&payload).filter(|echo| !echo.is_reply)?;
        let source = [TrafficSelector::addresses_v4(
            request.source,
            request.source,
        )];
        let is_taken = how != Esp::Nothing
            && (next_header == IPV4 || how == Esp::TakesDummies)
            && (covers(&child.remote_selectors, &source) || how == Esp::TakesForeign)
            && request.destination == HOSTS.remote;
        let reply = is_taken.then(|| request.reply().emit())?;
        sender.seal(&mut SystemRandom, IPV4, &reply).ok()
    }

    /// What becomes of a message of a broken router.
    fn spoil(&mut self, mut datagram: Datagram) -> Option<Datagram> {
        let message = message_of(&datagram).expect("a message of our own");
        let view = MessageView::new(message).expect("a message of our own");
        let exchange = Some(view.exchange_type());
        if !view.flags().is_response() {
            if exchange == self.broken.repeats_anew {
                self.requests += 1;
                if self.requests > 1 {
                    *datagram.bytes.last_mut()? ^= 1;
                }
            }
            return Some(datagram);
        }
        if exchange == self.broken.silent {
            return None;
        }
        if exchange == self.broken.answers_once.or(self.broken.answers_anew) {
            self.answers += 1;
            if self.answers > 1 {
                self.broken.answers_anew?;
                *datagram.bytes.last_mut()? ^= 1;
            }
        }
        Some(datagram)
    }

    /// A protected message that looks like an answer.
    fn answer_anything(&mut self) {
        let mut all = self.router.sas().iter();
        let Some(sa) = all.find(|sa| sa.phase() == Phase::Established) else {
            return;
        };
        let id = sa.id();
        let own = if sa.is_initiator() {
            Flags::RESPONSE | Flags::INITIATOR
        } else {
            Flags::RESPONSE
        };
        let flags = MessageChange::Flags(own);
        let at = At::request(ExchangeType::INFORMATIONAL);
        self.router.deviate(Deviation::new(at, flags));
        let stray = Action::Stray {
            exchange: ExchangeType::INFORMATIONAL,
            payloads: Vec::new(),
        };
        self.router
            .perform(self.now, id, stray)
            .expect("an established IKE SA");
    }
}

fn endpoint(config: &Config, broken: &Broken) -> Endpoint {
    let mut router = Endpoint::new(config.clone(), random());
    for deviation in &broken.deviations {
        router.deviate(deviation.clone());
    }
    router
}

/// The message with other payloads within its protection.
fn sealed(mut message: Message, chain: &Chain, iv: &[u8], keys: &SkKeys) -> Vec<u8> {
    let plaintext = chain.emit();
    message.payloads.pop();
    message.payloads.push(Payload::new(Body::Sk(Encrypted {
        first: chain.first(),
        content: Vec::new(),
    })));
    let padding = vec![0; padding_octets(keys.encryption, plaintext.len())];
    let from_initiator = message.header.flags.is_initiator();
    encrypt(&message, iv, &plaintext, &padding, keys, from_initiator).expect("what was decrypted")
}

/// The message without the marker; `None` for ESP.
fn message_of(datagram: &Datagram) -> Option<&[u8]> {
    if datagram.local.port() == NAT_PORT {
        datagram.bytes.strip_prefix(&NON_ESP_MARKER)
    } else {
        Some(&datagram.bytes)
    }
}

fn with_message(datagram: &Datagram, message: Vec<u8>) -> Datagram {
    let bytes = if datagram.local.port() == NAT_PORT {
        [NON_ESP_MARKER.as_slice(), &message].concat()
    } else {
        message
    };
    Datagram {
        bytes,
        ..datagram.clone()
    }
}

fn turned(datagram: Datagram) -> Datagram {
    Datagram {
        local: datagram.remote,
        remote: datagram.local,
        bytes: datagram.bytes,
    }
}

pub(super) fn random() -> Box<dyn Random> {
    Box::new(SystemRandom)
}
