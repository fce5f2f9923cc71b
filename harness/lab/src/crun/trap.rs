//! A router that dies when a datagram of some kind reaches it.

use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use etherparse::{SlicedPacket, TransportSlice};
use pnet::datalink::{self, Channel, Config, DataLinkReceiver, MacAddr, NetworkInterface};
use pnet::packet::ethernet::EthernetPacket;

use super::namespace::enter;
use super::programs::{self, Found};
use crate::operation::{Datagram, ProgramSignal};

/// How long the thread may sit in the kernel before it looks whether the testbed is going away.
const PATIENCE: Duration = Duration::from_millis(20);
/// The largest frame: segmentation offload hands over up to 64 KiB at once.
const FRAME_LIMIT: usize = 65_536 + 64;
/// UDP ports of IKE, and of IKE and ESP in UDP.
const PLAIN_PORT: u16 = 500;
const MARKED_PORT: u16 = 4500;

/// Where a router is plugged in.
pub(super) struct Place {
    /// The namespace of the links, and the port there.
    pub(super) switch: Arc<File>,
    pub(super) port: String,
    /// The router's own namespace, and its interface there.
    pub(super) node: Arc<File>,
    pub(super) interface: String,
}

/// Stops watching when it is dropped.
pub(super) struct Trap {
    stop: Arc<AtomicBool>,
}

impl Trap {
    /// Watches what is handed out at a port to the container whose first process has the id `init`.
    /// Returns once the socket is open.
    pub(super) fn arm(place: Place, init: i32, datagram: Datagram) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (opened, is_open) = std::sync::mpsc::channel();
        let stopped = stop.clone();
        std::thread::Builder::new()
            .name("trap".into())
            .spawn(move || {
                let prepared = prepare(&place, init);
                match prepared {
                    Ok((mut frames, victim, programs)) => {
                        let _ = opened.send(Ok(()));
                        let watched = watch(&mut *frames, &stopped, victim, datagram);
                        let ended = watched.and_then(|met| {
                            if met {
                                programs::send(programs.iter(), ProgramSignal::Kill)?;
                                programs::signal_all(init, ProgramSignal::Kill)?;
                            }
                            Ok(())
                        });
                        if let Err(error) = ended {
                            tracing::error!(%error, "a trap failed");
                        }
                    }
                    Err(error) => {
                        let _ = opened.send(Err(error));
                    }
                }
            })?;
        match is_open.recv() {
            Ok(result) => result.map(|()| Self { stop }),
            Err(_) => Err(std::io::Error::other("its thread ended before it began")),
        }
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

/// Opens the port, and looks up beforehand whom its frames are for and what is to be killed: that
/// takes longer than a daemon's answer.
fn prepare(
    place: &Place,
    init: i32,
) -> std::io::Result<(Box<dyn DataLinkReceiver>, MacAddr, Vec<Found>)> {
    enter(&place.node)?;
    let victim = interface(&place.interface)?
        .mac
        .ok_or_else(|| std::io::Error::other("the interface has no Ethernet address"))?;
    enter(&place.switch)?;
    let config = Config {
        read_timeout: Some(PATIENCE),
        read_buffer_size: FRAME_LIMIT,
        ..Config::default()
    };
    match datalink::channel(&interface(&place.port)?, config)? {
        Channel::Ethernet(_, frames) => Ok((frames, victim, programs::find(init)?)),
        _ => Err(std::io::Error::other(
            "the port is not an Ethernet interface",
        )),
    }
}

/// The interface of this name in the calling thread's namespace.
fn interface(name: &str) -> std::io::Result<NetworkInterface> {
    let mut interfaces = datalink::interfaces().into_iter();
    interfaces
        .find(|interface| interface.name == name)
        .ok_or_else(|| std::io::Error::other(format!("there is no interface {name}")))
}

/// Waits for such a datagram to this address; false when it is told to stop before.
fn watch(
    frames: &mut dyn DataLinkReceiver,
    stop: &AtomicBool,
    victim: MacAddr,
    datagram: Datagram,
) -> std::io::Result<bool> {
    while !stop.load(Ordering::Acquire) {
        match frames.next() {
            Ok(frame) if is_for(frame, victim) && is_such(frame, datagram) => return Ok(true),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn is_for(frame: &[u8], victim: MacAddr) -> bool {
    EthernetPacket::new(frame).is_some_and(|packet| packet.get_destination() == victim)
}

/// Whether an Ethernet frame holds such a datagram.
fn is_such(frame: &[u8], datagram: Datagram) -> bool {
    let Ok(packet) = SlicedPacket::from_ethernet(frame) else {
        return false;
    };
    let Some(TransportSlice::Udp(udp)) = &packet.transport else {
        return false;
    };
    let content = match udp.destination_port() {
        PLAIN_PORT => Some(udp.payload()),
        MARKED_PORT => udp.payload().strip_prefix(&[0; 4]),
        _ => None,
    };
    content
        .and_then(|content| content.get(usize::from(datagram.offset)))
        .is_some_and(|octet| *octet == datagram.value)
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
        let wanted = Datagram {
            offset: 2,
            value: 35,
        };
        assert!(is_such(&frame(500, &[9, 9, 35]), wanted));
        assert!(is_such(&frame(4500, &[0, 0, 0, 0, 9, 9, 35]), wanted));
        assert!(!is_such(&frame(4500, &[9, 9, 35, 0, 9, 9, 35]), wanted));
        assert!(!is_such(&frame(500, &[9, 9]), wanted));
        assert!(!is_such(&frame(53, &[9, 9, 35]), wanted));
        assert!(!is_such(&[1; 9], wanted));
    }
}
