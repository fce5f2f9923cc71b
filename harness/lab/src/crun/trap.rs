//! A router that dies when a datagram of some kind reaches it.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use etherparse::{SlicedPacket, TransportSlice};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{LinkAddr, MsgFlags, recvmsg};

use super::namespace::enter;
use super::programs::{self, Found};
use crate::operation::{Datagram, ProgramSignal};
use crate::sys;

/// How long the thread may sit in the kernel before it looks whether the testbed is going away.
const PATIENCE: u16 = 20;
/// UDP ports of IKE, and of IKE and ESP in UDP.
const PLAIN_PORT: u16 = 500;
const MARKED_PORT: u16 = 4500;
const OUTGOING: u8 = 4;

/// Stops watching when it is dropped.
pub(super) struct Trap {
    stop: Arc<AtomicBool>,
}

impl Trap {
    /// Watches what is handed out at the port `interface` to the container whose first process has
    /// the id `init`. Returns once the socket is open.
    pub(super) fn arm(
        interface: &str,
        namespace: Arc<File>,
        init: i32,
        datagram: Datagram,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (opened, is_open) = std::sync::mpsc::channel();
        let (interface, stopped) = (interface.to_owned(), stop.clone());
        std::thread::Builder::new()
            .name("trap".into())
            .spawn(move || {
                let prepared = enter(&namespace).and_then(|()| {
                    let index = nix::net::if_::if_nametoindex(interface.as_str())?;
                    // Found beforehand: looking for them takes longer than a daemon's answer.
                    Ok((sys::open_packet_socket(index)?, programs::find(init)?))
                });
                match prepared {
                    Ok((socket, victims)) => {
                        let _ = opened.send(Ok(()));
                        if let Err(error) = watch(&socket, &stopped, init, &victims, datagram) {
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

fn watch(
    socket: &(impl AsFd + AsRawFd),
    stop: &AtomicBool,
    init: i32,
    victims: &[Found],
    datagram: Datagram,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 65_536 + 64];
    while !stop.load(Ordering::Acquire) {
        let received = {
            let mut parts = [std::io::IoSliceMut::new(&mut buffer)];
            recvmsg::<LinkAddr>(socket.as_raw_fd(), &mut parts, None, MsgFlags::MSG_DONTWAIT).map(
                |received| {
                    let outgoing = received
                        .address
                        .is_some_and(|address| address.pkttype() == OUTGOING);
                    (received.bytes, outgoing)
                },
            )
        };
        match received {
            Ok((length, true)) if is_such(&buffer[..length], datagram) => {
                programs::send(victims.iter(), ProgramSignal::Kill)?;
                return programs::signal_all(init, ProgramSignal::Kill);
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => {
                let mut watched = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
                match poll(&mut watched, PollTimeout::from(PATIENCE)) {
                    Ok(_) | Err(Errno::EINTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
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
