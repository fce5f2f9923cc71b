//! The files of a configuration sheet, in a folder of its own.

use std::path::Path;

use reports::file::{Error, write_privately};
use vendors::Sheet;
use vendors::sheet::Material;

/// Writes the sheet, the commands with the secrets in them, and the keys and certificates, each for
/// its owner alone.
pub(crate) fn fill(folder: &Path, sheet: &Sheet, files: &[Material]) -> Result<(), Error> {
    let place = |name: &str| folder.join(name);
    write_privately(&place("sheet.md"), sheet.text.as_bytes())?;
    if let Some(commands) = &sheet.commands {
        write_privately(&place("commands.txt"), commands.as_bytes())?;
    }
    for file in files {
        write_privately(&place(&file.name), &file.content)?;
    }
    Ok(())
}
