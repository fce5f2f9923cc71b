//! What a program prints: all of it is taken, and the beginning and the end are kept.

use std::collections::VecDeque;
use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Octets of the beginning, where causes often stand.
const HEAD: usize = 1024 * 1024;
/// Octets of the end.
const TAIL: usize = 3 * 1024 * 1024;
/// How much of the end is looked through for a sign.
const WINDOW: usize = 1024 * 1024;
/// How much is taken at once: what a pipe holds.
const TURN: usize = 64 * 1024;
/// How long a reader of the log waits for what is still in the pipe.
const DRAINED: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(1);

/// A log that is being written. In memory: at most [`HEAD`] and [`TAIL`], whatever the program does.
pub(super) struct Log {
    kept: Mutex<Kept>,
    /// Only to ask whether something waits there; none in tests.
    pipe: Option<PipeReader>,
}

#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// Octets between them that are gone.
    left_out: u64,
}

impl Log {
    /// Reads a pipe to its end, on a thread of its own.
    pub(super) fn drain(mut pipe: PipeReader) -> std::io::Result<Arc<Self>> {
        let log = Arc::new(Self {
            kept: Mutex::default(),
            pipe: Some(pipe.try_clone()?),
        });
        let written = log.clone();
        std::thread::Builder::new()
            .name("log".into())
            .spawn(move || {
                let mut buffer = vec![0; TURN];
                loop {
                    if !wait_for_more(&pipe) {
                        return;
                    }
                    // Read under the lock: whoever finds the pipe empty then has it all.
                    let mut kept = written.lock();
                    match pipe.read(&mut buffer) {
                        Ok(0) => return,
                        Ok(length) => kept.add(&buffer[..length]),
                        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                        Err(error) => {
                            kept.add(format!("\n[the log broke off: {error}]\n").as_bytes());
                            return;
                        }
                    }
                }
            })?;
        Ok(log)
    }

    pub(super) fn add(&self, bytes: &[u8]) {
        self.lock().add(bytes);
    }

    /// At most `limit` octets, a quarter of them of the beginning, and between both a line that says
    /// how much is missing.
    pub(super) fn text(&self, limit: usize) -> Vec<u8> {
        self.drained().text(limit)
    }

    /// Whether the beginning, or the end, is as wanted.
    pub(super) fn holds(&self, wanted: impl Fn(&[u8]) -> bool) -> bool {
        let mut kept = self.lock();
        if wanted(&kept.head) {
            return true;
        }
        let end = kept.tail.make_contiguous();
        !end.is_empty() && wanted(&end[end.len().saturating_sub(WINDOW)..])
    }

    /// With what the program has printed until now.
    fn drained(&self) -> MutexGuard<'_, Kept> {
        let start = Instant::now();
        loop {
            let kept = self.lock();
            let waits = self.pipe.as_ref().is_some_and(has_more);
            // A program that prints without end is not waited for.
            if !waits || start.elapsed() > DRAINED {
                return kept;
            }
            drop(kept);
            std::thread::sleep(POLL);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let room = HEAD - self.head.len().min(HEAD);
        let (head, tail) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let over = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..over);
        self.left_out += over as u64;
    }

    fn text(&self, limit: usize) -> Vec<u8> {
        let length = self.head.len() + self.tail.len();
        if self.left_out == 0 && length <= limit {
            return self.head.iter().chain(&self.tail).copied().collect();
        }
        let head = self.head.len().min(limit / 4);
        let tail = (limit - limit / 4).min(length - head);
        let left_out = self.left_out + (length - head - tail) as u64;
        let mut text = self.head[..head].to_vec();
        text.extend(format!("\n[{left_out} octets of the log are left out here]\n").as_bytes());
        let whole = self.head.iter().chain(&self.tail);
        text.extend(whole.skip(length - tail));
        text
    }
}

/// Waits until there is something to read, or the end. False when that cannot be known.
fn wait_for_more(pipe: &PipeReader) -> bool {
    loop {
        let mut watched = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) => return true,
            Err(Errno::EINTR) => {}
            Err(_) => return false,
        }
    }
}

fn has_more(pipe: &PipeReader) -> bool {
    let mut watched = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
    let polled = poll(&mut watched, PollTimeout::ZERO);
    let seen = watched[0].revents().unwrap_or(PollFlags::empty());
    polled.is_ok() && seen.contains(PollFlags::POLLIN)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_long_log_keeps_its_beginning_and_its_end_and_says_what_is_missing() {
        let mut kept = Kept::default();
        kept.add(b"first line\n");
        let line = [b'x'; 1000];
        for _ in 0..10_000 {
            kept.add(&line);
        }
        kept.add(b"\nlast line\n");
        assert!(kept.head.len() + kept.tail.len() <= HEAD + TAIL);
        let limit = HEAD + TAIL;
        let text = String::from_utf8(kept.text(limit)).unwrap();
        assert!(text.starts_with("first line\n") && text.ends_with("\nlast line\n"));
        let missing = 10_000_000 + 11 + 11 - limit;
        assert!(text.contains(&format!(
            "\n[{missing} octets of the log are left out here]\n"
        )));
        let short = kept.text(400);
        assert!(short.starts_with(b"first line\n") && short.ends_with(b"\nlast line\n"));
        assert!(short.len() < 500);
    }

    #[test]
    fn a_short_log_is_whole() {
        let mut kept = Kept::default();
        kept.add(b"one\n");
        kept.add(b"two\n");
        assert_eq!(kept.text(100), b"one\ntwo\n");
        assert_eq!(kept.text(8), b"one\ntwo\n");
    }

    #[test]
    fn what_was_printed_before_is_in_the_log_at_once() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let log = Log::drain(reader).unwrap();
        for number in 0..200 {
            writeln!(writer, "line {number}").unwrap();
            let text = String::from_utf8(log.text(usize::MAX)).unwrap();
            assert!(text.ends_with(&format!("line {number}\n")));
        }
        assert!(log.holds(|text| text.ends_with(b"line 199\n")));
        assert!(!log.holds(|text| text.ends_with(b"line 200\n")));
    }
}
