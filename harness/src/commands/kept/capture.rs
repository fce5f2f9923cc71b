//! `ikematrix capture`: the packets of a link as they come, for Wireshark.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::{Capture, wait};
use crate::commands::run::stop_on_signal;
use crate::failure::{AS_EXPECTED, Failure};
use crate::session::Session;

/// The lab's name for this capture. Another one of a cell has the name of its link.
const NAME: &str = "live";
/// What may wait in the lab to be fetched, in octets. Who sends more than this between two looks
/// ends the capture.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Writes packets until it is interrupted, or until nobody reads them any more.
pub(in crate::commands) async fn capture(arguments: &Capture) -> Result<u8, Failure> {
    let stop = stop_on_signal()?;
    let mut output = Output::open(arguments)?;
    let session = Session::open().await?;
    let link = arguments.link.as_str();
    let comment = format!("ikematrix capture {link}");
    // One that was killed may still be there: its packets are nobody's.
    let _ = session.testbed.stop_capture(NAME).await;
    session
        .testbed
        .start_capture(NAME, &[link], LIMIT, comment)
        .await
        .inspect_err(|_| output.discard())?;
    let mut session = Some(session);
    loop {
        let open = match session.take() {
            Some(open) => open,
            None => Session::open().await?,
        };
        let packets = open.testbed.take_capture(NAME).await?;
        if !output.write(&packets)? {
            open.testbed.stop_capture(NAME).await?;
            return Ok(AS_EXPECTED);
        }
        drop(open);
        if !wait(&stop).await {
            let open = Session::open().await?;
            let last = open.testbed.stop_capture(NAME).await?;
            output.write(&last.pcapng)?;
            if last.cut {
                return Err(Failure::lab(
                    "the link carried more packets than could be fetched; the capture lacks some",
                ));
            }
            return Ok(AS_EXPECTED);
        }
    }
}

/// Where the packets go.
struct Output {
    writer: Box<dyn Write + Send>,
    /// Absent for standard output.
    file: Option<PathBuf>,
}

impl Output {
    fn open(arguments: &Capture) -> Result<Self, Failure> {
        let named = arguments.out.clone();
        let path = named.unwrap_or_else(|| format!("{}.pcapng", arguments.link).into());
        if path.as_os_str() == "-" {
            if io::stdout().is_terminal() {
                return Err(Failure::input(
                    "packets would garble this terminal; pass them on: ikematrix capture wan --out - \
                     | wireshark -k -i -",
                ));
            }
            return Ok(Self {
                writer: Box::new(io::stdout()),
                file: None,
            });
        }
        let opened = OpenOptions::new().write(true).create_new(true).open(&path);
        let file = opened.map_err(|error| {
            Failure::input(format!(
                "{}: {error}; name another file with --out",
                path.display()
            ))
        })?;
        Ok(Self {
            writer: Box::new(file),
            file: Some(path),
        })
    }

    /// False when nobody reads any more.
    fn write(&mut self, packets: &[u8]) -> Result<bool, Failure> {
        let written = self.writer.write_all(packets);
        match written.and_then(|()| self.writer.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::input(format!(
                "the packets cannot be written: {error}"
            ))),
        }
    }

    /// Nothing was captured: no empty file shall say so.
    fn discard(&self) {
        if let Some(path) = &self.file {
            let _ = std::fs::remove_file(path);
        }
    }
}
