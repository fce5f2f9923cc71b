//! What tshark says of a capture, field by field, and where it differs from the transcript.
//!
//! Each field of a packet is a list of values in the order in which they stand in it, those inside
//! the Encrypted payload included. Needs nothing but the transcript and the program `tshark`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use transcript::model::{
    Arrival, Content, IkeFragments, Message, Payload, Proposal, Protection, Role, Transcript,
};

/// The values of the fields of one packet, by the name of the field.
type Fields = BTreeMap<&'static str, Vec<String>>;

/// A difference that is tshark's fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defect {
    field: String,
    /// What tshark says in place of what we say; any value, where it is not given.
    tshark: Option<String>,
    ours: Option<String>,
    /// Why it is wrong; for people.
    #[expect(dead_code, reason = "it is read by people")]
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defects {
    defect: Vec<Defect>,
}

/// The fields that are compared.
const FIELDS: [&str; 33] = [
    "isakmp.ispi",
    "isakmp.rspi",
    "isakmp.exchangetype",
    "isakmp.flags",
    "isakmp.messageid",
    "isakmp.typepayload",
    "isakmp.criticalpayload",
    "isakmp.prop.number",
    "isakmp.prop.protoid",
    "isakmp.tf.type",
    "isakmp.tf.id.encr",
    "isakmp.tf.id.prf",
    "isakmp.tf.id.integ",
    "isakmp.tf.id.dh",
    "isakmp.tf.id.esn",
    "isakmp.ike2.attr.key_length",
    "isakmp.key_exchange.dh_group",
    "isakmp.key_exchange.data",
    "isakmp.nonce",
    "isakmp.notify.msgtype",
    "isakmp.notify.data.signature_hash_algorithms",
    "isakmp.notify.data.accepted_dh_group",
    "isakmp.id.type",
    "isakmp.id.data.fqdn",
    "isakmp.id.data.ipv4_addr",
    "isakmp.cert.encoding",
    "isakmp.certreq.type",
    "isakmp.auth.method",
    "isakmp.ts.type",
    "isakmp.ts.start_port",
    "isakmp.ts.start_ipv4",
    "isakmp.ts.end_ipv4",
    "isakmp.delete.spi",
];

/// Differences between the transcript and tshark, each as a line; none where they agree.
///
/// `profile` is a folder of Wireshark's with its tables of keys, those that the transcript was read
/// with. Also says how many packets and values were compared.
pub(crate) fn differences(
    capture: &Path,
    profile: &Path,
    transcript: &Transcript,
    defects: &str,
) -> (Vec<String>, Compared) {
    let defects: Defects = toml::from_str(defects).unwrap();
    let theirs = ask(capture, profile);
    let mut differences = Vec::new();
    let mut compared = Compared::default();
    let of_two = transcript
        .messages
        .iter()
        .filter(|message| message.version.starts_with('2'));
    for message in of_two {
        for (packet, ours) in packets(transcript, message) {
            let Some(theirs) = theirs.get(&packet) else {
                differences.push(format!("packet {packet}: tshark sees no IKE in it"));
                continue;
            };
            compared.packets += 1;
            for (field, ours) in &ours {
                let theirs = theirs.get(field).cloned().unwrap_or_default();
                compared.values += ours.len();
                if theirs == *ours || is_defect(&defects, field, &theirs, ours) {
                    continue;
                }
                differences.push(format!(
                    "packet {packet}: {field}: tshark {theirs:?}, ours {ours:?}"
                ));
            }
        }
    }
    (differences, compared)
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compared {
    pub(crate) packets: usize,
    pub(crate) values: usize,
}

fn is_defect(defects: &Defects, field: &str, theirs: &[String], ours: &[String]) -> bool {
    let (theirs, ours) = (theirs.join(","), ours.join(","));
    defects.defect.iter().any(|defect| {
        defect.field == field
            && defect.tshark.as_ref().is_none_or(|said| *said == theirs)
            && defect.ours.as_ref().is_none_or(|said| *said == ours)
    })
}

fn ask(capture: &Path, profile: &Path) -> BTreeMap<u64, BTreeMap<&'static str, Vec<String>>> {
    let mut command = Command::new("tshark");
    command.env("WIRESHARK_CONFIG_DIR", profile);
    command.arg("-r").arg(capture);
    command.args([
        "-Y",
        "isakmp",
        "-T",
        "fields",
        "-E",
        "occurrence=a",
        "-E",
        "aggregator=;",
    ]);
    // IP fragments are put together; the fields then belong to the last of them.
    command.args(["-o", "ip.defragment:TRUE", "-e", "frame.number"]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let row = |line: &str| {
        let mut columns = line.split('\t');
        let packet = columns.next().unwrap().parse().unwrap();
        let values = FIELDS.iter().zip(columns).map(|(field, values)| {
            let values = values.split(';').filter(|value| !value.is_empty());
            (*field, normal(field, values))
        });
        (packet, values.collect())
    };
    text.lines().map(row).collect()
}

/// tshark's values in the form in which ours are.
fn normal<'a>(field: &str, values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let number = |value: &str| {
        let hex = value
            .strip_prefix("0x")
            .map(|digits| u64::from_str_radix(digits, 16));
        hex.map_or_else(|| value.to_owned(), |number| number.unwrap().to_string())
    };
    match field {
        // Proposals and transforms count as payloads there; these numbers are of IKEv1.
        "isakmp.typepayload" => values
            .filter(|value| !matches!(*value, "2" | "3"))
            .map(number)
            .collect(),
        "isakmp.flags" => values
            .map(|value| (number(value).parse::<u8>().unwrap() & 0x28).to_string())
            .collect(),
        // Only how long they are is told.
        "isakmp.nonce" | "isakmp.key_exchange.data" => {
            values.map(|value| (value.len() / 2).to_string()).collect()
        }
        "isakmp.criticalpayload" => {
            let set = values.filter(|value| *value == "1" || *value == "True");
            vec![set.count().to_string()]
        }
        "isakmp.notify.data.signature_hash_algorithms" => {
            vec![values.count().to_string()]
        }
        _ => values.map(number).collect(),
    }
}

/// What we say of each packet that carries this message, or the last part of it.
fn packets(transcript: &Transcript, message: &Message) -> Vec<(u64, Fields)> {
    let Some(fragments) = &message.fragments else {
        let fields = fields(transcript, message, &message.payloads);
        let sent = message
            .transmissions
            .iter()
            .flat_map(|sent| match sent.arrival {
                // Of IP fragments that it sees twice, tshark puts together only the first.
                Arrival::Arrived { packet } if sent.ip_fragments == 0 => vec![sent.packet, packet],
                Arrival::Arrived { .. } | Arrival::Unknown | Arrival::Lost => vec![sent.packet],
            });
        return sent.map(|packet| (packet, fields.clone())).collect();
    };
    // tshark shows the content in the packet that completes the message for the first time. Every
    // fragment by itself is an Encrypted Fragment payload.
    let complete = (message.protection == Protection::Decrypted).then(|| {
        let first = fragments
            .parts
            .iter()
            .filter_map(|part| part.transmissions.first());
        first.map(|sent| sent.packet).max().unwrap()
    });
    // tshark files fragments by addresses and message id only. Those of a second IKE SA between the
    // same two ends it takes for those of the first, and does not put them together.
    let filed_before = transcript.messages.iter().any(|other| {
        other.fragments.is_some()
            && other.sa < message.sa
            && other.message_id == message.message_id
            && other.source == message.source
            && other.destination == message.destination
    });
    // It keeps one kind of first payload for a message id, whoever sent the fragment: where the
    // peer's message of this id is sent again in between, the content is read as that one's.
    let interrupted = complete.is_some_and(|complete| {
        let begun = first_fragment(fragments).min();
        transcript.messages.iter().any(|other| {
            let theirs = other.fragments.as_ref().filter(|_| {
                other.message_id == message.message_id && other.response != message.response
            });
            theirs.is_some_and(|theirs| {
                first_fragment(theirs).any(|sent| Some(sent) > begun && sent < complete)
            })
        })
    });
    let clear: Vec<Payload> = message
        .payloads
        .iter()
        .filter(|p| !p.protected)
        .cloned()
        .collect();
    let first = fragments
        .parts
        .iter()
        .filter_map(|part| part.transmissions.first());
    first
        .filter(|sent| !((filed_before || interrupted) && Some(sent.packet) == complete))
        .map(|sent| {
            let payloads = if Some(sent.packet) == complete {
                &message.payloads
            } else {
                &clear
            };
            (sent.packet, fields(transcript, message, payloads))
        })
        .collect()
}

/// The packets that carry the first part of a message, at either end.
fn first_fragment(fragments: &IkeFragments) -> impl Iterator<Item = u64> {
    let first = fragments.parts.iter().filter(|part| part.number == 1);
    first
        .flat_map(|part| &part.transmissions)
        .flat_map(|sent| match sent.arrival {
            Arrival::Arrived { packet } => vec![sent.packet, packet],
            Arrival::Unknown | Arrival::Lost => vec![sent.packet],
        })
}

fn fields(transcript: &Transcript, message: &Message, payloads: &[Payload]) -> Fields {
    let sa = &transcript.ike_sas[message.sa];
    let mut fields: Fields = FIELDS.iter().map(|field| (*field, Vec::new())).collect();
    let mut add = |field: &'static str, value: String| fields.get_mut(field).unwrap().push(value);
    add("isakmp.ispi", sa.spi_i.clone());
    let nobody_answered = message.is_request() && message.is(34);
    let spi_r = sa.spi_r.clone().filter(|_| !nobody_answered);
    add("isakmp.rspi", spi_r.unwrap_or_else(|| "0".repeat(16)));
    add("isakmp.exchangetype", message.exchange.number.to_string());
    let initiator = if message.from == Role::Initiator {
        8
    } else {
        0
    };
    let response = if message.response { 0x20 } else { 0 };
    add("isakmp.flags", (initiator | response).to_string());
    add("isakmp.messageid", message.message_id.to_string());
    let critical = payloads.iter().filter(|payload| payload.critical).count();
    add("isakmp.criticalpayload", critical.to_string());
    let mut hashes = 0;
    for payload in payloads {
        add("isakmp.typepayload", payload.kind.number.to_string());
        match &payload.content {
            Content::SecurityAssociation { proposals, .. } => {
                for proposal in proposals {
                    proposal_fields(proposal, &mut add);
                }
            }
            Content::KeyExchange { group, octets } => {
                add("isakmp.key_exchange.dh_group", group.number.to_string());
                add("isakmp.key_exchange.data", octets.to_string());
            }
            Content::Identity(identity) => {
                add("isakmp.id.type", identity.kind.number.to_string());
                match identity.kind.number {
                    1 => add("isakmp.id.data.ipv4_addr", identity.text.clone()),
                    2 => add("isakmp.id.data.fqdn", identity.text.clone()),
                    _ => {}
                }
            }
            Content::Certificate(certificate) => {
                add(
                    "isakmp.cert.encoding",
                    certificate.encoding.number.to_string(),
                );
            }
            Content::CertificateRequest { encoding, .. } => {
                add("isakmp.certreq.type", encoding.number.to_string());
            }
            Content::Authentication(auth) => {
                add("isakmp.auth.method", auth.method.number.to_string());
            }
            Content::Nonce { octets } => add("isakmp.nonce", octets.to_string()),
            Content::Notify(notify) => {
                add("isakmp.notify.msgtype", notify.kind.number.to_string());
                match notify.kind.number {
                    16_431 => hashes += notify.data.len(),
                    17 => {
                        // The group's name is its neutral name or its number.
                        if let Some(wanted) = wanted_group(notify) {
                            add("isakmp.notify.data.accepted_dh_group", wanted);
                        }
                    }
                    _ => {}
                }
            }
            Content::Delete(delete) => {
                for spi in &delete.spis {
                    add("isakmp.delete.spi", spi.clone());
                }
            }
            Content::TrafficSelectors { selectors, .. } => {
                for selector in selectors {
                    add("isakmp.ts.type", selector.kind.number.to_string());
                    add("isakmp.ts.start_port", selector.ports[0].to_string());
                    if let Some([first, last]) = selector.addresses.filter(|a| a[0].is_ipv4()) {
                        add("isakmp.ts.start_ipv4", first.to_string());
                        add("isakmp.ts.end_ipv4", last.to_string());
                    }
                }
            }
            Content::VendorId { .. }
            | Content::Encrypted
            | Content::Configuration { .. }
            | Content::Eap { .. }
            | Content::Unknown
            | Content::Undecodable { .. } => {}
        }
    }
    add(
        "isakmp.notify.data.signature_hash_algorithms",
        hashes.to_string(),
    );
    fields
}

/// The number of the group that INVALID_KE_PAYLOAD asks for.
fn wanted_group(notify: &transcript::model::Notify) -> Option<String> {
    let name = notify.data.first()?;
    let numbers = ikev2::numbers::KeyExchangeId::NAMED.iter();
    let known = numbers.clone().find(|group| group.to_string() == *name);
    known.map(|group| group.0.to_string())
}

fn proposal_fields(proposal: &Proposal, add: &mut impl FnMut(&'static str, String)) {
    add("isakmp.prop.number", proposal.number.to_string());
    add("isakmp.prop.protoid", proposal.protocol.number.to_string());
    for transform in &proposal.transforms {
        add("isakmp.tf.type", transform.kind.number.to_string());
        let field = match transform.kind.number {
            1 => Some("isakmp.tf.id.encr"),
            2 => Some("isakmp.tf.id.prf"),
            3 => Some("isakmp.tf.id.integ"),
            4 => Some("isakmp.tf.id.dh"),
            5 => Some("isakmp.tf.id.esn"),
            _ => None,
        };
        if let Some(field) = field {
            add(field, transform.id.number.to_string());
        }
        if let Some(bits) = transform.key_length {
            add("isakmp.ike2.attr.key_length", bits.to_string());
        }
    }
}

/// Whether tshark can be asked at all.
pub(crate) fn is_there() -> bool {
    Command::new("tshark")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}
