//! Single values of an implementation's file, checked while they are read.

use std::path::PathBuf;

use regex::{Regex, RegexBuilder};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Limit of a compiled expression; the longest real one needs a tenth of it.
const MAX_REGEX_BYTES: usize = 1024 * 1024;

pub(crate) fn regex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    let pattern = String::deserialize(deserializer)?;
    RegexBuilder::new(&pattern)
        .size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| D::Error::custom(explain(&error)))
}

pub(super) fn optional_regex<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Regex>, D::Error> {
    regex(deserializer).map(Some)
}

/// The parser shows the expression over several lines and names the fault in the last one.
fn explain(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(_) = error {
        return "the regular expression grows too large\nwrite smaller repetitions".to_owned();
    }
    let text = error.to_string();
    let fault = text.lines().last().unwrap_or_default();
    let fault = fault.strip_prefix("error: ").unwrap_or(fault);
    format!("not a regular expression: {fault}\nsee https://docs.rs/regex/latest/regex/#syntax")
}

pub(super) fn absolute_path<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<PathBuf, D::Error> {
    AbsolutePath::deserialize(deserializer).map(|path| path.0)
}

pub(super) fn optional_absolute_path<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PathBuf>, D::Error> {
    absolute_path(deserializer).map(Some)
}

/// A path on a router: it begins at the root and does not climb.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct AbsolutePath(pub(super) PathBuf);

impl TryFrom<String> for AbsolutePath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        let plain = path.strip_prefix('/').is_some_and(|rest| {
            rest.split('/')
                .all(|part| !matches!(part, "" | "." | "..") && !part.contains(char::is_control))
        });
        if plain {
            return Ok(Self(PathBuf::from(path)));
        }
        Err(format!(
            "{path:?} is not a plain absolute path\nbegin it with /, without empty, `.`, or `..` \
             parts"
        ))
    }
}

/// Permission bits in octal, as `chmod` takes them.
pub(super) fn mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let mode = String::deserialize(deserializer)?;
    let octal = mode.len() == 4 && mode.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    u32::from_str_radix(&mode, 8)
        .ok()
        .filter(|_| octal)
        .ok_or_else(|| {
            D::Error::custom(format_args!(
                "{mode:?} is not the mode of a file\nwrite four octal digits, such as \"0600\""
            ))
        })
}

/// A name that reaches the package manager's command line.
pub(super) fn package_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    check_package_name(&name).map_err(D::Error::custom)?;
    Ok(name)
}

pub(super) fn package_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    if names.is_empty() {
        return Err(D::Error::custom(
            "no package to install\nname at least the one that holds the daemon",
        ));
    }
    for name in &names {
        check_package_name(name).map_err(D::Error::custom)?;
    }
    Ok(names)
}

/// The rule is Debian's (Policy Manual, section 5.6.7).
fn check_package_name(name: &str) -> Result<(), String> {
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let goes_on_well = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
    if begins_well && goes_on_well {
        return Ok(());
    }
    Err(format!(
        "{name:?} is not a name that Debian uses\nuse lower-case letters, digits, and + - ."
    ))
}
