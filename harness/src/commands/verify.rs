//! `ikematrix verify`: whether a run is as it was sealed, and who signed it.

use std::path::{Path, PathBuf};

use clap::Args;
use reports::escape::visible;
use reports::seal::{self, Seal, Signer, SigningKey, Verified};
use reports::text::Lang;

use super::finished::Finished;
use super::print;
use crate::cli::Common;
use crate::failure::{AS_EXPECTED, Failure, NOT_AS_EXPECTED};

#[cfg(test)]
mod tests;
mod words;

#[derive(Args)]
pub(crate) struct Verify {
    /// Folder of a run, its run.json, or a bundle
    run: PathBuf,
    /// Demand that the run is signed with the key that belongs to this public key
    #[arg(long, value_name = "PUBFILE")]
    key: Option<PathBuf>,
}

/// Holds the text of a private key, for whom there is no file, such as a CI system.
const KEY_VARIABLE: &str = "IKEMATRIX_SIGNING_KEY";
/// Names of files are shorter than this everywhere.
const LONGEST_PATH: usize = 4096;

pub(crate) fn verify(common: &Common, arguments: &Verify) -> Result<u8, Failure> {
    let wanted = match &arguments.key {
        Some(path) => Some(Signer::read(path).map_err(Failure::input)?),
        None => None,
    };
    let finished = Finished::open(&arguments.run)?;
    let verified = seal::verify(finished.folder())?;
    let (text, good) = tell(&verified, wanted, common.lang());
    print(&text);
    Ok(if good { AS_EXPECTED } else { NOT_AS_EXPECTED })
}

/// What to tell of it, and whether all is well.
fn tell(verified: &Verified, wanted: Option<Signer>, lang: Lang) -> (String, bool) {
    let mut lines = Vec::new();
    for finding in &verified.findings {
        let what = words::difference(&finding.what);
        let path = visible(&finding.path, LONGEST_PATH);
        lines.push(format!("{}: {path}", what.in_lang(lang)));
    }
    let mut good = verified.findings.is_empty();
    match &verified.seal {
        Some(Seal {
            signer,
            files,
            bytes,
        }) => {
            if good {
                lines.push(words::as_sealed(*files, *bytes).in_lang(lang).to_owned());
            } else {
                let findings = verified.findings.len();
                lines.push(words::not_as_sealed(findings).in_lang(lang).to_owned());
            }
            lines.push(words::signed(*signer, wanted).in_lang(lang).to_owned());
            good &= wanted.is_none_or(|wanted| *signer == Some(wanted));
        }
        None => {
            lines.push(words::NOT_RELIABLE.in_lang(lang).to_owned());
            good = false;
        }
    }
    for folder in &verified.not_covered {
        lines.push(words::not_covered(folder).in_lang(lang).to_owned());
    }
    (lines.join("\n") + "\n", good)
}

/// The key to sign with: of the file, or of the environment, if there is one. Read before a run
/// begins, so that a bad key is not found at its end.
pub(super) fn signing_key(file: Option<&Path>) -> Result<Option<SigningKey>, Failure> {
    if let Some(file) = file {
        return SigningKey::read(file).map(Some).map_err(Failure::input);
    }
    match std::env::var(KEY_VARIABLE) {
        Ok(text) if !text.is_empty() => SigningKey::from_pem(&text, KEY_VARIABLE)
            .map(Some)
            .map_err(Failure::input),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::input(format!("{KEY_VARIABLE} is not text")))
        }
    }
}
