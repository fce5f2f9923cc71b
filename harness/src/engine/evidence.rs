//! The folder of a cell's evidence: all that a verdict rests on, without secrets.

use std::fs;
use std::path::{Path, PathBuf};

use cases::Role;
use lab::{KernelSa, SaDrops};
use reports::conformance::command_again;
use reports::file::{Action, Error, write_atomically, write_privately};
use reports::model::Cell;
use reports::text::Lang;
use transcript::keys::{EspKeys, IkeKeys, write_esp_table, write_ike_table};
use transcript::model::Transcript;
use transcript::tell;
use vendors::{Content, RenderedFile};

use super::router::Keys;
use crate::diagnose::Logs;
use crate::judge::{Ends, Sightings};
use crate::words;

/// Names of the files, as causes point to them.
pub(crate) const LOG: &str = "daemon.log";
pub(crate) const STATUS: &str = "status.txt";
pub(crate) const SAS: &str = "kernel-sas.txt";
pub(crate) const CAPTURE: &str = "wan.pcapng";
pub(super) const TRANSCRIPT_TEXT: &str = "transcript.txt";
const TRANSCRIPT: &str = "transcript.json";
/// The same as text, in each language.
const TOLD: [(&str, Lang); 2] = [(TRANSCRIPT_TEXT, Lang::En), ("transcript.ja.txt", Lang::Ja)];
/// Keys of this session only, in the tables that Wireshark reads.
const IKE_KEYS: &str = "keys/ikev2_decryption_table";
const ESP_KEYS: &str = "keys/esp_sa";
const ABOUT_KEYS: &str = "keys/README.txt";
/// Lets Wireshark use the table of ESP keys when this folder is its profile.
const PREFERENCES: (&str, &str) = ("keys/preferences", "esp.enable_encryption_decode: TRUE\n");

/// Folder of the certificates and CRLs that a router was given.
pub(crate) const CERTIFICATES: &str = "certificates";

pub(super) struct Evidence {
    folder: PathBuf,
    relative: PathBuf,
}

impl Evidence {
    /// Makes the folder anew: nothing of an earlier attempt stays.
    ///
    /// `relative` is the folder within `out`; `id` is that of the cell.
    pub(super) fn create(out: &Path, relative: PathBuf, id: &str) -> Result<Self, Error> {
        let folder = out.join(&relative);
        let failed = |reason| Error {
            action: Action::Make,
            path: folder.clone(),
            reason,
        };
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            Err(_) | Ok(()) => {}
        }
        for role in Role::BOTH {
            let folder = folder.join(role.as_str()).join(CERTIFICATES);
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let evidence = Self { folder, relative };
        let repro = format!("{}\n", command_again(id));
        evidence.write("repro.txt", repro.as_bytes())?;
        Ok(evidence)
    }

    pub(super) fn relative(&self) -> String {
        self.relative.to_string_lossy().into_owned()
    }

    pub(super) fn configuration(
        &self,
        files: &Ends<Vec<RenderedFile>>,
        keys: &Keys,
    ) -> Result<(), Error> {
        for role in Role::BOTH {
            self.router_files(role, files.of(role), keys)?;
        }
        Ok(())
    }

    pub(super) fn router_files(
        &self,
        role: Role,
        files: &[RenderedFile],
        keys: &Keys,
    ) -> Result<(), Error> {
        for file in files {
            let name = file.path.file_name().unwrap_or_default().to_string_lossy();
            match &file.content {
                Content::Configuration(text) => {
                    self.write(&format!("{role}/{name}"), keys.redact(text).as_bytes())?;
                }
                Content::Public(bytes) => {
                    self.write(&format!("{role}/{CERTIFICATES}/{name}"), bytes)?;
                }
                Content::Secret(_) => {}
            }
        }
        Ok(())
    }

    pub(super) fn capture(&self, pcapng: &[u8]) -> Result<(), Error> {
        self.write(CAPTURE, pcapng)
    }

    /// What was said, and the keys that open it.
    pub(super) fn session(
        &self,
        transcript: &Transcript,
        ike: &[IkeKeys],
        esp: &[EspKeys],
    ) -> Result<(), Error> {
        let json = serde_json::to_vec_pretty(transcript).map_err(|error| Error {
            action: Action::Describe,
            path: self.folder.clone(),
            reason: error.into(),
        })?;
        self.write(TRANSCRIPT, &json)?;
        for (name, lang) in TOLD {
            self.write(name, tell::render(transcript, lang).as_bytes())?;
        }
        let folder = self.folder.join("keys");
        fs::create_dir_all(&folder).map_err(|reason| Error {
            action: Action::Make,
            path: folder.clone(),
            reason,
        })?;
        let about = words::about_keys(ike.len(), esp.len());
        self.write(
            ABOUT_KEYS,
            format!("{}\n\n{}\n", about.en, about.ja).as_bytes(),
        )?;
        self.write(PREFERENCES.0, PREFERENCES.1.as_bytes())?;
        self.write_secret(IKE_KEYS, write_ike_table(ike).as_bytes())?;
        self.write_secret(ESP_KEYS, write_esp_table(esp).as_bytes())
    }

    pub(super) fn logs(&self, logs: &Logs) -> Result<(), Error> {
        for role in Role::BOTH {
            self.log(role, logs.of(role))?;
        }
        Ok(())
    }

    pub(super) fn log(&self, role: Role, log: &str) -> Result<(), Error> {
        self.write(&format!("{role}/{LOG}"), log.as_bytes())
    }

    pub(super) fn sightings(&self, sightings: &Sightings, keys: &Keys) -> Result<(), Error> {
        for role in Role::BOTH {
            let control = sightings.control.of(role);
            let status = keys.redact(&control.text) + &control.notes();
            self.write(&format!("{role}/{STATUS}"), status.as_bytes())?;
            let sas: String = if *sightings.closed.of(role) {
                "# an external router: nobody can look at its SAs\n".to_owned()
            } else {
                sightings.sas.of(role).iter().map(describe).collect()
            };
            self.write(&format!("{role}/{SAS}"), sas.as_bytes())?;
        }
        Ok(())
    }

    pub(super) fn verdict(&self, cell: &Cell) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(cell).map_err(|error| Error {
            action: Action::Describe,
            path: self.folder.clone(),
            reason: error.into(),
        })?;
        self.write("verdict.json", &text)
    }

    /// Readable by its owner only.
    fn write_secret(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let path = self.folder.join(name);
        write_privately(&path, content)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        write_atomically(&self.folder.join(name), content)
    }
}

/// One SA on one line, without its keys.
fn describe(sa: &KernelSa) -> String {
    format!(
        "{} -> {} protocol {} spi {:#010x} mode {} {} packets {}{}{}{}\n",
        sa.source,
        sa.destination,
        sa.protocol,
        sa.spi,
        if sa.tunnel { "tunnel" } else { "other" },
        if sa.algorithms.is_empty() {
            "(larval)".into()
        } else {
            sa.algorithms.join(" ")
        },
        sa.packets,
        if sa.esn { " esn" } else { "" },
        sa.encapsulation
            .map_or_else(String::new, |(from, to)| format!(
                " in UDP, port {from} to {to}"
            )),
        if sa.dropped == SaDrops::default() {
            String::new()
        } else {
            format!(
                " dropped: replay {} behind-window {} integrity {}",
                sa.dropped.replay, sa.dropped.replay_window, sa.dropped.integrity
            )
        },
    )
}
