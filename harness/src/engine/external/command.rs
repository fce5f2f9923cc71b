//! Programs of this machine that control a router: bounded in time and output.

use std::fmt::Write as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lab::{Fault, LabError, Output};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use reports::escape::visible;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// Of what one command prints.
const OUTPUT: usize = 256 * 1024;
/// How long is waited for what a program has printed once it has ended.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Of all that is kept.
const KEPT: usize = 4 * 1024 * 1024;
/// Characters of what a command printed in the middle of a sentence.
const SHOWN: usize = 300;

/// Runs a program to its end or to the time limit.
///
/// # Errors
/// When it cannot be started.
pub(super) async fn run(argv: &[String], limit: Duration) -> Result<Output, LabError> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        let program = argv.first().map_or("", String::as_str);
        LabError::new(Fault::Runtime, format!("{what} `{program}`: {error}"))
    };
    let mut command = Command::new(argv.first().map_or("", String::as_str));
    command
        .args(argv.iter().skip(1))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let child = command.spawn().map_err(|error| {
        failed("start", &error)
            .remedy("name a program of this machine in [external.commands] of the profile")
    })?;
    let mut child = Group(child);
    let texts: [Arc<Mutex<Text>>; 2] = Default::default();
    let out = tokio::spawn(gather(child.0.stdout.take(), texts[0].clone()));
    let err = tokio::spawn(gather(child.0.stderr.take(), texts[1].clone()));
    let ended = tokio::time::timeout(limit, child.0.wait()).await;
    let code = match &ended {
        Ok(Ok(status)) => status.code(),
        Ok(Err(error)) => return Err(failed("wait for", error)),
        Err(_) => None,
    };
    drop(child);
    // Something that it has left running may hold its output open.
    let read = async { tokio::join!(out, err) };
    let _ = tokio::time::timeout(LAST_WORDS, read).await;
    let [out, err] = texts.map(|text| locked(&text).clone());
    Ok(Output {
        code,
        timed_out: ended.is_err(),
        cut: out.cut || err.cut,
        text: [out.bytes, err.bytes].concat(),
    })
}

/// A program with all that it has started: they end together.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // Absent once it was waited for: then its number may be somebody else's.
        if let Some(id) = self.0.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}

#[derive(Clone, Default)]
struct Text {
    bytes: Vec<u8>,
    cut: bool,
}

/// Reads to the end, and keeps the beginning.
async fn gather(from: Option<impl AsyncRead + Unpin>, text: Arc<Mutex<Text>>) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 8192];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let mut text = locked(&text);
        let room = OUTPUT / 2 - text.bytes.len();
        text.cut |= length > room;
        text.bytes.extend(&buffer[..length.min(room)]);
    }
}

fn locked(text: &Mutex<Text>) -> MutexGuard<'_, Text> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a command with what became of it to what is kept, unless that is full.
pub(super) fn note(said: &mut String, argv: &[String], output: &Output) {
    if said.len() > KEPT {
        return;
    }
    let text = String::from_utf8_lossy(&output.text);
    let _ = writeln!(said, "$ {}", argv.join(" "));
    said.push_str(&text);
    if !text.is_empty() && !text.ends_with('\n') {
        said.push('\n');
    }
    let _ = match (output.timed_out, output.code) {
        (true, _) => writeln!(said, "# ended by the time limit"),
        (false, Some(0)) => Ok(()),
        (false, Some(code)) => writeln!(said, "# exit code {code}"),
        (false, None) => writeln!(said, "# ended by a signal"),
    };
}

/// How a command ended, with the last of what it printed, as a predicate.
pub(super) fn ending(output: &Output) -> String {
    let how = match (output.timed_out, output.code) {
        (true, _) => "did not end in time".to_owned(),
        (false, Some(code)) => format!("ended with {code}"),
        (false, None) => "was ended by a signal".to_owned(),
    };
    let text = String::from_utf8_lossy(&output.text);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(
        || how.clone(),
        |last| format!("{how}: {}", visible(last.trim(), SHOWN)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shell(script: &str, limit: Duration) -> Output {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned);
        run(&argv, limit).await.unwrap()
    }

    #[tokio::test]
    async fn a_command_is_bounded_in_time_with_all_that_it_has_started() {
        let output = shell("sleep 60 & echo $!; wait", Duration::from_millis(300)).await;
        assert!(output.timed_out && output.code.is_none());
        let pid = String::from_utf8(output.text).unwrap();
        let state = format!("/proc/{}/stat", pid.trim());
        let begun = std::time::Instant::now();
        // Killed; whoever inherits it collects it.
        while std::fs::read_to_string(&state).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(begun.elapsed() < Duration::from_secs(5), "it lives on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn a_command_that_leaves_something_running_has_ended() {
        let begun = std::time::Instant::now();
        let output = shell("sleep 5 & echo there", Duration::from_secs(60)).await;
        assert_eq!(
            (output.code, output.text.as_slice()),
            (Some(0), &b"there\n"[..])
        );
        assert!(begun.elapsed() < Duration::from_secs(4));
    }

    #[tokio::test]
    async fn what_a_command_prints_is_bounded() {
        let output = shell("yes | head -c 10000000", Duration::from_secs(60)).await;
        assert!(output.cut && output.text.len() <= OUTPUT);
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let argv = ["/nowhere/ssh".to_owned()];
        let fault = run(&argv, Duration::from_secs(1)).await.unwrap_err();
        assert!(fault.what.contains("/nowhere/ssh") && fault.remedy.is_some());
    }

    #[test]
    fn the_end_of_a_command_is_told_with_its_last_line() {
        let output = Output {
            code: Some(255),
            timed_out: false,
            text: b"Welcome\nPermission denied\x1b[31m.\n\n".to_vec(),
            cut: false,
        };
        let told = ending(&output);
        assert!(told.starts_with("ended with 255: Permission denied"));
        assert!(!told.contains('\x1b'));
    }
}
