//! The committed JSON Schemas are what the types say, and refuse what they refuse.

use std::path::Path;
use std::{env, fs};

use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::diff::{self, Diff, diff};
use crate::example;
use crate::model::{Run, SCHEMA};

#[test]
fn the_committed_schemas_are_generated_from_the_types() {
    check_committed("run", SCHEMA, &generated());
    check_committed("diff", diff::SCHEMA, &generated_diff());
}

fn check_committed(kind: &str, version: u32, schema: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{kind}-{version}.json"));
    let text = format!("{schema:#}\n");
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{} is not what the types say; `UPDATE_SCHEMA=1 cargo test -p reports` rewrites it",
        path.display()
    );
}

#[test]
fn records_are_valid() {
    for run in [
        example::mixed(4),
        example::interrupted(),
        example::hostile(),
        example::compared_trial(),
        example::repeated(2, 3),
    ] {
        let record = serde_json::to_value(&run).unwrap();
        jsonschema::validate(&generated(), &record).unwrap();
    }
}

#[test]
fn diffs_are_valid() {
    let runs = [
        example::all_pass(3, 1),
        example::mixed(4),
        example::hostile(),
        example::repeated(3, 3),
    ];
    for old in &runs {
        for new in &runs {
            let diff = serde_json::to_value(diff(old, new)).unwrap();
            jsonschema::validate(&generated_diff(), &diff).unwrap();
        }
    }
}

#[test]
fn damaged_records_are_refused() {
    for (place, damage) in [
        ("/schema", json!(1)),
        ("/started", json!(1_700_000_000)),
        ("/complete", Value::Null),
        ("/vendors/0/packages", json!("strongswan 6.0")),
        ("/cells/0/outcome", json!("good")),
        ("/cells/0/stages/0/millis", json!(-1)),
        ("/cells/0/observations/0/place", json!("moon")),
        ("/lab", json!({"backend": "crun"})),
        (
            "/tool",
            json!({"name": "ikematrix", "version": "1", "colour": "blue"}),
        ),
    ] {
        let mut record = serde_json::to_value(example::mixed(2)).unwrap();
        *record.pointer_mut(place).unwrap() = damage;
        assert!(!jsonschema::is_valid(&generated(), &record), "{place}");
    }
}

fn generated() -> Value {
    schema_of::<Run>("run", SCHEMA, "The record of an ikematrix run (run.json)")
}

fn generated_diff() -> Value {
    let title = "What changed between two ikematrix runs (ikematrix diff --json)";
    schema_of::<Diff>("diff", diff::SCHEMA, title)
}

fn schema_of<T: JsonSchema>(kind: &str, version: u32, title: &str) -> Value {
    let mut schema = schemars::schema_for!(T);
    let id = format!("urn:ikematrix:{kind}:{version}");
    schema.insert("$id".to_owned(), json!(id));
    schema.insert("title".to_owned(), json!(title));
    schema.to_value()
}
