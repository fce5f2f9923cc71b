//! What a person reads who asked for something that cannot be: one snapshot of every message.

use std::fmt::Write;
use std::fs;

use crate::support::program::program;
use crate::support::project::Project;

struct Mistake {
    name: &'static str,
    words: &'static [&'static str],
    /// A file of the project and what is in it instead, if it is the file's fault.
    file: Option<(&'static str, Edit)>,
}

enum Edit {
    Whole(&'static str),
    Replace(&'static str, &'static str),
}

const fn words(name: &'static str, words: &'static [&'static str]) -> Mistake {
    Mistake {
        name,
        words,
        file: None,
    }
}

const fn file(name: &'static str, path: &'static str, edit: Edit) -> Mistake {
    Mistake {
        name,
        words: &["run"],
        file: Some((path, edit)),
    }
}

const PROFILE: &str = "vendor-profiles/strongswan-6.0/profile.toml";
const TEMPLATE: &str = "vendor-profiles/implementations/strongswan/swanctl.conf.tera";

const MISTAKES: &[Mistake] = &[
    words("an unknown vendor", &["run", "--vendor", "strongswan-7.0"]),
    words("an unknown case", &["run", "--case", "auth.pks"]),
    words(
        "an unknown vendor in a pairing",
        &["run", "--pair", "strongswan-6.0:acme"],
    ),
    words(
        "a pairing outside the chosen vendors",
        &[
            "run",
            "--vendor",
            "strongswan-6.0",
            "--pair",
            "strongswan-6.0:libreswan-5.2",
        ],
    ),
    words(
        "a pairing that is none",
        &["run", "--pair", "strongswan-6.0"],
    ),
    words("no cells at once", &["run", "-j", "0"]),
    words("cells at once that are no number", &["run", "-j", "many"]),
    words("an unknown flag", &["run", "--vendors", "strongswan-6.0"]),
    words("an unknown lab", &["run", "--lab", "moon"]),
    words("an unknown language", &["list", "--lang", "fr"]),
    words("an unknown command", &["walk"]),
    words(
        "a cell without a case",
        &["repro", "strongswan-6.0:libreswan-5.2"],
    ),
    words(
        "a cell without a responder",
        &["repro", "auth.psk/strongswan-6.0"],
    ),
    words(
        "a cell of an unknown case",
        &["repro", "auth.x/strongswan-6.0:libreswan-5.2"],
    ),
    words(
        "a cell of an unknown vendor",
        &["repro", "auth.psk/strongswan-6.0:acme"],
    ),
    words(
        "a project that is not there",
        &["list", "--project", "nowhere"],
    ),
    words("a report on nothing", &["report", "nowhere"]),
    words("a cell that is never tried", &["run", "--repeat", "0"]),
    words("affected by nothing", &["run", "--affected-by"]),
    words("a diff of nothing", &["diff", "nowhere", "nowhere"]),
    words("a gate without a baseline", &["gate", "nowhere"]),
    words(
        "a gate with known failures that are not there",
        &[
            "gate",
            "nowhere",
            "--baseline",
            "nowhere",
            "--expect",
            "no.toml",
        ],
    ),
    Mistake {
        name: "a report on a record that is cut",
        words: &["report", "results"],
        file: Some((
            "results/run.json",
            Edit::Whole("{\n  \"schema\": 1,\n  \"started\":"),
        )),
    },
    Mistake {
        name: "a report on a record of another version",
        words: &["report", "results"],
        file: Some(("results/run.json", Edit::Whole("{\"schema\": 99}"))),
    },
    file(
        "a profile with an unknown key",
        PROFILE,
        Edit::Replace("methods =", "method ="),
    ),
    file(
        "a profile of an unknown daemon",
        PROFILE,
        Edit::Replace("\"strongswan\"", "\"swan\""),
    ),
    file(
        "a profile of an unknown version",
        PROFILE,
        Edit::Replace("\"6.0\"", "\"6.1\""),
    ),
    file(
        "a case that is no TOML",
        "cases/auth/psk.toml",
        Edit::Replace("[title]", "[title"),
    ),
    file(
        "a case with an unknown step",
        "cases/auth/psk.toml",
        Edit::Replace("\"probe\"", "\"prove\""),
    ),
    file(
        "a template with an unknown variable",
        TEMPLATE,
        Edit::Replace("{{ local.address }}", "{{ local.adress }}"),
    ),
    file(
        "a template that is broken",
        TEMPLATE,
        Edit::Replace("{{ local.address }}", "{{ local."),
    ),
];

#[test]
fn every_mistake_is_refused_at_once_and_explained() {
    let mut told = String::new();
    for mistake in MISTAKES {
        let project = Project::small();
        if let Some((path, edit)) = &mistake.file {
            match edit {
                Edit::Whole(text) => project.write(path, text),
                Edit::Replace(from, to) => project.replace(path, from, to),
            }
        }
        let mut command = program();
        command
            .args(mistake.words)
            .current_dir(project.path())
            .env_remove("COLUMNS");
        let output = command.output().unwrap();
        let folder = fs::canonicalize(project.path()).unwrap();
        let message = String::from_utf8_lossy(&output.stderr)
            .replace(&folder.display().to_string(), "PROJECT")
            .replace(&project.path().display().to_string(), "PROJECT");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{}: {message}{stdout}",
            mistake.name
        );
        assert_eq!(stdout, "", "{}", mistake.name);
        writeln!(
            told,
            "{}: ikematrix {}",
            mistake.name,
            mistake.words.join(" ")
        )
        .unwrap();
        writeln!(told, "{}\n", message.trim_end().replace('\n', "\n    ")).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn outside_a_project_it_says_what_a_project_is() {
    let folder = tempfile::tempdir().unwrap();
    let output = program()
        .arg("list")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    let message = message.replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(message);
}
