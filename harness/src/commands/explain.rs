//! `ikematrix explain`: the story of a finished cell, or of a capture from anywhere.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use reports::text::{Lang, Text};
use serde::Serialize;
use transcript::keys::{IkeKeys, read_ike_rows};
use transcript::model::query::IKE_AUTH;
use transcript::model::{Keys, Role as End, Transcript};

use super::print;
use crate::cli::Common;
use crate::diagnose::wire::{Conclusion, Finding, conclude, conclude_each};
use crate::failure::{AS_EXPECTED, Failure};
use crate::words::with_detail;

mod capture;
mod cell;
mod page;
#[cfg(test)]
mod tests;
mod words;

#[derive(Args)]
pub(crate) struct Explain {
    /// The cell, as the matrix and run.json name it: CASE/INITIATOR:RESPONDER
    #[arg(required_unless_present = "pcap", conflicts_with = "pcap")]
    cell: Option<String>,
    /// Folder of the run
    #[arg(long, value_name = "DIR", default_value = "results")]
    from: PathBuf,
    /// A capture instead of a cell: pcap or pcapng, from any router
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Wireshark's ikev2_decryption_table, or a folder with one; may be given several times
    #[arg(long, value_name = "PATH", requires = "pcap")]
    keys: Vec<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn explain(common: &Common, arguments: &Explain) -> Result<u8, Failure> {
    let text = match (&arguments.pcap, &arguments.cell) {
        (Some(file), _) => {
            let keys = read_keys(&arguments.keys)?;
            capture::explain(common, file, &keys, arguments.json)?
        }
        (None, Some(cell)) => cell::explain(common, &arguments.from, cell, arguments.json)?,
        (None, None) => return Err(Failure::input("name a cell, or a capture by --pcap")),
    };
    print(&text);
    Ok(AS_EXPECTED)
}

/// The name of Wireshark's table of IKE keys.
const IKE_TABLE: &str = "ikev2_decryption_table";
/// Octets of a table that are read.
const TABLE_LIMIT: usize = 8 << 20;

fn read_keys(paths: &[PathBuf]) -> Result<Vec<IkeKeys>, Failure> {
    let mut keys = Vec::new();
    for path in paths {
        let path = if path.is_dir() {
            let places = [path.join(IKE_TABLE), path.join("keys").join(IKE_TABLE)];
            let found = places.into_iter().find(|place| place.is_file());
            found.ok_or_else(|| {
                Failure::input(format!(
                    "{} holds no {IKE_TABLE}: name a folder with that table of Wireshark, or the \
                     table",
                    path.display()
                ))
            })?
        } else {
            path.clone()
        };
        keys.extend(read_table(&path)?);
    }
    Ok(keys)
}

fn read_table(path: &Path) -> Result<Vec<IkeKeys>, Failure> {
    let bytes = super::read_limited(path, TABLE_LIMIT)?;
    if bytes.len() > TABLE_LIMIT {
        let message = format!("{}: is larger than any table of keys", path.display());
        return Err(Failure::input(message));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::input(format!(
            "{}: is no table of keys: it is not text; give Wireshark's {IKE_TABLE}",
            path.display()
        ))
    })?;
    let table = read_ike_rows(&text).map_err(|error| {
        Failure::input(format!(
            "{}:{}: {}; this must be Wireshark's {IKE_TABLE}",
            path.display(),
            error.line,
            error.reason
        ))
    })?;
    for row in &table.skipped {
        // Standard error may be closed.
        let _ = writeln!(
            std::io::stderr(),
            "warning: {}:{}: the row is not used: {}",
            path.display(),
            row.line,
            row.reason
        );
    }
    Ok(table.keys)
}

/// What the wire shows, in words and as JSON.
#[derive(Debug, Serialize)]
struct Told {
    /// The two peers, the initiator of their first IKE SA first; absent where a capture holds no more
    /// than two.
    #[serde(skip_serializing_if = "Option::is_none")]
    peers: Option<[std::net::IpAddr; 2]>,
    /// `established`, `seems-established`, `failed`, `unclear`, or `no-ike`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<reports::cause::CauseCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<reports::cause::Side>,
    sentence: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<u64>,
}

/// Pairs of peers that are told.
const MOST_PAIRS: usize = 50;

impl Told {
    /// Of the two routers of a cell.
    fn of(transcript: &Transcript) -> Self {
        Self::concluded(transcript, &conclude(transcript))
    }

    /// Of each pair of peers in a capture from anywhere; at least one.
    fn of_each(transcript: &Transcript) -> Vec<Self> {
        let pairs = conclude_each(transcript);
        let several = pairs.len() > 1;
        let told = pairs.iter().take(MOST_PAIRS).map(|pair| Self {
            peers: several.then_some(pair.addresses),
            ..Self::concluded(transcript, &pair.conclusion)
        });
        let told: Vec<Self> = told.collect();
        if told.is_empty() {
            return vec![Self::concluded(transcript, &Conclusion::NoIke)];
        }
        told
    }

    fn concluded(transcript: &Transcript, conclusion: &Conclusion) -> Self {
        match conclusion {
            Conclusion::NoIke => Self::without_cause("no-ike", words::NO_IKE),
            Conclusion::Established => Self::without_cause("established", words::ESTABLISHED),
            Conclusion::SeemsEstablished => {
                Self::without_cause("seems-established", words::SEEMS_ESTABLISHED)
            }
            Conclusion::Failed(finding) => Self::failed(transcript, finding),
            Conclusion::Unclear(finding) => Self {
                outcome: "unclear",
                sentence: words::unclear(&finding.detail),
                packet: finding.packet,
                ..Self::without_cause("unclear", words::NO_IKE)
            },
        }
    }

    fn without_cause(outcome: &'static str, sentence: reports::text::Words) -> Self {
        Self {
            peers: None,
            outcome,
            code: None,
            side: None,
            sentence: Text::new(sentence.en, sentence.ja),
            packet: None,
        }
    }

    fn failed(transcript: &Transcript, finding: &Finding) -> Self {
        let (by, peer) = match finding.by {
            cases::Role::Initiator => (End::Initiator, End::Responder),
            cases::Role::Responder => (End::Responder, End::Initiator),
        };
        let end = |role| words::end(transcript, finding.sa, role);
        let sentence = finding.code.sentence(&end(by), &end(peer));
        Self {
            outcome: "failed",
            code: Some(finding.code),
            side: Some(finding.side),
            sentence: with_detail(&sentence, &finding.detail),
            packet: finding.packet,
            ..Self::without_cause("failed", words::NO_IKE)
        }
    }
}

/// Whether keys were given, and none of them is of an IKE SA of this capture.
fn keys_fit_nothing(transcript: &Transcript, keys: &[IkeKeys]) -> bool {
    let fits = |is: Keys| transcript.ike_sas.iter().any(|sa| sa.keys == is);
    !keys.is_empty() && fits(Keys::Unknown) && !fits(Keys::Known)
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::input)?;
    Ok(text + "\n")
}

/// The last message of the negotiation that came furthest, as its headline: a router may have begun
/// anew since.
fn last_message(transcript: &Transcript, lang: Lang) -> Option<String> {
    let messages = &transcript.messages;
    let furthest = messages.iter().rfind(|message| message.is(IKE_AUTH));
    let furthest = furthest.or_else(|| messages.last())?.sa;
    let last = messages
        .iter()
        .rposition(|message| message.sa == furthest)?;
    let mut headlines = transcript::tell::headlines(transcript, lang).into_iter();
    headlines.nth(last).map(|(_, line)| line)
}
