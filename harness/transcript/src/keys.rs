//! Session keys: sets from the logs of daemons, and the tables that Wireshark reads.
//!
//! These are keys of single sessions. No pre-shared and no private key ever comes here.

mod esp;
mod table;

use ikev2::algorithm::{Encryption, Integrity, Transform};
use ikev2::keys::{Key, SkKeys};
use ikev2::message::Proposal;
use ikev2::numbers::TransformType;

pub use esp::EspKeys;
pub use table::{
    IkeTable, TableError, read_ike_rows, read_ike_table, write_esp_table, write_ike_table,
};

/// A set of keys of an IKE SA, as far as its source tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IkeKeys {
    /// SPIs of initiator and responder; absent where a log does not say whose keys they are.
    pub spis: Option<(u64, u64)>,
    /// Absent where a log does not say: what was negotiated tells, or else the lengths.
    pub encryption: Option<Encryption>,
    pub integrity: Option<Integrity>,
    pub sk_ai: Option<Key>,
    pub sk_ar: Option<Key>,
    pub sk_ei: Option<Key>,
    pub sk_er: Option<Key>,
}

impl IkeKeys {
    /// Every way to use these keys for this SA: with its own algorithms, with those that were
    /// negotiated, or with all that have keys of such lengths.
    pub(crate) fn candidates(
        &self,
        spis: (u64, u64),
        chosen: Option<&Proposal>,
    ) -> impl Iterator<Item = SkKeys> {
        let mine = self.spis.is_none_or(|known| known == spis);
        let negotiated = chosen.and_then(algorithms);
        let own = self
            .encryption
            .map(|encryption| (encryption, self.integrity));
        let suites = match own.or(negotiated) {
            _ if !mine => Vec::new(),
            Some(suite) => vec![suite],
            None => self.by_length(),
        };
        suites.into_iter().map(|suite| self.with(suite))
    }

    fn with(&self, (encryption, integrity): (Encryption, Option<Integrity>)) -> SkKeys {
        let (ai, ar) = match integrity {
            Some(_) => (self.sk_ai.clone(), self.sk_ar.clone()),
            None => (None, None),
        };
        SkKeys {
            encryption,
            integrity,
            prf: None,
            sk_d: None,
            sk_ai: ai,
            sk_ar: ar,
            sk_ei: self.sk_ei.clone(),
            sk_er: self.sk_er.clone(),
            sk_pi: None,
            sk_pr: None,
        }
    }

    fn by_length(&self) -> Vec<(Encryption, Option<Integrity>)> {
        let length = |key: &Option<Key>| key.as_ref().map_or(0, Key::len);
        let (encryption, integrity) = (length(&self.sk_ei), length(&self.sk_ai));
        let fits = |this: &&Encryption| this.key_octets() == encryption;
        let mut suites = Vec::new();
        for encryption in Encryption::ALL.iter().filter(fits) {
            if encryption.is_aead() {
                suites.push((*encryption, None));
                continue;
            }
            let fits = |this: &&Integrity| this.key_octets() == integrity;
            let of = Integrity::ALL.iter().filter(fits);
            suites.extend(of.map(|integrity| (*encryption, Some(*integrity))));
        }
        suites
    }
}

/// The algorithms that a chosen proposal names, if this program knows them.
pub(crate) fn algorithms(proposal: &Proposal) -> Option<(Encryption, Option<Integrity>)> {
    let transform = proposal.of_kind(TransformType::ENCRYPTION).next()?;
    let encryption = Encryption::from_wire(transform.id, transform.key_length())?;
    if encryption.is_aead() {
        return Some((encryption, None));
    }
    let transform = proposal.of_kind(TransformType::INTEGRITY).next()?;
    Some((encryption, Some(Integrity::from_id(transform.id)?)))
}
