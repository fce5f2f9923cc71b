//! `run.json`: the record of a run on disk.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::consistency;
use crate::file;
use crate::model::{OLDEST_SCHEMA, Run, SCHEMA};

/// Why a record could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    File(#[from] file::Error),
    /// Not JSON, or not with the fields of a run.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Syntax {
        path: PathBuf,
        line: usize,
        column: usize,
        message: String,
    },
    /// Written by a program with another version of the format.
    #[error(
        "{}: schema version {found} cannot be read (this program reads versions {OLDEST_SCHEMA} \
         to {SCHEMA}); use the version of ikematrix that wrote it, or run the cells again",
        path.display()
    )]
    Schema { path: PathBuf, found: u64 },
    /// Well-formed, but its parts contradict each other.
    #[error("{}: {reason}", path.display())]
    Inconsistent {
        path: PathBuf,
        reason: consistency::Error,
    },
}

/// Writes the record; whoever reads the file meets a whole record at any time.
///
/// # Errors
///
/// When the file cannot be written: the record that stood there before stays.
pub fn write(path: &Path, run: &Run) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(run).map_err(|error| syntax(path, &error))?;
    text.push('\n');
    Ok(file::write_atomically(path, text.as_bytes())?)
}

/// Reads a record and makes sure that its parts fit together.
///
/// # Errors
///
/// When the file cannot be read, is not a record, or is one of an unknown version.
pub fn read(path: &Path) -> Result<Run, Error> {
    parse(path, &file::read(path)?)
}

/// Reads a record from its text; `path` is where that stood, for errors.
///
/// # Errors
///
/// As [`read`], but for reading the file.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Run, Error> {
    // The version goes first: the fields of another version would only give a misleading error.
    let Version { schema } = serde_json::from_str(text).map_err(|error| syntax(path, &error))?;
    if !(u64::from(OLDEST_SCHEMA)..=u64::from(SCHEMA)).contains(&schema) {
        return Err(Error::Schema {
            path: path.to_owned(),
            found: schema,
        });
    }
    let run = serde_json::from_str(text).map_err(|error| syntax(path, &error))?;
    consistency::check(&run).map_err(|reason| Error::Inconsistent {
        path: path.to_owned(),
        reason,
    })?;
    Ok(run)
}

/// The one field that every version of the format has.
#[derive(Deserialize)]
struct Version {
    schema: u64,
}

fn syntax(path: &Path, error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    Error::Syntax {
        path: path.to_owned(),
        line,
        column,
        message: message.strip_suffix(&place).unwrap_or(&message).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::example;

    /// The error of reading this text, with the folder's name taken out.
    fn refusal(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        fs::write(&path, text).unwrap();
        let error = read(&path).unwrap_err().to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    }

    fn example_text() -> String {
        serde_json::to_string_pretty(&example::mixed(3)).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        for run in [
            example::all_pass(2, 1),
            example::mixed(4),
            example::hostile(),
            example::differing_trial(),
            example::repeated(2, 10),
        ] {
            write(&path, &run).unwrap();
            assert_eq!(read(&path).unwrap(), run);
        }
    }

    #[test]
    fn a_record_of_version_1_is_still_read() {
        let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/run-1.json");
        let run = read(&stored).unwrap();
        assert_eq!((run.schema, run.cells.len()), (1, 3));
        assert_eq!(run.inputs, None);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        write(&path, &run).unwrap();
        assert_eq!(read(&path).unwrap(), run);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("/nowhere/run.json")).unwrap_err();
        assert!(matches!(error, Error::File(_)));
        insta::assert_snapshot!(
            error,
            @"cannot read /nowhere/run.json: No such file or directory (os error 2)"
        );
    }

    #[test]
    fn an_unwritable_place_is_named() {
        let error = write(Path::new("/proc/run.json"), &example::all_pass(1, 1)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot write /proc/run.json: "),
            "{error}"
        );
    }

    #[test]
    fn a_truncated_file_is_refused_with_the_place() {
        let text = example_text();
        insta::assert_snapshot!(refusal(&text[..200]), @"run.json:11:10: EOF while parsing a string");
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_place() {
        let text = example_text().replacen("\"complete\"", "\"completed\"", 1);
        insta::assert_snapshot!(refusal(&text), @"run.json:5:13: unknown field `completed`, expected one of `schema`, `started`, `finished`, `complete`, `tool`, `lab`, `vendors`, `cases`, `cells`, `comparison`, `selection`, `inputs`");
    }

    #[test]
    fn an_unknown_outcome_is_refused_with_those_that_exist() {
        let text = example_text().replacen("\"outcome\": \"pass\"", "\"outcome\": \"good\"", 1);
        insta::assert_snapshot!(refusal(&text), @"run.json:108:23: unknown variant `good`, expected one of `pass`, `fail`, `unstable`, `unsupported`, `skipped`, `error`");
    }

    #[test]
    fn another_schema_version_is_refused_before_its_fields_are_looked_at() {
        insta::assert_snapshot!(refusal(r#"{"schema": 3, "matrix": []}"#), @"run.json: schema version 3 cannot be read (this program reads versions 1 to 2); use the version of ikematrix that wrote it, or run the cells again");
    }

    #[test]
    fn a_file_without_a_version_is_refused() {
        insta::assert_snapshot!(refusal("{}"), @"run.json:1:2: missing field `schema`");
    }

    #[test]
    fn a_record_whose_parts_do_not_fit_is_refused() {
        let text = example_text().replacen("\"initiator\": \"v1\"", "\"initiator\": \"v9\"", 1);
        insta::assert_snapshot!(refusal(&text), @r#"run.json: cell "auth.psk/v1:v1" names the vendor "v9", which the record does not list"#);
    }
}
