//! `ikematrix keygen`: a key of Ed25519 to sign runs with.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use reports::seal::SigningKey;
use reports::text::Lang;

use super::print;
use crate::cli::Common;
use crate::failure::{AS_EXPECTED, Failure};

#[derive(Args)]
pub(crate) struct Keygen {
    /// File for the private key, which must not be there yet; the public key goes beside it, with
    /// .pub at the end of its name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn keygen(common: &Common, arguments: &Keygen) -> Result<u8, Failure> {
    let mut public = OsString::from(&arguments.out);
    public.push(".pub");
    let public = PathBuf::from(public);
    // Before the private key is there: a pair is written whole or not at all.
    if fs::symlink_metadata(&public).is_ok() {
        return Err(failed(&public, &io::ErrorKind::AlreadyExists.into()));
    }
    let (text, key) = SigningKey::generate().map_err(Failure::lab)?;
    write_new(&arguments.out, text.as_bytes(), 0o600)?;
    if let Err(failure) = write_new(&public, key.signer().pem().as_bytes(), 0o644) {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&arguments.out);
        return Err(failure);
    }
    let (private, public) = (arguments.out.display(), public.display());
    let fingerprint = key.signer().fingerprint();
    print(&match common.lang() {
        Lang::En => format!(
            "private key: {private} (keep it to yourself)\n\
             public key:  {public} (give it to whoever shall check your runs)\n\
             fingerprint: {fingerprint}\n"
        ),
        Lang::Ja => format!(
            "秘密鍵: {private}（他者に渡さないでください）\n\
             公開鍵: {public}（試験結果を検証する相手に渡してください）\n\
             フィンガープリント: {fingerprint}\n"
        ),
    });
    Ok(AS_EXPECTED)
}

/// Writes a file that was not there, and does not leave half of it.
fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(mode).open(path);
    let mut file = opened.map_err(|error| failed(path, &error))?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written.map_err(|error| {
        let _ = fs::remove_file(path);
        failed(path, &error)
    })
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Failure::input(format!(
            "{path} is there already, and a key that is replaced is lost; name another file with \
             --out"
        ));
    }
    Failure::input(format!("{path} cannot be written: {error}"))
}
