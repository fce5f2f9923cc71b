//! What to answer to a name that nothing has.

/// The remedy for a mistyped name: all known ones, and the one that was meant, if any is like it.
pub fn use_known<T: AsRef<str>>(name: &str, known: &[T]) -> String {
    let list: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let list = list.join(", ");
    match nearest(name, known) {
        Some(nearest) => format!("did you mean {nearest:?}? known: {list}"),
        None if list.is_empty() => "there is none to choose from".to_owned(),
        None => format!("use one of {list}"),
    }
}

fn nearest<'a, T: AsRef<str>>(name: &str, known: &'a [T]) -> Option<&'a str> {
    /// Below this, names have no more in common than chance.
    const LIKENESS: f64 = 0.6;
    known
        .iter()
        .map(AsRef::as_ref)
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_answered_with_the_name_that_was_meant() {
        let known = ["libreswan-5.2", "strongswan-5.9", "strongswan-6.0"];
        assert_eq!(nearest("strongsawn-6.0", &known), Some("strongswan-6.0"));
        assert_eq!(nearest("acme", &known), None);
    }
}
