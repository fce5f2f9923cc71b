//! Files are hostile until they are loaded: whatever they hold, the answer is a catalogue or a
//! problem.

use crate::fixture::{Fixture, IMPLEMENTATION, PROFILE, TEMPLATE};
use proptest::prelude::*;
use proptest::sample::{Index, select};

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_in_any_file_end_in_a_catalogue_or_a_problem(
        file in select(&[PROFILE, IMPLEMENTATION, TEMPLATE][..]),
        content in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let fixture = Fixture::new();
        fixture.write(file, content);
        answer(&fixture);
    }

    #[test]
    fn any_change_of_any_file_ends_in_a_catalogue_or_a_problem(
        file in select(&[PROFILE, IMPLEMENTATION, TEMPLATE][..]),
        from in any::<Index>(),
        to in any::<Index>(),
        insert in "[ -~\\n鍵]{0,6}",
    ) {
        let fixture = Fixture::new();
        let text: Vec<char> = fixture.read(file).chars().collect();
        let (from, to) = (from.index(text.len()), to.index(text.len()));
        let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 20));
        let changed: String = text[..from]
            .iter()
            .copied()
            .chain(insert.chars())
            .chain(text[to..].iter().copied())
            .collect();
        fixture.write(file, changed);
        answer(&fixture);
    }
}

/// Loads the catalogue and, where that fails, says why in words.
fn answer(fixture: &Fixture) {
    if let Err(problems) = fixture.load() {
        assert!(!problems.to_string().is_empty());
    }
}
