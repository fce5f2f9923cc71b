//! Reading the evidence of a cell. It may come from anybody: every read is bounded, and nothing
//! outside the cell's folder is read, whatever a path or a symbolic link says.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::consistency::stays_inside;
use crate::file;
use crate::model::Cell;

/// Octets of a line that are read; what follows is skipped.
const MAX_LINE: u64 = 16 * 1024;
/// Lines of a file that are counted to find one.
const MAX_LINES: u64 = 5_000_000;
/// Folders below that of the cell: `initiator/certificates/`.
const MAX_DEPTH: usize = 3;
/// Files of a cell that are listed.
const MAX_FILES: usize = 200;

/// The folder of a cell's evidence.
#[derive(Debug)]
pub struct Evidence {
    /// Without symbolic links.
    folder: PathBuf,
}

impl Evidence {
    /// The evidence of a cell; none when the cell has none or it is not there. `run` is the folder
    /// of `run.json`.
    pub fn of(run: &Path, cell: &Cell) -> Option<Self> {
        let named = cell.evidence.as_deref()?;
        let run = fs::canonicalize(run).ok()?;
        let folder = inside(&run, named)?;
        folder.is_dir().then_some(Self { folder })
    }

    /// Where a regular file of the folder is; none when there is no such file.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        // A named pipe would wait for a writer.
        inside(&self.folder, name).filter(|path| path.is_file())
    }

    /// Opens a regular file; none when there is no such file.
    pub fn open(&self, name: &str) -> Option<File> {
        file::open(&self.file(name)?, u64::MAX).ok()
    }

    /// The lines of a file, up to this many octets. Octets that are no UTF-8 become U+FFFD.
    pub fn lines(&self, name: &str, limit: u64) -> Option<Vec<String>> {
        let mut octets = Vec::new();
        self.open(name)?.take(limit).read_to_end(&mut octets).ok()?;
        Some(split(&octets))
    }

    /// The last lines of a file, at most this many.
    pub fn last_lines(&self, name: &str, count: usize) -> Option<Vec<String>> {
        const ENOUGH: u64 = 64 * 1024;
        let mut file = self.open(name)?;
        let length = file.metadata().ok()?.len();
        let start = length.saturating_sub(ENOUGH);
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut octets = Vec::new();
        file.take(ENOUGH).read_to_end(&mut octets).ok()?;
        let mut lines = split(&octets);
        if start > 0 && lines.len() > 1 {
            // It began before what was read.
            lines.remove(0);
        }
        Some(lines.split_off(lines.len().saturating_sub(count)))
    }

    /// The line of this number, from 1, with up to `around` lines before and after it, each with its
    /// number; none if there is no such line.
    pub fn lines_around(&self, name: &str, line: u64, around: u64) -> Option<Vec<(u64, String)>> {
        let wanted = line.saturating_sub(around)..=line.saturating_add(around);
        if line > MAX_LINES {
            return None;
        }
        let mut file = BufReader::new(self.open(name)?);
        let mut lines = Vec::new();
        for number in 1..=*wanted.end() {
            let Some(text) = next_line(&mut file) else {
                break;
            };
            if wanted.contains(&number) {
                lines.push((number, text));
            }
        }
        let found = lines.iter().any(|(number, _)| *number == line);
        found.then_some(lines)
    }

    /// The regular files of the folder, relative to it, in order.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(&self.folder, "", MAX_DEPTH, &mut files);
        files.sort_unstable();
        files
    }
}

/// What a relative path names below the folder, if it is there. The folder has no symbolic links.
fn inside(folder: &Path, relative: &str) -> Option<PathBuf> {
    let path = stays_inside(relative).then(|| folder.join(relative))?;
    let path = fs::canonicalize(path).ok()?;
    path.starts_with(folder).then_some(path)
}

fn collect(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        // Neither follows symbolic links.
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let name = format!("{prefix}{name}");
        if kind.is_file() && files.len() < MAX_FILES {
            files.push(name);
        } else if kind.is_dir() && depth > 1 {
            collect(&entry.path(), &format!("{name}/"), depth - 1, files);
        }
    }
}

fn split(octets: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(octets);
    text.lines().map(str::to_owned).collect()
}

/// The next line, as far as it is shown; a line may be as long as the file.
fn next_line(file: &mut impl BufRead) -> Option<String> {
    let mut octets = Vec::new();
    let read = Read::take(&mut *file, MAX_LINE).read_until(b'\n', &mut octets);
    if read.ok()? == 0 {
        return None;
    }
    if octets.last() != Some(&b'\n') {
        file.skip_until(b'\n').ok()?;
    }
    let text = String::from_utf8_lossy(&octets);
    Some(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::example;

    /// A run of one cell whose log has these octets.
    fn with_log(log: &[u8]) -> (tempfile::TempDir, Evidence) {
        let run = tempfile::tempdir().unwrap();
        let cell = example::all_pass(1, 1).cells.remove(0);
        let folder = run.path().join(cell.evidence.as_deref().unwrap());
        fs::create_dir_all(folder.join("initiator")).unwrap();
        fs::write(folder.join("initiator/daemon.log"), log).unwrap();
        let evidence = Evidence::of(run.path(), &cell).unwrap();
        (run, evidence)
    }

    const LOG: &str = "initiator/daemon.log";

    #[test]
    fn a_line_comes_with_its_neighbours() {
        let (_run, evidence) = with_log(b"one\ntwo\nthree\nfour\n");
        let around = evidence.lines_around(LOG, 2, 1).unwrap();
        let numbers: Vec<u64> = around.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(around[1].1, "two");
        assert_eq!(evidence.lines_around(LOG, 9, 1), None);
        assert_eq!(evidence.last_lines(LOG, 2).unwrap(), ["three", "four"]);
        assert_eq!(evidence.files(), [LOG]);
    }

    #[test]
    fn an_endless_line_is_cut_and_the_next_one_is_found() {
        let mut log = vec![b'x'; 1 << 20];
        log.extend(b"\nsecond \xff\n");
        let (_run, evidence) = with_log(&log);
        let around = evidence.lines_around(LOG, 2, 1).unwrap();
        assert!(around[0].1.len() <= 16 * 1024);
        assert_eq!(around[1].1, "second \u{fffd}");
        assert_eq!(evidence.last_lines(LOG, 40).unwrap(), ["second \u{fffd}"]);
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let (run, evidence) = with_log(b"");
        fs::write(run.path().join("secret"), "s").unwrap();
        symlink(run.path().join("secret"), evidence.folder.join("link")).unwrap();
        symlink(run.path(), evidence.folder.join("folder")).unwrap();
        for name in [
            "link",
            "folder/secret",
            "../../../secret",
            "/etc/passwd",
            "",
        ] {
            assert_eq!(evidence.lines(name, 10), None, "{name}");
        }
        assert_eq!(evidence.files(), [LOG]);
    }

    #[test]
    fn a_folder_that_a_link_leads_out_of_the_run_is_no_evidence() {
        let (run, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut cell = example::all_pass(1, 1).cells.remove(0);
        cell.evidence = Some("evidence".to_owned());
        symlink(elsewhere.path(), run.path().join("evidence")).unwrap();
        assert!(Evidence::of(run.path(), &cell).is_none());
    }
}
