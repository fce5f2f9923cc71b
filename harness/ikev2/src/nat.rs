//! NAT detection (RFC 7296, section 2.23).

use std::net::{IpAddr, SocketAddr};

use ring::digest;

use crate::message::Notify;
use crate::numbers::NotifyType;

/// The data of NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP: the SHA-1 of the SPIs in
/// the order of the header, the address and the port.
pub fn detection_hash(initiator_spi: u64, responder_spi: u64, address: SocketAddr) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(&initiator_spi.to_be_bytes());
    context.update(&responder_spi.to_be_bytes());
    match address.ip() {
        IpAddr::V4(ip) => context.update(&ip.octets()),
        IpAddr::V6(ip) => context.update(&ip.octets()),
    }
    context.update(&address.port().to_be_bytes());
    context.finish().as_ref().to_vec()
}

/// Where a NAT stands, as seen from one end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NatDetected {
    /// This end is behind one.
    pub local: bool,
    /// The other end is.
    pub remote: bool,
}

impl NatDetected {
    pub fn any(self) -> bool {
        self.local || self.remote
    }
}

/// What the notifications of the other end tell; `None` if it does not do NAT traversal.
///
/// The SPIs are those of the header that the notifications came with; `local` and `remote` are the
/// addresses of the packet as it arrived.
pub fn detect<'a>(
    notifies: impl Iterator<Item = &'a Notify>,
    (initiator_spi, responder_spi): (u64, u64),
    local: SocketAddr,
    remote: SocketAddr,
) -> Option<NatDetected> {
    let at_remote = detection_hash(initiator_spi, responder_spi, remote);
    let at_local = detection_hash(initiator_spi, responder_spi, local);
    let (mut source, mut destination) = (None, None);
    for notify in notifies {
        // A sender that does not know its own address names several.
        if notify.kind == NotifyType::NAT_DETECTION_SOURCE_IP {
            source = Some(source.unwrap_or(false) || notify.data == at_remote);
        } else if notify.kind == NotifyType::NAT_DETECTION_DESTINATION_IP {
            destination = Some(destination.unwrap_or(false) || notify.data == at_local);
        }
    }
    Some(NatDetected {
        remote: !source?,
        local: !destination?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    #[test]
    fn a_changed_address_or_port_is_noticed() {
        let (a, b) = ("192.0.2.1:500", "198.51.100.2:500");
        let (a, b): (SocketAddr, SocketAddr) = (a.parse().unwrap(), b.parse().unwrap());
        let spis = (1, 2);
        let sent = [
            Notify::new(NotifyType::NAT_DETECTION_SOURCE_IP, detection_hash(1, 2, a)),
            Notify::new(
                NotifyType::NAT_DETECTION_DESTINATION_IP,
                detection_hash(1, 2, b),
            ),
        ];
        let seen = |local, remote| detect(sent.iter(), spis, local, remote).unwrap();
        assert!(!seen(b, a).any());
        let moved = SocketAddr::new(a.ip(), 1025);
        let remote_only = NatDetected {
            local: false,
            remote: true,
        };
        assert_eq!(seen(b, moved), remote_only);
        let local_only = NatDetected {
            local: true,
            remote: false,
        };
        assert_eq!(seen(a, a), local_only);
        assert_eq!(detect(sent[..1].iter(), spis, b, a), None);
    }

    #[test]
    fn the_hash_is_the_sha_1_of_spis_address_and_port() {
        // Worked out with sha1sum over 1, 2, 192.0.2.1 and 500 in 8, 8, 4 and 2 octets.
        let hash = detection_hash(1, 2, "192.0.2.1:500".parse().unwrap());
        assert_eq!(hash, hex("e551650fd0b1c24a937f8f251b195b30fec944e4"));
    }
}
