//! Any octets, as a file, against every rule.

#![no_main]

use certs::lint::{AlgorithmText, Input, Options, Profile, lint};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for (profile, text) in [
        (Profile::Rfc4945, AlgorithmText::Current),
        (Profile::Hpki, AlgorithmText::Of2007),
    ] {
        let options = Options {
            profile,
            text,
            at: Timestamp::UNIX_EPOCH,
            password: None,
        };
        let input = Input {
            name: "fuzz".to_owned(),
            bytes: bytes.to_vec(),
        };
        if let Ok(report) = lint(&[input], &options) {
            serde_json::to_string(&report).expect("a report is always JSON");
        }
    }
});
