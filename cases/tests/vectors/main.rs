//! The certificate vectors: each is made, and differs from the baseline in what it says.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

mod bad_files;
mod differences;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cases::vector::{Expect, Presented, THEME, Vectors};
use certs::lint::{self, AlgorithmText, Input, Options};
use certs::{Authority, Holder, Profiles};
use jiff::Timestamp;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn profiles() -> Profiles {
    Profiles::load(&root().join("certs/profiles")).unwrap()
}

fn vectors() -> Vectors {
    cases::vector::load(&root().join("cases").join(THEME), &profiles()).unwrap()
}

fn holder() -> Holder {
    Holder {
        fqdn: "gw1.hosp.example".into(),
        email: "gw1@hosp.example".into(),
        ipv4: [192, 0, 2, 1].into(),
        vendor: "tester".into(),
        facility_number: "9999999999".into(),
    }
}

/// Keys take long to make.
static PRESENTED: LazyLock<Vec<Presented>> = LazyLock::new(|| {
    let authority = Authority::new(Timestamp::now());
    let vectors = vectors();
    let made = vectors.iter();
    made.map(|vector| vector.present(&authority, &holder()).unwrap())
        .collect()
});

/// Rules of `certs lint` that the certificates which are sent break, by their names.
fn broken_rules(presented: &Presented) -> BTreeSet<String> {
    let inputs: Vec<Input> = presented
        .chain
        .iter()
        .map(|certificate| Input {
            name: certificate.name().to_owned(),
            bytes: certificate.der().to_vec(),
        })
        .collect();
    let options = Options {
        profile: lint::Profile::from_name("rfc4945").unwrap(),
        text: AlgorithmText::Current,
        at: Timestamp::now(),
        password: None,
    };
    match lint::lint(&inputs, &options) {
        Ok(report) => report
            .objects
            .into_iter()
            .flat_map(|object| object.findings)
            .map(|finding| finding.rule)
            .collect(),
        Err(error) => BTreeSet::from([format!("unreadable: {error}")]),
    }
}

#[test]
fn the_catalogue_is_complete_and_begins_with_the_baseline() {
    let vectors = vectors();
    assert_eq!(vectors.baseline().id, "V01");
    let ids: BTreeSet<&str> = vectors.iter().map(|vector| vector.id.as_str()).collect();
    for (letter, last) in [('V', 33), ('H', 6), ('B', 50)] {
        for number in 1..=last {
            let id = format!("{letter}{number:02}");
            assert!(ids.contains(id.as_str()), "{id}");
        }
    }
    let of_catalogue = ids.iter().filter(|id| !id.starts_with('X'));
    assert_eq!(of_catalogue.count(), 89);
}

#[test]
fn every_vector_differs_from_the_baseline_in_what_it_says_and_lint_says_so_too() {
    let presented = &*PRESENTED;
    let baseline = &presented[0];
    let clean = broken_rules(baseline);
    let mut told = String::new();
    for one in presented {
        let vector = &one.vector;
        let differences = differences::between(baseline, one);
        let is_baseline = vector.id == "V01";
        assert_eq!(differences.is_empty(), is_baseline, "{}", vector.id);
        told += &format!(
            "{} ({}): {}\n",
            vector.id,
            expected(vector.expect),
            vector.title.en
        );
        for difference in differences {
            told += &format!("  {difference}\n");
        }
        let rules = broken_rules(one);
        let more: Vec<&str> = rules.difference(&clean).map(String::as_str).collect();
        if !more.is_empty() {
            told += &format!("  lint: {}\n", more.join(", "));
        }
    }
    insta::assert_snapshot!(told);
}

fn expected(expect: Expect) -> &'static str {
    match expect {
        Expect::Accept => "accept",
        Expect::Reject => "reject",
        Expect::Either => "either",
    }
}

#[test]
fn no_two_vectors_share_a_key_or_a_subordinate_ca() {
    let mut keys: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    let mut subjects: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for one in &*PRESENTED {
        let id = &one.vector.id;
        for certificate in &one.chain {
            let is_root = certificate.name() == "root";
            if is_root {
                continue;
            }
            let key = differences::public_key(certificate.der());
            let other = key.and_then(|key| keys.insert(key, id.clone()));
            assert_eq!(other, None, "{id} shares a key");
            if one.vector.profile.is_authority(certificate.name()) {
                let subject = certificate.subject_der().to_vec();
                let other = subjects.insert(subject, id.clone());
                assert_eq!(other, None, "{id} shares the name of a CA");
            }
        }
    }
}

#[test]
fn the_rules_are_all_used() {
    let vectors = vectors();
    let used: BTreeSet<&str> = vectors.iter().map(|one| one.rule.id.as_str()).collect();
    let text = std::fs::read_to_string(root().join("cases").join(THEME).join("rules.toml"));
    let text = text.unwrap();
    let known = text.lines().filter_map(|line| line.strip_prefix("id = \""));
    let unused: Vec<&str> = known
        .map(|line| line.trim_end_matches('"'))
        .filter(|id| !used.contains(id))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
