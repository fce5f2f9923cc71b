//! What of a cell's evidence goes into the site as files.
//!
//! Configurations go in for every cell, once for each content; all else for cells that did not pass,
//! compressed. A pass is told by its page: with the logs of twenty thousand passes a site could not
//! be published.

use std::fmt::Write as _;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};
use serde::Serialize;

use crate::address;
use crate::evidence::Evidence;
use crate::file;
use crate::model::{Cell, Outcome};
use crate::private_key;

use super::folder::Staging;

/// Largest file that goes in, in octets.
const LARGEST: u64 = 32 << 20;

/// The files of a cell that a reader can take away.
#[derive(Default, Serialize)]
pub(super) struct Downloads {
    pub(super) files: Vec<Download>,
    /// Names of files that stay out.
    pub(super) left_out: Vec<String>,
    /// Among the files are keys of the session.
    pub(super) session_keys: bool,
}

#[derive(Serialize)]
pub(super) struct Download {
    name: String,
    address: String,
    size: String,
}

/// Puts the files of a cell into the site. `root` leads from the cell's page to its folder; a page
/// that is `brief` tells neither transcript nor configurations.
pub(super) fn put(
    staging: &Staging,
    root: &str,
    cell: &Cell,
    evidence: &Evidence,
    brief: bool,
) -> Result<Downloads, file::Error> {
    let mut downloads = Downloads::default();
    let passed = cell.outcome == Outcome::Pass;
    if passed && !brief {
        return Ok(downloads);
    }
    let folder = format!(
        "evidence/{}/{}/{}",
        cell.case, cell.initiator, cell.responder
    );
    for name in evidence.files() {
        if passed && !is_told_in_full(&name) {
            continue;
        }
        let Some(content) = harmless(evidence, &name) else {
            downloads.left_out.push(name);
            continue;
        };
        if brief && is_of_configuration(&name) {
            let file = name.rsplit('/').next().unwrap_or(&name);
            downloads.files.push(Download {
                address: put_configuration(staging, root, file, &content)?,
                size: in_words(content.len()),
                name,
            });
            continue;
        }
        if !brief && is_on_the_page(&name) {
            continue;
        }
        let packed = pack(&content);
        let path = format!("{folder}/{name}.gz");
        staging.write(&path, &packed)?;
        downloads.session_keys |= name.starts_with("keys/");
        downloads.files.push(Download {
            address: format!("{root}{}", address::encode(&path)),
            name: format!("{name}.gz"),
            size: in_words(packed.len()),
        });
    }
    Ok(downloads)
}

/// Told by the page, or put into the site as a configuration.
fn is_on_the_page(name: &str) -> bool {
    matches!(name, "verdict.json" | "repro.txt") || is_told_in_full(name)
}

/// Transcripts and configurations.
fn is_told_in_full(name: &str) -> bool {
    matches!(name, "transcript.txt" | "transcript.ja.txt") || is_of_configuration(name)
}

fn is_of_configuration(name: &str) -> bool {
    let of_router = name.starts_with("initiator/") || name.starts_with("responder/");
    of_router && is_configuration(name)
}

/// Whether a file of the evidence is a configuration: it lies in the folder of a router and is none
/// of what was observed there.
pub(super) fn is_configuration(name: &str) -> bool {
    const OBSERVED: [&str; 3] = ["daemon.log", "status.txt", "kernel-sas.txt"];
    let in_folder = name.split_once('/');
    in_folder.is_some_and(|(_, file)| !file.contains('/') && !OBSERVED.contains(&file))
}

/// The address of this configuration, which is put into the site unless it is there.
pub(super) fn put_configuration(
    staging: &Staging,
    root: &str,
    name: &str,
    content: &[u8],
) -> Result<String, file::Error> {
    let mut path = "configurations/".to_owned();
    for octet in digest(&SHA256, content).as_ref().iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(path, "{octet:02x}");
    }
    path.push('.');
    path.push_str(name);
    match staging.write(&path, content) {
        Err(error) if error.reason.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        Err(_) | Ok(()) => Ok(format!("{root}{}", address::encode(&path))),
    }
}

/// The content of a file; none when it is too large or holds a private key, which the evidence of a
/// run never does.
pub(super) fn harmless(evidence: &Evidence, name: &str) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let file = evidence.open(name)?;
    file.take(LARGEST + 1).read_to_end(&mut content).ok()?;
    let small = u64::try_from(content.len()).is_ok_and(|length| length <= LARGEST);
    (small && !private_key::is_in(&content)).then_some(content)
}

fn pack(content: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _ = packer.write_all(content);
    packer.finish().unwrap_or_default()
}

fn in_words(octets: usize) -> String {
    if octets < 1024 {
        format!("{octets} B")
    } else {
        format!("{} KiB", octets.div_ceil(1024))
    }
}
