//! Faults in SAs, behind the back of the daemon that made them.

use std::net::IpAddr;

use netlink_packet_core::{NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE};
use netlink_packet_xfrm::monitor::NewAsyncEventMessage;
use netlink_packet_xfrm::state::{DelGetMessage, FlushMessage, ModifyMessage};
use netlink_packet_xfrm::{AsyncEventId, UserSaId, XfrmAttrs, XfrmMessage};

use super::{PROTO_ESP, dump, ip_address, talk};

/// Deletes every SA of the calling thread's namespace.
pub(crate) fn flush_sas() -> std::io::Result<()> {
    let all = XfrmMessage::FlushSa(FlushMessage {
        protocol: PROTO_ESP,
    });
    talk(all, NLM_F_ACK, |_| {})
}

/// Sets the sequence number that each SA from `source` has used last.
pub(crate) fn set_sequence(source: IpAddr, number: u32) -> std::io::Result<()> {
    let from = |sa: &ModifyMessage| {
        let info = &sa.user_sa_info;
        info.id.proto == PROTO_ESP && ip_address(&info.saddr, info.family) == source
    };
    let sas: Vec<ModifyMessage> = dump()?.into_iter().filter(from).collect();
    if sas.is_empty() {
        return Err(none("from", source));
    }
    for sa in sas {
        let states = sa.nlas.iter().filter_map(|attribute| {
            if let XfrmAttrs::ReplayState(state) = attribute {
                let mut state = *state;
                state.oseq = number;
                Some(XfrmAttrs::ReplayState(state))
            } else if let XfrmAttrs::ReplayStateEsn(state) = attribute {
                let mut state = state.clone();
                (state.oseq, state.oseq_hi) = (number, 0);
                Some(XfrmAttrs::ReplayStateEsn(state))
            } else {
                None
            }
        });
        let change = NewAsyncEventMessage {
            nlas: states.collect(),
            id: AsyncEventId {
                sa_id: id(&sa),
                saddr: sa.user_sa_info.saddr,
                reqid: sa.user_sa_info.reqid,
                ..AsyncEventId::default()
            },
        };
        talk(
            XfrmMessage::NewAsyncEvent(change),
            NLM_F_ACK | NLM_F_REPLACE,
            |_| {},
        )?;
    }
    Ok(())
}

/// Makes the integrity check of each SA to `destination` fail from now on: the kernel gets another
/// key, which it takes for a new SA only, so the old one goes.
pub(crate) fn corrupt_keys(destination: IpAddr) -> std::io::Result<()> {
    let to = |sa: &ModifyMessage| {
        let info = &sa.user_sa_info;
        info.id.proto == PROTO_ESP && ip_address(&info.id.daddr, info.family) == destination
    };
    let with_key = |sa: &ModifyMessage| {
        sa.nlas
            .iter()
            .any(|attribute| corrupted(attribute).is_some())
    };
    let sas: Vec<ModifyMessage> = dump()?.into_iter().filter(to).filter(with_key).collect();
    if sas.is_empty() {
        return Err(none("to", destination));
    }
    for mut sa in sas {
        let old = DelGetMessage {
            user_sa_id: id(&sa),
            nlas: Vec::new(),
        };
        talk(XfrmMessage::DeleteSa(old), NLM_F_ACK, |_| {})?;
        for attribute in &mut sa.nlas {
            if let Some(other) = corrupted(attribute) {
                *attribute = other;
            }
        }
        talk(XfrmMessage::AddSa(sa), NLM_F_ACK | NLM_F_CREATE, |_| {})?;
    }
    Ok(())
}

/// The attribute with another key, if it holds one that integrity rests on.
fn corrupted(attribute: &XfrmAttrs) -> Option<XfrmAttrs> {
    let mut other = attribute.clone();
    let key = if let XfrmAttrs::AuthenticationAlg(algorithm) = &mut other {
        &mut algorithm.alg_key
    } else if let XfrmAttrs::AuthenticationAlgTrunc(algorithm) = &mut other {
        &mut algorithm.alg_key
    } else if let XfrmAttrs::EncryptionAlgAead(algorithm) = &mut other {
        &mut algorithm.alg_key
    } else {
        return None;
    };
    let first = key.first_mut()?;
    *first ^= 0xff;
    Some(other)
}

fn id(sa: &ModifyMessage) -> UserSaId {
    let info = &sa.user_sa_info;
    UserSaId {
        daddr: info.id.daddr,
        spi: info.id.spi,
        family: info.family,
        proto: info.id.proto,
    }
}

fn none(way: &str, address: IpAddr) -> std::io::Error {
    std::io::Error::other(format!("there is no SA {way} {address}"))
}

#[cfg(test)]
mod tests {
    use netlink_packet_xfrm::{Alg, Replay};

    use super::*;

    #[test]
    fn another_key_differs_and_has_the_same_length() {
        let key = XfrmAttrs::AuthenticationAlg(Alg {
            alg_name: [0; 64],
            alg_key_len: 16,
            alg_key: vec![1, 2],
        });
        let Some(XfrmAttrs::AuthenticationAlg(other)) = corrupted(&key) else {
            panic!("an authentication key is a key");
        };
        assert_eq!(other.alg_key, [0xfe, 2]);
        assert!(corrupted(&XfrmAttrs::ReplayState(Replay::default())).is_none());
    }
}
