//! The transcript as an experienced engineer would tell it to a colleague, in English or Japanese.
//!
//! One line for each message with its time, direction and packet; below it, indented, what matters
//! in it. Then ESP, and all else that bears on the negotiation.

mod payload;
mod traffic;
mod words;

use std::net::IpAddr;

use reports::escape::visible;
use reports::text::Lang;

use crate::model::{Arrival, IkeSa, Keys, Message, Protection, Role, Transcript, Transmission};
use words::Say;

/// Characters of one line.
const MAX_LINE: usize = 2_000;
/// Columns before what stands in a message: below its direction.
const INDENT: usize = 15;
/// Packets that are listed by number.
const MOST_PACKETS: usize = 8;

/// The whole story.
pub fn render(transcript: &Transcript, lang: Lang) -> String {
    let teller = Teller {
        transcript,
        say: Say(lang),
    };
    teller
        .story()
        .into_iter()
        .fold(String::new(), |mut text, line| {
            text.push_str(line.trim_end());
            text.push('\n');
            text
        })
}

/// One line for each message, with the number of the packet in which it was first sent.
pub fn headlines(transcript: &Transcript, lang: Lang) -> Vec<(u64, String)> {
    let teller = Teller {
        transcript,
        say: Say(lang),
    };
    let of = |message: &Message| {
        let line = teller.headline(message);
        (message.packet().unwrap_or_default(), line)
    };
    transcript.messages.iter().map(of).collect()
}

/// What matters in one message, without its headline and indentation.
pub fn essentials(transcript: &Transcript, message: &Message, lang: Lang) -> Vec<String> {
    let teller = Teller {
        transcript,
        say: Say(lang),
    };
    teller.essentials(message)
}

struct Teller<'a> {
    transcript: &'a Transcript,
    say: Say,
}

impl Teller<'_> {
    fn story(&self) -> Vec<String> {
        let transcript = self.transcript;
        let mut lines = vec![self.capture()];
        lines.extend(transcript.notes.iter().map(|note| self.say.note(note)));
        let mut sa = None;
        for message in &transcript.messages {
            if sa != Some(message.sa) {
                sa = Some(message.sa);
                lines.push(String::new());
                if let Some(of) = transcript.ike_sas.get(message.sa) {
                    lines.push(self.ike_sa(message.sa, of));
                }
            }
            lines.push(format!("  {}", self.headline(message)));
            let essentials = self.essentials(message);
            lines.extend(
                essentials
                    .into_iter()
                    .map(|line| format!("{:INDENT$}{line}", "")),
            );
        }
        if transcript.messages.is_empty() {
            lines.push(String::new());
            lines.push(self.say.no_ike().to_owned());
        }
        let traffic = self.traffic();
        if !traffic.is_empty() {
            lines.push(String::new());
            lines.extend(traffic);
        }
        lines.iter().map(|line| visible(line, MAX_LINE)).collect()
    }

    fn capture(&self) -> String {
        let capture = &self.transcript.capture;
        let started = capture
            .started
            .map(|time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
        self.say.capture(
            capture.packets,
            &started.unwrap_or_default(),
            &seconds(capture.duration_us),
        )
    }

    fn ike_sa(&self, at: usize, sa: &IkeSa) -> String {
        let spi_r = sa.spi_r.as_deref().unwrap_or("-");
        let mut line = format!(
            "IKE SA {}: {} {} ⇔ {} {}, SPI {} / {spi_r}",
            at + 1,
            self.name(sa.initiator.ip()),
            self.say.role(Role::Initiator),
            self.name(sa.responder.ip()),
            self.say.role(Role::Responder),
            sa.spi_i,
        );
        let comma = self.say.comma();
        if let Some(old) = sa.rekeys {
            line.push_str(&format!("{comma}{}", self.say.rekeys(old + 1)));
        }
        match sa.keys {
            Keys::NotNeeded => {}
            Keys::Known => line.push_str(&format!("{comma}{}", self.say.keys_known())),
            Keys::Unknown => line.push_str(&format!("{comma}{}", self.say.keys_unknown())),
        }
        line
    }

    /// `moon 198.51.100.1`, or the address alone.
    fn name(&self, address: IpAddr) -> String {
        match self.transcript.name_of(address) {
            Some(name) => format!("{name} {address}"),
            None => address.to_string(),
        }
    }

    /// `moon`, or the address.
    fn short(&self, address: IpAddr) -> String {
        let name = self.transcript.name_of(address);
        name.map_or_else(|| address.to_string(), ToOwned::to_owned)
    }

    fn headline(&self, message: &Message) -> String {
        let mut line = format!(
            "{:>9} s  {} → {}  {} {} {}",
            seconds(message.at_us),
            self.short(message.source.ip()),
            self.short(message.destination.ip()),
            message.exchange.name,
            self.say.direction(message.response),
            message.message_id,
        );
        if message.version != "2.0" {
            line.push_str(&format!(
                " (IKEv{})",
                message.version.trim_end_matches(".0")
            ));
        }
        line.push_str("  ");
        match &message.fragments {
            None => line.push_str(&self.sent(&message.transmissions, message.retransmissions())),
            Some(_) => {
                if let Some(packet) = message.packet() {
                    line.push_str(&self.say.packet(packet));
                }
            }
        }
        visible(line.trim_end(), MAX_LINE)
    }

    /// The packets in which something was sent, and what became of the last one.
    fn sent(&self, transmissions: &[Transmission], again: u64) -> String {
        let Some(first) = transmissions.first() else {
            return String::new();
        };
        let mut text = self.say.packet(first.packet);
        let comma = self.say.comma();
        if first.ip_fragments > 0 {
            text.push_str(&format!(
                "{comma}{}",
                self.say.ip_fragments(first.ip_fragments)
            ));
        }
        if again > 0 {
            let later: Vec<_> = transmissions
                .iter()
                .skip(1)
                .take(MOST_PACKETS)
                .map(|sent| sent.packet.to_string())
                .collect();
            let more = transmissions.len() > MOST_PACKETS + 1;
            let list = later.join(", ") + if more { ", …" } else { "" };
            text.push_str(&format!("{comma}{}", self.say.retransmitted(again, &list)));
        }
        let arrived = transmissions.iter().find_map(|sent| match sent.arrival {
            Arrival::Arrived { packet } => Some((sent.packet, packet)),
            Arrival::Unknown | Arrival::Lost => None,
        });
        match (arrived, first.arrival) {
            (Some((sent, there)), _) => {
                // Of one that arrived at once it need not be said which.
                let which = (sent != first.packet).then_some(sent);
                text.push_str(&format!("{comma}{}", self.say.arrived(which, there)));
            }
            (None, Arrival::Lost) => {
                text.push_str(&format!("{comma}{}", self.say.lost(again > 0)));
            }
            (None, Arrival::Unknown | Arrival::Arrived { .. }) => {}
        }
        text
    }

    fn essentials(&self, message: &Message) -> Vec<String> {
        let mut lines = self.fragments(message);
        lines.extend(self.payloads(message));
        match &message.protection {
            Protection::Clear | Protection::Decrypted => {}
            Protection::Encrypted => lines.push(self.say.encrypted().to_owned()),
            Protection::Undecryptable { why } => lines.push(self.say.undecryptable(why)),
        }
        if message.more_payloads > 0 {
            lines.push(self.say.more_payloads(message.more_payloads));
        }
        if let Some(why) = &message.malformed {
            lines.push(self.say.malformed(why));
        }
        lines
    }

    fn fragments(&self, message: &Message) -> Vec<String> {
        let Some(fragments) = &message.fragments else {
            return Vec::new();
        };
        let mut lines = vec![
            self.say
                .ike_fragments(fragments.parts.len(), fragments.total),
        ];
        for part in &fragments.parts {
            let listed = u64::try_from(part.transmissions.len()).unwrap_or(u64::MAX);
            let again = listed.saturating_sub(1) + part.more_transmissions;
            let sent = self.sent(&part.transmissions, again);
            lines.push(format!("  {}/{}  {sent}", part.number, fragments.total));
        }
        lines
    }
}

/// Microseconds as seconds with three digits after the point.
fn seconds(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let millis = micros.unsigned_abs() / 1_000;
    format!("{sign}{}.{:03}", millis / 1_000, millis % 1_000)
}
