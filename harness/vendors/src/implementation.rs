//! Daemon families: how one is installed, configured, driven, and read.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;

use files::use_known;
use ikev2::{DhGroup, Encryption, Integrity, Prf, Transform};
use regex::Regex;
use reports::cause::CauseCode;
use serde::Deserialize;

use crate::templates::Templates;
use cases::Setting;

mod dockerfile;
mod file;
pub(crate) mod value;

/// A family of IKE daemons, such as strongSwan, in all versions that the program knows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Implementation {
    /// The name of its folder.
    pub id: String,
    /// The name its makers use.
    pub name: String,
    pub homepage: String,
    pub versions: BTreeMap<String, Version>,
    /// What is rendered for a router, in this order.
    pub files: Vec<ConfigFile>,
    /// Where certificates and keys go, for the methods with certificates.
    pub credentials: Vec<CredentialFile>,
    /// Absent where nobody here starts one: the router is an external one.
    pub daemon: Option<Daemon>,
    pub control: Control,
    pub status: Status,
    pub algorithms: Words,
    /// Every setting that the templates use, with its default.
    pub settings: BTreeMap<String, Setting>,
    pub log_patterns: Vec<LogPattern>,
    /// How it protects packets itself; absent where it cannot.
    pub user_space_esp: Option<UserSpaceEsp>,
    /// How the log tells the keys of an IKE SA; absent where it never does.
    pub session_keys: Option<SessionKeyLog>,
    /// Matches a line of the log that shows that a certificate of the peer came.
    pub certificate_received: Option<Regex>,
    pub(crate) templates: Templates,
    /// How an engine builds its images; absent where the folder has no Dockerfile.
    pub(crate) dockerfile: Option<String>,
    /// The file itself, for the digest of every profile on it.
    pub(crate) text: String,
}

/// Where one version comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Version {
    /// The release of Debian, such as `trixie`.
    #[serde(deserialize_with = "value::package_name")]
    pub suite: String,
    /// What is installed; never empty.
    #[serde(deserialize_with = "value::package_names")]
    pub packages: Vec<String>,
    /// The package whose version is that of the daemon.
    #[serde(deserialize_with = "value::package_name")]
    pub version_package: String,
    /// What is run in the image once, after the installation.
    #[serde(default)]
    pub prepare: Vec<Argv>,
}

/// What the daemon needs to do ESP itself, on a kernel that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserSpaceEsp {
    /// What is installed beside the packages of the version.
    pub packages: Vec<String>,
    /// Settings that differ then.
    pub settings: BTreeMap<String, Setting>,
}

/// One file that is rendered for a router.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigFile {
    /// The name of the template.
    pub template: String,
    /// Where the file goes on the router.
    pub path: PathBuf,
    /// Permission bits.
    pub mode: u32,
}

/// Where one kind of credential goes on the router.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialFile {
    pub what: Credential,
    /// Holds [`NAME`] where there can be several.
    pub path: String,
    pub form: Form,
    /// Permission bits.
    pub mode: u32,
    /// Only where this setting, a boolean, is true.
    pub when: Option<String>,
}

/// Stands in a path for the name of the document.
pub(crate) const NAME: &str = "{name}";

/// A kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    Certificate,
    PrivateKey,
    Intermediates,
    TrustAnchors,
    Crls,
    /// The certificate and its key in one file.
    Pkcs12,
}

impl Credential {
    /// Whether it is the router's own, and not what it checks others with.
    pub fn is_own(self) -> bool {
        match self {
            Self::Certificate | Self::PrivateKey | Self::Pkcs12 => true,
            Self::Intermediates | Self::TrustAnchors | Self::Crls => false,
        }
    }

    /// Whether there can be more than one.
    pub fn is_list(self) -> bool {
        match self {
            Self::Intermediates | Self::TrustAnchors | Self::Crls => true,
            Self::Certificate | Self::PrivateKey | Self::Pkcs12 => false,
        }
    }
}

/// How a document is encoded. PKCS#12 has one form only, and keys are PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    #[default]
    Pem,
    Der,
}

/// How the daemon is started.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Daemon {
    /// What is done with the files before the daemon starts.
    #[serde(default)]
    pub before: Vec<Argv>,
    /// Runs in the foreground.
    pub command: Argv,
    /// Where it logs, if not to its standard output and error.
    #[serde(default, deserialize_with = "value::optional_absolute_path")]
    pub log: Option<PathBuf>,
    /// All of these must hold before the router is used.
    pub ready: Vec<Ready>,
}

/// One sign that a daemon is ready.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    /// This path exists.
    Path(#[serde(deserialize_with = "value::absolute_path")] PathBuf),
    /// A line of the log matches.
    Log(#[serde(deserialize_with = "value::regex")] Regex),
    /// This command succeeds.
    Command(Argv),
}

/// The commands that drive a running daemon. A list may be empty where nothing needs doing, or
/// where the daemon has no such command.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Control {
    pub load: Vec<Argv>,
    /// Have a running daemon read its configuration again; [`Control::load`] where empty.
    #[serde(default)]
    pub reload: Vec<Argv>,
    /// Succeed only when the daemon has its connection.
    #[serde(default)]
    pub loaded: Vec<Argv>,
    pub initiate: Vec<Argv>,
    pub terminate: Vec<Argv>,
    /// Have it forget at once what it has with its peer or is about to have, though the peer may not
    /// answer; it can be asked to initiate afterwards. [`Control::terminate`] where empty.
    #[serde(default)]
    pub abandon: Vec<Argv>,
    pub rekey_ike: Vec<Argv>,
    pub rekey_child: Vec<Argv>,
    pub status: Vec<Argv>,
    #[serde(default)]
    pub version: Option<Argv>,
}

impl Control {
    /// The commands after which a running daemon has nothing left of any negotiation.
    pub fn abandon(&self) -> &[Argv] {
        if self.abandon.is_empty() {
            &self.terminate
        } else {
            &self.abandon
        }
    }

    /// The commands after which a running daemon has its configuration as it now stands.
    pub fn reload(&self) -> &[Argv] {
        if self.reload.is_empty() {
            &self.load
        } else {
            &self.reload
        }
    }
}

/// How the output of the status commands is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Status {
    /// Matches when the IKE SA stands.
    #[serde(deserialize_with = "value::regex")]
    pub ike_established: Regex,
    /// Matches when the Child SA stands; its groups `spi_in` and `spi_out`, where it has them,
    /// hold the SPIs in hexadecimal.
    #[serde(deserialize_with = "value::regex")]
    pub child_installed: Regex,
}

/// The daemon's own words for the algorithms. It cannot be told to use one without a word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Words {
    pub encryption: BTreeMap<Encryption, String>,
    pub integrity: BTreeMap<Integrity, String>,
    pub prf: BTreeMap<Prf, String>,
    pub dh: BTreeMap<DhGroup, String>,
}

/// What a line of the log says about a failure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LogPattern {
    #[serde(deserialize_with = "value::regex")]
    pub pattern: Regex,
    pub cause: LogCause,
    pub side: LogSide,
    /// Whose credentials it speaks of, where those are not of the end that was refused.
    pub holder: Option<LogSide>,
}

/// How a log shows keys: a line that names one, and below it rows of octets in hexadecimal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionKeyLog {
    /// Matches the line that names a key of an IKE SA (RFC 7296, section 2.14): its groups are
    /// `key`, one of `ai`, `ar`, `ei` and `er` where it matters here, and `octets`, their number.
    #[serde(deserialize_with = "value::regex")]
    pub head: Regex,
    /// Matches a row below it; its group `hex` holds the digits, in whatever groups.
    #[serde(deserialize_with = "value::regex")]
    pub row: Regex,
    /// Matches a line above rows that no evidence may hold: a pre-shared key, or what follows from
    /// one alone.
    #[serde(default, deserialize_with = "value::optional_regex")]
    pub secret: Option<Regex>,
}

/// What a line of a daemon's log can tell: a cause, or what only becomes one with more knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogCause {
    /// A cause by its code.
    Code(CauseCode),
    /// A certificate leads nowhere: daemons do not tell an issuer that they miss from one that they
    /// do not trust.
    NoPath,
    /// A certificate is out of its time, by the clock of the router.
    OutsideValidity,
    /// A CRL is out of its time, by the clock of the router.
    CrlOutsideValidity,
}

impl LogCause {
    /// Words for what is no cause yet, as implementations write them.
    const VAGUE: [(&str, Self); 3] = [
        ("credential.no-path", Self::NoPath),
        ("credential.outside-validity", Self::OutsideValidity),
        ("credential.crl-outside-validity", Self::CrlOutsideValidity),
    ];

    /// The word that stands for it in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::NoPath => "credential.no-path",
            Self::OutsideValidity => "credential.outside-validity",
            Self::CrlOutsideValidity => "credential.crl-outside-validity",
        }
    }
}

impl<'de> Deserialize<'de> for LogCause {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        if let Some((_, vague)) = Self::VAGUE.iter().find(|(known, _)| *known == word) {
            return Ok(*vague);
        }
        // No router can speak of these.
        let told = |code: &&CauseCode| !matches!(code.blame(), "lab" | "declared" | "unknown");
        let mut codes = CauseCode::ALL.iter().filter(told);
        if let Some(code) = codes.clone().find(|code| code.as_str() == word) {
            return Ok(Self::Code(*code));
        }
        let known: Vec<&str> = codes
            .by_ref()
            .map(|code| code.as_str())
            .chain(Self::VAGUE.iter().map(|(known, _)| *known))
            .collect();
        Err(serde::de::Error::custom(format!(
            "{word:?} is no cause that a log can tell\nuse one of {}",
            known.join(", ")
        )))
    }
}

/// Which router a line of the log speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogSide {
    /// The one that wrote it.
    #[serde(rename = "self")]
    Own,
    /// The other one.
    Peer,
}

/// A command: the program and its arguments, never empty.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Argv(Vec<String>);

impl Deref for Argv {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for Argv {
    type Error = &'static str;

    fn try_from(words: Vec<String>) -> Result<Self, &'static str> {
        match words.first() {
            Some(program) if !program.is_empty() => Ok(Self(words)),
            Some(_) | None => Err(
                "a command without a program\nname the program first, such as [\"swanctl\", \
                 \"--stats\"]",
            ),
        }
    }
}

/// A kind of algorithm together with the place of its words.
pub(crate) trait Spoken: Transform {
    /// The key of the words in the file.
    const TABLE: &'static str;

    fn words(words: &Words) -> &BTreeMap<Self, String>;
}

/// States where the words of a kind of algorithm stand.
macro_rules! spoken {
    ($($kind:ident in $table:ident,)+) => {
        $(impl Spoken for $kind {
            const TABLE: &'static str = stringify!($table);

            fn words(words: &Words) -> &BTreeMap<Self, String> {
                &words.$table
            }
        })+
    };
}

spoken! {
    Encryption in encryption,
    Integrity in integrity,
    Prf in prf,
    DhGroup in dh,
}

/// An algorithm that an implementation cannot be told to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{implementation} has no word for {table} {name}\n\
     add it under [algorithms.{table}] of the implementation, or choose one of {}",
    known.join(", ")
)]
pub(crate) struct NoWord {
    implementation: String,
    table: &'static str,
    name: &'static str,
    known: Vec<&'static str>,
}

impl Implementation {
    /// The text of its Dockerfile, if it has one.
    pub fn dockerfile(&self) -> Option<&str> {
        self.dockerfile.as_deref()
    }

    /// What is wrong with a value for one of its settings; `None` when nothing is.
    pub fn refuses_setting(&self, name: &str, value: &Setting) -> Option<String> {
        match self.settings.get(name) {
            Some(setting) if setting.kind() == value.kind() => None,
            Some(setting) => Some(format!(
                "the setting {name:?} is {}\nwrite {}, as {} does",
                value.kind(),
                setting.kind(),
                self.name
            )),
            None => {
                let known: Vec<&str> = self.settings.keys().map(String::as_str).collect();
                Some(format!(
                    "{} has no setting {name:?}\n{}",
                    self.name,
                    use_known(name, &known)
                ))
            }
        }
    }

    /// The daemon's words for a list of algorithms.
    pub(crate) fn spell<T: Spoken>(&self, algorithms: &[T]) -> Result<Vec<&str>, NoWord> {
        let words = T::words(&self.algorithms);
        algorithms
            .iter()
            .map(|algorithm| {
                words
                    .get(algorithm)
                    .map(String::as_str)
                    .ok_or_else(|| NoWord {
                        implementation: self.name.clone(),
                        table: T::TABLE,
                        name: algorithm.name(),
                        known: words.keys().map(|known| known.name()).collect(),
                    })
            })
            .collect()
    }
}
