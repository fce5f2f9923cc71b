use std::os::unix::fs::symlink;

use super::*;

/// A folder with a run in it, and a link to that.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("run/evidence")).unwrap();
    symlink("run", place.path().join("link")).unwrap();
    place
}

#[test]
fn no_output_is_written_over_the_run() {
    let place = place();
    let at = |path: &str| place.path().join(path);
    for own in OF_THE_RUN {
        for folder in ["run", "link", "run/evidence/.."] {
            let file = at(folder).join(own);
            assert!(check_beside("--junit", &file, &at("run")).is_err(), "{own}");
        }
    }
    check_beside("--junit", &at("run/evidence/junit.xml"), &at("link")).unwrap_err();
    check_beside("--junit", &at("run/junit.xml"), &at("run")).unwrap();
    check_beside("--junit", &at("junit.xml"), &at("run")).unwrap();
    // A run that is to come.
    check_beside("--junit", &at("later/run.json"), &at("later")).unwrap_err();
}

#[test]
fn what_is_made_later_lies_outside_of_the_run_or_in_its_folder_for_sites() {
    let place = place();
    let at = |path: &str| place.path().join(path);
    for inside in ["run/run.json", "link/junit.xml", "run/new/site", "run"] {
        let refused = check_outside("--html", &at(inside), &at("run")).unwrap_err();
        // It is named as it was given.
        let named = format!("--html {}: ", at(inside).display());
        assert!(format!("{refused:?}").contains(&named), "{refused:?}");
    }
    for outside in ["junit.xml", "run/html", "run/../run-2", "runs"] {
        check_outside("--html", &at(outside), &at("run")).unwrap();
    }
}

#[test]
fn what_is_no_file_in_a_folder_that_exists_is_refused_before_the_run() {
    let place = place();
    let at = |path: &str| place.path().join(path);
    for bad in ["run", "nowhere/junit.xml"] {
        check_folder_of("--junit", &at(bad)).unwrap_err();
    }
    check_folder_of("--junit", Path::new("/dev/null")).unwrap_err();
    check_folder_of("--junit", &at("junit.xml")).unwrap();
}
