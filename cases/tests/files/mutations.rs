//! Files are hostile until they are loaded: whatever they hold, the answer is a case or a problem.

use files::Source;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{FULL, Folder};

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_end_in_a_case_or_a_problem(
        content in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        answer(content);
    }

    #[test]
    fn any_change_of_a_good_case_ends_in_a_case_or_a_problem(
        from in any::<Index>(),
        length in 0_usize..20,
        insert in "[ -~\\n鍵]{0,6}",
    ) {
        let from = from.index(FULL.chars().count());
        let kept = FULL.chars().skip(from + length);
        let changed: String = FULL.chars().take(from).chain(insert.chars()).chain(kept).collect();
        answer(changed);
    }

    #[test]
    fn a_place_in_any_text_is_found(text in "\\PC*", start in any::<usize>()) {
        let problem = Source::new("file", text).problem(start..start, "odd");
        prop_assert!(problem.line.is_some() && problem.column.is_some());
    }
}

/// Loads the case and, where that fails, says why in words.
fn answer(content: impl AsRef<[u8]>) {
    if let Err(problems) = Folder::with_case(content).load() {
        assert!(!problems.to_string().is_empty());
    }
}
