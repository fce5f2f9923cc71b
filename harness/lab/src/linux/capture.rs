//! Packets of a link, heard at the ports of its bridge and kept as pcapng: what a node sent shows at
//! its own port, and once more at the port where it was delivered. One thread per capture.

use std::fs::File;
use std::io::IoSliceMut;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    ControlMessageOwned, LinkAddr, MsgFlags, recvmsg, setsockopt,
    sockopt::{RcvBufForce, ReceiveTimestampns},
};
use nix::sys::time::TimeSpec;

use super::namespace::enter;
use super::pcapng::{Note, Writer};
use crate::error::{Fault, LabError};
use crate::operation::{Captured, Count, PortCount};
use crate::sys;

/// The largest frame: segmentation offload hands over up to 64 KiB at once.
const FRAME_LIMIT: usize = 65_536 + 64;
/// What the kernel may hold back of one port, in octets, until the thread comes to it.
const KERNEL_BUFFER: usize = 8 * 1024 * 1024;
/// How long the thread may sit in the kernel before it looks whether it has to stop.
const PATIENCE: u16 = 20;
/// Frames younger than this wait for an older one of another port.
const SETTLED: Duration = Duration::from_millis(5);
/// How long a capture that shall stop waits for a link that does not fall silent.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Frames that wait to be put in order, in octets; above it they are written as they are.
const WAITING_LIMIT: usize = 4 * 1024 * 1024;
/// `PACKET_OUTGOING` of packet(7): a bridge hands it to the node behind the port.
const OUTGOING: u8 = 4;

/// A port of a bridge, and the node and the link that it joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Port {
    /// The device in the namespace of the bridge.
    pub(super) device: String,
    /// What it is known as: `NODE-LINK`.
    pub(super) interface: String,
    pub(super) node: String,
    pub(super) link: String,
}

pub(super) struct Capture {
    name: String,
    stop: Arc<AtomicBool>,
    file: Arc<Mutex<Writer>>,
    thread: JoinHandle<Result<Captured, String>>,
}

impl Capture {
    /// Returns once the sockets are open: what is sent from then on is seen.
    pub(super) async fn start(
        name: &str,
        ports: Vec<Port>,
        namespace: Arc<File>,
        limit: u64,
        comment: String,
    ) -> Result<Self, LabError> {
        let stop = Arc::new(AtomicBool::new(false));
        let names = ports.iter().map(|port| port.interface.as_str());
        let file = Writer::start(names, &comment).map_err(|error| died(name, &error))?;
        let file = Arc::new(Mutex::new(file));
        let (opened, is_open) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(format!("capture {name}"))
            .spawn({
                let (stop, file) = (stop.clone(), file.clone());
                move || {
                    let listener = match Listener::open(ports, &namespace, limit, file) {
                        Ok(listener) => listener,
                        Err(error) => {
                            let _ = opened.send(Err(error.clone()));
                            return Err(error);
                        }
                    };
                    let _ = opened.send(Ok(()));
                    listener.listen(&stop)
                }
            });
        let thread = thread.map_err(|error| died(name, &error.to_string()))?;
        match is_open.await {
            Ok(Ok(())) => Ok(Self {
                name: name.to_owned(),
                stop,
                file,
                thread,
            }),
            Ok(Err(error)) => Err(died(name, &error)),
            Err(_) => Err(died(name, "its thread ended before it began")),
        }
    }

    /// What was written since this was last asked.
    pub(super) fn take(&self) -> Vec<u8> {
        locked(&self.file).take()
    }

    pub(super) async fn stop(self) -> Result<Captured, LabError> {
        self.stop.store(true, Ordering::Release);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        match joined {
            Ok(Ok(Ok(captured))) => Ok(captured),
            Ok(Ok(Err(error))) => Err(died(&self.name, &error)),
            Ok(Err(_)) | Err(_) => Err(died(&self.name, "its thread panicked")),
        }
    }
}

fn died(name: &str, why: &str) -> LabError {
    LabError::new(Fault::Capture, format!("the capture on {name} died: {why}"))
}

/// A frame as one port saw it.
pub(super) struct Frame {
    pub(super) time: Duration,
    pub(super) port: usize,
    /// Towards the node behind the port.
    pub(super) delivered: bool,
    pub(super) bytes: Vec<u8>,
}

struct Listener {
    ports: Vec<Port>,
    sockets: Vec<OwnedFd>,
    /// The kernel's own counts when the capture began.
    before: Vec<PortCount>,
    buffer: Vec<u8>,
    /// Not yet in order.
    waiting: Vec<Frame>,
    file: Arc<Mutex<Writer>>,
    limit: u64,
    cut: bool,
}

/// A thread that panicked has left whole blocks only.
fn locked(file: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Listener {
    fn open(
        ports: Vec<Port>,
        namespace: &File,
        limit: u64,
        file: Arc<Mutex<Writer>>,
    ) -> Result<Self, String> {
        if ports.is_empty() {
            return Err("nothing is plugged in there".into());
        }
        enter(namespace).map_err(|error| error.to_string())?;
        let sockets = ports
            .iter()
            .map(|port| open_port(&port.device).map_err(|why| format!("{}: {why}", port.interface)))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            before: counts(&ports)?,
            file,
            ports,
            sockets,
            buffer: vec![0; FRAME_LIMIT],
            waiting: Vec::new(),
            limit,
            cut: false,
        })
    }

    fn listen(mut self, stop: &AtomicBool) -> Result<Captured, String> {
        let mut last_words: Option<Instant> = None;
        loop {
            let began = now();
            let quiet = self.drain()?;
            self.write_settled(began.saturating_sub(SETTLED))?;
            if stop.load(Ordering::Acquire) {
                let since = *last_words.get_or_insert_with(Instant::now);
                let silent = quiet && since.elapsed() >= Duration::from_millis(PATIENCE.into());
                if silent || self.cut || since.elapsed() > LAST_WORDS {
                    break;
                }
            }
            if quiet {
                self.wait_for_frames()?;
            }
        }
        self.write_settled(Duration::MAX)?;
        self.finish()
    }

    /// Takes what has come to every port, within a bound. True when nothing is left.
    fn drain(&mut self) -> Result<bool, String> {
        /// Of one port in a row, lest the other one's buffer run over.
        const TURN: usize = 256;
        let mut quiet = true;
        for port in 0..self.sockets.len() {
            let mut turn = 0;
            while turn < TURN {
                let Some(frame) = self.receive(port)? else {
                    break;
                };
                turn += 1;
                // Once it is cut nothing more is kept; the kernel counts the rest.
                if !self.cut {
                    self.waiting.push(frame);
                }
            }
            quiet &= turn < TURN;
        }
        Ok(quiet)
    }

    fn receive(&mut self, port: usize) -> Result<Option<Frame>, String> {
        let socket = &self.sockets[port];
        let mut space = nix::cmsg_space!(TimeSpec);
        let mut parts = [IoSliceMut::new(&mut self.buffer)];
        let received = recvmsg::<LinkAddr>(
            socket.as_raw_fd(),
            &mut parts,
            Some(&mut space),
            MsgFlags::MSG_DONTWAIT,
        );
        let (length, delivered, time) = match received {
            Ok(received) => {
                let delivered = received
                    .address
                    .is_some_and(|address| address.pkttype() == OUTGOING);
                let mut control = received.cmsgs().map_err(|error| error.to_string())?;
                let time = control.find_map(|message| {
                    if let ControlMessageOwned::ScmTimestampns(time) = message {
                        Some(Duration::from(time))
                    } else {
                        None
                    }
                });
                (received.bytes, delivered, time.unwrap_or_else(now))
            }
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", self.ports[port].interface)),
        };
        Ok(Some(Frame {
            time,
            port,
            delivered,
            bytes: self.buffer[..length].to_vec(),
        }))
    }

    /// Writes in order of time what is older than `until`: nothing older can come any more.
    fn write_settled(&mut self, until: Duration) -> Result<(), String> {
        let held: usize = self.waiting.iter().map(|frame| frame.bytes.len()).sum();
        let until = if held > WAITING_LIMIT {
            Duration::MAX
        } else {
            until
        };
        // What is delivered was sent before, and the clock may not tell.
        self.waiting
            .sort_by_key(|frame| (frame.time, frame.delivered));
        let settled = self.waiting.partition_point(|frame| frame.time <= until);
        let mut file = locked(&self.file);
        for frame in self.waiting.drain(..settled) {
            if self.cut || file.length() + frame.bytes.len() as u64 + 48 > self.limit {
                self.cut = true;
            } else {
                file.write(&frame)?;
            }
        }
        Ok(())
    }

    fn wait_for_frames(&self) -> Result<(), String> {
        let mut watched: Vec<PollFd<'_>> = self
            .sockets
            .iter()
            .map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN))
            .collect();
        match poll(&mut watched, PollTimeout::from(PATIENCE)) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn finish(self) -> Result<Captured, String> {
        let mut lost = 0;
        for socket in &self.sockets {
            lost += u64::from(sys::packets_lost(socket).map_err(|error| error.to_string())?);
        }
        let ports: Vec<PortCount> = counts(&self.ports)?
            .into_iter()
            .zip(&self.before)
            .map(|(after, before)| after.since(before))
            .collect();
        let mut file = locked(&self.file);
        let (packets, cut) = (file.packets(), self.cut || lost > 0);
        let note = cut.then_some(Note { packets, lost });
        Ok(Captured {
            pcapng: file.finish(&ports, note)?,
            packets,
            cut,
            ports,
        })
    }
}

fn open_port(device: &str) -> Result<OwnedFd, String> {
    let index = nix::net::if_::if_nametoindex(device).map_err(|error| error.to_string())?;
    let socket = sys::open_packet_socket(index).map_err(|error| error.to_string())?;
    setsockopt(&socket, ReceiveTimestampns, &true).map_err(|error| error.to_string())?;
    setsockopt(&socket, RcvBufForce, &KERNEL_BUFFER).map_err(|error| error.to_string())?;
    Ok(socket)
}

/// What the kernel has counted at each port, in the calling thread's namespace.
fn counts(ports: &[Port]) -> Result<Vec<PortCount>, String> {
    let table = "/proc/thread-self/net/dev";
    let text = std::fs::read_to_string(table).map_err(|error| format!("{table}: {error}"))?;
    ports
        .iter()
        .map(|port| count(&text, port).ok_or_else(|| format!("{table} lacks {}", port.interface)))
        .collect()
}

/// One line of the table: a name, eight numbers of what was received, and as many of what was sent.
/// A port receives what its node sends.
fn count(table: &str, port: &Port) -> Option<PortCount> {
    let numbers = table.lines().find_map(|line| {
        let (name, numbers) = line.split_once(':')?;
        (name.trim() == port.device).then_some(numbers)
    })?;
    let numbers: Vec<u64> = numbers
        .split_whitespace()
        .map_while(|number| number.parse().ok())
        .collect();
    let at = |index: usize| {
        Some(Count {
            bytes: *numbers.get(index)?,
            packets: *numbers.get(index + 1)?,
        })
    };
    Some(PortCount {
        node: port.node.clone(),
        interface: port.interface.clone(),
        sent: at(0)?,
        delivered: at(8)?,
    })
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_port_received_its_node_has_sent() {
        let table = "Inter-|   Receive   |  Transmit\n face |bytes packets errs\n\
                     veth7: 100 2 0 0 0 0 0 0 300 4 0 0 0 0 0 0\n";
        let port = Port {
            device: "veth7".into(),
            interface: "moon-wan".into(),
            node: "moon".into(),
            link: "wan".into(),
        };
        let counted = count(table, &port).unwrap();
        assert_eq!((counted.sent.bytes, counted.sent.packets), (100, 2));
        assert_eq!(
            (counted.delivered.bytes, counted.delivered.packets),
            (300, 4)
        );
        assert!(count("veth7: 1 2\n", &port).is_none());
        assert!(count("", &port).is_none());
    }
}
