//! ICMP echo requests to a router that has no host behind it and answers them itself: each answer has
//! come through the tunnel twice, there and back (RFC 792).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use cases::Role;
use lab::{LabError, Packet, SocketSpec, Testbed};

use crate::engine::limits::Limits;
use crate::engine::probes::Probes;
use crate::engine::topology::Site;
use crate::judge::{Ends, Traffic};

const ICMP: u8 = 1;
const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST: u8 = 8;
/// Requests of a round, and how many rounds a tunnel gets to carry one without loss.
const REQUESTS: u16 = 3;
const ROUNDS: u32 = 4;
/// Octets before the data.
const HEAD: usize = 8;

/// Sends rounds of requests until all of one are answered; `role` is that of the router that answers.
/// With a size, of so many octets each.
pub(crate) async fn send(
    testbed: &Testbed,
    probes: &Probes,
    (role, limits): (Role, Limits),
    size: Option<u16>,
) -> Result<Ends<Traffic>, LabError> {
    let (router, other) = (Site::of(role), Site::of(role.peer()));
    let socket = SocketSpec::Ip {
        address: other.host_address(),
        protocol: ICMP,
    };
    testbed.open_socket(other.host, socket).await?;
    let target = router.lan_router().addr();
    let mut traffic = Ends::default();
    for round in 1..=ROUNDS {
        let requests: Vec<Vec<u8>> = (1..=REQUESTS)
            .map(|number| request(probes, round, number, size))
            .collect();
        let mut awaited: HashSet<&[u8]> = requests.iter().map(|bytes| &bytes[4..]).collect();
        let mut packets: Vec<Packet> = requests
            .iter()
            .map(|bytes| Packet {
                socket,
                peer: (target, 0).into(),
                bytes: bytes.clone(),
            })
            .collect();
        let begun = Instant::now();
        while !awaited.is_empty() && begun.elapsed() < limits.probe() * 2 {
            let wait = (limits.probe() * 2).saturating_sub(begun.elapsed());
            let wait = u64::try_from(wait.max(Duration::from_millis(1)).as_millis());
            let sent = std::mem::take(&mut packets);
            let arrived = testbed
                .exchange(other.host, sent, wait.unwrap_or(u64::MAX))
                .await?;
            for packet in arrived.packets {
                let is_answer =
                    packet.peer.ip() == target && packet.bytes.first() == Some(&ECHO_REPLY);
                if is_answer && packet.bytes.len() >= HEAD {
                    awaited.remove(&packet.bytes[4..]);
                }
            }
        }
        let answered = requests.len() - awaited.len();
        let one = Traffic {
            sent: u32::from(REQUESTS),
            received: u32::try_from(answered).unwrap_or(u32::MAX),
            rounds: round,
            refused: None,
        };
        traffic = Ends {
            initiator: one.clone(),
            responder: one,
        };
        if awaited.is_empty() || (answered == 0 && round > 1) {
            break;
        }
    }
    Ok(traffic)
}

/// Type, code, checksum, identifier, number, and data with the mark.
fn request(probes: &Probes, round: u32, number: u16, size: Option<u16>) -> Vec<u8> {
    let mut bytes = vec![ECHO_REQUEST, 0, 0, 0];
    bytes.extend(&probes.mark[..2]);
    let sequence = u16::try_from(round).unwrap_or_default() * 16 + number;
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(format!("ikematrix echo {round}.{number} ").bytes());
    bytes.extend(probes.mark);
    bytes.resize(bytes.len().max(usize::from(size.unwrap_or_default())), b'.');
    let sum = checksum(&bytes).to_be_bytes();
    bytes[2..4].copy_from_slice(&sum);
    bytes
}

/// The ones' complement of the ones' complement sum of all 16-bit words (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or_default()));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071, section 3, has the sum dd f2.
    #[test]
    fn the_checksum_is_that_of_the_internet_protocol() {
        assert_eq!(
            checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            !0xddf2
        );
        assert_eq!(checksum(&[0x01]), !0x0100);
    }

    #[test]
    fn a_request_is_whole_by_its_checksum_and_holds_the_mark() {
        let probes = Probes::fresh(Limits::new(1)).unwrap();
        for size in [None, Some(1400)] {
            let bytes = request(&probes, 1, 2, size);
            assert_eq!(checksum(&bytes), 0);
            assert!(bytes.windows(16).any(|window| window == probes.mark));
        }
    }
}
