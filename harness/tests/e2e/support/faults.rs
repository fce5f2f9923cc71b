//! The catalogue of faults, `tests/faults/`: each one thing that is wrong in a pairing that works
//! otherwise, as data, and the cause that it must be found to be.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use reports::cause::{CauseCode, Side};
use serde::Deserialize;
use toml::{Table, Value};

use super::project::Project;

/// The daemon families, and the vendor of each that stands for it.
pub(crate) const DAEMONS: [(&str, &str); 3] = [
    ("strongswan", "strongswan-6.0"),
    ("libreswan", "libreswan-5.2"),
    ("openiked", "openiked-7.4"),
];

/// An ordered pairing of daemon families.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Pairing {
    pub(crate) initiator: &'static str,
    pub(crate) responder: &'static str,
}

impl Pairing {
    /// All ordered pairings.
    pub(crate) fn all() -> Vec<Self> {
        let names = DAEMONS.map(|(name, _)| name);
        let of = |initiator| {
            names.map(|responder| Self {
                initiator,
                responder,
            })
        };
        names.into_iter().flat_map(of).collect()
    }

    pub(crate) fn vendors(self) -> String {
        let vendor = |name| {
            let found = DAEMONS.iter().find(|(family, _)| *family == name);
            found.map_or("", |(_, vendor)| vendor)
        };
        format!("{}:{}", vendor(self.initiator), vendor(self.responder))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Theme {
    faults: Vec<Fault>,
}

/// One fault.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The name of its file.
    #[serde(skip)]
    pub(crate) theme: String,
    pub(crate) name: String,
    /// A sentence that says what is wrong.
    what: String,
    base: Base,
    /// Whose doing it is.
    pub(crate) faulty: Faulty,
    code: CauseCode,
    side: Side,
    /// What `[setup]` of a case has besides the method.
    #[serde(default)]
    setup: Table,
    /// Else the tunnel is set up and probed.
    steps: Option<Vec<Value>>,
    /// Where another cause is right.
    #[serde(default)]
    unless: Vec<Unless>,
    /// Where the fault cannot exist, or is none.
    #[serde(default)]
    not_on: Vec<NotOn>,
}

/// The pairing that works without the fault.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Base {
    Psk,
    CertRfc4945,
    CertHpki,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Faulty {
    Initiator,
    Responder,
    Both,
    Path,
}

/// Pairings in which a cause is another one, because daemons differ in who notices, or in what they
/// can tell.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unless {
    initiator: Option<String>,
    responder: Option<String>,
    code: Option<CauseCode>,
    side: Option<Side>,
    why: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NotOn {
    initiator: Option<String>,
    responder: Option<String>,
    why: String,
}

fn covers(initiator: &Option<String>, responder: &Option<String>, pairing: Pairing) -> bool {
    let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|name| name == is);
    fits(initiator, pairing.initiator) && fits(responder, pairing.responder)
}

impl Fault {
    pub(crate) fn id(&self) -> String {
        format!("{}.{}", self.theme, self.name)
    }

    /// The pairings in which it can exist.
    pub(crate) fn pairings(&self) -> Vec<Pairing> {
        let mut all = Pairing::all();
        all.retain(|pairing| {
            let mut exceptions = self.not_on.iter();
            !exceptions.any(|not| covers(&not.initiator, &not.responder, *pairing))
        });
        all
    }

    /// Code and side that it must be found to be in a pairing.
    pub(crate) fn expected(&self, pairing: Pairing) -> (CauseCode, Side) {
        let mut exceptions = self.unless.iter();
        match exceptions.find(|unless| covers(&unless.initiator, &unless.responder, pairing)) {
            Some(unless) => (
                unless.code.unwrap_or(self.code),
                unless.side.unwrap_or(self.side),
            ),
            None => (self.code, self.side),
        }
    }

    /// Whether a daemon family is the faulty end in a pairing, and whether it is the other one.
    pub(crate) fn parts(&self, pairing: Pairing, daemon: &str) -> [bool; 2] {
        let (initiates, responds) = (pairing.initiator == daemon, pairing.responder == daemon);
        match self.faulty {
            Faulty::Initiator => [initiates, responds],
            Faulty::Responder => [responds, initiates],
            Faulty::Both | Faulty::Path => [initiates || responds; 2],
        }
    }

    fn case(&self) -> String {
        let (method, certificates) = match self.base {
            Base::Psk => ("psk", None),
            Base::CertRfc4945 => ("cert-rfc4945", Some("rfc4945")),
            Base::CertHpki => ("cert-hpki", Some("hpki-auth-organisation")),
        };
        let mut setup = Table::new();
        setup.insert("auth".into(), method.into());
        if let Some(profile) = certificates {
            setup.insert("certificates".into(), profile.into());
        }
        setup.extend(self.setup.clone());
        let mut needs = vec![Value::from(method)];
        let has_psk = |end: &str| {
            let end = self.setup.get(end);
            end.and_then(|end| end.get("auth")).is_some()
        };
        if has_psk("initiator") || has_psk("responder") {
            needs.push("psk".into());
        }
        let step = |word: &str| Value::from(Table::from_iter([("do".to_owned(), word.into())]));
        let steps = self.steps.clone();
        let steps = steps.unwrap_or_else(|| vec![step("initiate"), step("probe")]);
        let text = |en: &str, ja: &str| {
            Value::from(Table::from_iter([
                ("en".to_owned(), en.into()),
                ("ja".to_owned(), ja.into()),
            ]))
        };
        let clause = Table::from_iter([
            ("rfc".to_owned(), 7296.into()),
            ("section".to_owned(), "1".into()),
            ("restated".to_owned(), text("Words.", "言葉。")),
        ]);
        let case = Table::from_iter([
            ("id".to_owned(), self.id().into()),
            ("abbreviation".to_owned(), "FAULT".into()),
            ("level".to_owned(), "extended".into()),
            ("needs".to_owned(), needs.into()),
            (
                "title".to_owned(),
                text(&self.what, &format!("試験 {}", self.name)),
            ),
            ("clause".to_owned(), clause.into()),
            ("setup".to_owned(), setup.into()),
            ("steps".to_owned(), steps.into()),
        ]);
        toml::to_string(&case).unwrap()
    }

    /// What is said to excuse an exception.
    pub(crate) fn excuses(&self) -> impl Iterator<Item = &str> {
        let unless = self.unless.iter().map(|unless| unless.why.as_str());
        unless.chain(self.not_on.iter().map(|not| not.why.as_str()))
    }
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults")
}

/// The file of the certificate profiles that have a fault.
const CERTIFICATES: &str = "certificates.toml";

/// All faults, in the order of their themes.
pub(crate) fn catalogue() -> Vec<Fault> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with(CERTIFICATES))
        .collect();
    files.sort();
    let mut faults = Vec::new();
    for path in files {
        let theme = path.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let read: Theme =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        faults.extend(read.faults.into_iter().map(|fault| Fault {
            theme: theme.to_owned(),
            ..fault
        }));
    }
    faults
}

/// A project that has the faults as cases, and their certificates.
pub(crate) fn project(faults: &[Fault]) -> Project {
    let project = Project::new();
    for fault in faults {
        let path = format!("cases/{}/{}.toml", fault.theme, fault.name);
        project.write(&path, &fault.case());
    }
    let text = fs::read_to_string(folder().join(CERTIFICATES)).unwrap();
    let profiles: BTreeMap<String, Table> = toml::from_str(&text).unwrap();
    for (id, tables) in profiles {
        let words = format!(
            "id = {id:?}\ntitle = {{ en = \"For a test\", ja = \"試験用\" }}\ndescription = {{ en = \
             \"For a test.\", ja = \"試験用です。\" }}\n"
        );
        let path = format!("certs/profiles/faults/{id}.toml");
        project.write(&path, &(words + &toml::to_string(&tables).unwrap()));
    }
    project
}
