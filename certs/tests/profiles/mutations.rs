//! Files are hostile until they are loaded: whatever they hold, the answer is profiles or problems.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::{FULL, Folder};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_end_in_profiles_or_problems(
        content in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        answer(content);
    }

    #[test]
    fn any_change_of_a_good_profile_ends_in_profiles_or_problems(
        from in any::<Index>(),
        length in 0_usize..20,
        insert in "[ -~\\n鍵]{0,6}",
    ) {
        let from = from.index(FULL.chars().count());
        let kept = FULL.chars().skip(from + length);
        let changed: String = FULL.chars().take(from).chain(insert.chars()).chain(kept).collect();
        answer(changed);
    }
}

/// Loads the profile and, where that fails, says why in words.
fn answer(content: impl AsRef<[u8]>) {
    if let Err(problems) = Folder::with_full(content).load() {
        assert!(!problems.to_string().is_empty());
    }
}
