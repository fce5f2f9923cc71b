use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::seal::{seal, verify};

/// A sealed folder with what makes packing hard.
fn run_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = crate::example::mixed(2);
    crate::json::write(&folder.path().join("run.json"), &run).unwrap();
    let long = format!("evidence/{}/{}", "c".repeat(90), "f".repeat(95));
    for (path, content) in [
        ("evidence/auth.psk/a--b/keys/esp_sa", "secret"),
        ("evidence/名前 1.conf", "x"),
        ("evidence/empty", ""),
        (long.as_str(), "long"),
        ("html/index.html", "made later"),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        if content == "secret" {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    seal(folder.path(), None).unwrap();
    folder
}

#[test]
fn what_is_unpacked_is_what_was_sealed() {
    let (run, place) = (run_folder(), tempfile::tempdir().unwrap());
    let bundle = place.path().join("run.tar.zst");
    pack(run.path(), &bundle).unwrap();
    assert!(is_bundle(&bundle) && !is_bundle(&run.path().join("run.json")));
    assert!(!is_bundle(run.path()));
    let unpacked = tempfile::tempdir().unwrap();
    unpack(&bundle, unpacked.path()).unwrap();
    let verified = verify(unpacked.path()).unwrap();
    assert_eq!((verified.findings, verified.not_covered), (vec![], vec![]));
    assert_eq!(verified.seal, verify(run.path()).unwrap().seal);
    let keys = unpacked.path().join("evidence/auth.psk/a--b/keys/esp_sa");
    assert_eq!(
        fs::metadata(keys).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // Nothing but the bundle is left.
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_path_that_has_no_place_in_the_format_is_named_and_nothing_is_left() {
    let (run, place) = (run_folder(), tempfile::tempdir().unwrap());
    fs::write(run.path().join("evidence").join("x".repeat(200)), "").unwrap();
    let error = pack(run.path(), &place.path().join("run.tar.zst")).unwrap_err();
    assert!(error.to_string().contains("xxx"), "{error}");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

/// A bundle with one entry, whose header somebody has written.
fn forged(change: impl FnOnce(&mut Header), content: &[u8]) -> TempDir {
    let mut header = Header::new_ustar();
    header.set_path("ikematrix-run/evidence/a").unwrap();
    header.set_entry_type(EntryType::Regular);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    change(&mut header);
    header.set_cksum();
    let mut archive = Builder::new(Vec::new());
    archive.append(&header, content).unwrap();
    archive.append(&header, content).unwrap();
    compressed(&archive.into_inner().unwrap())
}

fn compressed(archive: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = zstd::encode_all(archive, 1).unwrap();
    fs::write(folder.path().join("run.tar.zst"), bytes).unwrap();
    folder
}

/// Unpacks into a folder in a folder, and gives the refusal; nothing must be outside of the inner.
fn refusal(bundle: &TempDir) -> String {
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let refusal = unpack(&bundle.path().join("run.tar.zst"), &inner).unwrap_err();
    assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1);
    let path = format!("{}/", bundle.path().display());
    refusal.to_string().replace(&path, "")
}

fn named(name: &'static [u8]) -> impl FnOnce(&mut Header) {
    move |header| {
        let field = &mut header.as_mut_bytes()[..100];
        field.fill(0);
        field[..name.len()].copy_from_slice(name);
    }
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let mut told = String::new();
    for name in [
        b"ikematrix-run/../../x".as_slice(),
        b"/etc/x",
        b"../x",
        b"x",
        b"other/x",
        b"ikematrix-run",
        b"ikematrix-run/a/../../../x",
        b"ikematrix-run//../x",
    ] {
        told.push_str(&refusal(&forged(named(name), b"x")));
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

#[test]
fn only_regular_files_are_unpacked_and_each_once() {
    let mut told = String::new();
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Fifo,
        EntryType::Char,
        EntryType::GNULongName,
        EntryType::XHeader,
        EntryType::GNUSparse,
    ] {
        let set = |header: &mut Header| header.set_entry_type(kind);
        told.push_str(&refusal(&forged(set, b"x")));
        told.push('\n');
    }
    told.push_str(&refusal(&forged(|_| {}, b"x")));
    insta::assert_snapshot!(told);
}

#[test]
fn a_bundle_that_claims_to_be_endless_is_refused_before_it_fills_the_disk() {
    let bundle = forged(|header| header.set_size(1 << 40), b"x");
    assert!(refusal(&bundle).contains("octets"));
}

#[test]
fn a_damaged_bundle_is_refused() {
    let run = run_folder();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.tar.zst");
    pack(run.path(), &path).unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in [4, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(refusal(&folder).contains("damaged"), "{cut}");
    }
    fs::write(&path, b"not compressed at all").unwrap();
    assert!(refusal(&folder).contains("damaged"));
    assert!(refusal(&compressed(&[0; 1024])).contains("empty"));
}

#[test]
fn a_link_in_the_run_does_not_get_into_a_bundle() {
    let run = run_folder();
    symlink("/etc/passwd", run.path().join("evidence/link")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("run.tar.zst");
    pack(run.path(), &bundle).unwrap();
    let unpacked = tempfile::tempdir().unwrap();
    unpack(&bundle, unpacked.path()).unwrap();
    assert_eq!(verify(unpacked.path()).unwrap().findings, []);
}

#[test]
fn nothing_hides_behind_the_end_of_a_bundle() {
    let run = run_folder();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.tar.zst");
    pack(run.path(), &path).unwrap();
    let whole = fs::read(&path).unwrap();
    let archive = zstd::decode_all(&*whole).unwrap();
    let unpacked = |bundle: &[u8]| {
        fs::write(&path, bundle).unwrap();
        let unpacked = tempfile::tempdir().unwrap();
        unpack(&path, unpacked.path()).map_err(|error| error.to_string())
    };
    unpacked(&whole).unwrap();
    // Other programs fill archives up further.
    let filled = [archive.as_slice(), &[0; 8192]].concat();
    unpacked(&zstd::encode_all(&*filled, 1).unwrap()).unwrap();
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
    let packed = |rest: &[u8]| zstd::encode_all(&*[&archive, rest].concat(), 1).unwrap();
    for bundle in [
        packed(b"x"),
        packed(&[&[0; 4096], b"secret".as_slice()].concat()),
        packed(&vec![0; 2 << 20]),
        [whole.as_slice(), b"x"].concat(),
        [whole.as_slice(), &[0; 512]].concat(),
        [whole.as_slice(), &skippable].concat(),
        [whole.as_slice(), &whole].concat(),
    ] {
        let refusal = unpacked(&bundle).unwrap_err();
        assert!(refusal.contains("something follows its end"), "{refusal}");
    }
}

#[test]
fn a_folder_in_a_bundle_is_seen_and_hides_nothing() {
    let with_folder = |name: &'static [u8], content: &[u8]| {
        let mut archive = Builder::new(Vec::new());
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Directory);
        header.set_mode(0o755);
        header.set_size(content.len() as u64);
        named(name)(&mut header);
        header.set_cksum();
        archive.append(&header, content).unwrap();
        compressed(&archive.into_inner().unwrap())
    };
    assert!(refusal(&with_folder(b"ikematrix-run/x/", b"data")).contains("hides"));
    assert!(refusal(&with_folder(b"ikematrix-run/../../x/", b"")).contains("is not below"));
    let bundle = with_folder(b"ikematrix-run/added/", b"");
    let unpacked = tempfile::tempdir().unwrap();
    unpack(&bundle.path().join("run.tar.zst"), unpacked.path()).unwrap();
    assert!(unpacked.path().join("added").is_dir());
}
