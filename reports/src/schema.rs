//! The committed JSON Schema of `run.json` is what the types say, and refuses what they refuse.

use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};

use crate::example;
use crate::model::{Run, SCHEMA};

#[test]
fn the_committed_schema_is_generated_from_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/run-{SCHEMA}.json"));
    let text = format!("{:#}\n", generated());
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
    ] {
        let record = serde_json::to_value(&run).unwrap();
        jsonschema::validate(&generated(), &record).unwrap();
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
    let mut schema = schemars::schema_for!(Run);
    schema.insert(
        "$id".to_owned(),
        json!(format!("urn:ikematrix:run:{SCHEMA}")),
    );
    schema.insert(
        "title".to_owned(),
        json!("The record of an ikematrix run (run.json)"),
    );
    schema.to_value()
}
