use clap::{Command as Definition, CommandFactory};

use super::*;
use crate::project::Project;
use crate::sample::root;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn a_pairing_is_two_names_with_a_colon_between() {
    let pair = parse_pair("strongswan-6.0:openiked-7.4").unwrap();
    assert_eq!(
        (pair.initiator.as_str(), pair.responder.as_str()),
        ("strongswan-6.0", "openiked-7.4")
    );
    for wrong in ["", "a", ":", "a:", ":b"] {
        assert!(parse_pair(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_cell_is_a_case_and_a_pairing() {
    let (case, pair) = parse_cell("auth.psk/a:b").unwrap();
    assert_eq!(
        (
            case.as_str(),
            pair.initiator.as_str(),
            pair.responder.as_str()
        ),
        ("auth.psk", "a", "b")
    );
    for wrong in [
        "",
        "auth.psk",
        "a:b",
        "auth.psk/a",
        "auth.psk/:b",
        "auth.psk/a:",
    ] {
        assert!(parse_cell(wrong).is_err(), "{wrong:?}");
    }
}

/// Both READMEs, which must say the same.
fn readmes() -> [(&'static str, String); 2] {
    ["README.md", "README.ja.md"]
        .map(|name| (name, std::fs::read_to_string(root().join(name)).unwrap()))
}

/// All that can be called, by the words that call it: `certs issue` is one command.
fn commands() -> Vec<(String, Definition)> {
    let mut found = Vec::new();
    let mut groups = vec![(String::new(), Cli::command())];
    while let Some((words, group)) = groups.pop() {
        for command in group.get_subcommands().filter(|c| !c.is_hide_set()) {
            let words = format!("{words} {}", command.get_name()).trim().to_owned();
            if command.has_subcommands() {
                groups.push((words, command.clone()));
            } else {
                found.push((words, command.clone()));
            }
        }
    }
    found
}

#[test]
fn the_readmes_name_every_command_and_every_flag() {
    for (name, text) in readmes() {
        for (words, command) in commands() {
            let row = format!("| `{words}");
            assert!(text.contains(&row), "{name} has no row {row}");
            for flag in command.get_arguments().filter(|flag| !flag.is_hide_set()) {
                if let Some(long) = flag.get_long() {
                    assert!(
                        text.contains(&format!("`--{long}")),
                        "{name} has no --{long}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_readmes_give_no_command_that_does_not_exist() {
    let known: Vec<String> = commands().into_iter().map(|(words, _)| words).collect();
    for (name, text) in readmes() {
        let inline = text.split("`ikematrix ").skip(1);
        let in_blocks = text
            .lines()
            .filter_map(|line| line.strip_prefix("ikematrix "));
        // The head of the printed matrix has the version there.
        let calls = inline
            .chain(in_blocks)
            .filter(|rest| !rest.starts_with("0."));
        for rest in calls {
            let is_call = |words: &String| {
                let after = rest.strip_prefix(words.as_str());
                after.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric()))
            };
            let call = rest.lines().next().unwrap_or_default();
            assert!(known.iter().any(is_call), "{name} says: ikematrix {call}");
        }
    }
}

#[test]
fn the_readmes_list_the_exit_codes() {
    for (name, text) in readmes() {
        for code in 0..=4 {
            assert!(
                text.contains(&format!("| {code} |")),
                "{name}: exit code {code}"
            );
            assert!(EXIT_CODES.contains(&format!(" {code} ")));
        }
        assert!(!text.contains("| 5 |"), "{name}");
    }
}

#[test]
fn the_readmes_have_the_same_parts_and_the_same_examples() {
    let [(_, en), (_, ja)] = readmes();
    let levels = |text: &str| -> Vec<usize> {
        let prose = text.split("```").step_by(2);
        let headings = prose
            .flat_map(str::lines)
            .filter(|line| line.starts_with('#'));
        headings
            .map(|line| line.chars().take_while(|c| *c == '#').count())
            .collect()
    };
    assert_eq!(levels(&en), levels(&ja));
    assert_eq!(blocks(&en, "toml"), blocks(&ja, "toml"));
    assert_eq!(blocks(&en, "sh"), blocks(&ja, "sh"));
    let rows = |text: &str| text.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(rows(&en), rows(&ja));
}

#[test]
fn the_vendor_and_the_case_of_the_readmes_can_be_loaded() {
    let [(_, text), _] = readmes();
    let [profile, case] = blocks(&text, "toml").try_into().unwrap();
    assert!(profile.lines().count() < 60);
    let project = tempfile::tempdir().unwrap();
    let vendors = project.path().join("vendor-profiles");
    let implementations = vendors.join("implementations");
    std::fs::create_dir_all(vendors.join("branch-office")).unwrap();
    std::fs::create_dir_all(project.path().join("cases/esp")).unwrap();
    std::fs::create_dir_all(project.path().join("certs")).unwrap();
    let link = |from: &str, to| std::os::unix::fs::symlink(root().join(from), to).unwrap();
    link("vendor-profiles/implementations", implementations);
    link("certs/profiles", project.path().join("certs/profiles"));
    std::fs::write(vendors.join("branch-office/profile.toml"), profile).unwrap();
    std::fs::write(project.path().join("cases/esp/outage.toml"), case).unwrap();
    let project = Project::load(Some(project.path())).unwrap();
    assert_eq!(project.profiles()[0].id, "branch-office");
    assert_eq!(project.cases()[0].id, "esp.outage");
}

/// The fenced blocks in one language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fenced = text.split("```").skip(1).step_by(2);
    fenced
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .collect()
}

/// The words of each call of the program in a script, with its variables as such a script sets them.
fn calls(script: &str) -> Vec<Vec<String>> {
    let calls = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix("ikematrix "));
    calls
        .map(|call| {
            let call = call.split(" ||").next().unwrap_or_default();
            let call = call.split(" >").next().unwrap_or_default();
            let call = call
                .replace(
                    "\"${arguments[@]}\"",
                    "--out results --junit junit.xml --affected-by README.md cases/auth/psk.toml",
                )
                .replace("\"${expect[@]}\"", "--expect known-failures.toml")
                .replace('"', "");
            let words = call.split_whitespace().map(ToOwned::to_owned);
            std::iter::once("ikematrix".to_owned())
                .chain(words)
                .collect()
        })
        .collect()
}

#[test]
fn every_call_in_an_example_is_one_that_the_program_understands() {
    let mut texts: Vec<(String, String)> = readmes()
        .into_iter()
        .map(|(name, text)| (name.to_owned(), blocks(&text, "sh").concat()))
        .collect();
    let ci = std::fs::read_to_string(root().join("docs/ci.md")).unwrap();
    texts.push(("docs/ci.md".to_owned(), blocks(&ci, "sh").concat()));
    let script = std::fs::read_to_string(root().join("docs/ci/gate.sh")).unwrap();
    texts.push(("docs/ci/gate.sh".to_owned(), script));
    for (name, text) in texts {
        let calls = calls(&text);
        assert!(calls.len() >= 3, "{name}: {calls:?}");
        for call in calls {
            if let Err(error) = Cli::try_parse_from(&call) {
                panic!("{name}: {call:?}: {error}");
            }
        }
    }
}

#[test]
fn the_page_about_ci_shows_the_files_that_it_is_about() {
    let page = std::fs::read_to_string(root().join("docs/ci.md")).unwrap();
    for (language, files) in [
        ("bash", &["gate.sh"][..]),
        ("yaml", &["github-actions.yml", "gitlab-ci.yml"]),
    ] {
        let texts = files
            .iter()
            .map(|file| std::fs::read_to_string(root().join("docs/ci").join(file)).unwrap());
        assert_eq!(blocks(&page, language), texts.collect::<Vec<_>>());
    }
    for example in blocks(&page, "yaml") {
        assert!(example.contains("bash docs/ci/gate.sh "), "{example}");
    }
}

#[test]
fn a_base_image_needs_a_lab_that_builds_on_it() {
    let base = |words: &str| {
        let command = Cli::try_parse_from(words.split(' ')).unwrap().command;
        let (place, others) = if let Command::Run(run) = command {
            (run.place, Vec::new())
        } else if let Command::Bench(bench) = command {
            (bench.place, bench.against)
        } else {
            panic!("{words}");
        };
        let base = place.docker_base(&others);
        base.map_err(|error| format!("{error:?}"))
    };
    let some = Some("debian:{suite}-slim".to_owned());
    let with = "ikematrix run --docker-base debian:{suite}-slim --lab docker";
    assert_eq!(base(with), Ok(some.clone()));
    let beside = "ikematrix bench --against docker --docker-base debian:{suite}-slim";
    assert_eq!(base(beside), Ok(some));
    assert_eq!(base("ikematrix run --lab docker"), Ok(None));
    for without in [
        "ikematrix run --docker-base x",
        "ikematrix run --docker-base x --lab vm",
        "ikematrix bench --docker-base x --against crun",
    ] {
        let error = base(without).unwrap_err();
        assert!(error.contains("--lab docker"), "{error}");
    }
    assert!(Cli::try_parse_from(["ikematrix", "run", "--docker-base", ""]).is_err());
}
