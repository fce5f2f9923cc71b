//! The profiles of the project.

use std::fmt::Write;
use std::path::Path;

use certs::{Profile, Profiles};
use files::source::{entries, folders};

use crate::{FULL, Folder};

fn profiles() -> Profiles {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    Profiles::load(&dir).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn every_profile_says_what_it_assumes_in_both_languages() {
    let mut text = String::new();
    for profile in profiles().iter() {
        writeln!(
            text,
            "{}: {} / {}",
            profile.id, profile.title.en, profile.title.ja
        )
        .unwrap();
        writeln!(
            text,
            "  {}\n  {}",
            profile.description.en, profile.description.ja
        )
        .unwrap();
        for assumption in &profile.assumptions {
            writeln!(text, "  - {}\n    {}", assumption.en, assumption.ja).unwrap();
        }
        for (name, spec) in profile.certificates() {
            writeln!(
                text,
                "  {name}: {}, {} extensions",
                spec.key,
                spec.extensions.len()
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

/// No name of a real authority, and hosts that exist for nobody (RFC 2606).
#[test]
fn no_profile_names_a_real_authority_or_host() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut files = entries(&dir).unwrap();
    for folder in folders(&dir).unwrap() {
        files.extend(entries(&folder).unwrap());
    }
    for file in files.iter().filter(|file| file.is_file()) {
        let text = std::fs::read_to_string(file).unwrap();
        for host in text.split("://").skip(1) {
            let host = host.split(['/', '"']).next().unwrap();
            assert!(host.ends_with(".example"), "{host}");
        }
        for real in ["MHLW", "MEDIS", "Medical Association", "厚生", "医師会"] {
            assert!(!text.contains(real), "{real}");
        }
    }
}

#[test]
fn the_digest_tells_profiles_and_their_bases_apart() {
    let digest = |profiles: &Profiles, id: &str| profiles.get(id).unwrap().sha256.clone();
    let child = "id = \"child\"\nbase = \"full\"\ntitle = { en = \"t\", ja = \"t\" }\n\
                 description = { en = \"d\", ja = \"d\" }\n";
    let with_base = |base: &str| {
        let folder = Folder::with_full(base);
        folder.write("child.toml", child);
        folder.load().unwrap()
    };
    let first = with_base(FULL);
    let second = with_base(&FULL.replace("number = 1", "number = 2"));
    assert_eq!(digest(&first, "child"), digest(&with_base(FULL), "child"));
    assert_ne!(digest(&first, "child"), digest(&second, "child"));
    assert_ne!(digest(&first, "child"), digest(&first, "full"));
    assert_eq!(digest(&first, "child").len(), 64);
}

#[test]
fn a_profile_takes_over_the_assumptions_of_its_base() {
    let folder = Folder::with_full(FULL);
    folder.write(
        "child.toml",
        "id = \"child\"\nbase = \"full\"\ntitle = { en = \"t\", ja = \"t\" }\ndescription = { en \
         = \"d\", ja = \"d\" }\nassumptions = [{ en = \"One.\", ja = \"一。\" }]\n",
    );
    let profiles = folder.load().unwrap();
    let assumptions = |profile: &Profile| -> Vec<String> {
        profile
            .assumptions
            .iter()
            .map(|text| text.en.clone())
            .collect()
    };
    assert_eq!(
        assumptions(profiles.get("child").unwrap()),
        ["None.", "One."]
    );
}
