//! The one way that every message goes from its payloads to the network, with the place where
//! deviations act.

use std::time::{Duration, Instant};

use super::event::{Event, Failure};
use super::sa::{IkeSa, Protection};
use super::window::{Outstanding, Purpose};
use super::{Core, Path};
use crate::algorithm::Encryption;
use crate::decrypt::{EncryptError, encrypt, padding_octets, sealed_octets};
use crate::deviation::{Chosen, Draft, Piece};
use crate::message::{Body, Chain, Encrypted, EncryptedFragment, Header, Message, Payload};
use crate::numbers::{ExchangeType, PayloadType};
use crate::random::{self, Random};
use crate::wire::{Flags, PAYLOAD_HEADER_LEN};

/// A message as packets.
pub(super) struct Written {
    /// As it was sent.
    header: Header,
    /// What is sent whenever the message is sent again.
    pub(super) packets: Vec<Vec<u8>>,
    /// What is sent the first time, and when.
    first: Vec<(Duration, Vec<u8>)>,
}

impl Core {
    /// Sends a request, and keeps it until its response comes.
    pub(super) fn request(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        exchange: ExchangeType,
        payloads: Vec<Payload>,
        purpose: Purpose,
    ) {
        let id = sa.requests.next_id;
        let Some(next_id) = id.checked_add(1) else {
            let (sa, why) = (sa.id, Failure::MessageIds);
            return self.events.push(Event::Failed { sa, exchange, why });
        };
        let header = header(sa, exchange, id, false);
        let Some(written) = self.write(sa, header, payloads) else {
            return;
        };
        sa.requests.next_id = next_id;
        if purpose.is_init() {
            sa.handshake.request = written.packets.concat();
        }
        self.dispatch(now, sa.path, written.first);
        sa.requests.outstanding.push(Outstanding {
            id: written.header.message_id,
            exchange: written.header.exchange,
            purpose,
            packets: written.packets,
            times: 1,
            next: now + self.config.retransmission.wait(1),
        });
    }

    /// Sends a request once, and forgets it.
    pub(super) fn stray(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        exchange: ExchangeType,
        payloads: Vec<Payload>,
    ) {
        let header = header(sa, exchange, sa.requests.next_id, false);
        if let Some(written) = self.write(sa, header, payloads) {
            self.dispatch(now, sa.path, written.first);
        }
    }

    /// Sends a response to where its request came from, and keeps it for when the request comes
    /// again. It returns the octets.
    pub(super) fn respond(
        &mut self,
        now: Instant,
        sa: &mut IkeSa,
        request: &Header,
        path: Path,
        payloads: Vec<Payload>,
    ) -> Vec<u8> {
        let header = header(sa, request.exchange, request.message_id, true);
        let written = self.write(sa, header, payloads);
        let (packets, first) = match written {
            Some(written) => (written.packets, written.first),
            None => (Vec::new(), Vec::new()),
        };
        let octets = packets.concat();
        self.dispatch(now, path, first);
        sa.responses.answered(request.message_id, packets);
        octets
    }

    /// Sends a response in clear without an IKE SA.
    pub(super) fn respond_without_sa(
        &mut self,
        now: Instant,
        request: &Header,
        path: Path,
        payloads: Vec<Payload>,
    ) {
        let mut draft = Draft {
            header: Header {
                flags: Flags::RESPONSE,
                minor_version: 0,
                false_length: None,
                ..*request
            },
            clear: payloads,
            protected: None,
        };
        let header = draft.header;
        let mut chosen = self.deviations.choose(&header);
        chosen.on_draft(&mut draft);
        let mut packets = vec![in_clear(&draft).emit()];
        chosen.on_packets(&mut packets);
        let first = chosen.on_sending(&packets);
        self.dispatch(now, path, first);
    }

    /// Sends packets again.
    pub(super) fn send_again(&mut self, now: Instant, path: Path, packets: &[Vec<u8>]) {
        for packet in packets {
            self.outgoing.push(now, path.datagram(packet.clone()));
        }
    }

    fn dispatch(&mut self, now: Instant, path: Path, packets: Vec<(Duration, Vec<u8>)>) {
        for (after, packet) in packets {
            self.outgoing.push(now + after, path.datagram(packet));
        }
    }

    fn write(&mut self, sa: &mut IkeSa, header: Header, payloads: Vec<Payload>) -> Option<Written> {
        let is_protected = sa.protection.is_some() && header.exchange != ExchangeType::IKE_SA_INIT;
        let (clear, protected) = if is_protected {
            (Vec::new(), Some(payloads))
        } else {
            (payloads, None)
        };
        let mut draft = Draft {
            header,
            clear,
            protected,
        };
        let mut chosen = self.deviations.choose(&header);
        chosen.on_draft(&mut draft);
        let limit = self.config.fragment_octets.filter(|_| sa.can_fragment);
        let packets = match (&mut draft.protected, &mut sa.protection) {
            (Some(_), Some(protection)) => protect(
                &draft,
                protection,
                sa.is_initiator,
                limit.map(usize::from),
                &mut chosen,
                &mut *self.random,
            ),
            (Some(_) | None, Some(_) | None) => Ok(vec![in_clear(&draft).emit()]),
        };
        let mut packets = match packets {
            Ok(packets) => packets,
            Err(error) => {
                self.events.push(Event::Failed {
                    sa: sa.id,
                    exchange: header.exchange,
                    why: Failure::Encrypt(error),
                });
                return None;
            }
        };
        chosen.on_packets(&mut packets);
        let first = chosen.on_sending(&packets);
        let mut message = in_clear(&draft);
        message.payloads.extend(draft.protected.unwrap_or_default());
        self.events.push(Event::Sent { sa: sa.id, message });
        Some(Written {
            header: draft.header,
            packets,
            first,
        })
    }
}

impl Purpose {
    fn is_init(&self) -> bool {
        matches!(self, Self::Init)
    }
}

fn header(sa: &IkeSa, exchange: ExchangeType, message_id: u32, is_response: bool) -> Header {
    let mut flags = Flags::default();
    if sa.is_initiator {
        flags = flags | Flags::INITIATOR;
    }
    if is_response {
        flags = flags | Flags::RESPONSE;
    }
    Header {
        initiator_spi: sa.initiator_spi,
        responder_spi: sa.responder_spi,
        minor_version: 0,
        exchange,
        flags,
        message_id,
        false_length: None,
    }
}

/// The message with what it has in clear.
fn in_clear(draft: &Draft) -> Message {
    Message {
        header: draft.header,
        payloads: draft.clear.clone(),
        trailing: Vec::new(),
    }
}

/// Encrypts a draft, as one message or as fragments of at most `limit` octets.
fn protect(
    draft: &Draft,
    protection: &mut Protection,
    from_initiator: bool,
    limit: Option<usize>,
    chosen: &mut Chosen<'_>,
    random: &mut dyn Random,
) -> Result<Vec<Vec<u8>>, EncryptError> {
    let chain = Chain {
        payloads: draft.protected.clone().unwrap_or_default(),
        trailing: Vec::new(),
    };
    let mut plaintext = chain.emit();
    chosen.on_plaintext(&mut plaintext);
    let (encryption, integrity) = (protection.keys.encryption, protection.keys.integrity);
    let before = Message {
        payloads: draft.clear.clone(),
        ..Message::default()
    };
    let fixed = before.emit().len() + PAYLOAD_HEADER_LEN;
    let is_long =
        |limit: &usize| fixed + sealed_octets(encryption, integrity, plaintext.len()) > *limit;
    let cut = chosen.cut().or_else(|| {
        let limit = limit.filter(is_long)?;
        Some(piece_octets(limit, fixed, |octets| {
            sealed_octets(encryption, integrity, octets)
        }))
    });
    let mut seal = |clear: Vec<Payload>, last: Body, plaintext: &[u8], chosen: &mut Chosen<'_>| {
        let mut message = Message {
            header: draft.header,
            payloads: clear,
            trailing: Vec::new(),
        };
        message.payloads.push(last.into());
        let iv = initialization_vector(encryption, &mut protection.next_iv, random);
        let mut padding = vec![0; padding_octets(encryption, plaintext.len())];
        chosen.on_padding(&mut padding, encryption.block_octets());
        encrypt(
            &message,
            &iv,
            plaintext,
            &padding,
            &protection.keys,
            from_initiator,
        )
    };
    let Some(cut) = cut else {
        let last = Body::Sk(Encrypted {
            first: chain.first(),
            content: Vec::new(),
        });
        return Ok(vec![seal(draft.clear.clone(), last, &plaintext, chosen)?]);
    };
    let mut pieces = pieces(&plaintext, cut);
    chosen.on_pieces(&mut pieces);
    let packets = pieces.into_iter().map(|piece| {
        // Only the first fragment tells what it begins with, and has what is in clear (RFC 7383,
        // sections 2.5 and 2.5.3).
        let is_first = piece.number == 1;
        let last = Body::Skf(EncryptedFragment {
            first: if is_first {
                chain.first()
            } else {
                PayloadType::NONE
            },
            number: piece.number,
            total: piece.total,
            content: Vec::new(),
        });
        let clear = if is_first {
            draft.clear.clone()
        } else {
            Vec::new()
        };
        seal(clear, last, &piece.plaintext, chosen)
    });
    packets.collect()
}

/// Octets of the two fields of an SKF payload.
const FRAGMENT_FIELDS: usize = 4;

/// The most octets of plaintext in a fragment so that no message is longer than `limit`; at least 1.
fn piece_octets(limit: usize, fixed: usize, sealed: impl Fn(usize) -> usize) -> usize {
    let room = limit.saturating_sub(fixed + FRAGMENT_FIELDS);
    (1..=room)
        .rev()
        .find(|&octets| sealed(octets) <= room)
        .unwrap_or(1)
}

fn pieces(plaintext: &[u8], octets: usize) -> Vec<Piece> {
    let octets = octets.max(plaintext.len().div_ceil(usize::from(u16::MAX)));
    let parts: Vec<&[u8]> = if plaintext.is_empty() {
        vec![&[]]
    } else {
        plaintext.chunks(octets.max(1)).collect()
    };
    let total = u16::try_from(parts.len()).unwrap_or(u16::MAX);
    (1..=total)
        .zip(parts)
        .map(|(number, part)| Piece {
            number,
            total,
            plaintext: part.to_vec(),
        })
        .collect()
}

/// A vector that these keys have not been used with: a counter where a second use gives the key
/// away, and octets that nobody can foresee for CBC.
fn initialization_vector(
    encryption: Encryption,
    next: &mut u64,
    random: &mut dyn Random,
) -> Vec<u8> {
    if encryption.salt_octets() == 0 {
        return random::octets(random, encryption.iv_octets());
    }
    let counter = *next;
    *next = next.wrapping_add(1);
    counter.to_be_bytes().to_vec()
}
