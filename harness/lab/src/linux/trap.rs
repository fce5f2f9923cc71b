//! A router that dies when a datagram of some kind reaches it.

use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pnet::datalink::{DataLinkReceiver, MacAddr};
use pnet::packet::ethernet::EthernetPacket;

use super::datagrams::{interface, open, such};
use super::namespace::enter;
use super::programs::{self, Found};
use crate::operation::{Datagram, ProgramSignal};

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
    let (_, frames) = open(&place.port)?;
    Ok((frames, victim, programs::find(init)?))
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
            Ok(frame) if is_for(frame, victim) && such(frame, datagram).is_some() => {
                return Ok(true);
            }
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
