//! Questions that readers of a transcript ask.

use std::net::IpAddr;

use super::{
    Arrival, Certificate, Content, IkeSa, Message, Named, Notify, Payload, Proposal, Role,
    Transcript, Transmission,
};

/// Exchange types (RFC 7296, section 3.1; RFC 9242; RFC 9370).
pub const IKE_SA_INIT: u32 = 34;
pub const IKE_AUTH: u32 = 35;
pub const CREATE_CHILD_SA: u32 = 36;
pub const INFORMATIONAL: u32 = 37;
pub const IKE_INTERMEDIATE: u32 = 43;
pub const IKE_FOLLOWUP_KE: u32 = 44;

impl Transcript {
    /// The messages of one IKE SA, in order.
    pub fn of_sa(&self, sa: usize) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.sa == sa)
    }

    /// The responses to this request; more than one when the responder gave different ones, as it
    /// does in IKE_SA_INIT with a cookie or another key exchange group.
    pub fn responses<'a>(&'a self, request: &'a Message) -> impl Iterator<Item = &'a Message> {
        self.of_sa(request.sa).filter(move |message| {
            message.response
                && message.message_id == request.message_id
                && message.exchange.number == request.exchange.number
                && message.from != request.from
                && message.at_us >= request.at_us
        })
    }

    /// What the reader calls an address, such as `moon`.
    pub fn name_of(&self, address: IpAddr) -> Option<&str> {
        let peer = self.peers.iter().find(|peer| peer.address == address)?;
        peer.name.as_deref()
    }

    /// Whether the capture was made at both ends, so that it tells what arrived.
    pub fn tells_arrival(&self) -> bool {
        let transmissions = self.messages.iter().flat_map(|m| &m.transmissions);
        transmissions
            .map(|sent| sent.arrival)
            .any(|arrival| arrival != Arrival::Unknown)
            || self.esp.iter().any(|flow| flow.arrived.is_some())
    }
}

impl IkeSa {
    /// The address of one end, as it was in the first message.
    pub fn address(&self, role: Role) -> IpAddr {
        match role {
            Role::Initiator => self.initiator.ip(),
            Role::Responder => self.responder.ip(),
        }
    }
}

impl Message {
    pub fn is(&self, exchange: u32) -> bool {
        self.exchange.number == exchange
    }

    pub fn is_request(&self) -> bool {
        !self.response
    }

    /// How often it was sent again.
    pub fn retransmissions(&self) -> u64 {
        let listed = u64::try_from(self.transmissions.len()).unwrap_or(u64::MAX);
        listed.saturating_sub(1) + self.more_transmissions
    }

    /// All transmissions that are listed, of all parts.
    pub fn all_transmissions(&self) -> impl Iterator<Item = &Transmission> {
        let parts = self.fragments.iter().flat_map(|fragments| &fragments.parts);
        let of_parts = parts.flat_map(|part| &part.transmissions);
        let whole = self.transmissions.iter();
        let whole = if self.fragments.is_some() {
            None
        } else {
            Some(whole)
        };
        whole.into_iter().flatten().chain(of_parts)
    }

    /// Number of the packet in which it, or its first part, was first sent.
    pub fn packet(&self) -> Option<u64> {
        self.all_transmissions().map(|sent| sent.packet).min()
    }

    /// Whether it arrived whole at least once; none when the capture cannot tell.
    pub fn arrived(&self) -> Option<bool> {
        match &self.fragments {
            None => arrived(&self.transmissions),
            Some(fragments) => {
                let parts: Option<Vec<bool>> = fragments
                    .parts
                    .iter()
                    .map(|part| arrived(&part.transmissions))
                    .collect();
                let parts = parts?;
                let all = parts.len() == usize::from(fragments.total);
                Some(all && parts.iter().all(|part| *part))
            }
        }
    }

    pub fn notifies(&self) -> impl Iterator<Item = &Notify> {
        let contents = self.payloads.iter().map(|payload| &payload.content);
        contents.filter_map(|content| {
            if let Content::Notify(notify) = content {
                Some(notify)
            } else {
                None
            }
        })
    }

    /// The notification of this name, such as `NO_PROPOSAL_CHOSEN`.
    pub fn notify(&self, name: &str) -> Option<&Notify> {
        self.notifies().find(|notify| notify.kind.name == name)
    }

    /// Notifications in the range of errors.
    pub fn errors(&self) -> impl Iterator<Item = &Notify> {
        self.notifies().filter(|notify| notify.error)
    }

    pub fn proposals(&self) -> impl Iterator<Item = &Proposal> {
        let contents = self.payloads.iter().map(|payload| &payload.content);
        let lists = contents.filter_map(|content| {
            if let Content::SecurityAssociation { proposals, .. } = content {
                Some(proposals)
            } else {
                None
            }
        });
        lists.flatten()
    }

    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let contents = self.payloads.iter().map(|payload| &payload.content);
        contents.filter_map(|content| {
            if let Content::Certificate(certificate) = content {
                Some(&**certificate)
            } else {
                None
            }
        })
    }

    /// The payload of this type, such as `IDi`.
    pub fn payload(&self, kind: &str) -> Option<&Payload> {
        self.payloads
            .iter()
            .find(|payload| payload.kind.name == kind)
    }
}

impl Named {
    pub fn new(number: impl Into<u32>, name: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self {
            number: number.into(),
            name: name.into(),
        }
    }
}

fn arrived(transmissions: &[Transmission]) -> Option<bool> {
    let known = |sent: &&Transmission| sent.arrival != Arrival::Unknown;
    transmissions.iter().find(known)?;
    Some(
        transmissions
            .iter()
            .any(|sent| matches!(sent.arrival, Arrival::Arrived { .. })),
    )
}
