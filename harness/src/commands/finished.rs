//! A finished run, wherever it is: a folder, its run.json, or a bundle.

use std::path::{Path, PathBuf};

use reports::bundle;
use reports::text::Text;
use tempfile::TempDir;

use crate::failure::Failure;

/// The folder of a finished run. What was unpacked of a bundle goes when this is dropped.
pub(super) struct Finished {
    folder: PathBuf,
    _unpacked: Option<TempDir>,
}

impl Finished {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self::at(path));
        }
        if bundle::is_bundle(path) {
            let unpacked = tempfile::tempdir().map_err(|error| {
                Failure::input(format!("no folder can be made to unpack a bundle: {error}"))
            })?;
            bundle::unpack(path, unpacked.path())?;
            return Ok(Self {
                folder: unpacked.path().to_owned(),
                _unpacked: Some(unpacked),
            });
        }
        match path.parent() {
            Some(folder) if path.is_file() && path.ends_with(RECORD) => Ok(Self::at(folder)),
            Some(_) | None => {
                let path = path.display();
                Err(Failure::told(Text::new(
                    format!(
                        "{path} is neither the folder of a run, nor its {RECORD}, nor a bundle"
                    ),
                    format!(
                        "{path} は実行結果のフォルダー、その {RECORD}、バンドルのいずれでもありません"
                    ),
                )))
            }
        }
    }

    fn at(folder: &Path) -> Self {
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        Self {
            folder: folder.to_owned(),
            _unpacked: None,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn record(&self) -> PathBuf {
        self.folder.join(RECORD)
    }
}

const RECORD: &str = "run.json";
