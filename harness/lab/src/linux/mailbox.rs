//! Sockets of a node through which the caller speaks and listens, as if it were a program there.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

use super::namespace::Namespace;
use crate::error::{Blame, Fault, LabError};
use crate::operation::{Arrived, Packet, SocketSpec};

/// Octets that wait to be taken; what comes beyond is counted and thrown away.
const ROOM: usize = 4 * 1024 * 1024;
/// What a packet takes beside its octets, so that empty ones do not come without end.
const OVERHEAD: usize = 64;

/// The open sockets of a node. Closed when it is dropped.
#[derive(Default)]
pub(super) struct Mailbox {
    sockets: HashMap<SocketSpec, Arc<tokio::net::UdpSocket>>,
    received: Arc<Received>,
    readers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Received {
    queue: Mutex<Queue>,
    some: Notify,
}

#[derive(Default)]
struct Queue {
    packets: VecDeque<Packet>,
    octets: usize,
    lost: u64,
    /// Why a socket can no longer be read.
    broken: Option<LabError>,
}

impl Mailbox {
    pub(super) async fn open(
        &mut self,
        namespace: &Namespace,
        socket: SocketSpec,
    ) -> Result<(), LabError> {
        let doing = || format!("open {socket} for the tester");
        let opened = namespace.run(move || listen(socket)).await;
        let opened = opened
            .and_then(tokio::net::UdpSocket::from_std)
            .blame(Fault::Network, doing)?;
        let opened = Arc::new(opened);
        let reader = read(socket, opened.clone(), self.received.clone());
        self.readers.push(tokio::spawn(reader));
        self.sockets.insert(socket, opened);
        Ok(())
    }

    /// Sends these packets, then waits until some have come or the time is up.
    pub(super) async fn exchange(
        &self,
        packets: &[Packet],
        limit: Duration,
    ) -> Result<Arrived, LabError> {
        for packet in packets {
            let Some(socket) = self.sockets.get(&packet.socket) else {
                let what = format!("{} was not opened", packet.socket);
                return Err(LabError::new(Fault::Harness, what));
            };
            // A packet that never left must not look like the silence of the other end.
            let sent = socket.send_to(&packet.bytes, packet.peer).await;
            sent.blame(Fault::Network, || {
                format!("send from {} to {}", packet.socket, packet.peer)
            })?;
        }
        self.received.take(limit).await
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.abort();
        }
    }
}

impl Received {
    async fn put(&self, packet: Packet) {
        let mut queue = self.queue.lock().await;
        let octets = packet.bytes.len() + OVERHEAD;
        if queue.octets + octets > ROOM {
            queue.lost = queue.lost.saturating_add(1);
        } else {
            queue.octets += octets;
            queue.packets.push_back(packet);
        }
        self.some.notify_one();
    }

    async fn fail(&self, fault: LabError) {
        self.queue.lock().await.broken = Some(fault);
        self.some.notify_one();
    }

    /// # Errors
    /// A socket can no longer be read: nothing that comes from now on would be seen.
    async fn take(&self, limit: Duration) -> Result<Arrived, LabError> {
        let some = async {
            loop {
                let notified = self.some.notified();
                let queue = self.queue.lock().await;
                if !queue.packets.is_empty() || queue.broken.is_some() {
                    return;
                }
                drop(queue);
                notified.await;
            }
        };
        // Whether there are some or not is seen below.
        let _ = tokio::time::timeout(limit, some).await;
        let mut queue = self.queue.lock().await;
        if let Some(fault) = &queue.broken {
            return Err(fault.clone());
        }
        queue.octets = 0;
        Ok(Arrived {
            packets: std::mem::take(&mut queue.packets).into(),
            lost: std::mem::take(&mut queue.lost),
        })
    }
}

async fn read(spec: SocketSpec, socket: Arc<tokio::net::UdpSocket>, received: Arc<Received>) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, peer)) => {
                let bytes = buffer.get(..length).unwrap_or_default();
                let bytes = match spec {
                    SocketSpec::Udp(_) => Some(bytes),
                    SocketSpec::Ip { .. } => content(bytes, peer),
                };
                if let Some(bytes) = bytes {
                    let packet = Packet {
                        socket: spec,
                        peer,
                        bytes: bytes.to_vec(),
                    };
                    received.put(packet).await;
                }
            }
            // ICMP errors of what was sent come here: the other end's silence tells.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            Err(error) => {
                let what = format!("read from {spec}: {error}");
                received.fail(LabError::new(Fault::Network, what)).await;
                return;
            }
        }
    }
}

/// What an IP packet carries. The kernel puts a header before it with IPv4 only.
fn content(packet: &[u8], peer: SocketAddr) -> Option<&[u8]> {
    if peer.is_ipv6() {
        return Some(packet);
    }
    let first = packet.first()?;
    packet.get(usize::from(first & 0x0f) * 4..)
}

/// A socket that does not block. That of an IP protocol is treated as one of UDP: what both are asked
/// for here is the same.
fn listen(spec: SocketSpec) -> io::Result<UdpSocket> {
    let socket = match spec {
        SocketSpec::Udp(address) => UdpSocket::bind(address)?,
        SocketSpec::Ip { address, protocol } => {
            let address = SocketAddr::new(address, 0);
            let protocol = Protocol::from(i32::from(protocol));
            let socket = Socket::new(Domain::for_address(address), Type::RAW, Some(protocol))?;
            socket.bind(&address.into())?;
            socket.into()
        }
    };
    socket.set_nonblocking(true)?;
    Ok(socket)
}
