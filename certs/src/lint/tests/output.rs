//! What is printed: for people in both languages, and JSON by its schema.

use std::path::Path;
use std::{env, fs};

use reports::terminal::Options as Terminal;
use reports::text::Lang;
use serde_json::{Value, json};

use super::build::{CP, SAN, dns, ee, named, pem, policies, root, seq, sub, tlv};
use super::vectors::all;
use super::*;

/// A chain with a finding of each severity, and a key that should not be there.
fn report() -> Report {
    let mut bad = ee();
    bad.alt_names(&[dns("*.hosp.example"), dns("gw1\u{202e}.\0example")]);
    bad.add(CP, true, policies(&["1.2.3"]));
    bad.signature = Some(vec![1, 2, 3]);
    let mut only_name = ee();
    only_name.serial = vec![0x12];
    only_name.set(SAN, false, seq(&[tlv(0xa4, named("ゲートウェイ"))]));
    let blocks = [bad, sub(), root(), only_name].map(|spec| pem("CERTIFICATE", &spec.der()));
    let text = blocks.concat() + &pem("PRIVATE KEY", &[0x30, 0x00]);
    lint(&[input("chain\u{1b}[31m.pem", text)], &options()).unwrap()
}

fn human(lang: Lang) -> String {
    let terminal = Terminal {
        lang,
        colour: false,
        width: 100,
    };
    human::render(&report(), &terminal)
}

#[test]
fn the_report_is_printed_in_english() {
    insta::assert_snapshot!(human(Lang::En));
}

#[test]
fn the_report_is_printed_in_japanese() {
    insta::assert_snapshot!(human(Lang::Ja));
}

#[test]
fn the_report_is_json() {
    let mut json = serde_json::to_value(report()).unwrap();
    hide_offsets(&mut json);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

/// An ECDSA signature has a length of its own each time, and what follows it moves.
fn hide_offsets(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                if name == "offset" && value.is_number() {
                    *value = "somewhere".into();
                }
                hide_offsets(value);
            }
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(hide_offsets),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[test]
fn nothing_from_a_file_acts_on_the_terminal() {
    for lang in [Lang::En, Lang::Ja] {
        let text = human(lang);
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(acts), "{text}");
    }
}

#[test]
fn colours_are_only_where_they_are_wanted() {
    let mut terminal = Terminal {
        lang: Lang::En,
        colour: true,
        width: 100,
    };
    assert!(human::render(&report(), &terminal).contains("\u{1b}[31;1merror\u{1b}[0m"));
    terminal.colour = false;
    assert!(!human::render(&report(), &terminal).contains('\u{1b}'));
}

#[test]
fn the_committed_schema_is_generated_from_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/lint-{SCHEMA}.json"));
    let text = format!("{:#}\n", schema());
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{} is not what the types say; `UPDATE_SCHEMA=1 cargo test -p certs` rewrites it",
        path.display()
    );
}

#[test]
fn reports_are_valid_and_damaged_ones_are_not() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for vector in all() {
        let report = lint(&vector.bad.inputs, &vector.bad.options).unwrap();
        let value = serde_json::to_value(&report).unwrap();
        assert!(schema.is_valid(&value), "{}", vector.rule);
        assert_eq!(serde_json::from_value::<Report>(value).unwrap(), report);
    }
    for (place, damage) in [
        ("/schema", json!(2)),
        ("/objects/0/kind", json!("cert")),
        ("/objects/0/findings/0/severity", json!("fatal")),
        ("/objects/0/findings/0/level", json!("must")),
        ("/summary/errors", json!(-1)),
    ] {
        let mut value = serde_json::to_value(report()).unwrap();
        *value.pointer_mut(place).unwrap() = damage;
        assert!(!schema.is_valid(&value), "{place}");
    }
}

fn schema() -> Value {
    let mut schema = schemars::schema_for!(Report);
    schema.insert(
        "$id".to_owned(),
        json!(format!("urn:ikematrix:lint:{SCHEMA}")),
    );
    schema.insert(
        "title".to_owned(),
        json!("What ikematrix certs lint found (--format json)"),
    );
    schema.to_value()
}
