//! `run.json`: the record of a run on disk.

mod words;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::error::Category;

use crate::consistency;
use crate::file;
use crate::model::{OLDEST_SCHEMA, Run, SCHEMA};

/// Octets of a record: one of twenty thousand cells with all that they tell has about a quarter.
const LARGEST: u64 = 256 << 20;

/// Why a record could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Error {
    File(#[from] file::Error),
    /// Not JSON, or not with the fields of a run.
    Syntax {
        path: PathBuf,
        line: usize,
        column: usize,
        fault: Fault,
        /// In the words of the reader of JSON.
        detail: String,
    },
    /// Written by a program with another version of the format.
    Schema {
        path: PathBuf,
        found: u64,
    },
    /// Well-formed, but its parts contradict each other.
    Inconsistent {
        path: PathBuf,
        reason: consistency::Error,
    },
}

/// How a text fails to be a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It ends before it is complete.
    Cut,
    NotJson,
    /// JSON, but not what stands here in a record.
    NotOfARecord,
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
    parse(path, &file::read_text(path, LARGEST)?)
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
    let detail = error.to_string();
    let place = format!(" at line {line} column {column}");
    Error::Syntax {
        path: path.to_owned(),
        line,
        column,
        fault: match error.classify() {
            Category::Eof => Fault::Cut,
            Category::Syntax | Category::Io => Fault::NotJson,
            Category::Data => Fault::NotOfARecord,
        },
        detail: detail.strip_suffix(&place).unwrap_or(&detail).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::example;
    use crate::text::Text;

    /// The error of reading this text, with the folder's name taken out.
    fn refusal(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        fs::write(&path, text).unwrap();
        let Text { en, ja } = read(&path).unwrap_err().told();
        format!("{en}\n{ja}").replace(&format!("{}/", folder.path().display()), "")
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
    fn a_hostile_detail_does_nothing_on_a_terminal() {
        let text = example_text().replacen("\"complete\"", "\"\\u001b[2J\\u202e\"", 1);
        let refusal = refusal(&text);
        assert!(!refusal.contains(['\u{1b}', '\u{202e}']), "{refusal:?}");
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
        insta::assert_snapshot!(refusal(&text[..200]));
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_place() {
        let text = example_text().replacen("\"complete\"", "\"completed\"", 1);
        insta::assert_snapshot!(refusal(&text));
    }

    #[test]
    fn an_unknown_outcome_is_refused_with_those_that_exist() {
        let text = example_text().replacen("\"outcome\": \"pass\"", "\"outcome\": \"good\"", 1);
        insta::assert_snapshot!(refusal(&text));
    }

    #[test]
    fn another_schema_version_is_refused_before_its_fields_are_looked_at() {
        insta::assert_snapshot!(refusal(r#"{"schema": 3, "matrix": []}"#));
    }

    #[test]
    fn a_file_without_a_version_is_refused() {
        insta::assert_snapshot!(refusal("{}"));
    }

    #[test]
    fn a_record_whose_parts_do_not_fit_is_refused() {
        let text = example_text().replacen("\"initiator\": \"v1\"", "\"initiator\": \"v9\"", 1);
        insta::assert_snapshot!(refusal(&text));
    }
}
