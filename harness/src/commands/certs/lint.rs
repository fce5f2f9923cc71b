//! `ikematrix certs lint`: certificates, requests and CRLs against RFC 4945, RFC 5280 and HPKI.

use std::path::{Path, PathBuf};

use certs::lint::{AlgorithmText, Input, MAX_FILE, Options, Profile, Report, human, lint as check};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{read_limited, read_password};
use crate::cli::Common;
use crate::commands::print;
use crate::commands::run::terminal_options;
use crate::failure::{AS_EXPECTED, Failure, NOT_AS_EXPECTED};

#[cfg(test)]
mod tests;

#[derive(Args)]
pub(crate) struct Lint {
    /// PEM, DER or PKCS#12; issuers are sought among all files together
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The profile that the certificates are to follow; hpki chooses by each certificate
    #[arg(long, value_name = "P", default_value = "rfc4945", value_parser = parse_profile)]
    profile: Profile,
    /// Which age of the standards decides on SHA-1, MD5 and key sizes
    #[arg(long, value_enum, default_value = "current")]
    text: Text,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// When the objects are to be valid: 2026-04-01 or 2026-04-01T09:00:00+09:00 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Timestamp>,
    /// File whose first line is the password of PKCS#12 files [default: the empty password]
    #[arg(long, value_name = "F")]
    password_file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Text {
    #[value(name = "2007")]
    Of2007,
    Current,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn lint(common: &Common, arguments: &Lint) -> Result<u8, Failure> {
    let report = report(arguments)?;
    let text = match arguments.format {
        Format::Human => human::render(&report, &terminal_options(common)),
        Format::Json => {
            let json = serde_json::to_string_pretty(&report).map_err(Failure::input)?;
            format!("{json}\n")
        }
    };
    print(&text);
    Ok(match report.summary.errors {
        0 => AS_EXPECTED,
        _ => NOT_AS_EXPECTED,
    })
}

fn report(arguments: &Lint) -> Result<Report, Failure> {
    let password = arguments.password_file.as_deref();
    let options = Options {
        profile: arguments.profile,
        text: match arguments.text {
            Text::Of2007 => AlgorithmText::Of2007,
            Text::Current => AlgorithmText::Current,
        },
        at: arguments.at.unwrap_or_else(Timestamp::now),
        password: password.map(read_password).transpose()?,
    };
    let inputs: Result<Vec<_>, _> = arguments.files.iter().map(|path| read(path)).collect();
    check(&inputs?, &options).map_err(Failure::input)
}

/// The file, or one octet more of it than is allowed.
fn read(path: &Path) -> Result<Input, Failure> {
    let bytes = read_limited(path, MAX_FILE)?;
    Ok(Input {
        name: path.display().to_string(),
        bytes,
    })
}

fn parse_profile(name: &str) -> Result<Profile, String> {
    let known = || format!("profiles are {}", Profile::NAMES.join(", "));
    Profile::from_name(name).ok_or_else(known)
}

/// A time of RFC 3339, or the beginning of a day in UTC.
fn parse_time(text: &str) -> Result<Timestamp, String> {
    let of_day = |date: Date| date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let parsed = if text.contains(['T', 't', ' ']) {
        text.parse::<Timestamp>()
    } else {
        text.parse::<Date>().and_then(of_day)
    };
    parsed.map_err(|_| "a time is 2026-04-01 or 2026-04-01T09:00:00+09:00".to_owned())
}
