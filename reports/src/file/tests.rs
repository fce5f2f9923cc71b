use std::os::unix::fs::symlink;
use std::process::Command;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::*;

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

/// The id of a process that is no more.
fn dead() -> u32 {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

#[test]
fn replaces_the_old_content_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("結果 1.html");
    write_atomically(&path, b"old").unwrap();
    write_atomically(&path, b"new").unwrap();
    assert_eq!(read_text(&path, 3).unwrap(), "new");
    assert_eq!(names_in(folder.path()), ["結果 1.html"]);
}

#[test]
fn a_missing_folder_is_named_in_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing/run.json");
    let error = write_atomically(&path, b"").unwrap_err();
    assert_eq!(error.reason.kind(), io::ErrorKind::NotFound);
    assert!(
        error.to_string().contains(path.to_str().unwrap()),
        "{error}"
    );
}

#[test]
fn what_is_no_file_is_not_written_over_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    fs::create_dir(&path).unwrap();
    write_atomically(&path, b"content").unwrap_err();
    let (device, link) = (Path::new("/dev/null"), folder.path().join("link"));
    symlink(device, &link).unwrap();
    for path in [device, &link] {
        let error = write_atomically(path, b"content").unwrap_err().told();
        assert!(
            error
                .en
                .ends_with("it is a device, not a regular file; name a file")
        );
        assert!(error.ja.contains("通常のファイルを指定"), "{}", error.ja);
    }
    assert!(fs::metadata(device).unwrap().file_type().is_char_device());
    assert_eq!(names_in(folder.path()), ["link", "run.json"]);
    assert!(path.is_dir());
}

#[test]
fn a_file_that_is_prepared_and_not_finished_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    write_atomically(&path, b"old").unwrap();
    drop(prepare(&path, b"new").unwrap());
    assert_eq!(read(&path, 3).unwrap(), b"old");
    assert_eq!(names_in(folder.path()), ["run.json"]);
}

#[test]
fn only_a_regular_file_within_the_limit_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRUSR).unwrap();
    let large = folder.path().join("large");
    File::create(&large).unwrap().set_len(1 << 40).unwrap();
    let binary = folder.path().join("binary");
    fs::write(&binary, [0xff; 8]).unwrap();
    let mut told = String::new();
    for path in [
        folder.path(),
        &pipe,
        Path::new("/dev/zero"),
        &large,
        &binary,
        &folder.path().join("missing"),
    ] {
        let text = read_text(path, 8).unwrap_err().told();
        let plain = |text: String| text.replace(&folder.path().display().to_string(), "FOLDER");
        told += &format!("{}\n{}\n", plain(text.en), plain(text.ja));
    }
    insta::assert_snapshot!(told);
    assert_eq!(read(&binary, 8).unwrap(), [0xff; 8]);
    read(&binary, 7).unwrap_err();
}

#[test]
fn what_killed_programs_left_is_gone_after_the_next_writing_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (dead, alive) = (dead(), process::id());
    let left = format!(".run.json.{dead}.tmp");
    let of_another = format!(".site.css.{dead}.tmp");
    let in_the_making = format!(".run.json.{}.tmp", nix::unistd::getppid());
    for name in [
        &left,
        &of_another,
        &in_the_making,
        ".run.json.x.tmp",
        ".tmp",
    ] {
        fs::write(path(name), "half").unwrap();
    }
    write_atomically(&path("run.json"), b"whole").unwrap();
    assert!(!path(&left).exists());
    clear_remains(folder.path());
    let mut kept = vec![in_the_making, ".run.json.x.tmp".into(), ".tmp".into()];
    kept.push("run.json".into());
    kept.sort_unstable();
    assert_eq!(names_in(folder.path()), kept);
    assert_ne!(dead, alive);
}

#[test]
fn what_somebody_still_writes_in_another_container_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let name = format!(".run.json.{}.tmp", dead());
    let held = hold(File::create(folder.path().join(&name)).unwrap()).unwrap();
    clear_remains(folder.path());
    assert_eq!(names_in(folder.path()), [name]);
    drop(held);
    clear_remains(folder.path());
    assert!(names_in(folder.path()).is_empty());
}
