//! One cell again, with the lab left up to look inside.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::alone;
use crate::support::expect::{PASS, check};
use crate::support::machine::Remains;
use crate::support::program::{Call, Ran, short};
use crate::support::project::Project;

/// Both keep the key in a file that can be read inside.
const CELL: &str = "auth.psk/openiked-7.4:strongswan-6.0";

#[test]
fn a_kept_lab_can_be_entered_and_its_key_is_nowhere_outside() {
    let _machine = alone();
    let before = Remains::now();
    let project = Project::new();
    let ran = Call::repro(&project, CELL).arg("--keep").done();
    let run = ran.expect_code(0).record();
    check(&ran, &run, &[(CELL.into(), PASS)]);
    assert!(ran.stdout.contains("ikematrix shell moon"), "{ran}");
    println!("verdict after {:?}", ran.took);

    // Whatever fails from here on, the lab goes.
    let looked = std::panic::catch_unwind(|| look_inside(&ran));
    let (code, said, errors) = short(&["clean"]);
    if let Err(panic) = looked {
        std::panic::resume_unwind(panic);
    }
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(said.starts_with("labs removed: "), "{said}");
    Remains::now().expect_nothing_since(&before);
    let (code, _, errors) = short(&["shell", "moon", "--", "true"]);
    assert_eq!(code, Some(3));
    assert!(errors.contains("no lab was left up"), "{errors}");
}

fn look_inside(ran: &Ran) {
    for (node, program, expected) in [
        ("moon", "true", 0),
        ("sun", "true", 0),
        ("alice", "true", 0),
        ("bob", "true", 0),
        ("alice", "false", 1),
        ("moon", "false", 1),
    ] {
        let (code, said, errors) = short(&["shell", node, "--", program]);
        assert_eq!(code, Some(expected), "{program} in {node}: {said}{errors}");
    }
    let (code, said, errors) = short(&["shell", "nobody", "--", "true"]);
    let told = said + &errors;
    println!("shell nobody: {code:?} {told:?}");
    assert!(code.is_some_and(|code| code != 0));
    for word in ["nobody", "alice", "bob", "moon", "sun"] {
        assert!(told.contains(word), "{told}");
    }

    let keys: BTreeSet<String> = [
        ("moon", "/etc/iked.conf"),
        ("sun", "/etc/swanctl/swanctl.conf"),
    ]
    .map(|(node, file)| key_in(node, file))
    .into();
    assert_eq!(keys.len(), 1, "both ends have the same key");
    let key = keys.first().unwrap();
    let files = files_below(&ran.out());
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for (what, needle) in disguises(key) {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "the key, {what}, is in {}", file.display());
        }
    }
    assert!(!ran.stdout.contains(key.as_str()) && !ran.stderr.contains(key.as_str()));
    println!("the key is in none of {} files", files.len());
}

/// The key in a configuration: the one word of 64 hexadecimal digits.
fn key_in(node: &str, file: &str) -> String {
    let (code, text, errors) = short(&["shell", node, "--", "cat", file]);
    assert_eq!(code, Some(0), "{text}{errors}");
    let words = text.split(|c: char| !c.is_ascii_hexdigit());
    let keys: Vec<_> = words.filter(|word| word.len() == 64).collect();
    assert_eq!(keys.len(), 1, "{file} in {node} has {} keys", keys.len());
    keys[0].to_owned()
}

/// The shapes in which a log could show it.
fn disguises(key: &str) -> [(&'static str, Vec<u8>); 4] {
    let hex: String = key.bytes().map(|octet| format!("{octet:02x}")).collect();
    let octets = (0..key.len() / 2)
        .map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    [
        ("as it is", key.as_bytes().to_vec()),
        ("in capitals", key.to_uppercase().into_bytes()),
        ("in hexadecimal", hex.into_bytes()),
        ("in octets", octets),
    ]
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
