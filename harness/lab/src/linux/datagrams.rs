//! Datagrams by their content, at an interface.

use std::time::Duration;

use etherparse::{SlicedPacket, TransportSlice};
use pnet::datalink::{self, Channel, Config, DataLinkReceiver, DataLinkSender, NetworkInterface};

use crate::operation::Datagram;

/// How long a thread may sit in the kernel before it looks whether the testbed is going away.
const PATIENCE: Duration = Duration::from_millis(20);
/// The largest frame: segmentation offload hands over up to 64 KiB at once.
const FRAME_LIMIT: usize = 65_536 + 64;
/// UDP ports of IKE, and of IKE and ESP in UDP.
const PLAIN_PORT: u16 = 500;
const MARKED_PORT: u16 = 4500;
const MARKER: [u8; 4] = [0; 4];

/// Sends and receives frames at an interface of the calling thread's namespace.
pub(super) fn open(
    name: &str,
) -> std::io::Result<(Box<dyn DataLinkSender>, Box<dyn DataLinkReceiver>)> {
    let config = Config {
        read_timeout: Some(PATIENCE),
        read_buffer_size: FRAME_LIMIT,
        ..Config::default()
    };
    match datalink::channel(&interface(name)?, config)? {
        Channel::Ethernet(out, frames) => Ok((out, frames)),
        _ => Err(std::io::Error::other(
            "the port is not an Ethernet interface",
        )),
    }
}

/// The interface of this name in the calling thread's namespace.
pub(super) fn interface(name: &str) -> std::io::Result<NetworkInterface> {
    let mut interfaces = datalink::interfaces().into_iter();
    interfaces
        .find(|interface| interface.name == name)
        .ok_or_else(|| std::io::Error::other(format!("there is no interface {name}")))
}

/// A datagram in a frame.
pub(super) struct Such<'a> {
    pub(super) from: u16,
    pub(super) to: u16,
    /// Before the content; empty on the port that has none.
    pub(super) marker: &'a [u8],
    pub(super) content: &'a [u8],
}

/// The datagram in an Ethernet frame, if it is one of this kind.
pub(super) fn such(frame: &[u8], datagram: Datagram) -> Option<Such<'_>> {
    let packet = SlicedPacket::from_ethernet(frame).ok()?;
    let Some(TransportSlice::Udp(udp)) = &packet.transport else {
        return None;
    };
    let payload = udp.payload();
    let (marker, content) = match udp.destination_port() {
        PLAIN_PORT => (&payload[..0], payload),
        MARKED_PORT => payload
            .split_at_checked(MARKER.len())
            .filter(|(marker, _)| *marker == MARKER)?,
        _ => return None,
    };
    let octet = content.get(usize::from(datagram.offset))?;
    (*octet == datagram.value).then_some(Such {
        from: udp.source_port(),
        to: udp.destination_port(),
        marker,
        content,
    })
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;

    fn frame(port: u16, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4([198, 51, 100, 1], [198, 51, 100, 2], 64)
            .udp(port, port)
            .write(&mut frame, payload)
            .unwrap();
        frame
    }

    #[test]
    fn the_octet_is_counted_behind_the_marker() {
        let is_such = |frame: &[u8]| {
            let wanted = Datagram {
                offset: 2,
                value: 35,
            };
            such(frame, wanted).is_some()
        };
        assert!(is_such(&frame(500, &[9, 9, 35])));
        assert!(is_such(&frame(4500, &[0, 0, 0, 0, 9, 9, 35])));
        assert!(!is_such(&frame(4500, &[9, 9, 35, 0, 9, 9, 35])));
        assert!(!is_such(&frame(500, &[9, 9])));
        assert!(!is_such(&frame(53, &[9, 9, 35])));
        assert!(!is_such(&[1; 9]));
    }
}
