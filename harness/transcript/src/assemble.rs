//! From octets to the transcript: which SA a message belongs to, which fragments belong together,
//! what is inside.

mod sas;
mod unlock;

use std::collections::HashMap;
use std::net::IpAddr;

use ikev2::message::{self, EncryptedFragment};
use ikev2::numbers::{ExchangeType, PayloadType};
use ikev2::wire::Payloads;
use ikev2::{Body, MessageView};

use self::sas::Sas;
use self::unlock::Unlocked;
use crate::Options;
use crate::collect::{Collected, RawMessage};
use crate::describe::{self, Describer};
use crate::model::{
    IkeFragment, IkeFragments, Message, Named, Note, Peer, Protection, Role, SCHEMA, Transcript,
};

/// Makes the transcript of what was collected.
pub(crate) fn assemble(collected: Collected, options: &Options<'_>) -> crate::Unlocked {
    let raws = &collected.messages;
    let mut sas = Sas::new(options);
    let groups = groups(raws, &mut sas);
    let mut describer = Describer::new(&options.limits, collected.capture.started);
    let messages: Vec<Message> = groups
        .iter()
        .map(|group| group.message(raws, &mut sas, &mut describer))
        .collect();
    let mut notes = collected.notes;
    let left_out = sas.left_out();
    if left_out > 0 {
        notes.push(Note::MoreIkeSas { left_out });
    }
    let left_out = describer.left_out();
    if left_out > 0 {
        notes.push(Note::MorePayloads { left_out });
    }
    let keys = sas.keys();
    let ike_sas = sas.finish();
    let transcript = Transcript {
        schema: SCHEMA,
        peers: peers(&ike_sas, options),
        capture: collected.capture,
        ike_sas,
        messages,
        esp: collected.esp,
        nat_keepalives: collected.nat_keepalives,
        ip_fragments: collected.ip_fragments,
        icmp_errors: collected.icmp_errors,
        notes,
    };
    crate::Unlocked { transcript, keys }
}

fn peers(ike_sas: &[crate::model::IkeSa], options: &Options<'_>) -> Vec<Peer> {
    let mut peers: Vec<Peer> = Vec::new();
    let mut known: HashMap<IpAddr, ()> = HashMap::new();
    for sa in ike_sas {
        for role in [Role::Initiator, Role::Responder] {
            let address = sa.address(role);
            if known.insert(address, ()).is_none() {
                let name = options.names.iter().find(|(named, _)| *named == address);
                peers.push(Peer {
                    address,
                    name: name.map(|(_, name)| name.clone()),
                    role,
                });
            }
        }
    }
    peers
}

/// A message: one datagram, or the parts of one in IKE fragments.
struct Group {
    sa: usize,
    /// Positions among the raw messages; of fragments by their numbers.
    parts: Vec<Part>,
    /// How many fragments there are to be.
    total: Option<u16>,
}

struct Part {
    number: u16,
    /// Two when a sender encrypted a fragment anew to send it again.
    raws: Vec<usize>,
}

/// What the fragments of a message have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FragmentKey {
    sa: usize,
    exchange: ExchangeType,
    message_id: u32,
    flags: u8,
    total: u16,
}

/// Puts the fragments of each message together, in the order in which they were first sent.
fn groups(raws: &[RawMessage], sas: &mut Sas<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut fragmented: HashMap<FragmentKey, usize> = HashMap::new();
    for (position, raw) in raws.iter().enumerate() {
        let Ok(view) = MessageView::new(&raw.octets) else {
            continue;
        };
        let Some(sa) = sas.place(&view, raw) else {
            continue;
        };
        let whole = |number| Part {
            number,
            raws: vec![position],
        };
        let Some(fragment) = fragment(&view) else {
            groups.push(Group {
                sa,
                parts: vec![whole(0)],
                total: None,
            });
            continue;
        };
        let key = FragmentKey {
            sa,
            exchange: view.exchange_type(),
            message_id: view.message_id(),
            flags: view.flags().0,
            total: fragment.total,
        };
        let group = *fragmented.entry(key).or_insert_with(|| {
            groups.push(Group {
                sa,
                parts: Vec::new(),
                total: Some(fragment.total),
            });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(group) {
            let at = group
                .parts
                .partition_point(|part| part.number < fragment.number);
            match group.parts.get_mut(at) {
                Some(part) if part.number == fragment.number => part.raws.push(position),
                Some(_) | None => group.parts.insert(at, whole(fragment.number)),
            }
        }
    }
    groups
}

/// The SKF payload of a message, if it has one that can be decoded.
fn fragment(view: &MessageView<'_>) -> Option<EncryptedFragment> {
    let skf = view
        .payloads()
        .map_while(Result::ok)
        .find(|payload| payload.kind == PayloadType::SKF)?;
    if let Body::Skf(fragment) = Body::decode(skf.kind, skf.next, skf.body) {
        Some(fragment)
    } else {
        None
    }
}

impl Group {
    fn message(
        &self,
        raws: &[RawMessage],
        sas: &mut Sas<'_>,
        describer: &mut Describer<'_>,
    ) -> Message {
        let of = |part: &Part| part.raws.first().and_then(|at| raws.get(*at));
        // Every group has a part, every part a raw message, and each of those a header.
        let first_sent = self
            .parts
            .iter()
            .filter_map(of)
            .min_by_key(|raw| packet(raw));
        let Some((raw, view)) =
            first_sent.and_then(|raw| Some((raw, MessageView::new(&raw.octets).ok()?)))
        else {
            return Message::empty(self.sa);
        };
        let from = if view.flags().is_initiator() {
            Role::Initiator
        } else {
            Role::Responder
        };
        let mut message = Message {
            exchange: describe::exchange(&view),
            message_id: view.message_id(),
            response: view.flags().is_response(),
            from,
            source: raw.source,
            destination: raw.destination,
            version: format!("{}.{}", view.major_version(), view.minor_version()),
            at_us: raw.transmissions.first().map_or(0, |sent| sent.at_us),
            octets: self.octets(raws),
            transmissions: raw.transmissions.clone(),
            more_transmissions: raw.more_transmissions,
            fragments: self.fragments(raws),
            ..Message::empty(self.sa)
        };
        if view.is_ikev1() {
            // An answer in IKEv1 has no flag of its own: the initiator's cookie alone is a request.
            message.response = raw.source != sas.initiator(self.sa);
            message.from = if message.response {
                Role::Responder
            } else {
                Role::Initiator
            };
            return message;
        }
        let mut decoded = Vec::new();
        for payload in view.payloads() {
            match payload {
                Ok(payload) => decoded.push(message::Payload::decode(payload)),
                Err(why) => message.malformed = Some(why.to_string()),
            }
        }
        let chosen_in_clear = sas.learn(self.sa, &message, &decoded);
        let encrypted = decoded
            .iter()
            .any(|payload| matches!(payload.kind(), PayloadType::SK | PayloadType::SKF));
        describer.payloads(&decoded, false, &mut message);
        describe::nat::mark(spis(&view), &decoded, &mut message);
        if encrypted && !chosen_in_clear {
            self.open(raws, sas, describer, &mut message);
        }
        message
    }

    /// Decrypts what is encrypted, if the keys are known.
    fn open(
        &self,
        raws: &[RawMessage],
        sas: &mut Sas<'_>,
        describer: &mut Describer<'_>,
        message: &mut Message,
    ) {
        let octets = |part: &Part| {
            let raw = part.raws.first().and_then(|at| raws.get(*at));
            raw.map(|raw| raw.octets.as_slice())
        };
        let parts: Vec<&[u8]> = self.parts.iter().filter_map(octets).collect();
        let unlocked = sas.unlock(self.sa, &parts, message.from == Role::Initiator, self.total);
        let plain = match unlocked {
            Unlocked::NoKeys => {
                message.protection = Protection::Encrypted;
                return;
            }
            Unlocked::Failed(why) => {
                message.protection = Protection::Undecryptable { why };
                return;
            }
            Unlocked::Plain(plain) => plain,
        };
        message.protection = Protection::Decrypted;
        let mut decoded = Vec::new();
        for payload in Payloads::of_plaintext(plain.first, &plain.octets) {
            match payload {
                Ok(payload) => decoded.push(message::Payload::decode(payload)),
                Err(why) => message.malformed = Some(format!("inside SK: {why}")),
            }
        }
        sas.learn(self.sa, message, &decoded);
        describer.payloads(&decoded, true, message);
    }

    fn octets(&self, raws: &[RawMessage]) -> u64 {
        let of = |part: &Part| part.raws.first().and_then(|at| raws.get(*at));
        let octets = self.parts.iter().filter_map(of);
        octets
            .map(|raw| u64::try_from(raw.octets.len()).unwrap_or(u64::MAX))
            .sum()
    }

    fn fragments(&self, raws: &[RawMessage]) -> Option<IkeFragments> {
        let total = self.total?;
        let part = |part: &Part| {
            let of = part.raws.iter().filter_map(|at| raws.get(*at));
            IkeFragment {
                number: part.number,
                transmissions: of
                    .clone()
                    .flat_map(|raw| &raw.transmissions)
                    .cloned()
                    .collect(),
                more_transmissions: of.map(|raw| raw.more_transmissions).sum(),
            }
        };
        Some(IkeFragments {
            total,
            parts: self.parts.iter().map(part).collect(),
        })
    }
}

/// Of the initiator and of the responder.
fn spis(view: &MessageView<'_>) -> (u64, u64) {
    (view.initiator_spi(), view.responder_spi())
}

/// Number of the packet in which it was first sent.
fn packet(raw: &RawMessage) -> u64 {
    raw.transmissions
        .first()
        .map_or(u64::MAX, |sent| sent.packet)
}

impl Message {
    /// A message of which nothing is known yet.
    fn empty(sa: usize) -> Self {
        let nowhere = std::net::SocketAddr::from(([0, 0, 0, 0], 0));
        Self {
            sa,
            exchange: Named::new(0_u32, ""),
            message_id: 0,
            response: false,
            from: Role::Initiator,
            source: nowhere,
            destination: nowhere,
            version: String::new(),
            at_us: 0,
            octets: 0,
            transmissions: Vec::new(),
            more_transmissions: 0,
            fragments: None,
            protection: Protection::Clear,
            payloads: Vec::new(),
            more_payloads: 0,
            malformed: None,
        }
    }
}
