//! Object identifiers and octets as a profile writes them.

use der::oid::ObjectIdentifier;
use serde::Deserialize;

/// An object identifier in dotted form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Oid(pub ObjectIdentifier);

impl TryFrom<String> for Oid {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        ObjectIdentifier::new(&text).map(Self).map_err(|_| {
            format!(
                "{text:?} is not an object identifier\nwrite its arcs with dots, such as \
                 \"1.3.6.1.5.5.7.3.17\""
            )
        })
    }
}

/// Octets in hexadecimal digits; spaces may stand between octets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Hex(pub Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| *c != ' ')
            // A hexadecimal digit is less than sixteen.
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        match digits.as_deref().map(<[u8]>::as_chunks::<2>) {
            Some((pairs, [])) => Ok(Self(
                pairs.iter().map(|[high, low]| high << 4 | low).collect(),
            )),
            Some(_) | None => Err(format!(
                "{text:?} is not a row of octets\nwrite two hexadecimal digits for each, such as \
                 \"05 00\""
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_pairs_of_digits() {
        let hex = |text: &str| Hex::try_from(text.to_owned());
        assert_eq!(hex("05 00fF").unwrap().0, [5, 0, 255]);
        assert!(hex("").unwrap().0.is_empty());
        for bad in ["0", "0x", "0 0 0", "ｆｆ"] {
            assert!(hex(bad).is_err(), "{bad:?}");
        }
    }
}
