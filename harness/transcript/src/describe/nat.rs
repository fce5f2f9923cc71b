//! What NAT_DETECTION notifications say of the packet that they came in.

use std::net::SocketAddr;

use ikev2::message::{Body, Payload};
use ikev2::numbers::NotifyType;

use crate::model::{Content, Message};

/// Marks the notifications of a message that do not have the hash of its own address and port (RFC
/// 7296, section 2.23). The SPIs are those of its header.
pub(crate) fn mark((spi_i, spi_r): (u64, u64), payloads: &[Payload], message: &mut Message) {
    let (source, destination) = (message.source, message.destination);
    for (kind, address) in [
        (NotifyType::NAT_DETECTION_SOURCE_IP, source),
        (NotifyType::NAT_DETECTION_DESTINATION_IP, destination),
    ] {
        if !changed(kind, (spi_i, spi_r), address, payloads) {
            continue;
        }
        for payload in &mut message.payloads {
            if let Content::Notify(notify) = &mut payload.content
                && notify.kind.number == u32::from(kind.0)
            {
                notify.nat = true;
            }
        }
    }
}

/// Whether there are such notifications and none of them fits: a sender that does not know its own
/// address names several.
fn changed(
    kind: NotifyType,
    (spi_i, spi_r): (u64, u64),
    address: SocketAddr,
    payloads: &[Payload],
) -> bool {
    let hash = ikev2::nat::detection_hash(spi_i, spi_r, address);
    let hashes = payloads.iter().filter_map(|payload| {
        if let Body::Notify(notify) = &payload.body
            && notify.kind == kind
        {
            Some(&notify.data)
        } else {
            None
        }
    });
    let mut hashes = hashes.peekable();
    hashes.peek().is_some() && hashes.all(|sent| *sent != hash)
}

#[cfg(test)]
mod tests {
    use ikev2::message::Notify;

    use super::*;

    #[test]
    fn only_what_was_changed_on_the_way_is_marked() {
        let own: SocketAddr = "192.0.2.2:500".parse().unwrap();
        let other: SocketAddr = "198.51.100.1:1024".parse().unwrap();
        let kind = NotifyType::NAT_DETECTION_SOURCE_IP;
        let sent = |addresses: &[SocketAddr]| -> Vec<Payload> {
            let notify = |address: &SocketAddr| {
                let hash = ikev2::nat::detection_hash(1, 2, *address);
                Payload::new(Body::Notify(Notify::new(kind, hash)))
            };
            addresses.iter().map(notify).collect()
        };
        let seen = |payloads: &[Payload], address| changed(kind, (1, 2), address, payloads);
        assert!(!seen(&sent(&[own]), own));
        assert!(seen(&sent(&[own]), other));
        assert!(!seen(&sent(&[other, own]), own), "one of several fits");
        assert!(!seen(&[], other), "it says nothing of a NAT");
        assert!(changed(kind, (1, 3), own, &sent(&[own])), "other SPIs");
    }
}
