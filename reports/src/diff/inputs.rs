//! What went into two runs: profiles, packages and cases that differ.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{CaseRecord, Run, Vendor};
use crate::text::Text;

/// Whether something is in both runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    Added,
    Removed,
    Changed,
}

/// A vendor that is in one run only, or whose profile or packages changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VendorChange {
    pub id: String,
    pub name: Text,
    pub fate: Fate,
    /// Implementation and version, such as `strongswan 6.0`.
    pub daemon: Versions,
    /// Whether the files of the profile and its implementation differ.
    pub profile: bool,
    /// Packages that came, went or changed, by name; none of a vendor that is in one run only.
    pub packages: Vec<PackageChange>,
}

/// A version before and now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Versions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// A package of a vendor's image that came, went or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PackageChange {
    pub name: String,
    pub version: Versions,
}

/// A case that is in one run only, or whose file changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CaseChange {
    pub id: String,
    pub title: Text,
    pub fate: Fate,
}

pub(super) fn vendors(old: &Run, new: &Run) -> Vec<VendorChange> {
    let pairs = pairs(&old.vendors, &new.vendors, |vendor| &vendor.id);
    let changes = pairs.into_iter().filter_map(|(old, new)| {
        let shown = new.or(old)?;
        let daemon =
            |vendor: &Vendor| Some(format!("{} {}", vendor.implementation, vendor.version));
        let (profile, packages) = match (old, new) {
            (Some(old), Some(new)) => {
                (old.profile_sha256 != new.profile_sha256, packages(old, new))
            }
            _ => (false, Vec::new()),
        };
        let change = VendorChange {
            id: shown.id.clone(),
            name: shown.name.clone(),
            fate: fate(old.is_some(), new.is_some()),
            daemon: Versions {
                old: old.and_then(daemon),
                new: new.and_then(daemon),
            },
            profile,
            packages,
        };
        let same = change.fate == Fate::Changed
            && !change.profile
            && change.packages.is_empty()
            && change.daemon.old == change.daemon.new;
        (!same).then_some(change)
    });
    changes.collect()
}

pub(super) fn cases(old: &Run, new: &Run) -> Vec<CaseChange> {
    let pairs = pairs(&old.cases, &new.cases, |case| &case.id);
    let changes = pairs.into_iter().filter_map(|(old, new)| {
        let shown: &CaseRecord = new.or(old)?;
        let digest = |case: Option<&CaseRecord>| case.map(|case| case.case_sha256.clone());
        (digest(old) != digest(new)).then(|| CaseChange {
            id: shown.id.clone(),
            title: shown.title.clone(),
            fate: fate(old.is_some(), new.is_some()),
        })
    });
    changes.collect()
}

/// Each thing of either run beside itself in the other one: those of the new run in its order, then
/// those that only the old one has.
fn pairs<'run, T>(
    old: &'run [T],
    new: &'run [T],
    id: impl Fn(&T) -> &String,
) -> Vec<(Option<&'run T>, Option<&'run T>)> {
    let find = |list: &'run [T], wanted: &T| list.iter().find(|one| id(one) == id(wanted));
    let of_new = new.iter().map(|one| (find(old, one), Some(one)));
    let gone = old.iter().filter(|one| find(new, one).is_none());
    of_new.chain(gone.map(|one| (Some(one), None))).collect()
}

fn fate(in_old: bool, in_new: bool) -> Fate {
    match (in_old, in_new) {
        (false, _) => Fate::Added,
        (true, false) => Fate::Removed,
        (true, true) => Fate::Changed,
    }
}

fn packages(old: &Vendor, new: &Vendor) -> Vec<PackageChange> {
    let mut versions: BTreeMap<&str, Versions> = BTreeMap::new();
    for package in &old.packages {
        let entry = versions.entry(&package.name).or_default();
        entry.old = Some(package.version.clone());
    }
    for package in &new.packages {
        let entry = versions.entry(&package.name).or_default();
        entry.new = Some(package.version.clone());
    }
    let changed = versions
        .into_iter()
        .filter(|(_, version)| version.old != version.new);
    changed
        .map(|(name, version)| PackageChange {
            name: name.to_owned(),
            version,
        })
        .collect()
}
