//! Any text as a table of keys: what is read is written and read back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use transcript::keys::{read_ike_table, write_ike_table};

fuzz_target!(|text: &str| {
    let Ok(sets) = read_ike_table(text) else {
        return;
    };
    let written = write_ike_table(&sets);
    let again = read_ike_table(&written).unwrap();
    assert_eq!(write_ike_table(&again), written);
});
