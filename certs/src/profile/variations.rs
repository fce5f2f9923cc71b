//! Chains that differ from a profile in a few tables, which stand in a file of another kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use files::{Checks, Problems, Source, use_known};
use reports::text::Text;
use toml::Spanned;

use super::load::hex;
use super::merge::{Certificates, Crls, Draft};
use super::resolve::resolve;
use super::{Profile, Profiles};

/// The tables of certificates and revocation lists by which a chain differs from its base.
#[derive(Debug)]
pub struct Tables {
    pub certificates: Certificates,
    pub crls: Crls,
}

/// Makes profiles that are based on those of a folder, and on each other.
#[derive(Debug)]
pub struct Variations<'p> {
    profiles: &'p Profiles,
    drafts: BTreeMap<String, Draft>,
}

impl Profiles {
    pub fn variations(&self) -> Variations<'_> {
        Variations {
            profiles: self,
            drafts: BTreeMap::new(),
        }
    }
}

impl Variations<'_> {
    /// Makes the profile of an id that is new: the tables laid over those of its base, which is a
    /// profile or an earlier variation.
    ///
    /// # Errors
    ///
    /// There is no such base, or what comes out is no profile.
    pub fn add(
        &mut self,
        id: &str,
        title: &Text,
        base: &Spanned<String>,
        tables: Tables,
        source: &Arc<Source>,
    ) -> Result<Profile, Problems> {
        let name = base.get_ref();
        let known = || self.profiles.drafts.keys().chain(self.drafts.keys());
        let found = self.profiles.drafts.get(name);
        let Some(found) = found.or_else(|| self.drafts.get(name)) else {
            let known: Vec<&String> = known().collect();
            let message = format!(
                "there is no profile or earlier vector {name:?} to be the base\n{}",
                use_known(name, &known)
            );
            return Err(source.problem(base.span(), message).into());
        };
        let mut draft = found.clone();
        let mut checks = Checks::new(source);
        draft.overlay_tables((tables.certificates, tables.crls), source, &mut checks);
        checks.finish()?;
        let resolved = resolve(draft.clone(), source.path())?;
        self.drafts.insert(id.to_owned(), draft.clone());
        let digest = digest::digest(&digest::SHA256, source.text().as_bytes());
        Ok(Profile {
            id: id.to_owned(),
            title: title.clone(),
            description: title.clone(),
            assumptions: draft.assumptions,
            bases: vec![name.clone()],
            sha256: hex(digest.as_ref()),
            files: vec![source.path().to_owned()],
            certificates: resolved.certificates,
            anchors: resolved.anchors,
            crls: resolved.crls,
        })
    }
}
