//! The registry of rules, its vectors and its page.

use std::collections::HashSet;
use std::path::Path;
use std::{env, fs};

use super::vectors::{self, complete_hpki};
use super::*;
use crate::lint::rules;

#[test]
fn every_rule_has_a_good_and_a_bad_vector() {
    let vectors = vectors::all();
    let covered: HashSet<_> = vectors.iter().map(|vector| vector.rule).collect();
    let known: HashSet<_> = rules().map(|rule| rule.id).collect();
    let uncovered: Vec<_> = known.difference(&covered).collect();
    assert!(uncovered.is_empty(), "rules without vectors: {uncovered:?}");
    let unknown: Vec<_> = covered.difference(&known).collect();
    assert!(unknown.is_empty(), "vectors of no rule: {unknown:?}");
}

#[test]
fn every_good_vector_keeps_its_rule_and_every_bad_one_breaks_it() {
    let mut wrong = Vec::new();
    for vector in vectors::all() {
        let good = lint(&vector.good.inputs, &vector.good.options).unwrap();
        let bad = lint(&vector.bad.inputs, &vector.bad.options).unwrap();
        if found(&good).contains(&vector.rule) {
            wrong.push(format!("{}: found in {good:#?}", vector.rule));
        }
        if !found(&bad).contains(&vector.rule) {
            wrong.push(format!("{}: only {:?}", vector.rule, found(&bad)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_certificate_as_it_should_be_has_no_findings() {
    let chain = [build::ee(), build::sub(), build::root()];
    let blocks = chain.map(|spec| build::pem("CERTIFICATE", &spec.der()));
    let report = lint(&[input("chain.pem", blocks.concat())], &options()).unwrap();
    assert_eq!(report.summary.objects, 3);
    assert_eq!(found(&report), [""; 0]);
}

#[test]
fn a_certificate_as_hpki_has_it_has_no_errors_and_no_warnings() {
    for (profile, spec) in complete_hpki() {
        let text = build::pem("CERTIFICATE", &spec.der());
        for name in [profile, "hpki"] {
            let report = lint(&[input("hpki.pem", text.clone())], &hpki(name)).unwrap();
            let (errors, warnings) = (report.summary.errors, report.summary.warnings);
            assert_eq!((errors, warnings), (0, 0), "{name}: {report:#?}");
        }
    }
}

#[test]
fn ids_are_unique_and_every_rule_speaks_both_languages() {
    let mut ids = HashSet::new();
    for rule in rules() {
        assert!(ids.insert(rule.id), "{} occurs twice", rule.id);
        for words in [rule.title, rule.change] {
            let is_japanese = |c: char| c >= '\u{3000}';
            assert!(!words.en.is_empty(), "{}", rule.id);
            assert!(!words.en.contains(is_japanese), "{}", rule.id);
            assert!(words.ja.contains(is_japanese), "{}", rule.id);
        }
    }
}

#[test]
fn the_page_of_rules_is_generated_from_the_registry() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/certificate-rules.md");
    let page = page();
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "{} is not what the registry says; `UPDATE_SCHEMA=1 cargo test -p certs` rewrites it",
        path.display()
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Rules of `ikematrix certs lint` / `ikematrix certs lint` の検査項目\n\n\
         Generated from the registry in `certs/src/lint` by its tests. \
         このページは `certs/src/lint` の定義からテストにより生成されます。\n",
    );
    for source in Source::ALL {
        let of_source: Vec<_> = rules().filter(|rule| rule.source == source).collect();
        let words = source.words();
        page.push_str(&format!(
            "\n## {} / {} ({})\n\n| id | § | level | severity | rule | 検査項目 |\n|---|---|---|---|---|---|\n",
            words.en,
            words.ja,
            of_source.len()
        ));
        for rule in of_source {
            page.push_str(&format!(
                "| `{}` | {} {} | {} | {} | {} | {} |\n",
                rule.id,
                rule.document,
                rule.section,
                rule.level.as_str(),
                rule.severity().words().en,
                rule.title.en,
                rule.title.ja
            ));
        }
    }
    page
}
