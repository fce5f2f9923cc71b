//! The manifest: one line a file, in one way of writing only, so that no octet of it can be another.

use std::fmt::Write as _;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::Seal;
use super::key::Signer;

/// How a manifest is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// It says nothing of folders without files; some were there when it was written.
    FilesOnly,
    /// When it was written there was no folder without files.
    NoEmptyFolders,
}

impl Format {
    const ALL: [Self; 2] = [Self::FilesOnly, Self::NoEmptyFolders];

    fn name(self) -> &'static str {
        match self {
            Self::FilesOnly => "ikematrix-manifest-1",
            Self::NoEmptyFolders => "ikematrix-manifest-2",
        }
    }
}

pub(super) struct Manifest {
    pub(super) format: Format,
    /// Who signs it. It stands in what is signed, so that taking the signature away is seen.
    pub(super) signer: Option<Signer>,
    /// In the order of their paths.
    pub(super) files: Vec<Entry>,
}

pub(super) struct Entry {
    /// Relative to the folder of the run, with `/` between its parts.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    /// The public key, in hexadecimal.
    signer: Option<String>,
    files: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    bytes: u64,
    sha256: String,
}

impl Manifest {
    pub(super) fn seal(&self) -> Seal {
        Seal {
            signer: self.signer,
            files: self.files.len(),
            bytes: self.files.iter().map(|entry| entry.bytes).sum(),
        }
    }

    /// The one way in which it is written.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{{\n\"format\": \"{}\",\n", self.format.name());
        if let Some(signer) = &self.signer {
            let _ = writeln!(text, "\"signer\": \"{}\",", hex(signer.public_key()));
        }
        text.push_str("\"files\": [");
        for (number, entry) in self.files.iter().enumerate() {
            text.push_str(if number == 0 { "\n" } else { ",\n" });
            // As JSON escapes it: a name may hold quotes and line feeds.
            let path = serde_json::Value::from(entry.path.as_str());
            let sha256 = hex(&entry.sha256);
            let _ = write!(
                text,
                "{{\"path\": {path}, \"bytes\": {}, \"sha256\": \"{sha256}\"}}",
                entry.bytes
            );
        }
        text.push_str("\n]\n}\n");
        text
    }

    /// # Errors
    ///
    /// Why these octets are no manifest, in words.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let format = Format::ALL
            .into_iter()
            .find(|format| format.name() == file.format);
        let format = format.ok_or_else(|| {
            format!(
                "the format {:?} is not known; this program reads {}",
                file.format,
                Format::ALL.map(Format::name).join(" and ")
            )
        })?;
        let signer = match &file.signer {
            None => None,
            Some(digits) => Some(Signer::of(
                octets(digits).ok_or("the signer is not 64 hexadecimal digits")?,
            )),
        };
        let mut files: Vec<Entry> = Vec::with_capacity(file.files.len());
        for Line {
            path,
            bytes,
            sha256,
        } in file.files
        {
            if !is_plain(&path) {
                return Err(format!("{path:?} is not a path inside the folder"));
            }
            if files.last().is_some_and(|last| last.path >= path) {
                return Err(format!("{path:?} stands twice, or not in its order"));
            }
            let sha256 = octets(&sha256)
                .ok_or_else(|| format!("the digest of {path:?} is not 64 hexadecimal digits"))?;
            files.push(Entry {
                path,
                bytes,
                sha256,
            });
        }
        let manifest = Self {
            format,
            signer,
            files,
        };
        if manifest.text().as_bytes() != bytes {
            return Err("it is not written as this program writes it".to_owned());
        }
        Ok(manifest)
    }
}

fn is_plain(path: &str) -> bool {
    let normal = |component: Component| matches!(component, Component::Normal(_));
    // The same path can be spelt with double slashes: only one spelling counts.
    !path.is_empty() && !path.ends_with('/') && Path::new(path).components().all(normal)
}

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

fn octets(digits: &str) -> Option<[u8; 32]> {
    let digits = digits.as_bytes();
    let mut octets = [0; 32];
    if digits.len() != 2 * octets.len() {
        return None;
    }
    for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
        *octet = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let entry = |path: &str, fill| Entry {
            path: path.to_owned(),
            bytes: 7,
            sha256: [fill; 32],
        };
        Manifest {
            format: Format::NoEmptyFolders,
            signer: Some(Signer::of([0xab; 32])),
            files: vec![
                entry("evidence/\"quoted\"\n.txt", 1),
                entry("run.json", 2),
                entry("鍵.txt", 3),
            ],
        }
    }

    fn refusal(text: &str) -> String {
        Manifest::parse(text.as_bytes()).err().unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_written_again_alike() {
        let text = manifest().text();
        insta::assert_snapshot!(text);
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap().text(), text);
        let empty = Manifest {
            format: Format::FilesOnly,
            signer: None,
            files: Vec::new(),
        };
        assert!(Manifest::parse(empty.text().as_bytes()).is_ok());
    }

    #[test]
    fn every_other_way_to_write_the_same_is_refused() {
        let text = manifest().text();
        for (this, that) in [
            ("\n]", "\n ]"),
            ("\"bytes\": 7", "\"bytes\":  7"),
            ("abab", "ABab"),
            ("鍵", "\\u9375"),
            ("run.json", ".//run.json"),
            ("}\n", "}"),
            ("\"format\"", "\"format\": \"x\",\n\"format\""),
        ] {
            let other = text.replacen(this, that, 1);
            assert_ne!(other, text, "{this}");
            refusal(&other);
        }
    }

    #[test]
    fn paths_that_lead_out_or_stand_twice_are_refused() {
        for path in [
            "../x",
            "/etc/passwd",
            "a/../../b",
            "",
            ".",
            "a/./b/..",
            "a/",
        ] {
            let text = manifest().text().replace("run.json", path);
            let refusal = refusal(&text);
            assert!(
                refusal.contains("not a path") || refusal.contains("order"),
                "{path}: {refusal}"
            );
        }
        let twice = manifest().text().replace("鍵.txt", "run.json");
        assert!(refusal(&twice).contains("stands twice"));
    }

    #[test]
    fn what_is_no_manifest_says_why() {
        assert!(refusal("{}").contains("missing field"));
        assert!(
            refusal(&manifest().text().replace("manifest-2", "manifest-9"))
                .contains("is not known")
        );
        assert!(refusal(&manifest().text().replace("ab", "xy")).contains("64 hexadecimal"));
    }
}
