//! Addresses inside the folder of a run.

use std::fmt::Write;

/// The address of a file or folder below the page. Whatever the path is, it stays a path: not a
/// scheme, a query or a fragment.
pub(crate) fn below(path: &str) -> String {
    format!("./{}", encode(path))
}

/// The path with all that has a meaning in an address written as an escape. What stands before it
/// must end with a slash.
pub(crate) fn encode(path: &str) -> String {
    let mut address = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn an_address_stays_a_path() {
        for (path, address) in [
            ("evidence/auth.psk/a_b", "./evidence/auth.psk/a_b"),
            ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
            ("50% off?#x", "./50%25%20off%3F%23x"),
            ("証", "./%E8%A8%BC"),
        ] {
            assert_eq!(below(path), address);
        }
    }
}
