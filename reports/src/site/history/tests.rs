use std::collections::BTreeMap;

use super::*;
use crate::cause::{CauseCode, Side};
use crate::diff::Kind;
use crate::example;
use crate::model::Outcome;

/// Runs of three dates: the second one breaks a cell and updates a daemon, the third one mends it.
fn runs() -> [Run; 3] {
    let first = example::mixed(4);
    let mut second = first.clone();
    second.started = "2026-06-04T03:02:01Z".parse().unwrap();
    second.finished = "2026-06-04T03:05:21Z".parse().unwrap();
    example::fail(
        &mut second,
        "auth.psk/v1:v2",
        CauseCode::AuthPskMismatch,
        Side::Both,
    );
    second.vendors[1].packages[0].version = "5.2-2.2+deb13u2".to_owned();
    let mut third = second.clone();
    third.started = "2026-07-04T03:02:01Z".parse().unwrap();
    third.finished = "2026-07-04T03:05:21Z".parse().unwrap();
    let cell = third
        .cells
        .iter_mut()
        .find(|cell| cell.id == "auth.psk/v1:v2");
    let cell = cell.unwrap();
    cell.outcome = Outcome::Pass;
    cell.cause = None;
    [first, second, third]
}

fn publish_one(site: &Path, run: &Run) -> Published {
    let nowhere = tempfile::tempdir().unwrap();
    let published = publish(site, run, nowhere.path(), Lang::Ja).unwrap();
    refresh(site, Lang::Ja).unwrap();
    published
}

fn octets_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn a_run_that_is_added_leaves_every_file_of_earlier_runs_as_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    let [first, second, third] = runs();
    let Published::Added(place) = publish_one(&site, &first) else {
        panic!("it was there before");
    };
    let before = octets_below(&place);
    publish_one(&site, &second);
    publish_one(&site, &third);
    assert_eq!(octets_below(&place), before);
    let runs = fs::read_dir(site.join(RUNS)).unwrap().count();
    assert_eq!(runs, 3);
}

#[test]
fn the_same_run_is_added_once() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    let [first, ..] = runs();
    let Published::Added(place) = publish_one(&site, &first) else {
        panic!("it was there before");
    };
    assert_eq!(publish_one(&site, &first), Published::AlreadyThere(place));
}

#[test]
fn runs_may_come_in_any_order_and_the_pages_are_the_same() {
    let sites = [[0, 1, 2], [2, 0, 1]].map(|order| {
        let parent = tempfile::tempdir().unwrap();
        let site = parent.path().join("site");
        let runs = runs();
        for at in order {
            publish_one(&site, &runs[at]);
        }
        let files = octets_below(&site);
        let relative = files
            .into_iter()
            .map(|(path, octets)| (path.strip_prefix(&site).unwrap().to_owned(), octets));
        relative.collect::<BTreeMap<_, _>>()
    });
    let names = |at: usize| sites[at].keys().collect::<Vec<_>>();
    assert_eq!(names(0), names(1));
    for (path, octets) in &sites[0] {
        assert!(sites[1][path] == *octets, "{}", path.display());
    }
}

#[test]
fn what_a_run_broke_and_mended_is_told_with_the_versions() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    for run in runs() {
        publish_one(&site, &run);
    }
    let read = |path: &str| file::read_text(&site.join(path), 1 << 20).unwrap();
    let names = shelf::names(&site.join(RUNS)).unwrap();
    let broke = read(&changes::path(&names[1]));
    assert!(broke.contains("auth.psk/v1:v2") && broke.contains(Kind::Regression.title().ja));
    let mended = read(&changes::path(&names[2]));
    assert!(mended.contains(Kind::Fixed.title().en));
    let index = read("index.html");
    assert!(index.contains("5.2-2.2+deb13u2"));
    let without_digests = |page: String| {
        names.iter().fold(page, |page, name| {
            let (date, _) = name.split_once('-').unwrap();
            page.replace(name.as_str(), date)
        })
    };
    insta::assert_snapshot!("index", without_digests(index));
    insta::assert_snapshot!("changes", without_digests(broke));
    insta::assert_snapshot!("over_time", without_digests(read("cases/auth.psk.html")));
}

#[test]
fn every_link_of_the_pages_above_the_runs_leads_to_a_file() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    for run in runs() {
        publish_one(&site, &run);
    }
    let mut links = 0;
    for (path, octets) in octets_below(&site) {
        if path.extension().is_none_or(|end| end != "html") {
            continue;
        }
        let page = String::from_utf8(octets).unwrap();
        for link in page.split(" href=\"").skip(1) {
            let link = link.split(['"', '#', '?']).next().unwrap();
            let target = path.parent().unwrap().join(link);
            assert!(target.exists(), "{}: {link}", path.display());
            assert!(target.canonicalize().unwrap().starts_with(&site));
            links += 1;
        }
    }
    assert!(links > 500, "{links}");
}

#[test]
fn a_folder_that_is_no_such_site_stays_as_it_is() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("thesis.txt"), "years of work").unwrap();
    let [run, ..] = runs();
    let refused = publish(parent.path(), &run, parent.path(), Lang::En).unwrap_err();
    assert!(matches!(refused, Error::NotASite { .. }), "{refused}");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn a_site_whose_making_was_killed_is_made_again() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    fs::create_dir_all(site.join(RUNS)).unwrap();
    fs::write(site.join(format!(".{MARKER}.17.tmp")), "").unwrap();
    let [run, ..] = runs();
    publish_one(&site, &run);
    assert!(site.join(MARKER).is_file());
}

#[test]
fn what_a_killed_program_left_is_no_run() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    let [first, second, _] = runs();
    publish_one(&site, &first);
    fs::create_dir(site.join(RUNS).join(".20260604T030201Z-00000000.17.new")).unwrap();
    refresh(&site, Lang::En).unwrap();
    let foreign = site.join(RUNS).join(".git");
    fs::create_dir(&foreign).unwrap();
    publish_one(&site, &second);
    assert_eq!(fs::read_dir(site.join(RUNS)).unwrap().count(), 3);
    assert!(foreign.is_dir());
}

#[test]
fn what_is_no_run_among_the_runs_is_named_and_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    let [first, second, _] = runs();
    publish_one(&site, &first);
    let foreign = site.join(RUNS).join("lost+found");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("notes.txt"), "kept").unwrap();
    let file = site.join(RUNS).join("README");
    fs::write(&file, "kept").unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    publish(&site, &second, nowhere.path(), Lang::Ja).unwrap();
    assert_eq!(refresh(&site, Lang::Ja).unwrap(), [file, foreign.clone()]);
    assert_eq!(fs::read(foreign.join("notes.txt")).unwrap(), b"kept");
    let page = fs::read_to_string(site.join("index.html")).unwrap();
    assert!(page.contains("runs/20"));
    assert!(!page.contains("lost+found"));
}

#[test]
fn a_published_run_that_cannot_be_read_is_not_lost_from_the_pages() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    let [first, second, _] = runs();
    let Published::Added(place) = publish_one(&site, &first) else {
        panic!("it was there before");
    };
    publish_one(&site, &second);
    let before = octets_below(&site);
    for damage in [b"".as_slice(), b"not packed"] {
        fs::write(place.join(SUMMARY), damage).unwrap();
        let told = refresh(&site, Lang::Ja).unwrap_err().told();
        assert!(told.en.contains(place.to_str().unwrap()), "{}", told.en);
        assert!(told.en.contains("copy") && told.ja.contains("復元"));
    }
    let mut after = octets_below(&site);
    let summary = place.join(SUMMARY);
    after.insert(summary.clone(), before[&summary].clone());
    assert!(after == before);
}

#[test]
fn what_killed_calls_left_is_taken_away_by_the_next_one() {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    let [first, ..] = runs();
    publish_one(&site, &first);
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let left = |folder: &str, name: &str| {
        site.join(folder)
            .join(format!(".{name}.{}.tmp", child.id()))
    };
    let all = [
        left("", "site.css"),
        left("", "index.html"),
        left("cases", "auth.psk.html"),
        left("changes", "x.html"),
    ];
    for path in &all {
        fs::write(path, "half").unwrap();
    }
    refresh(&site, Lang::Ja).unwrap();
    assert!(!all.iter().any(|path| path.exists()));
}
