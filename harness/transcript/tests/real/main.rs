//! Transcripts of captures of real daemons, and of captures that were made to deceive or to exhaust.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use reports::text::Lang;
use transcript::keys::{read_ike_rows, read_ike_table};
use transcript::model::{Arrival, Keys, Note, Protection, Transcript};
use transcript::{Options, tell};

mod arrival;
mod hostile;
mod made;

fn moon_and_sun() -> Vec<(IpAddr, String)> {
    let address = |last: u8| IpAddr::from([198, 51, 100, last]);
    vec![(address(1), "moon".into()), (address(2), "sun".into())]
}

fn captured(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    fs::read(folder.join(format!("{name}.pcapng"))).unwrap()
}

fn transcript(name: &str, with_keys: bool) -> Transcript {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let keys = if with_keys {
        let table = fs::read_to_string(folder.join(format!("{name}.keys"))).unwrap();
        read_ike_table(&table).unwrap()
    } else {
        Vec::new()
    };
    let options = Options {
        keys: &keys,
        names: moon_and_sun(),
        ..Options::default()
    };
    transcript::read(captured(name).as_slice(), &options).unwrap()
}

#[test]
fn a_negotiation_with_certificates_is_told_in_both_languages() {
    let transcript = transcript("certificates", true);
    insta::assert_snapshot!("certificates-en", tell::render(&transcript, Lang::En));
    insta::assert_snapshot!("certificates-ja", tell::render(&transcript, Lang::Ja));
}

#[test]
fn without_keys_it_is_told_what_cannot_be_read() {
    let transcript = transcript("ike-fragments", false);
    insta::assert_snapshot!("without-keys-en", tell::render(&transcript, Lang::En));
    insta::assert_snapshot!("without-keys-ja", tell::render(&transcript, Lang::Ja));
    assert_eq!(transcript.ike_sas[0].keys, Keys::Unknown);
}

#[test]
fn ike_fragments_are_put_together_and_told() {
    let transcript = transcript("ike-fragments", true);
    insta::assert_snapshot!("ike-fragments-en", tell::render(&transcript, Lang::En));
    insta::assert_snapshot!("ike-fragments-ja", tell::render(&transcript, Lang::Ja));
    let request = &transcript.messages[2];
    assert_eq!(request.fragments.as_ref().unwrap().total, 3);
    assert_eq!(request.protection, Protection::Decrypted);
    assert!(request.payload("AUTH").is_some());
}

#[test]
fn lost_fragments_are_told() {
    let transcript = transcript("fragments-lost", false);
    insta::assert_snapshot!("fragments-lost-en", tell::render(&transcript, Lang::En));
    insta::assert_snapshot!("fragments-lost-ja", tell::render(&transcript, Lang::Ja));
}

#[test]
fn the_json_of_a_negotiation_is_as_it_was() {
    let transcript = transcript("ike-fragments", true);
    let json = serde_json::to_string_pretty(&transcript).unwrap();
    insta::assert_snapshot!("ike-fragments-json", json);
}

#[test]
fn keys_of_another_session_open_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let table = fs::read_to_string(folder.join("certificates.keys")).unwrap();
    let mut keys = read_ike_table(&table).unwrap();
    // Not even where nobody says which session they belong to.
    keys[0].spis = None;
    keys[0].encryption = None;
    keys[0].integrity = None;
    let options = Options {
        keys: &keys,
        ..Options::default()
    };
    let other = transcript::read(captured("ike-fragments").as_slice(), &options).unwrap();
    assert_eq!(other.ike_sas[0].keys, Keys::Unknown);
    let own = transcript::read(captured("certificates").as_slice(), &options).unwrap();
    assert_eq!(own.ike_sas[0].keys, Keys::Known);
}

#[test]
fn a_row_of_an_unknown_algorithm_is_left_out_and_the_others_are_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let good = fs::read_to_string(folder.join("certificates.keys")).unwrap();
    let known = read_ike_table(&good).unwrap();
    let odd = "0000000000000001,0000000000000002,00,00,\"CAMELLIA\",00,00,\"NONE [RFC4306]\"\n";
    let table = format!("{odd}{good}");
    let rows = read_ike_rows(&table).unwrap();
    assert_eq!(rows.keys, known);
    assert_eq!(rows.skipped.len(), 1);
    assert_eq!(rows.skipped[0].line, 1);
    assert!(rows.skipped[0].reason.contains("CAMELLIA"));
    assert!(read_ike_rows("no row").is_err());
}

#[test]
fn a_capture_at_one_place_does_not_know_what_arrived() {
    let transcript = transcript("certificates", true);
    assert!(!transcript.tells_arrival());
    for message in &transcript.messages {
        assert_eq!(message.arrived(), None);
        assert!(
            message
                .all_transmissions()
                .all(|sent| sent.arrival == Arrival::Unknown)
        );
    }
}

#[test]
fn a_capture_that_was_cut_is_told_up_to_there() {
    let whole = captured("certificates");
    let cut = &whole[..whole.len() - 700];
    let transcript = transcript::read(cut, &Options::default()).unwrap();
    assert!(transcript.messages.len() >= 3);
    let damaged = |note: &Note| matches!(note, Note::DamagedFile { .. });
    assert!(
        transcript.notes.iter().any(damaged),
        "{:?}",
        transcript.notes
    );
}
