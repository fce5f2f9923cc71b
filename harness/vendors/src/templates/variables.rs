//! Finds uses of variables that no template is given.
//!
//! The template engine takes an unknown name in a condition for false, so that a mistyped one
//! would go unnoticed there. This reads the names themselves, wherever they stand in a tag.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use files::{Problem, Source};
use regex::{Captures, Regex};

use cases::Setting;
use files::use_known;

/// The variables of every template beside the settings.
const VARIABLES: [&str; 30] = [
    "role",
    "local.name",
    "local.address",
    "local.subnets",
    "local.id.type",
    "local.id.value",
    "local.id.hex",
    "local.id.attributes",
    "remote.name",
    "remote.address",
    "remote.subnets",
    "remote.id.type",
    "remote.id.value",
    "remote.id.hex",
    "remote.id.attributes",
    "auth.method",
    "auth.psk",
    "auth.psk_hex",
    "auth.certificate",
    "auth.trust_anchors",
    "auth.intermediates",
    "auth.crls",
    "auth.password",
    "ike.version",
    "ike.proposals",
    "esp.mode",
    "esp.proposals",
    "nat_traversal",
    "connection",
    "raw",
];

/// Every variable of the templates of an implementation with these settings.
pub(crate) fn known(settings: &BTreeMap<String, Setting>) -> Vec<String> {
    let own = settings.keys().map(|name| format!("settings.{name}"));
    let common = VARIABLES.iter().map(ToString::to_string);
    common.chain(own).collect()
}

/// Checks one template. `free` are the names that it takes from outside, as the engine found them:
/// the variable of a loop is not among them.
pub(super) fn unknown(source: &Source, free: &HashSet<&str>, known: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for tag in TAG.find_iter(source.text()) {
        for path in PATH.find_iter(&without_text(tag.as_str())) {
            let root = path.as_str().split('.').next().unwrap_or_default();
            if free.contains(root) && !is_known(path.as_str(), known) {
                let message = format!(
                    "there is no variable {:?}\n{}",
                    path.as_str(),
                    use_known(path.as_str(), &with_root(root, known))
                );
                let start = tag.start() + path.start();
                problems.push(source.problem(start..start + path.len(), message));
            }
        }
    }
    problems
}

/// A variable, or what holds some, such as `local.id`.
fn is_known(path: &str, known: &[String]) -> bool {
    path == "settings"
        || known.iter().any(|variable| {
            variable
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
}

/// The known variables under a name, or all where it is not the name of any.
fn with_root<'a>(root: &str, known: &'a [String]) -> Vec<&'a str> {
    let all = || known.iter().map(String::as_str);
    let under_root: Vec<&str> = all()
        .filter(|variable| variable.split('.').next() == Some(root))
        .collect();
    if under_root.is_empty() {
        return all().collect();
    }
    under_root
}

/// A tag with every comment and string blanked out, so that places stay what they are.
fn without_text(tag: &str) -> String {
    TEXT.replace_all(tag, |text: &Captures<'_>| " ".repeat(text[0].len()))
        .into_owned()
}

/// Comments, expressions, and statements.
static TAG: LazyLock<Regex> = LazyLock::new(|| constant(r"(?s)\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}"));

/// What a tag holds that is not code: a comment as a whole, or a string.
static TEXT: LazyLock<Regex> =
    LazyLock::new(|| constant(r#"(?s)\{#.*#\}|"[^"]*"|'[^']*'|`[^`]*`"#));

/// A name with all that hangs on it by dots.
static PATH: LazyLock<Regex> =
    LazyLock::new(|| constant(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"));

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the expressions of this module are constant and tested")
}
