//! The names of cases, vendors, and implementations.

/// Whether `name` is made of lower-case letters and digits, in groups parted by one of
/// `separators`.
///
/// Such a name can stand in a cell's id, in the name of a file, and on a command line.
pub fn is_name(name: &str, separators: &[char]) -> bool {
    name.split(separators).all(|group| {
        !group.is_empty()
            && group
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_not_empty_and_hold_lower_case_and_digits_only() {
        assert!(is_name("strongswan-6.0", &['-', '.']));
        for bad in ["", "-a", "a-", "a--b", "A", "a b", "a/b", "a:b", "..", "鍵"] {
            assert!(!is_name(bad, &['-', '.']), "{bad:?}");
        }
    }
}
