//! The format of `implementation.toml`, and the checks that make an [`Implementation`] of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use files::name::is_name;
use files::{Checks, Problems};
use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

use super::value::{self, AbsolutePath};
use super::{
    ConfigFile, Control, Credential, CredentialFile, Daemon, Form, Implementation, LogPattern,
    NAME, SessionKeyLog, Status, UserSpaceEsp, Version, Words, dockerfile,
};
use crate::checks::{check_id, read_main};
use crate::templates::Templates;
use cases::Setting;
use files::use_known;

/// The groups by which a status expression hands out the SPIs of a Child SA.
const SPI_GROUPS: [&str; 2] = ["spi_in", "spi_out"];

impl Implementation {
    /// Loads one folder of `vendor-profiles/implementations`.
    pub(crate) fn load(folder: &Path) -> Result<Self, Problems> {
        let source = read_main(folder, "implementation.toml")?;
        let file: ImplementationFile = source.parse()?;
        let templates = Templates::compile(Templates::read(folder)?)?;
        let dockerfile = dockerfile::read(folder)?;
        let mut checks = Checks::new(&source);
        check_id(&mut checks, &file.id);
        check_versions(&mut checks, &file.versions);
        check_files(&mut checks, &file.files, &templates);
        if let Some(problem) = dockerfile
            .as_ref()
            .and_then(|dockerfile| dockerfile::lacks(dockerfile, &file.versions))
        {
            checks.note(problem);
        }
        check_credentials(&mut checks, &file.credentials, &file.settings);
        check_control(&mut checks, &file.daemon, &file.control);
        check_groups(&mut checks, &file.status);
        check_session_keys(&mut checks, file.session_keys.as_ref());
        check_settings(&mut checks, &file.settings);
        let user_space_esp = file
            .user_space_esp
            .map(|entry| user_space_esp(&mut checks, entry, &file.settings));
        let settings: BTreeMap<String, Setting> = file
            .settings
            .into_iter()
            .map(|(name, setting)| (name.into_inner(), setting))
            .collect();
        for problem in templates.unknown_variables(&crate::templates::known(&settings)) {
            checks.note(problem);
        }
        checks.finish()?;
        Ok(Self {
            id: file.id.into_inner(),
            name: file.name,
            homepage: file.homepage,
            versions: file
                .versions
                .into_inner()
                .into_iter()
                .map(|(name, version)| (name, version.into_inner()))
                .collect(),
            files: file
                .files
                .into_inner()
                .into_iter()
                .map(|file| ConfigFile {
                    template: file.template.into_inner(),
                    path: file.path.into_inner().0,
                    mode: file.mode,
                })
                .collect(),
            credentials: file
                .credentials
                .into_iter()
                .map(|entry| CredentialFile {
                    what: entry.what,
                    path: entry.path.into_inner(),
                    form: entry.form.map(Spanned::into_inner).unwrap_or_default(),
                    mode: entry.mode,
                    when: entry.when.map(Spanned::into_inner),
                })
                .collect(),
            daemon: Some(file.daemon.into_inner()),
            control: file.control.into_inner(),
            status: file.status.into_inner(),
            algorithms: file.algorithms,
            settings,
            log_patterns: file.log_patterns,
            user_space_esp,
            session_keys: file.session_keys.map(Spanned::into_inner),
            certificate_received: file.certificate_received,
            templates,
            dockerfile: dockerfile.map(|dockerfile| dockerfile.text().to_owned()),
            text: source.text().to_owned(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImplementationFile {
    id: Spanned<String>,
    name: String,
    homepage: String,
    versions: Spanned<BTreeMap<String, Spanned<Version>>>,
    files: Spanned<Vec<FileEntry>>,
    #[serde(default)]
    credentials: Vec<CredentialEntry>,
    daemon: Spanned<Daemon>,
    control: Spanned<Control>,
    status: Spanned<Status>,
    algorithms: Words,
    #[serde(default)]
    settings: BTreeMap<Spanned<String>, Setting>,
    #[serde(default)]
    log_patterns: Vec<LogPattern>,
    user_space_esp: Option<UserSpaceEntry>,
    session_keys: Option<Spanned<SessionKeyLog>>,
    #[serde(default, deserialize_with = "value::optional_regex")]
    certificate_received: Option<Regex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    template: Spanned<String>,
    path: Spanned<AbsolutePath>,
    #[serde(deserialize_with = "value::mode")]
    mode: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialEntry {
    what: Credential,
    path: Spanned<String>,
    form: Option<Spanned<Form>>,
    #[serde(deserialize_with = "value::mode")]
    mode: u32,
    when: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserSpaceEntry {
    #[serde(default, deserialize_with = "value::package_names")]
    packages: Vec<String>,
    #[serde(default)]
    settings: BTreeMap<Spanned<String>, Setting>,
}

fn user_space_esp(
    checks: &mut Checks<'_>,
    entry: UserSpaceEntry,
    settings: &BTreeMap<Spanned<String>, Setting>,
) -> UserSpaceEsp {
    for (name, value) in &entry.settings {
        let own = settings
            .iter()
            .find(|(own, _)| own.get_ref() == name.get_ref());
        if own.is_none_or(|(_, own)| own.kind() != value.kind()) {
            let message = format_args!(
                "there is no setting {:?} that is {}\nadd it to [settings], or write a value like \
                 the one there",
                name.get_ref(),
                value.kind()
            );
            checks.refuse(name, message);
        }
    }
    let settings = entry.settings.into_iter();
    UserSpaceEsp {
        packages: entry.packages,
        settings: settings
            .map(|(name, value)| (name.into_inner(), value))
            .collect(),
    }
}

fn check_versions(checks: &mut Checks<'_>, versions: &Spanned<BTreeMap<String, Spanned<Version>>>) {
    if versions.get_ref().is_empty() {
        checks.refuse(
            versions,
            "no version\nadd a table such as [versions.\"6.0\"]",
        );
    }
    for version in versions.get_ref().values() {
        let Version {
            packages,
            version_package,
            ..
        } = version.get_ref();
        if !packages.contains(version_package) {
            let message = format_args!(
                "the version package {version_package:?} is not installed\nuse one of {}, or add \
                 it to `packages`",
                packages.join(", ")
            );
            checks.refuse(version, message);
        }
    }
}

fn check_files(checks: &mut Checks<'_>, files: &Spanned<Vec<FileEntry>>, templates: &Templates) {
    if files.get_ref().is_empty() {
        checks.refuse(files, "no file to render\nadd a table [[files]]");
    }
    let known: Vec<&str> = templates.names().collect();
    let mut paths = BTreeSet::new();
    for file in files.get_ref() {
        let template = file.template.get_ref();
        if !known.contains(&template.as_str()) {
            let message = format_args!(
                "there is no template {template:?} in this folder\n{}",
                use_known(template, &known)
            );
            checks.refuse(&file.template, message);
        }
        let AbsolutePath(path) = file.path.get_ref();
        if !paths.insert(path) {
            let message = format_args!(
                "two files go to {}\ngive each a path of its own",
                path.display()
            );
            checks.refuse(&file.path, message);
        }
    }
}

fn check_credentials(
    checks: &mut Checks<'_>,
    entries: &[CredentialEntry],
    settings: &BTreeMap<Spanned<String>, Setting>,
) {
    for entry in entries {
        let path = entry.path.get_ref();
        if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
            let message = format_args!(
                "{path:?} is not an absolute path\nwrite the whole path on the router, from /"
            );
            checks.refuse(&entry.path, message);
        }
        match (entry.what.is_list(), path.contains(NAME)) {
            (true, false) => checks.refuse(
                &entry.path,
                "several documents would go to one path\nwrite {name} where the name of each \
                 belongs",
            ),
            (false, true) => checks.refuse(
                &entry.path,
                "{name} stands for the names of several documents, and there is one\nwrite a name",
            ),
            (true, true) | (false, false) => {}
        }
        if let Some(form) = &entry.form
            && *form.get_ref() == Form::Der
            && matches!(entry.what, Credential::PrivateKey | Credential::Pkcs12)
        {
            let message = "keys are PEM, and PKCS#12 has one form only\nremove `form`";
            checks.refuse(form, message);
        }
        let Some(when) = &entry.when else { continue };
        let switch = settings
            .iter()
            .find(|(name, _)| name.get_ref() == when.get_ref());
        if switch.is_none_or(|(_, value)| value.as_bool().is_none()) {
            let message = format_args!(
                "there is no setting {:?} that is true or false\nadd it to [settings], or remove \
                 `when`",
                when.get_ref()
            );
            checks.refuse(when, message);
        }
    }
}

/// Every router must become ready, initiate, and show its state; the rest it may lack.
fn check_control(checks: &mut Checks<'_>, daemon: &Spanned<Daemon>, control: &Spanned<Control>) {
    if daemon.get_ref().ready.is_empty() {
        let message = "nothing says when the daemon is ready\nadd a sign to `ready`, such as { \
                       path = \"/run/charon.vici\" }";
        checks.refuse(daemon, message);
    }
    let Control {
        initiate, status, ..
    } = control.get_ref();
    for (name, commands) in [("initiate", initiate), ("status", status)] {
        if commands.is_empty() {
            checks.refuse(
                control,
                format_args!("no command under `{name}`\nadd at least one"),
            );
        }
    }
}

/// The expressions must hand out what the reader of a log asks for.
fn check_session_keys(checks: &mut Checks<'_>, log: Option<&Spanned<SessionKeyLog>>) {
    let Some(log) = log else {
        return;
    };
    let wanted = [
        (&log.get_ref().head, "key"),
        (&log.get_ref().head, "octets"),
        (&log.get_ref().row, "hex"),
    ];
    for (expression, group) in wanted {
        if !expression
            .capture_names()
            .flatten()
            .any(|name| name == group)
        {
            let message = format_args!(
                "{:?} has no group {group:?}\nput (?P<{group}>...) around what it names",
                expression.as_str()
            );
            checks.refuse(log, message);
        }
    }
}

fn check_groups(checks: &mut Checks<'_>, status: &Spanned<Status>) {
    let groups: Vec<&str> = status
        .get_ref()
        .child_installed
        .capture_names()
        .flatten()
        .collect();
    let complete = SPI_GROUPS.iter().all(|group| groups.contains(group));
    let nothing_else = groups.iter().all(|group| SPI_GROUPS.contains(group));
    if !(nothing_else && (complete || groups.is_empty())) {
        let message = format_args!(
            "`child_installed` has the named groups {}\nuse spi_in and spi_out together, or no \
             named group",
            groups.join(", ")
        );
        checks.refuse(status, message);
    }
}

/// Templates write `settings.name`, so a name is one that a template can write.
fn check_settings(checks: &mut Checks<'_>, settings: &BTreeMap<Spanned<String>, Setting>) {
    for name in settings.keys() {
        if !is_name(name.get_ref(), &['_']) {
            let message = format_args!(
                "a template cannot write the setting {:?}\nuse lower-case letters, digits, and \
                 underscores",
                name.get_ref()
            );
            checks.refuse(name, message);
        }
    }
}
