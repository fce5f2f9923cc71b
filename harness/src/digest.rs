//! Digests, as records write them.

use ring::digest;

/// SHA-256 of a text, 64 hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
