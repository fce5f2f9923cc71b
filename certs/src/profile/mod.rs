//! Profiles of certificates: one TOML file each, loaded and checked.

mod file;
mod load;
mod merge;
mod resolve;
mod variations;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use reports::text::Text;

pub use file::{CertificateFile, CrlFile};
pub use variations::{Tables, Variations};

use crate::error::IssueError;
use crate::spec::{CertificateSpec, CrlSpec, Moment};
use merge::Draft;

/// The name of the certificate that a profile is about.
pub const END_ENTITY: &str = "end-entity";

/// One profile: certificates that name their issuers, and revocation lists.
#[derive(Debug)]
pub struct Profile {
    /// The file's name without its ending.
    pub id: String,
    pub title: Text,
    pub description: Text,
    /// What the public documents leave open and the profile decides, those of its base first.
    pub assumptions: Vec<Text>,
    /// The ids of those that it is based on: its base, then that one's, and so on.
    pub bases: Vec<String>,
    /// SHA-256 of the file and those it is based on, in 64 hexadecimal digits.
    pub sha256: String,
    /// The file and those it is based on, the nearest first.
    pub files: Vec<PathBuf>,
    pub(crate) certificates: BTreeMap<String, Arc<Node>>,
    /// Names of the certificates that a peer shall trust.
    pub(crate) anchors: Vec<String>,
    pub(crate) crls: Vec<CrlNode>,
}

/// A certificate's specification within its chain. Equal nodes make one and the same authority.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) spec: CertificateSpec,
    /// `None`: it is signed with its own key.
    pub(crate) issuer: Option<Arc<Self>>,
}

#[derive(Debug)]
pub(crate) struct CrlNode {
    pub(crate) name: String,
    pub(crate) spec: CrlSpec,
    pub(crate) issuer: Arc<Node>,
}

impl Profile {
    /// The names of the certificates and what they shall hold, by name.
    pub fn certificates(&self) -> impl Iterator<Item = (&str, &CertificateSpec)> {
        self.certificates
            .iter()
            .map(|(name, node)| (name.as_str(), &node.spec))
    }

    /// Whether the certificate of this name is one authority for all holders: it issues another one,
    /// or it signs itself and is not the end entity.
    pub fn is_authority(&self, name: &str) -> bool {
        let issues = |node: &Arc<Node>| node.issuer.as_ref().is_some_and(|by| by.name == name);
        let of_name = self.certificates.get(name);
        let signs_itself = of_name.is_some_and(|node| node.issuer.is_none());
        (signs_itself && name != END_ENTITY) || self.certificates.values().any(issues)
    }

    /// The authorities between the end entity and the end of its chain, the nearest first.
    pub fn intermediates(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let end_entity = self.certificates.get(END_ENTITY);
        let mut next = end_entity.and_then(|node| node.issuer.as_ref());
        while let Some(node) = next {
            if node.issuer.is_some() {
                names.push(node.name.as_str());
            }
            next = node.issuer.as_ref();
        }
        names
    }

    /// Whether each certificate and list, issued as if at `issued`, is at `later` as far within or
    /// out of its time as it was at `at`.
    ///
    /// # Errors
    ///
    /// A moment is beyond what a time can be.
    pub fn has_same_validity(
        &self,
        issued: Timestamp,
        at: Timestamp,
        later: Timestamp,
    ) -> Result<bool, IssueError> {
        let of_certificates = self
            .certificates
            .values()
            .flat_map(|node| [&node.spec.not_before, &node.spec.not_after]);
        let of_lists = self
            .crls
            .iter()
            .flat_map(|list| [Some(&list.spec.this_update), list.spec.next_update.as_ref()]);
        let mut moments = of_certificates.chain(of_lists.flatten());
        moments.try_fold(true, |same, moment: &Moment| {
            let moment = moment.resolve(issued)?;
            Ok(same && (moment <= at) == (moment <= later))
        })
    }
}

/// All profiles of a folder.
#[derive(Debug)]
pub struct Profiles {
    profiles: BTreeMap<String, Profile>,
    /// The tables of each, for what is based on it elsewhere.
    drafts: BTreeMap<String, Draft>,
}

impl Profiles {
    /// The profiles in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values()
    }

    /// # Errors
    ///
    /// There is no profile of that id.
    pub fn get(&self, id: &str) -> Result<&Profile, UnknownProfile> {
        self.profiles.get(id).ok_or_else(|| UnknownProfile {
            id: id.to_owned(),
            known: self.profiles.keys().cloned().collect(),
        })
    }
}

/// No profile has this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProfile {
    pub id: String,
    pub known: Vec<String>,
}

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no certificate profile {:?}; {}",
            self.id,
            files::use_known(&self.id, &self.known)
        )
    }
}

impl std::error::Error for UnknownProfile {}
