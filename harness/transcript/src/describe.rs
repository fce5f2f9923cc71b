//! Payloads in the field's terms.

mod certificate;
pub(crate) mod nat;
mod notify;
mod vendor;

use std::collections::HashMap;

use certs::lint::distinguished_name;
use ikev2::MessageView;
use ikev2::message::{self, Body, SignatureAlgorithm as Known, TrafficSelector as Selector};
use ikev2::numbers::{IdType, NotifyType, Protocol, TransformType};
use jiff::Timestamp;
use reports::escape::visible;

use crate::bytes::hex;
use crate::limits::Limits;
use crate::model::{
    Authentication, Certificate, Content, Delete, Identity, Message, Named, Notify, Payload,
    Proposal, Role, SignatureAlgorithm, TrafficSelector, Transform,
};

/// Characters of a text that came from a peer.
const MAX_TEXT: usize = 256;
/// Octets that are shown in hexadecimal.
const MAX_HEX: usize = 512;

/// Describes payloads until the limits for the whole transcript are used up.
pub(crate) struct Describer<'a> {
    limits: &'a Limits,
    /// When the capture began: certificates are checked for the time of their packet.
    started: Option<Timestamp>,
    payloads: usize,
    parts: usize,
    left_out: u64,
    /// By SHA-256 of the certificate.
    certificates: HashMap<[u8; 32], Certificate>,
}

impl<'a> Describer<'a> {
    pub(crate) fn new(limits: &'a Limits, started: Option<Timestamp>) -> Self {
        Self {
            limits,
            started,
            payloads: 0,
            parts: 0,
            left_out: 0,
            certificates: HashMap::new(),
        }
    }

    /// Payloads that were not described.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Adds the payloads to a message.
    pub(crate) fn payloads(
        &mut self,
        payloads: &[message::Payload],
        protected: bool,
        message: &mut Message,
    ) {
        let room = self.limits.payloads.saturating_sub(self.payloads);
        let kept = payloads.len().min(room);
        self.payloads += kept;
        let more = count(payloads.len() - kept);
        self.left_out += more;
        message.more_payloads += more;
        let at = self.moment(message.at_us);
        let certificates = certificate::Set::of(payloads, at);
        for payload in payloads.iter().take(kept) {
            let content = self.content(&payload.body, &certificates);
            message.payloads.push(Payload {
                kind: named(
                    u32::from(payload.kind().0),
                    payload.kind().name(),
                    "PAYLOAD",
                ),
                critical: payload.critical,
                protected,
                octets: count(payload.body.emit().len()),
                content,
            });
        }
    }

    fn moment(&self, at_us: i64) -> Option<Timestamp> {
        let offset = jiff::SignedDuration::from_micros(at_us);
        self.started
            .and_then(|started| started.checked_add(offset).ok())
    }

    /// As many of these as there is room for, and how many are left out.
    fn some<'b, T>(&mut self, parts: &'b [T]) -> (&'b [T], u64) {
        let room = self.limits.parts.saturating_sub(self.parts);
        let (kept, rest) = parts.split_at(parts.len().min(room));
        self.parts += kept.len();
        (kept, count(rest.len()))
    }

    fn content(&mut self, body: &Body, certificates: &certificate::Set<'_>) -> Content {
        match body {
            Body::Sa(sa) => {
                let transforms: usize = sa
                    .proposals
                    .iter()
                    .map(|these| these.transforms.len())
                    .sum();
                let room = self.limits.parts.saturating_sub(self.parts);
                let (kept, more) = self.some(&sa.proposals);
                if transforms > room {
                    let more = count(sa.proposals.len());
                    return Content::SecurityAssociation {
                        proposals: Vec::new(),
                        more,
                    };
                }
                self.parts += transforms;
                Content::SecurityAssociation {
                    proposals: kept.iter().map(proposal).collect(),
                    more,
                }
            }
            Body::Ke(ke) => Content::KeyExchange {
                group: named(u32::from(ke.group.0), ke.group.name(), "GROUP"),
                octets: count(ke.data.len()),
            },
            Body::IdI(id) => Content::Identity(identity(Role::Initiator, id)),
            Body::IdR(id) => Content::Identity(identity(Role::Responder, id)),
            Body::Cert(certificate) => {
                Content::Certificate(Box::new(self.certificate(certificate, certificates)))
            }
            Body::CertReq(request) => {
                let encoding = request.encoding;
                let hashes: Vec<_> = request
                    .authorities()
                    .map(Iterator::collect)
                    .unwrap_or_default();
                let (kept, more) = self.some(&hashes);
                Content::CertificateRequest {
                    encoding: named(u32::from(encoding.0), encoding.name(), "ENCODING"),
                    authorities: kept.iter().map(|hash| hex(hash)).collect(),
                    more,
                }
            }
            Body::Auth(auth) => Content::Authentication(authentication(auth)),
            Body::Nonce(nonce) => Content::Nonce {
                octets: count(nonce.len()),
            },
            Body::Notify(notify) => Content::Notify(notification(notify)),
            Body::Delete(delete) => {
                let all: Vec<_> = delete.each().collect();
                let (kept, more) = self.some(&all);
                Content::Delete(Delete {
                    protocol: protocol(delete.protocol),
                    spis: kept.iter().map(|spi| hex(spi)).collect(),
                    more,
                })
            }
            Body::VendorId(id) => Content::VendorId {
                name: vendor::name(id),
                hex: hex(id.get(..vendor::MAX_HEX).unwrap_or(id)),
            },
            Body::TsI(selectors) => self.selectors(Role::Initiator, &selectors.selectors),
            Body::TsR(selectors) => self.selectors(Role::Responder, &selectors.selectors),
            Body::Sk(_) | Body::Skf(_) => Content::Encrypted,
            Body::Cp(configuration) => {
                let (kept, more) = self.some(&configuration.attributes);
                let attribute = |one: &message::ConfigurationAttribute| {
                    named(u32::from(one.kind.0), one.kind.name(), "ATTRIBUTE")
                };
                let kind = configuration.kind;
                Content::Configuration {
                    kind: named(u32::from(kind.0), kind.name(), "CFG"),
                    attributes: kept.iter().map(attribute).collect(),
                    more,
                }
            }
            Body::Eap(eap) => Content::Eap {
                code: named(u32::from(eap.code.0), eap.code.name(), "CODE"),
                method: eap
                    .method()
                    .map(|method| named(u32::from(method.0), method.name(), "METHOD")),
            },
            Body::Unknown { .. } => Content::Unknown,
            Body::Undecodable { why, .. } => Content::Undecodable {
                why: visible(&why.to_string(), MAX_TEXT),
            },
        }
    }

    fn selectors(&mut self, of: Role, selectors: &[Selector]) -> Content {
        let (kept, more) = self.some(selectors);
        Content::TrafficSelectors {
            of,
            selectors: kept.iter().map(traffic_selector).collect(),
            more,
        }
    }

    fn certificate(
        &mut self,
        certificate: &message::Certificate,
        set: &certificate::Set<'_>,
    ) -> Certificate {
        let digest = certificate::sha256(&certificate.data);
        if let Some(known) = self.certificates.get(&digest) {
            return known.clone();
        }
        let room = self.certificates.len() < self.limits.certificates;
        let told = certificate::told(certificate, &digest, room.then_some(set));
        if room {
            self.certificates.insert(digest, told.clone());
        }
        told
    }
}

/// The exchange type, as the message's own version names it.
pub(crate) fn exchange(view: &MessageView<'_>) -> Named {
    let number = view.exchange_type();
    if view.is_ikev1() {
        let kind = view.v1_exchange_type();
        named(u32::from(kind.0), kind.name(), "EXCHANGE")
    } else {
        named(u32::from(number.0), number.name(), "EXCHANGE")
    }
}

pub(crate) fn proposal(proposal: &message::Proposal) -> Proposal {
    Proposal {
        number: proposal.number,
        protocol: protocol(proposal.protocol),
        spi: (!proposal.spi.is_empty()).then(|| hex(&proposal.spi)),
        transforms: proposal.transforms.iter().map(transform).collect(),
    }
}

fn transform(transform: &message::Transform) -> Transform {
    let kind = transform.kind;
    let id = ikev2::numbers::transform_name(kind, transform.id);
    Transform {
        kind: Named::new(u32::from(kind.0), short(kind)),
        id: named(u32::from(transform.id), id, "TRANSFORM"),
        key_length: transform.key_length(),
    }
}

/// A transform type as RFC 7296 abbreviates it.
fn short(kind: TransformType) -> std::borrow::Cow<'static, str> {
    match kind.0 {
        1 => "ENCR".into(),
        2 => "PRF".into(),
        3 => "INTEG".into(),
        4 => "KE".into(),
        5 => "ESN".into(),
        6 => "ADDKE1".into(),
        7 => "ADDKE2".into(),
        8 => "ADDKE3".into(),
        9 => "ADDKE4".into(),
        10 => "ADDKE5".into(),
        11 => "ADDKE6".into(),
        12 => "ADDKE7".into(),
        number => format!("TYPE_{number}").into(),
    }
}

fn protocol(protocol: Protocol) -> Named {
    named(u32::from(protocol.0), protocol.name(), "PROTOCOL")
}

fn identity(of: Role, id: &message::Identification) -> Identity {
    Identity {
        of,
        kind: named(u32::from(id.kind.0), id.kind.name(), "ID_TYPE"),
        text: identity_text(id),
        hex: hex(id.data.get(..MAX_HEX).unwrap_or(&id.data)),
    }
}

fn identity_text(id: &message::Identification) -> String {
    let text = match id.kind {
        IdType::IPV4_ADDR | IdType::IPV6_ADDR => id.address().map(|address| address.to_string()),
        IdType::FQDN | IdType::RFC822_ADDR => Some(String::from_utf8_lossy(&id.data).into_owned()),
        IdType::DER_ASN1_DN => distinguished_name(&id.data),
        // Often a text, although it need not be one.
        IdType::KEY_ID => std::str::from_utf8(&id.data)
            .ok()
            .filter(|text| !text.is_empty() && text.chars().all(|c| !c.is_control()))
            .map(ToOwned::to_owned),
        _ => None,
    };
    let hexadecimal = || hex(id.data.get(..MAX_HEX).unwrap_or(&id.data));
    visible(&text.unwrap_or_else(hexadecimal), MAX_TEXT)
}

fn authentication(auth: &message::Auth) -> Authentication {
    let signature = match auth.digital_signature() {
        Some(Ok(signature)) => signature.object_identifier().map(|oid| {
            let known = signature.known_algorithm();
            SignatureAlgorithm {
                oid,
                name: known.map(|known| known.name().to_owned()),
                hash: known.and_then(hash).map(ToOwned::to_owned),
            }
        }),
        Some(Err(_)) | None => None,
    };
    Authentication {
        method: named(u32::from(auth.method.0), auth.method.name(), "METHOD"),
        octets: count(auth.data.len()),
        signature,
    }
}

/// The hash of a signature algorithm; none where the algorithm brings its own.
fn hash(algorithm: Known) -> Option<&'static str> {
    use ikev2::message::PssHash;
    match algorithm {
        Known::RsaSha1 | Known::DsaSha1 | Known::EcdsaSha1 | Known::RsaPss(PssHash::Sha1) => {
            Some("SHA1")
        }
        Known::RsaSha256
        | Known::DsaSha256
        | Known::EcdsaSha256
        | Known::RsaPss(PssHash::Sha256) => Some("SHA2-256"),
        Known::RsaSha384 | Known::EcdsaSha384 | Known::RsaPss(PssHash::Sha384) => Some("SHA2-384"),
        Known::RsaSha512 | Known::EcdsaSha512 | Known::RsaPss(PssHash::Sha512) => Some("SHA2-512"),
        Known::RsaPss(PssHash::Other) | Known::Ed25519 | Known::Ed448 => None,
    }
}

fn notification(notify: &message::Notify) -> Notify {
    let kind: NotifyType = notify.kind;
    Notify {
        kind: named(u32::from(kind.0), kind.name(), "NOTIFY"),
        error: kind.is_error(),
        protocol: (notify.protocol != Protocol::NONE).then(|| protocol(notify.protocol)),
        spi: (!notify.spi.is_empty()).then(|| hex(&notify.spi)),
        octets: count(notify.data.len()),
        data: notify::told(notify),
        nat: false,
    }
}

fn traffic_selector(selector: &Selector) -> TrafficSelector {
    let kind = selector.kind();
    let kind = named(u32::from(kind.0), kind.name(), "TS_TYPE");
    let (protocol, ports, addresses) = match selector {
        Selector::V4(range) => (
            range.protocol,
            [range.first_port, range.last_port],
            Some([range.first.into(), range.last.into()]),
        ),
        Selector::V6(range) => (
            range.protocol,
            [range.first_port, range.last_port],
            Some([range.first.into(), range.last.into()]),
        ),
        Selector::Other { protocol, .. } => (*protocol, [0, 0], None),
    };
    TrafficSelector {
        text: crate::selector::text(protocol, ports, addresses, &kind.name),
        kind,
        protocol,
        ports,
        addresses,
    }
}

/// A number with its name, or with the kind of number it is.
fn named(number: u32, name: Option<&'static str>, kind: &str) -> Named {
    match name {
        Some(name) => Named::new(number, name),
        None => Named::new(number, format!("{kind}_{number}")),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
