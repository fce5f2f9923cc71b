//! Two peers, and all that a capture holds of the two. A capture may hold many of them, and what one
//! pair does says nothing of another.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use transcript::model::{EspFlow, IcmpError, Message, NatKeepalives, Role, Transcript};

/// Addresses of one end that are told apart: a translator and a peer that moves have a few.
const MOST_ADDRESSES: usize = 8;

/// What two peers sent each other.
pub(in crate::diagnose) struct Talk<'a> {
    pub(super) transcript: &'a Transcript,
    /// Their IKE SAs by position in the transcript, in the order in which they began.
    pub(super) sas: Vec<usize>,
    pub(super) messages: Vec<&'a Message>,
    by_sa: HashMap<usize, Vec<&'a Message>>,
    pub(super) esp: Vec<&'a EspFlow>,
    pub(super) keepalives: Vec<&'a NatKeepalives>,
    pub(super) icmp_errors: Vec<&'a IcmpError>,
    /// The addresses of the two: of the initiator of their first IKE SA, and of its responder.
    ends: [BTreeSet<IpAddr>; 2],
}

/// One of the two, whichever IKE SA is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End(usize);

impl<'a> Talk<'a> {
    /// All of a capture between two routers, whatever addresses they have on the way.
    pub(in crate::diagnose) fn whole(transcript: &'a Transcript) -> Self {
        let mut talk = Self::new(transcript);
        for (sa, messages) in by_sa(transcript) {
            talk.add(sa, messages);
        }
        talk.in_order();
        talk.esp = transcript.esp.iter().collect();
        talk.keepalives = transcript.nat_keepalives.iter().collect();
        talk.icmp_errors = transcript.icmp_errors.iter().collect();
        talk
    }

    /// The talks of a capture, pair by pair, in the order in which they began.
    pub(super) fn each(transcript: &'a Transcript) -> Vec<Self> {
        let mut talks: Vec<Self> = Vec::new();
        let mut known: HashMap<[IpAddr; 2], usize> = HashMap::new();
        let mut of_sas: Vec<_> = by_sa(transcript).into_iter().collect();
        of_sas.sort_unstable_by_key(|(sa, _)| *sa);
        for (sa, messages) in of_sas {
            let [initiator, responder] = addresses(&messages);
            let pairs: Vec<[IpAddr; 2]> = initiator
                .iter()
                .flat_map(|one| responder.iter().map(|other| pair(*one, *other)))
                .collect();
            let at = pairs.iter().find_map(|pair| known.get(pair).copied());
            let at = at.unwrap_or_else(|| {
                talks.push(Self::new(transcript));
                talks.len() - 1
            });
            for pair in pairs {
                known.entry(pair).or_insert(at);
            }
            if let Some(talk) = talks.get_mut(at) {
                talk.add(sa, messages);
            }
        }
        for flow in &transcript.esp {
            if let Some(at) = known.get(&pair(flow.source, flow.destination)) {
                talks[*at].esp.push(flow);
            }
        }
        for keepalives in &transcript.nat_keepalives {
            let ends = pair(keepalives.source.ip(), keepalives.destination.ip());
            if let Some(at) = known.get(&ends) {
                talks[*at].keepalives.push(keepalives);
            }
        }
        for error in &transcript.icmp_errors {
            if let Some(at) = known.get(&pair(error.about, error.destination)) {
                talks[*at].icmp_errors.push(error);
            }
        }
        for talk in &mut talks {
            talk.in_order();
        }
        talks
    }

    fn new(transcript: &'a Transcript) -> Self {
        Self {
            transcript,
            sas: Vec::new(),
            messages: Vec::new(),
            by_sa: HashMap::new(),
            esp: Vec::new(),
            keepalives: Vec::new(),
            icmp_errors: Vec::new(),
            ends: Default::default(),
        }
    }

    fn add(&mut self, sa: usize, messages: Vec<&'a Message>) {
        self.sas.push(sa);
        self.by_sa.insert(sa, messages);
    }

    /// Sets what follows from the messages of all IKE SAs.
    fn in_order(&mut self) {
        self.sas.sort_unstable();
        self.messages = self.by_sa.values().flatten().copied().collect();
        self.messages
            .sort_by_key(|message| (message.at_us, message.packet()));
        for sa in &self.sas {
            let Some(messages) = self.by_sa.get(sa) else {
                continue;
            };
            let [mut one, mut other] = addresses(messages);
            let turned = !self.ends[0].is_disjoint(&other) || !self.ends[1].is_disjoint(&one);
            if turned {
                std::mem::swap(&mut one, &mut other);
            }
            self.ends[0].extend(one);
            self.ends[1].extend(other);
        }
    }

    /// The messages of one IKE SA.
    pub(super) fn of_sa(&self, sa: usize) -> &[&'a Message] {
        self.by_sa.get(&sa).map(Vec::as_slice).unwrap_or_default()
    }

    /// Which of the two has this address.
    pub(super) fn end(&self, address: IpAddr) -> Option<End> {
        self.ends
            .iter()
            .position(|end| end.contains(&address))
            .map(End)
    }

    /// As whom the owner of an address takes part in an IKE SA.
    pub(super) fn role(&self, sa: usize, address: IpAddr) -> Role {
        let initiator = self.transcript.ike_sas.get(sa);
        let initiator = initiator.and_then(|sa| self.end(sa.initiator.ip()));
        if self.end(address) == initiator {
            Role::Initiator
        } else {
            Role::Responder
        }
    }

    /// The two addresses, of the initiator of the first IKE SA first.
    pub(super) fn addresses(&self) -> Option<[IpAddr; 2]> {
        let sa = self.transcript.ike_sas.get(*self.sas.first()?)?;
        Some([sa.initiator.ip(), sa.responder.ip()])
    }
}

/// The messages of each IKE SA. What has the form of another version than 1 and 2 is noise.
fn by_sa(transcript: &Transcript) -> HashMap<usize, Vec<&Message>> {
    let mut by_sa: HashMap<usize, Vec<&Message>> = HashMap::new();
    for message in &transcript.messages {
        if matches!(major(message), Some(1 | 2)) {
            by_sa.entry(message.sa).or_default().push(message);
        }
    }
    by_sa
}

/// Major version of a message.
pub(super) fn major(message: &Message) -> Option<u8> {
    let (major, _) = message.version.split_once('.')?;
    major.parse().ok()
}

/// The addresses of the initiator and of the responder of an IKE SA.
fn addresses(messages: &[&Message]) -> [BTreeSet<IpAddr>; 2] {
    let mut ends: [BTreeSet<IpAddr>; 2] = Default::default();
    for message in messages {
        let (initiator, responder) = match message.from {
            Role::Initiator => (message.source, message.destination),
            Role::Responder => (message.destination, message.source),
        };
        for (end, address) in ends.iter_mut().zip([initiator, responder]) {
            if end.len() < MOST_ADDRESSES {
                end.insert(address.ip());
            }
        }
    }
    ends
}

fn pair(one: IpAddr, other: IpAddr) -> [IpAddr; 2] {
    if one <= other {
        [one, other]
    } else {
        [other, one]
    }
}
