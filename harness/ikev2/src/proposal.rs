//! Proposals: the sets of algorithms that one end offers for a security association.

use serde::{Deserialize, Serialize};

use crate::algorithm::{DhGroup, Encryption, Integrity, Prf, Transform};

/// What one end offers for the IKE SA; within a list, what it prefers comes first.
///
/// An invalid proposal cannot be made: see [`InvalidProposal`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "IkeLists")]
pub struct IkeProposal {
    encryption: Vec<Encryption>,
    integrity: Vec<Integrity>,
    prf: Vec<Prf>,
    dh: Vec<DhGroup>,
}

/// What one end offers for a Child SA with ESP; within a list, what it prefers comes first.
///
/// A group in `dh` asks for a fresh exchange at every rekeying (perfect forward secrecy).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "EspLists")]
pub struct EspProposal {
    encryption: Vec<Encryption>,
    integrity: Vec<Integrity>,
    dh: Vec<DhGroup>,
}

impl IkeProposal {
    /// Makes a proposal of its lists; `integrity` is empty when the encryption is an AEAD.
    ///
    /// # Errors
    ///
    /// The lists do not make a proposal: see [`InvalidProposal`].
    pub fn new(
        encryption: Vec<Encryption>,
        integrity: Vec<Integrity>,
        prf: Vec<Prf>,
        dh: Vec<DhGroup>,
    ) -> Result<Self, InvalidProposal> {
        check_protection(&encryption, &integrity)?;
        check_filled(&prf)?;
        check_distinct(&prf)?;
        check_filled(&dh)?;
        check_distinct(&dh)?;
        Ok(Self {
            encryption,
            integrity,
            prf,
            dh,
        })
    }

    pub fn encryption(&self) -> &[Encryption] {
        &self.encryption
    }

    pub fn integrity(&self) -> &[Integrity] {
        &self.integrity
    }

    pub fn prf(&self) -> &[Prf] {
        &self.prf
    }

    pub fn dh(&self) -> &[DhGroup] {
        &self.dh
    }
}

impl EspProposal {
    /// Makes a proposal of its lists; `integrity` is empty when the encryption is an AEAD.
    ///
    /// # Errors
    ///
    /// The lists do not make a proposal: see [`InvalidProposal`].
    pub fn new(
        encryption: Vec<Encryption>,
        integrity: Vec<Integrity>,
        dh: Vec<DhGroup>,
    ) -> Result<Self, InvalidProposal> {
        check_protection(&encryption, &integrity)?;
        check_distinct(&dh)?;
        Ok(Self {
            encryption,
            integrity,
            dh,
        })
    }

    pub fn encryption(&self) -> &[Encryption] {
        &self.encryption
    }

    pub fn integrity(&self) -> &[Integrity] {
        &self.integrity
    }

    pub fn dh(&self) -> &[DhGroup] {
        &self.dh
    }
}

/// Why lists of algorithms do not make a proposal (RFC 7296, section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProposal {
    #[error("a proposal without {kind}\nname at least one of {}", known.join(", "))]
    Empty {
        kind: &'static str,
        known: Vec<&'static str>,
    },
    #[error("{kind} {name} stands twice in one proposal\nname it once")]
    Duplicate {
        kind: &'static str,
        name: &'static str,
    },
    #[error(
        "{aead} and {other} stand in one proposal, but only one of them needs an integrity \
         algorithm\nwrite two proposals, one for each"
    )]
    MixedWithAead { aead: Encryption, other: Encryption },
    #[error(
        "{aead} protects integrity by itself, and the proposal names {integrity} too\n\
         leave `integrity` out of this proposal"
    )]
    IntegrityBesideAead {
        aead: Encryption,
        integrity: Integrity,
    },
    #[error(
        "{encryption} does not protect integrity, and the proposal names no integrity \
         algorithm\nadd `integrity` with one or more of {}", known_names::<Integrity>().join(", ")
    )]
    MissingIntegrity { encryption: Encryption },
}

fn check_protection(
    encryption: &[Encryption],
    integrity: &[Integrity],
) -> Result<(), InvalidProposal> {
    check_filled(encryption)?;
    check_distinct(encryption)?;
    check_distinct(integrity)?;
    let aead = encryption.iter().copied().find(|e| e.is_aead());
    let other = encryption.iter().copied().find(|e| !e.is_aead());
    match (aead, other, integrity.first().copied()) {
        (Some(aead), Some(other), _) => Err(InvalidProposal::MixedWithAead { aead, other }),
        (Some(aead), None, Some(integrity)) => {
            Err(InvalidProposal::IntegrityBesideAead { aead, integrity })
        }
        (None, Some(encryption), None) => Err(InvalidProposal::MissingIntegrity { encryption }),
        (Some(_), None, None) | (None, _, _) => Ok(()),
    }
}

fn check_filled<T: Transform>(list: &[T]) -> Result<(), InvalidProposal> {
    if list.is_empty() {
        return Err(InvalidProposal::Empty {
            kind: T::KIND,
            known: known_names::<T>(),
        });
    }
    Ok(())
}

fn check_distinct<T: Transform>(list: &[T]) -> Result<(), InvalidProposal> {
    let repeated = list
        .iter()
        .enumerate()
        .find(|(position, transform)| list[..*position].contains(transform));
    match repeated {
        Some((_, transform)) => Err(InvalidProposal::Duplicate {
            kind: T::KIND,
            name: transform.name(),
        }),
        None => Ok(()),
    }
}

fn known_names<T: Transform>() -> Vec<&'static str> {
    T::ALL.iter().map(|transform| transform.name()).collect()
}

/// The lists of an [`IkeProposal`] as a file holds them, before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IkeLists {
    encryption: Vec<Encryption>,
    #[serde(default)]
    integrity: Vec<Integrity>,
    prf: Vec<Prf>,
    dh: Vec<DhGroup>,
}

impl TryFrom<IkeLists> for IkeProposal {
    type Error = InvalidProposal;

    fn try_from(lists: IkeLists) -> Result<Self, InvalidProposal> {
        Self::new(lists.encryption, lists.integrity, lists.prf, lists.dh)
    }
}

/// The lists of an [`EspProposal`] as a file holds them, before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EspLists {
    encryption: Vec<Encryption>,
    #[serde(default)]
    integrity: Vec<Integrity>,
    #[serde(default)]
    dh: Vec<DhGroup>,
}

impl TryFrom<EspLists> for EspProposal {
    type Error = InvalidProposal;

    fn try_from(lists: EspLists) -> Result<Self, InvalidProposal> {
        Self::new(lists.encryption, lists.integrity, lists.dh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CBC: Encryption = Encryption::AesCbc256;
    const GCM: Encryption = Encryption::AesGcm16Bits256;
    const SHA2: Integrity = Integrity::HmacSha2Bits256Of128;

    #[test]
    fn encryption_that_does_not_protect_integrity_needs_an_integrity_algorithm() {
        let error = EspProposal::new(vec![CBC], vec![], vec![]).unwrap_err();
        assert_eq!(error, InvalidProposal::MissingIntegrity { encryption: CBC });
    }

    #[test]
    fn an_aead_takes_no_integrity_algorithm() {
        let error = EspProposal::new(vec![GCM], vec![SHA2], vec![]).unwrap_err();
        assert_eq!(
            error,
            InvalidProposal::IntegrityBesideAead {
                aead: GCM,
                integrity: SHA2
            }
        );
        assert!(EspProposal::new(vec![GCM], vec![], vec![]).is_ok());
    }

    #[test]
    fn an_aead_does_not_stand_beside_another_kind_of_encryption() {
        let error = EspProposal::new(vec![CBC, GCM], vec![SHA2], vec![]).unwrap_err();
        assert_eq!(
            error,
            InvalidProposal::MixedWithAead {
                aead: GCM,
                other: CBC
            }
        );
    }

    #[test]
    fn a_list_does_not_name_an_algorithm_twice() {
        let error = EspProposal::new(vec![CBC, CBC], vec![SHA2], vec![]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "encryption aes-cbc-256 stands twice in one proposal\nname it once"
        );
    }

    #[test]
    fn ike_needs_a_prf_and_a_group_and_esp_does_not() {
        let error = IkeProposal::new(vec![CBC], vec![SHA2], vec![], vec![]).unwrap_err();
        assert!(matches!(error, InvalidProposal::Empty { kind: "prf", .. }));
        let prf = vec![Prf::HmacSha2Bits256];
        let error = IkeProposal::new(vec![CBC], vec![SHA2], prf, vec![]).unwrap_err();
        assert!(matches!(error, InvalidProposal::Empty { kind: "dh", .. }));
        assert!(EspProposal::new(vec![CBC], vec![SHA2], vec![]).is_ok());
    }

    #[test]
    fn a_proposal_survives_the_way_through_a_file() {
        let proposal = IkeProposal::new(
            vec![CBC],
            vec![SHA2],
            vec![Prf::HmacSha2Bits256],
            vec![DhGroup::Modp2048],
        )
        .unwrap();
        let written = serde_json::to_string(&proposal).unwrap();
        assert_eq!(
            written,
            r#"{"encryption":["aes-cbc-256"],"integrity":["hmac-sha2-256-128"],"prf":["hmac-sha2-256"],"dh":["modp-2048"]}"#
        );
        assert_eq!(
            serde_json::from_str::<IkeProposal>(&written).unwrap(),
            proposal
        );
    }

    #[test]
    fn a_file_cannot_hold_an_invalid_proposal() {
        let error = serde_json::from_str::<EspProposal>(r#"{"encryption":["aes-cbc-256"]}"#);
        assert!(error.is_err());
    }
}
