//! A model of router, as its folder describes it: `model.toml`, and `commands.tera` where there is a
//! draft of commands.

use std::collections::BTreeMap;
use std::path::Path;

use cases::{AuthMethod, IdentityKind};
use files::{Checks, Problem, Problems};
use ikev2::{DhGroup, Encryption, Integrity, Prf};
use regex::Regex;
use reports::text::Text;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::view;
use crate::checks::{check_id, read_main};
use crate::implementation::value;
use crate::templates::Templates;

/// The template of a draft.
pub(super) const COMMANDS: &str = "commands.tera";

/// A model of router, or the generic one, which has a table and no commands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Model {
    /// The name of its folder.
    pub id: String,
    pub name: Text,
    /// Devices on which somebody has tried the draft; empty while nobody has.
    pub verified: Vec<Verification>,
    /// What the draft was written from.
    pub sources: Vec<String>,
    /// What is to be known of the model, and what is not known.
    pub notes: Vec<Text>,
    pub(super) draft: Option<Draft>,
}

impl Model {
    /// Whether the sheet has commands, and not the table alone.
    pub fn has_draft(&self) -> bool {
        self.draft.is_some()
    }
}

/// A device on which somebody has tried the draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    pub device: String,
    pub firmware: String,
    /// Year, month and day.
    pub date: String,
    pub by: String,
}

/// What the commands can say, and the template that says it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) methods: Vec<AuthMethod>,
    /// Methods that the model is said to have, and that the draft has no commands for.
    pub(super) unwritten_methods: Vec<AuthMethod>,
    /// Types of identity with the model's own words for them.
    pub(super) identities: Vec<(IdentityKind, String)>,
    pub(super) unwritten_identities: Vec<IdentityKind>,
    /// Matches, as a whole, a text that can stand in the commands as it is.
    pub(super) text: Regex,
    pub(super) ike: IkeWords,
    pub(super) esp: EspWords,
    pub(super) templates: Templates,
}

/// The model's own words for the algorithms of an IKE SA.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IkeWords {
    pub(super) encryption: BTreeMap<Encryption, String>,
    pub(super) integrity: BTreeMap<Integrity, String>,
    /// Absent where the PRF follows from the rest and cannot be set.
    pub(super) prf: Option<BTreeMap<Prf, String>>,
    pub(super) dh: BTreeMap<DhGroup, String>,
}

/// The model's own words for the algorithms of a Child SA.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EspWords {
    pub(super) encryption: BTreeMap<Encryption, String>,
    pub(super) integrity: BTreeMap<Integrity, String>,
    pub(super) dh: BTreeMap<DhGroup, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    id: Spanned<String>,
    name: Spanned<Text>,
    #[serde(default)]
    verified: Vec<Verification>,
    #[serde(default)]
    sources: Vec<Spanned<String>>,
    #[serde(default)]
    notes: Vec<Spanned<Text>>,
    draft: Option<Spanned<DraftFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftFile {
    methods: Vec<AuthMethod>,
    #[serde(default)]
    unwritten_methods: Vec<AuthMethod>,
    identities: IdentityWords,
    #[serde(default)]
    unwritten_identities: Vec<IdentityKind>,
    #[serde(deserialize_with = "value::regex")]
    text: Regex,
    ike: IkeWords,
    esp: EspWords,
}

/// The model's own words for types of identity; none where it has no such type.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct IdentityWords {
    fqdn: Option<String>,
    ipv4: Option<String>,
    ipv6: Option<String>,
    rfc822: Option<String>,
    key_id: Option<String>,
    dn: Option<String>,
}

impl IdentityWords {
    fn into_list(self) -> Vec<(IdentityKind, String)> {
        [
            (IdentityKind::Fqdn, self.fqdn),
            (IdentityKind::Ipv4, self.ipv4),
            (IdentityKind::Ipv6, self.ipv6),
            (IdentityKind::Rfc822, self.rfc822),
            (IdentityKind::KeyId, self.key_id),
            (IdentityKind::Dn, self.dn),
        ]
        .into_iter()
        .filter_map(|(kind, word)| Some((kind, word?)))
        .collect()
    }
}

impl Model {
    /// Loads the folder of one model.
    pub(super) fn load(folder: &Path) -> Result<Self, Problems> {
        let source = read_main(folder, "model.toml")?;
        let file: ModelFile = source.parse()?;
        let mut checks = Checks::new(&source);
        check_id(&mut checks, &file.id);
        let name = checks.text(file.name);
        let notes = file.notes.into_iter().map(|note| checks.text(note));
        let notes = notes.collect();
        for place in &file.sources {
            if place.get_ref().contains(char::is_control) {
                checks.refuse(place, "a control character\nwrite the source on one line");
            }
        }
        let templates = Templates::read(folder)?;
        let has_commands = templates.contains_key(COMMANDS);
        let templates = Templates::compile(templates)?;
        for problem in templates.unknown_variables(&view::command_variables()) {
            checks.note(problem);
        }
        let draft = match file.draft {
            Some(draft) if !has_commands => {
                let message = format_args!(
                    "a draft without commands\nadd {COMMANDS} to the folder, or remove [draft]"
                );
                checks.refuse(&draft, message);
                None
            }
            Some(draft) => Some(draft_of(&mut checks, draft, templates)),
            None if has_commands => {
                let message = format_args!("commands without [draft]\nadd [draft] to model.toml");
                checks.note(Problem::of_file(&folder.join(COMMANDS), message));
                None
            }
            None => None,
        };
        checks.finish()?;
        Ok(Self {
            id: file.id.into_inner(),
            name,
            verified: file.verified,
            sources: file.sources.into_iter().map(Spanned::into_inner).collect(),
            notes,
            draft,
        })
    }
}

fn draft_of(checks: &mut Checks<'_>, file: Spanned<DraftFile>, templates: Templates) -> Draft {
    if file.get_ref().methods.is_empty() {
        let message = "the draft covers no authentication method\nadd one to methods";
        checks.refuse(&file, message);
    }
    let span = file.span();
    let file = file.into_inner();
    // A line break would end a command and begin another.
    let whole = Regex::new(&format!(r"\A(?:{})\z", file.text.as_str()));
    let text = whole.unwrap_or_else(|_| file.text.clone());
    if text.is_match("a\nb") || text.is_match("a\r") {
        let message = "this lets a text with a line break into a command\nallow no control \
                       characters";
        let place = checks.source().problem(span, message);
        checks.note(place);
    }
    Draft {
        methods: file.methods,
        unwritten_methods: file.unwritten_methods,
        identities: file.identities.into_list(),
        unwritten_identities: file.unwritten_identities,
        text,
        ike: file.ike,
        esp: file.esp,
        templates,
    }
}
