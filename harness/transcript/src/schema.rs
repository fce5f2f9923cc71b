//! The committed JSON Schema of a transcript is what the types say, and takes real transcripts.

use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};

use crate::model::{SCHEMA, Transcript};
use crate::{Options, keys, read};

#[test]
fn the_committed_schema_is_generated_from_the_types() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/transcript-{SCHEMA}.json"));
    let text = format!("{:#}\n", generated());
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{} is not what the types say; `UPDATE_SCHEMA=1 cargo test -p transcript` rewrites it",
        path.display()
    );
}

#[test]
fn transcripts_are_valid_and_are_read_back_unchanged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    for name in ["certificates", "ike-fragments", "fragments-lost"] {
        let table = fs::read_to_string(folder.join(format!("{name}.keys"))).unwrap_or_default();
        let keys = keys::read_ike_table(&table).unwrap();
        let capture = fs::read(folder.join(format!("{name}.pcapng"))).unwrap();
        let options = Options {
            keys: &keys,
            ..Options::default()
        };
        let transcript = read(capture.as_slice(), &options).unwrap();
        let value = serde_json::to_value(&transcript).unwrap();
        jsonschema::validate(&generated(), &value).unwrap();
        assert_eq!(
            serde_json::from_value::<Transcript>(value).unwrap(),
            transcript
        );
    }
}

#[test]
fn damaged_transcripts_are_refused() {
    let capture = include_bytes!("../tests/captures/fragments-lost.pcapng");
    let transcript = read(&capture[..], &Options::default()).unwrap();
    for (place, damage) in [
        ("/schema", json!(2)),
        ("/messages/0/from", json!("moon")),
        ("/messages/0/payloads/0/content/is", json!("nothing")),
        ("/messages/0/transmissions/0/arrival", json!("lost")),
        ("/ike_sas/0/keys", json!("maybe")),
        ("/capture", json!({"colour": "blue"})),
    ] {
        let mut value = serde_json::to_value(&transcript).unwrap();
        *value.pointer_mut(place).unwrap() = damage;
        assert!(!jsonschema::is_valid(&generated(), &value), "{place}");
        assert!(
            place == "/schema" || serde_json::from_value::<Transcript>(value).is_err(),
            "{place}"
        );
    }
}

fn generated() -> Value {
    let mut schema = schemars::schema_for!(Transcript);
    schema.insert(
        "$id".to_owned(),
        json!(format!("urn:ikematrix:transcript:{SCHEMA}")),
    );
    schema.insert(
        "title".to_owned(),
        json!("What a capture holds of IKE and ESP (transcript.json)"),
    );
    schema.to_value()
}
