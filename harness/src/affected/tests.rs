use std::collections::BTreeMap;
use std::fs;

use toml::{Table, Value};

use super::*;
use crate::digest::sha256;
use crate::sample::root;

/// Changes that are tried of one file, beside the one that only adds a comment.
const CHANGES: usize = 8;

/// A copy of the files that make a project, which a test may change.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in [VENDORS, CASES, "certs/profiles"] {
        for file in files(&root().join(part)) {
            let target = folder.path().join(part).join(&file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(root().join(part).join(file), target).unwrap();
        }
    }
    folder
}

/// The files below a folder, relative to it, but for what is built and what is hidden.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).unwrap() {
            let entry = entry.unwrap();
            let (name, path) = (entry.file_name(), below.join(entry.file_name()));
            if name.as_encoded_bytes().starts_with(b".") || name == "target" {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn whole_plan(project: &Project) -> Plan {
    Plan::new(
        project.profiles().to_vec(),
        project.cases().to_vec(),
        project.certificates().clone(),
        None,
    )
}

/// All that each cell is made of, as it was loaded: independent of the digest that records bear, which
/// is part of it.
fn inputs(project: &Project) -> BTreeMap<String, String> {
    let profiles: BTreeMap<&str, String> = project
        .profiles()
        .iter()
        .map(|profile| (profile.id.as_str(), sha256(&about(profile))))
        .collect();
    let cases: BTreeMap<&str, String> = project
        .cases()
        .iter()
        .map(|case| {
            let named: Vec<String> = certificates(case)
                .map(|id| format!("{:?}", project.certificates().get(id)))
                .collect();
            (case.id.as_str(), sha256(&format!("{case:?} {named:?}")))
        })
        .collect();
    let cells = whole_plan(project).cells;
    cells
        .into_iter()
        .map(|cell| {
            let about = [
                &cell.inputs_sha256,
                &cases[&*cell.case.id],
                &profiles[&*cell.initiator.id],
                &profiles[&*cell.responder.id],
            ];
            let digest = sha256(&format!("{about:?}"));
            (cell.id, digest)
        })
        .collect()
}

fn about(profile: &vendors::Profile) -> String {
    let family = &profile.implementation;
    format!(
        "{:?} {:?} {:?}",
        (
            &profile.id,
            &profile.version,
            &profile.methods,
            &profile.identity,
            &profile.ike,
            &profile.esp,
            &profile.settings,
            &profile.sha256,
        ),
        (
            &family.id,
            &family.versions,
            &family.files,
            &family.credentials,
            &family.daemon,
            &family.control,
            &family.status,
            &family.algorithms,
        ),
        (
            &family.settings,
            &family.log_patterns,
            &family.session_keys,
            &family.certificate_received,
        ),
    )
}

/// The cells that differ between two states of the project, among those that both have.
fn differing(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let differing = before
        .iter()
        .filter(|(id, digest)| after.get(*id).is_some_and(|after| after != *digest));
    differing.map(|(id, _)| id.clone()).collect()
}

/// The cells that are run when this file has changed.
fn selected(file: &Path, project: &Project) -> (Reach, BTreeSet<String>) {
    let mut plan = whole_plan(project);
    let changed = changed(&[file.to_owned()], project.folder(), project);
    narrow(&mut plan, &changed, project);
    let cells = plan.cells.into_iter().map(|cell| cell.id);
    (changed[0].reach.clone(), cells.collect())
}

/// The text with something else in it: a comment, then other values in a few places.
fn changes(file: &Path, text: &str) -> Vec<String> {
    let is = |ending: &str| file.extension().is_some_and(|known| known == ending);
    if is("tera") {
        return vec![format!("{text}\n{{# another template #}}\n")];
    }
    let mut changes = vec![format!("{text}\n# another file\n")];
    if !is("toml") {
        return changes;
    }
    let table: Table = toml::from_str(text).unwrap();
    let leaves = count(&Value::Table(table.clone()));
    for at in (0..leaves).step_by(leaves.div_ceil(CHANGES).max(1)) {
        let mut value = Value::Table(table.clone());
        change(&mut value, &mut { at });
        changes.push(toml::to_string(&value).unwrap());
    }
    changes
}

fn children(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Table(table) => table.iter_mut().map(|(_, value)| value).collect(),
        Value::Array(values) => values.iter_mut().collect(),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => Vec::new(),
    }
}

fn count(value: &Value) -> usize {
    let mut value = value.clone();
    if !matches!(value, Value::Table(_) | Value::Array(_)) {
        return 1;
    }
    children(&mut value)
        .into_iter()
        .map(|child| count(child))
        .sum()
}

/// Gives the leaf of this number another value of its kind.
fn change(value: &mut Value, at: &mut usize) {
    if matches!(value, Value::Table(_) | Value::Array(_)) {
        for child in children(value) {
            change(child, at);
        }
        return;
    }
    if *at == 0 {
        match value {
            Value::String(text) => text.push('x'),
            Value::Integer(number) => *number += 1,
            Value::Boolean(switch) => *switch = !*switch,
            Value::Float(_) | Value::Datetime(_) | Value::Table(_) | Value::Array(_) => {}
        }
    }
    *at = at.wrapping_sub(1);
}

#[test]
fn no_cell_depends_on_a_file_for_which_it_would_not_be_run() {
    let folder = copy();
    let load = || Project::load(Some(folder.path()));
    let project = load().unwrap();
    let before = inputs(&project);
    let (mut told_apart, mut loaded) = (0, 0);
    for file in files(folder.path()) {
        let path = folder.path().join(&file);
        let text = fs::read_to_string(&path).unwrap();
        let (reach, selected) = selected(&file, &project);
        for changed in changes(&file, &text) {
            fs::write(&path, changed).unwrap();
            // What is no project any more runs nothing.
            let Ok(after) = load() else { continue };
            loaded += 1;
            let differing = differing(&before, &inputs(&after));
            told_apart += usize::from(!differing.is_empty() && differing.len() < before.len());
            for cell in &differing {
                assert!(
                    selected.contains(cell),
                    "{cell} depends on {}, which is said to affect {reach:?}",
                    file.display()
                );
            }
        }
        fs::write(&path, text).unwrap();
    }
    println!("{loaded} changes, {told_apart} of which affect some cells and not others");
    assert!(told_apart > 50, "{told_apart}");
}

#[test]
fn every_file_that_no_cell_is_made_of_affects_every_cell() {
    let project = crate::sample::project();
    for file in files(root()) {
        let changed = changed(std::slice::from_ref(&file), root(), &project);
        let (reach, name) = (&changed[0].reach, file.to_string_lossy());
        let is_input = [VENDORS, CASES, "certs/profiles"]
            .iter()
            .any(|part| name.starts_with(&format!("{part}/")));
        assert!(is_input || *reach == Reach::Everything, "{name}: {reach:?}");
    }
}

#[test]
fn a_file_is_found_by_its_place_in_the_project() {
    let project = crate::sample::project();
    let vendor = |id: &str| Reach::Vendor(id.to_owned());
    let here = root().canonicalize().unwrap();
    for (at, file, reach) in [
        (
            "",
            "vendor-profiles/trial-a/profile.toml",
            vendor("trial-a"),
        ),
        (
            "",
            "./cases/../vendor-profiles/trial-a/new.tera",
            vendor("trial-a"),
        ),
        ("vendor-profiles", "trial-a/profile.toml", vendor("trial-a")),
        (
            "cases",
            "../vendor-profiles/trial-a/profile.toml",
            vendor("trial-a"),
        ),
        (
            "",
            "vendor-profiles/implementations/openiked/iked.conf.tera",
            Reach::Implementation("openiked".to_owned()),
        ),
        (
            "",
            "cases/auth/psk.toml",
            Reach::Case("auth.psk".to_owned()),
        ),
        (
            "",
            "certs/profiles/hpki-signing.toml",
            Reach::Certificates("hpki-signing".to_owned()),
        ),
        ("", "vendor-profiles/gone/profile.toml", Reach::Everything),
        ("", "vendor-profiles/trial-2018.toml", Reach::Everything),
        (
            "",
            "vendor-profiles/implementations/README.md",
            Reach::Everything,
        ),
        ("", "vendor-profiles", Reach::Everything),
        ("", "cases/auth/gone.toml", Reach::Everything),
        ("", "cases/src/case.rs", Reach::Everything),
        ("", "certs/profiles/gone.toml", Reach::Everything),
        ("", "Cargo.lock", Reach::Everything),
        ("", "../elsewhere/cases/auth/psk.toml", Reach::Everything),
        ("", "/etc/passwd", Reach::Everything),
    ] {
        let found = changed(&[file.into()], &here.join(at), &project);
        assert_eq!(found[0].reach, reach, "{file} from {at:?}");
    }
    let absolute = here.join("cases/auth/psk.toml");
    let found = changed(&[absolute], Path::new("/"), &project);
    assert_eq!(found[0].reach, Reach::Case("auth.psk".to_owned()));
}

#[test]
fn a_certificate_profile_affects_the_cases_of_those_that_are_based_on_it() {
    let project = crate::sample::project();
    let (_, selected) = selected(Path::new("certs/profiles/hpki-signing.toml"), &project);
    assert!(selected.iter().any(|id| id.starts_with("auth.cert-hpki/")));
    assert!(!selected.iter().any(|id| id.starts_with("auth.psk/")));
}

#[test]
fn what_is_left_out_is_recorded_with_its_digest_and_nothing_is_lost() {
    let project = crate::sample::project();
    let whole = whole_plan(&project);
    let mut plan = whole_plan(&project);
    let file = PathBuf::from("vendor-profiles/trial-a/profile.toml");
    let changed = changed(&[file], root(), &project);
    let selection = narrow(&mut plan, &changed, &project);
    let kept = plan.cells.iter();
    let kept = kept.map(|cell| (cell.id.as_str(), cell.inputs_sha256.as_str()));
    let left_out = selection.left_out.iter();
    let left_out = left_out.map(|cell| (cell.id.as_str(), cell.inputs_sha256.as_str()));
    let all: BTreeSet<_> = kept.chain(left_out).collect();
    let expected = whole.cells.iter();
    let expected = expected.map(|cell| (cell.id.as_str(), cell.inputs_sha256.as_str()));
    assert_eq!(all, expected.collect::<BTreeSet<_>>());
    assert!(plan.cells.iter().all(|cell| {
        [&cell.initiator, &cell.responder]
            .iter()
            .any(|end| end.id == "trial-a")
    }));
    assert!(!selection.left_out.is_empty());
}

#[test]
fn what_a_person_is_told_of_changed_files() {
    let project = crate::sample::project();
    let files = [
        "vendor-profiles/trial-a/profile.toml",
        "vendor-profiles/implementations/strongswan/README.md",
        "cases/auth/psk.toml",
        "certs/profiles/rfc4945.toml",
        "README.md",
    ];
    let changed = changed(&files.map(PathBuf::from), root(), &project);
    let lines = changed.iter().map(Changed::line);
    let lines: Vec<String> = lines
        .map(|line| format!("{}\n{}", line.en, line.ja))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    vendor-profiles/trial-a/profile.toml: cells with trial-a
    vendor-profiles/trial-a/profile.toml: trial-a を含む試験
    vendor-profiles/implementations/strongswan/README.md: cells with a router on strongswan
    vendor-profiles/implementations/strongswan/README.md: strongswan を用いるルーターを含む試験
    cases/auth/psk.toml: cells of auth.psk
    cases/auth/psk.toml: 試験項目 auth.psk
    certs/profiles/rfc4945.toml: cells with certificates of rfc4945
    certs/profiles/rfc4945.toml: 証明書プロファイル rfc4945 を用いる試験
    README.md: every cell
    README.md: すべての試験
    ");
}
