//! All the programs of a container, and its UDP sockets: what a status command of a router that is
//! stuck cannot tell.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::operation::{Program, ProgramSignal, UdpSocket};
use crate::sys;

/// More programs than any router runs, a runaway one excepted.
const PROGRAM_LIMIT: usize = 1024;
/// A table of sockets is read up to here, in lines.
const SOCKET_LIMIT: usize = 4096;
/// How long the kernel may take to stop or to end a program.
const EFFECT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(1);
const NANOS_PER_MILLI: u64 = 1_000_000;

/// A program of a container, by a descriptor that cannot come to mean another one.
pub(super) struct Found {
    pid: i32,
    pidfd: OwnedFd,
    program: Program,
}

/// The programs in the process namespace whose first process has this id, that one excepted.
pub(super) fn find(init: i32) -> std::io::Result<Vec<Found>> {
    let home = namespace(init)?;
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        if pid == init || found.len() == PROGRAM_LIMIT {
            continue;
        }
        // Whatever fails here has just ended.
        let Ok(pidfd) = sys::open_pidfd(pid) else {
            continue;
        };
        if namespace(pid).is_ok_and(|other| other == home)
            && let Some(program) = program(pid)
        {
            found.push(Found {
                pid,
                pidfd,
                program,
            });
        }
    }
    Ok(found)
}

pub(super) fn programs(init: i32) -> std::io::Result<Vec<Program>> {
    Ok(find(init)?.into_iter().map(|found| found.program).collect())
}

/// Sends a signal to all of them, and waits until it has taken effect on them and on those that they
/// started meanwhile.
pub(super) fn signal_all(init: i32, signal: ProgramSignal) -> std::io::Result<()> {
    let deadline = Instant::now() + EFFECT;
    loop {
        let found = find(init)?;
        let left: Vec<&Found> = found
            .iter()
            .filter(|found| match signal {
                ProgramSignal::Stop => !found.program.stopped,
                ProgramSignal::Continue => found.program.stopped,
                ProgramSignal::Kill => true,
            })
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(std::io::Error::other(format!(
                "{} does not follow the signal",
                left[0].program.name
            )));
        }
        send(left.into_iter(), signal)?;
        std::thread::sleep(POLL);
    }
}

/// Sends a signal to those who are still there.
pub(super) fn send<'a>(
    programs: impl Iterator<Item = &'a Found>,
    signal: ProgramSignal,
) -> std::io::Result<()> {
    let signal = match signal {
        ProgramSignal::Stop => Signal::SIGSTOP,
        ProgramSignal::Continue => Signal::SIGCONT,
        ProgramSignal::Kill => Signal::SIGKILL,
    };
    for found in programs {
        match sys::signal(&found.pidfd, signal) {
            Ok(()) => {}
            Err(error) if error.raw_os_error() == Some(Errno::ESRCH as i32) => {}
            Err(error) => {
                let what = format!("{} ({}): {error}", found.program.name, found.pid);
                return Err(std::io::Error::new(error.kind(), what));
            }
        }
    }
    Ok(())
}

/// The UDP sockets of the calling thread's namespace.
pub(super) fn udp_sockets() -> std::io::Result<Vec<UdpSocket>> {
    let mut sockets = Vec::new();
    for table in ["udp", "udp6"] {
        match fs::read_to_string(format!("/proc/thread-self/net/{table}")) {
            Ok(text) => {
                let rows = text.lines().skip(1).take(SOCKET_LIMIT);
                sockets.extend(rows.filter_map(udp_socket));
            }
            // A kernel without IPv6 has no such table.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sockets)
}

/// One row: a number, the local address and port, the remote ones, the state, the two queues, … and
/// last the count of drops; all but that one in hexadecimal.
fn udp_socket(row: &str) -> Option<UdpSocket> {
    let fields: Vec<&str> = row.split_whitespace().collect();
    let (_, port) = fields.get(1)?.rsplit_once(':')?;
    let (_, waiting) = fields.get(4)?.split_once(':')?;
    Some(UdpSocket {
        port: u16::from_str_radix(port, 16).ok()?,
        waiting: u64::from_str_radix(waiting, 16).ok()?,
        dropped: fields.get(12)?.parse().ok()?,
    })
}

fn namespace(pid: i32) -> std::io::Result<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/pid"))
}

/// None of a program that has ended, even when nobody has asked for its end yet.
fn program(pid: i32) -> Option<Program> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let (name, stopped) = parse_stat(&String::from_utf8_lossy(&stat))?;
    let (computed_ms, waited_ms) = busiest_thread(pid);
    Some(Program {
        name,
        stopped,
        computed_ms,
        waited_ms,
    })
}

/// The name stands in parentheses, and may hold some itself; the state is the letter after it.
fn parse_stat(stat: &str) -> Option<(String, bool)> {
    let (_, rest) = stat.split_once('(')?;
    let (name, rest) = rest.rsplit_once(')')?;
    let state = rest.trim_start().chars().next()?;
    (!matches!(state, 'Z' | 'X')).then(|| (name.to_owned(), state == 'T'))
}

/// For how long the thread of a program that computed most has computed, and waited for a processor,
/// in milliseconds. Threads that wait at the same time would count several times, if all were added up.
fn busiest_thread(pid: i32) -> (u64, u64) {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let (computed, waited) = threads
        .into_iter()
        .flatten()
        .flatten()
        .take(PROGRAM_LIMIT)
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|text| parse_schedstat(&text))
        .max_by_key(|(computed, _)| *computed)
        .unwrap_or_default();
    (computed / NANOS_PER_MILLI, waited / NANOS_PER_MILLI)
}

/// The time on a processor and the time in its queue, in nanoseconds; a count follows (the kernel's
/// documentation of scheduler statistics).
fn parse_schedstat(text: &str) -> Option<(u64, u64)> {
    let mut times = text.split_whitespace().map(str::parse::<u64>);
    Some((times.next()?.ok()?, times.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_stands_behind_whatever_name() {
        assert_eq!(
            parse_stat("7 (iked: ikev2) T 1 7"),
            Some(("iked: ikev2".into(), true))
        );
        assert_eq!(parse_stat("7 (a) S b) S 1"), Some(("a) S b".into(), false)));
        assert_eq!(parse_stat("7 (gone) Z 1"), None);
        assert_eq!(parse_stat(""), None);
    }

    #[test]
    fn the_times_of_a_thread_are_the_first_two_numbers() {
        assert_eq!(
            parse_schedstat("1270000000 42 9\n"),
            Some((1_270_000_000, 42))
        );
        assert_eq!(parse_schedstat("1270000000"), None);
        assert_eq!(parse_schedstat("a b c"), None);
    }

    #[test]
    fn a_program_that_computes_is_seen_to() {
        let before = program(std::process::id().cast_signed()).unwrap();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(100) {
            std::hint::black_box(begun);
        }
        let after = program(std::process::id().cast_signed()).unwrap();
        assert!(after.computed_ms > before.computed_ms);
    }

    #[test]
    fn a_row_of_the_kernels_table_is_a_socket() {
        let row = "  12: 00000000:01F4 00000000:0000 07 00000000:00000340 00:00000000 00000000     \
                   0        0 9 2 000000006a1a9e5c 5";
        assert_eq!(
            udp_socket(row),
            Some(UdpSocket {
                port: 500,
                waiting: 0x340,
                dropped: 5
            })
        );
        assert_eq!(udp_socket("  sl  local_address"), None);
    }
}
