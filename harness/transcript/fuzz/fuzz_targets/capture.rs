//! Any octets as a capture, read with the keys of the seeds, and told in both languages.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use reports::text::Lang;
use transcript::keys::{IkeKeys, read_ike_table};
use transcript::{Options, tell};

/// The keys of the captures that serve as seeds: changed ones still decrypt in part.
static KEYS: LazyLock<Vec<IkeKeys>> = LazyLock::new(|| {
    let tables = [
        include_str!("../../tests/captures/certificates.keys"),
        include_str!("../../tests/captures/ike-fragments.keys"),
    ];
    let sets = tables.iter().flat_map(|table| read_ike_table(table).unwrap());
    sets.collect()
});

fuzz_target!(|input: &[u8]| {
    let options = Options {
        keys: &KEYS,
        ..Options::default()
    };
    let Ok(transcript) = transcript::read(input, &options) else {
        return;
    };
    for lang in [Lang::En, Lang::Ja] {
        let story = tell::render(&transcript, lang);
        assert!(story.chars().all(|c| c == '\n' || !c.is_control()));
    }
    for message in &transcript.messages {
        assert!(transcript.ike_sas.get(message.sa).is_some());
        assert!(message.packet().is_some());
    }
});
