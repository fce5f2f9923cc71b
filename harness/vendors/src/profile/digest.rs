//! The digest of a profile: two profiles with the same one make the same router.

use ring::digest::{Context, SHA256};

/// SHA-256 over named parts, in 64 hexadecimal digits. Every name and text goes in with its
/// length, so that no two lists of parts run into the same bytes.
pub(super) fn of_parts<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_unstable();
    let mut context = Context::new(&SHA256);
    for (name, text) in parts {
        for bytes in [name.as_bytes(), text.as_bytes()] {
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        }
    }
    context
        .finish()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_parts_does_not_matter_and_their_borders_do() {
        let digest = of_parts([("a", "bc"), ("d", "e")]);
        assert_eq!(digest, of_parts([("d", "e"), ("a", "bc")]));
        assert_ne!(digest, of_parts([("ab", "c"), ("d", "e")]));
        assert_ne!(digest, of_parts([("a", "bcd"), ("", "e")]));
        assert_eq!(digest.len(), 64);
    }
}
