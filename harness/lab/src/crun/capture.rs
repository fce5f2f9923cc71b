//! Packets on a link, kept as pcapng. One thread per capture, inside the link's namespace.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pnet::datalink::{self, Channel, Config, DataLinkReceiver};

use super::namespace::enter;
use crate::error::{Fault, LabError};
use crate::operation::Captured;

/// The largest frame: segmentation offload hands over up to 64 KiB at once.
const FRAME_LIMIT: usize = 65_536 + 64;
/// How long the thread may sit in the kernel before it looks whether it has to stop. Also how long
/// the link must be silent for the capture to count as drained.
const PATIENCE: Duration = Duration::from_millis(20);

pub(super) struct Capture {
    link: String,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Captured, String>>,
}

impl Capture {
    /// Returns once the socket is open: what is sent from then on is seen.
    pub(super) async fn start(
        link: &str,
        namespace: Arc<File>,
        limit: u64,
    ) -> Result<Self, LabError> {
        let stop = Arc::new(AtomicBool::new(false));
        let (opened, is_open) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(format!("capture {link}"))
            .spawn({
                let (link, stop) = (link.to_owned(), stop.clone());
                move || {
                    let receiver = match open(&link, &namespace) {
                        Ok(receiver) => receiver,
                        Err(error) => {
                            let _ = opened.send(Err(error.clone()));
                            return Err(error);
                        }
                    };
                    let _ = opened.send(Ok(()));
                    listen(&link, receiver, &stop, limit)
                }
            });
        let thread = thread.map_err(|error| died(link, &error.to_string()))?;
        match is_open.await {
            Ok(Ok(())) => Ok(Self {
                link: link.to_owned(),
                stop,
                thread,
            }),
            Ok(Err(error)) => Err(died(link, &error)),
            Err(_) => Err(died(link, "its thread ended before it began")),
        }
    }

    pub(super) async fn stop(self) -> Result<Captured, LabError> {
        self.stop.store(true, Ordering::Release);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        match joined {
            Ok(Ok(Ok(captured))) => Ok(captured),
            Ok(Ok(Err(error))) => Err(died(&self.link, &error)),
            Ok(Err(_)) | Err(_) => Err(died(&self.link, "its thread panicked")),
        }
    }
}

fn died(link: &str, why: &str) -> LabError {
    LabError::new(Fault::Capture, format!("the capture on {link} died: {why}"))
}

fn open(link: &str, namespace: &File) -> Result<Box<dyn DataLinkReceiver>, String> {
    enter(namespace).map_err(|error| error.to_string())?;
    let interface = datalink::interfaces()
        .into_iter()
        .find(|interface| interface.name == link)
        .ok_or("there is no such interface")?;
    let config = Config {
        read_timeout: Some(PATIENCE),
        read_buffer_size: FRAME_LIMIT,
        // A bridge passes up what it forwards between its ports only when it is promiscuous.
        promiscuous: true,
        ..Config::default()
    };
    match datalink::channel(&interface, config) {
        Ok(Channel::Ethernet(_, receiver)) => Ok(receiver),
        Ok(_) => Err("the interface is not an Ethernet interface".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn listen(
    link: &str,
    mut receiver: Box<dyn DataLinkReceiver>,
    stop: &AtomicBool,
    limit: u64,
) -> Result<Captured, String> {
    let mut file = start_file(link).map_err(|error| error.to_string())?;
    let mut captured = Captured {
        pcapng: Vec::new(),
        packets: 0,
        cut: false,
    };
    loop {
        match receiver.next() {
            Ok(frame) => {
                let room = limit.saturating_sub(file.get_ref().len() as u64);
                if frame.len() as u64 + 32 > room {
                    captured.cut = true;
                } else {
                    write_packet(&mut file, frame).map_err(|error| error.to_string())?;
                    captured.packets += 1;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                if stop.load(Ordering::Acquire) {
                    captured.pcapng = file.into_inner();
                    return Ok(captured);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn start_file(link: &str) -> pcap_file::PcapResult<PcapNgWriter<Vec<u8>>> {
    let mut file = PcapNgWriter::new(Vec::new())?;
    file.write_pcapng_block(InterfaceDescriptionBlock {
        linktype: DataLink::ETHERNET,
        snaplen: 0,
        options: vec![
            InterfaceDescriptionOption::IfName(link.into()),
            // Timestamps count nanoseconds: 10 to the power of -9.
            InterfaceDescriptionOption::IfTsResol(9),
        ],
    })?;
    Ok(file)
}

fn write_packet(file: &mut PcapNgWriter<Vec<u8>>, frame: &[u8]) -> pcap_file::PcapResult<()> {
    let timestamp = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    file.write_pcapng_block(EnhancedPacketBlock {
        interface_id: 0,
        timestamp,
        original_len: u32::try_from(frame.len()).unwrap_or(u32::MAX),
        data: frame.into(),
        options: Vec::new(),
    })?;
    Ok(())
}
