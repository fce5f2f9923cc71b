//! Routers that no lab runs: where one is, and how it is told what to do.

use std::collections::{BTreeMap, BTreeSet};

use files::{Checks, use_known};
use ikev2::Transform;
use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

use crate::implementation::{Argv, Control, Implementation, Status, Words};
use crate::templates::Templates;

/// What a profile names as its implementation when its router is not run by a lab.
pub const EXTERNAL: &str = "external";
/// The sheet of a router whose profile names no model.
pub const GENERIC: &str = "generic";
/// What commands can ask for, between braces.
const PLACEHOLDERS: [&str; 6] = [
    "folder",
    "role",
    "case",
    "wan_address",
    "lan_address",
    "gateway",
];
/// The longest name of an interface of Linux, in octets (netdevice(7)).
const INTERFACE: usize = 15;

/// A router that somebody has set up beside this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct External {
    /// The interface of this machine that its WAN port is cabled to.
    pub interface: String,
    pub lan: Lan,
    pub control: Way,
    /// The model whose configuration sheet is its own.
    pub sheet: String,
    /// Print its log, where commands control it and some can.
    pub log: Vec<Argv>,
}

/// What stands on the LAN side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lan {
    /// The lab's host, on this interface of this machine, which the LAN port is cabled to.
    Interface(String),
    /// Nothing: the router itself answers ICMP echo requests at its LAN address.
    Echo,
}

/// Who tells the router what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A person, with the configuration sheet and a checklist.
    Manual,
    /// Programs of this machine, such as `ssh`.
    Command,
}

impl External {
    /// Every interface of this machine that belongs to the router.
    pub fn interfaces(&self) -> Vec<&str> {
        let lan = match &self.lan {
            Lan::Interface(name) => Some(name.as_str()),
            Lan::Echo => None,
        };
        [self.interface.as_str()].into_iter().chain(lan).collect()
    }
}

/// A command with what stands for `{folder}` and the like put in; the others stay as they are.
pub fn fill_in(command: &Argv, values: &[(&str, &str)]) -> Vec<String> {
    let fill = |word: &String| {
        let mut filled = String::new();
        let mut rest = word.as_str();
        while let Some(start) = rest.find('{') {
            filled.push_str(&rest[..start]);
            rest = &rest[start..];
            let found = values.iter().find_map(|(name, value)| {
                let after = rest.strip_prefix('{')?.strip_prefix(name)?;
                Some((value, after.strip_prefix('}')?))
            });
            match found {
                // What a value holds is not looked at again.
                Some((value, after)) => {
                    filled.push_str(value);
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled.push_str(rest);
        filled
    };
    command.iter().map(fill).collect()
}

/// The table `[external]` of a profile.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalTable {
    interface: Spanned<String>,
    lan: Spanned<Lan>,
    control: Spanned<Way>,
    sheet: Option<Spanned<String>>,
    commands: Option<Spanned<Commands>>,
    status: Option<Spanned<Status>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Commands {
    #[serde(default)]
    load: Vec<Spanned<Argv>>,
    #[serde(default)]
    initiate: Vec<Spanned<Argv>>,
    #[serde(default)]
    terminate: Vec<Spanned<Argv>>,
    #[serde(default)]
    rekey_ike: Vec<Spanned<Argv>>,
    #[serde(default)]
    rekey_child: Vec<Spanned<Argv>>,
    #[serde(default)]
    status: Vec<Spanned<Argv>>,
    #[serde(default)]
    log: Vec<Spanned<Argv>>,
}

impl Commands {
    fn all(&self) -> impl Iterator<Item = &Spanned<Argv>> {
        [
            &self.load,
            &self.initiate,
            &self.terminate,
            &self.rekey_ike,
            &self.rekey_child,
            &self.status,
            &self.log,
        ]
        .into_iter()
        .flatten()
    }
}

/// Checks the table; `models` are those of the sheets that there are. Gives with it what stands in for a family of daemons.
pub(crate) fn external(
    checks: &mut Checks<'_>,
    table: Spanned<ExternalTable>,
    models: &[&str],
) -> (External, Implementation) {
    check_interfaces(checks, &table);
    check_commands(checks, &table);
    check_sheet(checks, table.get_ref(), models);
    let table = table.into_inner();
    let commands = table.commands.map(Spanned::into_inner).unwrap_or_default();
    let external = External {
        interface: table.interface.into_inner(),
        lan: table.lan.into_inner(),
        control: table.control.into_inner(),
        sheet: table
            .sheet
            .map_or_else(|| GENERIC.to_owned(), Spanned::into_inner),
        log: bare(commands.log),
    };
    let control = Control {
        load: bare(commands.load),
        reload: Vec::new(),
        loaded: Vec::new(),
        initiate: bare(commands.initiate),
        terminate: bare(commands.terminate),
        abandon: Vec::new(),
        rekey_ike: bare(commands.rekey_ike),
        rekey_child: bare(commands.rekey_child),
        status: bare(commands.status),
        version: None,
    };
    let status = table.status.map_or_else(never, Spanned::into_inner);
    (external, stand_in(control, status))
}

fn bare(commands: Vec<Spanned<Argv>>) -> Vec<Argv> {
    commands.into_iter().map(Spanned::into_inner).collect()
}

/// What nothing is read with.
fn never() -> Status {
    #[expect(clippy::unwrap_used, reason = "a constant that compiles")]
    let nothing = || Regex::new(r"[^\s\S]").unwrap();
    Status {
        ike_established: nothing(),
        child_installed: nothing(),
    }
}

/// Nothing is rendered for it, started or installed.
fn stand_in(control: Control, status: Status) -> Implementation {
    Implementation {
        id: EXTERNAL.to_owned(),
        name: "external router".to_owned(),
        homepage: String::new(),
        versions: BTreeMap::new(),
        files: Vec::new(),
        credentials: Vec::new(),
        daemon: None,
        control,
        status,
        // A person reads the sheet: every algorithm can be named.
        algorithms: Words {
            encryption: names(),
            integrity: names(),
            prf: names(),
            dh: names(),
        },
        settings: BTreeMap::new(),
        log_patterns: Vec::new(),
        user_space_esp: None,
        session_keys: None,
        certificate_received: None,
        templates: Templates::default(),
        dockerfile: None,
        text: String::new(),
    }
}

fn names<T: Transform>() -> BTreeMap<T, String> {
    let all = T::ALL.iter();
    all.map(|known| (*known, known.name().to_owned())).collect()
}

fn check_interfaces(checks: &mut Checks<'_>, table: &Spanned<ExternalTable>) {
    let ExternalTable { interface, lan, .. } = table.get_ref();
    let fits = |name: &str| {
        !name.is_empty()
            && name.len() <= INTERFACE
            && !matches!(name, "." | ".." | "lo")
            && name
                .chars()
                .all(|c| c.is_ascii_graphic() && !matches!(c, '/' | ':' | '%'))
    };
    let message = |name: &str| {
        format!(
            "{name:?} is no interface that a router can be cabled to\nwrite its name as `ip link` \
             shows it, such as \"eth1\""
        )
    };
    if !fits(interface.get_ref()) {
        checks.refuse(interface, message(interface.get_ref()));
    }
    if let Lan::Interface(name) = lan.get_ref() {
        if !fits(name) {
            checks.refuse(lan, message(name));
        } else if name == interface.get_ref() {
            let message = format_args!(
                "{name} is the interface of the WAN side\nname another one for the LAN side, or \
                 write lan = \"echo\" where the router itself answers ICMP echo requests at its \
                 LAN address"
            );
            checks.refuse(lan, message);
        }
    }
}

fn check_sheet(checks: &mut Checks<'_>, table: &ExternalTable, models: &[&str]) {
    if let Some(sheet) = &table.sheet
        && !models.contains(&sheet.get_ref().as_str())
    {
        let message = format_args!(
            "there is no sheet for the model {:?}\n{}",
            sheet.get_ref(),
            use_known(sheet.get_ref(), models)
        );
        checks.refuse(sheet, message);
    }
}

fn check_commands(checks: &mut Checks<'_>, table: &Spanned<ExternalTable>) {
    let ExternalTable {
        control,
        commands,
        status,
        ..
    } = table.get_ref();
    match (control.get_ref(), commands) {
        (Way::Manual, Some(commands)) => {
            let message = "a person controls this router, and here are commands\nwrite control = \
                           \"command\", or remove [external.commands]";
            checks.refuse(commands, message);
        }
        (Way::Command, None) => {
            let message = "commands control this router, and there are none\nadd \
                           [external.commands] with `load` and `initiate`, or write control = \
                           \"manual\"";
            checks.refuse(control, message);
        }
        (Way::Manual, None) | (Way::Command, Some(_)) => {}
    }
    let Some(commands) = commands else {
        if let Some(status) = status {
            let message = "there is no output that this could be read from\nadd `status` to \
                           [external.commands], or remove [external.status]";
            checks.refuse(status, message);
        }
        return;
    };
    let inner = commands.get_ref();
    for (name, list) in [("load", &inner.load), ("initiate", &inner.initiate)] {
        if list.is_empty() {
            let message = format_args!("no command under `{name}`\nadd at least one");
            checks.refuse(commands, message);
        }
    }
    match (inner.status.is_empty(), status) {
        (true, Some(status)) => {
            let message = "there is no output that this could be read from\nadd `status` to \
                           [external.commands], or remove [external.status]";
            checks.refuse(status, message);
        }
        (false, None) => {
            let message = "nothing says how the output of `status` is read\nadd [external.status] \
                           with `ike_established` and `child_installed`";
            checks.refuse(commands, message);
        }
        (true, None) | (false, Some(_)) => {}
    }
    for command in inner.all() {
        for unknown in unknown_placeholders(command.get_ref()) {
            let message = format_args!(
                "nothing stands for {{{unknown}}} in a command\n{}, or write {{ {unknown} }} where \
                 the braces belong to the command",
                use_known(&unknown, &PLACEHOLDERS)
            );
            checks.refuse(command, message);
        }
    }
}

/// Names between braces that nothing is put in for.
fn unknown_placeholders(command: &Argv) -> BTreeSet<String> {
    let mut unknown = BTreeSet::new();
    for word in command.iter() {
        for part in word.split('{').skip(1) {
            let name = part.split('}').next().unwrap_or_default();
            let is_closed = part.len() > name.len();
            let is_name =
                !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if is_closed && is_name && !PLACEHOLDERS.contains(&name) {
                unknown.insert(name.to_owned());
            }
        }
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Argv {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        words.try_into().unwrap()
    }

    #[test]
    fn what_is_put_into_a_command_is_not_looked_at_again() {
        let command = argv(&["scp", "{folder}/a", "x{role}{role}", "awk { print }", "{"]);
        let values = [("folder", "/tmp/{role}"), ("role", "initiator")];
        assert_eq!(
            fill_in(&command, &values),
            [
                "scp",
                "/tmp/{role}/a",
                "xinitiatorinitiator",
                "awk { print }",
                "{"
            ]
        );
    }

    #[test]
    fn braces_around_anything_but_a_name_belong_to_the_command() {
        let found = unknown_placeholders(&argv(&["sh", "{foldr} ${X} {} { a } {role}"]));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["foldr"]);
    }
}
