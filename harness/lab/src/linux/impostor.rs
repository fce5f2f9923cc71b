//! Answers to datagrams that are meant for a router, sent in its name by the lab.

use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use etherparse::{NetSlice, PacketBuilder, SlicedPacket};
use pnet::datalink::{DataLinkReceiver, DataLinkSender};

use super::datagrams::{self, Such};
use super::namespace::enter;
use crate::operation::{CannedAnswer, Datagram};

/// Of the IP packets that go out; any router's own is like it.
const TIME_TO_LIVE: u8 = 64;

/// Stops answering when it is dropped.
pub(super) struct Impostor {
    stop: Arc<AtomicBool>,
}

impl Impostor {
    /// Answers what comes to an interface of this namespace. Returns once the socket is open.
    pub(super) fn start(
        namespace: Arc<File>,
        interface: String,
        datagram: Datagram,
        answers: Vec<CannedAnswer>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (opened, is_open) = std::sync::mpsc::channel();
        let stopped = stop.clone();
        std::thread::Builder::new()
            .name("impostor".into())
            .spawn(move || {
                let channel = enter(&namespace).and_then(|()| datagrams::open(&interface));
                let (mut out, mut frames) = match channel {
                    Ok(channel) => channel,
                    Err(error) => {
                        let _ = opened.send(Err(error));
                        return;
                    }
                };
                let _ = opened.send(Ok(()));
                let answered = answer(&mut *out, &mut *frames, &stopped, datagram, &answers);
                if let Err(error) = answered {
                    tracing::error!(%error, "an impostor failed");
                }
            })?;
        match is_open.recv() {
            Ok(result) => result.map(|()| Self { stop }),
            Err(_) => Err(std::io::Error::other("its thread ended before it began")),
        }
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

fn answer(
    out: &mut dyn DataLinkSender,
    frames: &mut dyn DataLinkReceiver,
    stop: &AtomicBool,
    datagram: Datagram,
    answers: &[CannedAnswer],
) -> std::io::Result<()> {
    let mut turn = Turn::default();
    while !stop.load(Ordering::Acquire) {
        let frame = match frames.next() {
            Ok(frame) => frame,
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(such) = datagrams::such(frame, datagram) else {
            continue;
        };
        let answer = turn
            .next(such.content, answers)
            .and_then(|canned| reply(frame, &such, canned));
        if let Some(answer) = answer {
            out.send_to(&answer, None).unwrap_or(Ok(()))?;
        }
    }
    Ok(())
}

/// Whose turn it is: a datagram that comes again gets the same answer again.
#[derive(Default)]
struct Turn {
    asked: Vec<u8>,
    number: Option<usize>,
}

impl Turn {
    fn next<'a>(
        &mut self,
        content: &[u8],
        answers: &'a [CannedAnswer],
    ) -> Option<&'a CannedAnswer> {
        let number = match self.number {
            Some(number) if self.asked == content => number,
            Some(number) => number.wrapping_add(1),
            None => 0,
        };
        self.number = Some(number);
        content.clone_into(&mut self.asked);
        answers.get(number.checked_rem(answers.len())?)
    }
}

/// The frame that answers one; none when it is too short for what the answer copies of it.
fn reply(frame: &[u8], such: &Such<'_>, canned: &CannedAnswer) -> Option<Vec<u8>> {
    let mut payload = such.marker.to_vec();
    payload.extend(such.content.get(..usize::from(canned.copied))?);
    payload.extend(&canned.rest);
    let packet = SlicedPacket::from_ethernet(frame).ok()?;
    let link = packet.link.as_ref()?.to_header()?.ethernet2()?;
    let builder = PacketBuilder::ethernet2(link.destination, link.source);
    let builder = match packet.net.as_ref()? {
        NetSlice::Ipv4(ip) => {
            let header = ip.header();
            builder.ipv4(header.destination(), header.source(), TIME_TO_LIVE)
        }
        NetSlice::Ipv6(ip) => {
            let header = ip.header();
            builder.ipv6(header.destination(), header.source(), TIME_TO_LIVE)
        }
        NetSlice::Arp(_) => return None,
    };
    let mut answer = Vec::new();
    builder
        .udp(such.to, such.from)
        .write(&mut answer, &payload)
        .ok()?;
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canned(copied: u8, rest: &[u8]) -> CannedAnswer {
        CannedAnswer {
            copied,
            rest: rest.to_vec(),
        }
    }

    #[test]
    fn a_datagram_that_comes_again_gets_the_same_answer_and_a_new_one_the_next() {
        let answers = [canned(0, b"one"), canned(0, b"two")];
        let mut turn = Turn::default();
        let mut said = |content: &[u8]| turn.next(content, &answers).unwrap().rest.clone();
        let order = [b"a", b"a", b"b", b"b", b"c"].map(|content| said(content));
        assert_eq!(order, [b"one", b"one", b"two", b"two", b"one"]);
        assert_eq!(Turn::default().next(b"a", &[]), None);
    }

    #[test]
    fn an_answer_goes_back_to_where_the_datagram_came_from() {
        let mut frame = Vec::new();
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4([198, 51, 100, 1], [198, 51, 100, 2], 64)
            .udp(1500, 4500)
            .write(&mut frame, b"\0\0\0\0\x07rest")
            .unwrap();
        let seven = Datagram {
            offset: 0,
            value: 7,
        };
        let such = datagrams::such(&frame, seven).unwrap();
        let answer = reply(&frame, &such, &canned(3, b"!")).unwrap();
        let read = SlicedPacket::from_ethernet(&answer).unwrap();
        let mut expected = Vec::new();
        PacketBuilder::ethernet2([4; 6], [2; 6])
            .ipv4([198, 51, 100, 2], [198, 51, 100, 1], 64)
            .udp(4500, 1500)
            .write(&mut expected, b"\0\0\0\0\x07re!")
            .unwrap();
        assert_eq!(answer, expected, "{read:?}");
        assert_eq!(reply(&frame, &such, &canned(9, b"")), None);
    }
}
