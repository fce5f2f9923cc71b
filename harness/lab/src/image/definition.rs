//! What goes into a root file system.

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// Counts changes of the way images are built: part of every key.
const RECIPE: u32 = 1;

/// The declaration of an image. Equal declarations have equal keys and share one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Says to people what it is, such as `strongswan-6.0`.
    pub name: String,
    /// Debian suite, such as `trixie`.
    pub suite: String,
    pub packages: Vec<String>,
    /// Commands run once inside the new root file system.
    pub prepare: Vec<Vec<String>>,
    /// A shell script run outside, with the root file system's folder as its first argument.
    pub hook: Option<String>,
}

impl Definition {
    /// The name under which the image is kept: readable, and different for every other declaration.
    pub fn key(&self) -> String {
        let declared = serde_json::to_vec(&(RECIPE, self)).unwrap_or_default();
        let hash = digest(&SHA256, &declared);
        format!("{}-{}", self.name, &hex(hash.as_ref())[..16])
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_follows_every_part_of_the_declaration() {
        let base = Definition {
            name: "a".into(),
            suite: "trixie".into(),
            packages: vec!["b".into()],
            prepare: vec![],
            hook: None,
        };
        let others = [
            Definition {
                suite: "bookworm".into(),
                ..base.clone()
            },
            Definition {
                packages: vec!["b".into(), "c".into()],
                ..base.clone()
            },
            Definition {
                prepare: vec![vec!["true".into()]],
                ..base.clone()
            },
            Definition {
                hook: Some("true".into()),
                ..base.clone()
            },
        ];
        for other in others {
            assert_ne!(base.key(), other.key(), "{other:?}");
        }
    }
}
