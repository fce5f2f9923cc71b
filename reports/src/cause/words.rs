//! What each cause is called, how it is told, and what an engineer changes to get rid of it.

use crate::cause::{CauseCode, Side};
use crate::text::{Text, Words};

mod credential;
mod negotiation;
mod path;
mod router;
#[cfg(test)]
mod tests;

/// The words of one code.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// A short title.
    title: Words,
    /// A sentence in which `{by}` stands for the router that the cause names, and `{peer}` for the
    /// other one.
    sentence: Words,
    remedy: Remedy,
}

/// What to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// At the end that the cause names, or by whoever is in charge where it names none.
    pub side: Option<Words>,
    /// At the other end.
    pub peer: Option<Words>,
}

/// What to change at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The end; none where the cause names no end.
    pub at: Option<Side>,
    pub words: Words,
}

impl CauseCode {
    /// A short title.
    pub fn title(self) -> Words {
        self.entry().title
    }

    /// The sentence about the router that the cause names and its peer.
    pub fn sentence(self, by: &Text, peer: &Text) -> Text {
        let words = self.entry().sentence;
        let peers = [peer.en.as_str(), peer.ja.as_str()];
        filled([words.en, words.ja], by, peers)
    }

    /// The sentence about a router that did not accept something of its own.
    pub fn own_sentence(self, by: &Text) -> Text {
        let words = credential::of_its_own(self).unwrap_or_else(|| self.entry().sentence);
        let en = words
            .en
            .replace("the certificate of {peer}", "its own certificate");
        let ja = words.ja.replace("{peer}の証明書", "自身の証明書");
        filled([&en, &ja], by, ["itself", "自身"])
    }

    /// What to change at each end, those that have to come first; at one end only where what was not
    /// accepted is its own.
    pub fn advice(self, side: Side, own: bool) -> Vec<Advice> {
        let Remedy {
            side: here,
            peer: there,
        } = self.entry().remedy;
        let is_end = matches!(side, Side::Initiator | Side::Responder);
        let at = |end: Side| is_end.then_some(end);
        // Words for who checks speak of the peer, but for what it has to learn to process.
        let here = here.filter(|_| !own || there.is_none() || self.is_lack_of_support());
        let here = here.map(|words| Advice {
            at: at(side),
            words,
        });
        let there = there.map(|words| Advice {
            at: at(if own { side } else { side.peer() }),
            words,
        });
        // The end that holds what was refused changes first.
        there.into_iter().chain(here).collect()
    }

    fn is_lack_of_support(self) -> bool {
        matches!(
            self,
            Self::CredentialPolicyCriticalUnsupported
                | Self::CredentialExtensionCriticalUnsupported
        )
    }

    fn entry(self) -> Entry {
        credential::entry_of(self)
            .or_else(|| negotiation::entry_of(self))
            .or_else(|| path::entry_of(self))
            .unwrap_or_else(|| router::entry_of(self))
    }
}

/// Sentences, in English and Japanese, with the names of both ends in them.
fn filled(words: [&str; 2], by: &Text, peer: [&str; 2]) -> Text {
    let [en, ja] = words;
    let [peer_en, peer_ja] = peer;
    Text::new(fill(en, &by.en, peer_en), fill(ja, &by.ja, peer_ja))
}

/// In one pass, so that a name with braces in it stays as it is.
fn fill(words: &str, by: &str, peer: &str) -> String {
    let mut filled = String::with_capacity(words.len() + by.len() + peer.len());
    let mut rest = words;
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        filled.push_str(before);
        if let Some(after) = after.strip_prefix("{by}") {
            filled.push_str(by);
            rest = after;
        } else if let Some(after) = after.strip_prefix("{peer}") {
            filled.push_str(peer);
            rest = after;
        } else {
            filled.push('{');
            rest = &after[1..];
        }
    }
    filled.push_str(rest);
    filled
}

const fn entry(title: [&'static str; 2], sentence: [&'static str; 2], remedy: Remedy) -> Entry {
    Entry {
        title: words(title),
        sentence: words(sentence),
        remedy,
    }
}

/// What the end that the cause names changes, or whoever is in charge.
const fn here(remedy: [&'static str; 2]) -> Remedy {
    Remedy {
        side: Some(words(remedy)),
        peer: None,
    }
}

/// What the other end changes.
const fn there(remedy: [&'static str; 2]) -> Remedy {
    Remedy {
        side: None,
        peer: Some(words(remedy)),
    }
}

/// What each end can change.
const fn either(side: [&'static str; 2], peer: [&'static str; 2]) -> Remedy {
    Remedy {
        side: Some(words(side)),
        peer: Some(words(peer)),
    }
}

const fn words([en, ja]: [&'static str; 2]) -> Words {
    Words { en, ja }
}
