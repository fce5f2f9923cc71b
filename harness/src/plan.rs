//! What a run will try: pure, so that the same inputs give the same plan and the same cell ids.

use std::sync::Arc;

use cases::{Case, Role};
use reports::model::Selection;
use vendors::Profile;

use crate::affected;
use crate::digest::sha256;

#[cfg(test)]
mod tests;

/// The cells of a run, in the order in which they are reported.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) profiles: Vec<Arc<Profile>>,
    pub(crate) cases: Vec<Arc<Case>>,
    /// The certificate profiles that the cases name.
    pub(crate) certificates: Arc<certs::Profiles>,
    pub(crate) cells: Vec<PlannedCell>,
    /// What was left out on purpose, if anything was to be.
    pub(crate) selection: Option<Selection>,
}

/// One case on one ordered pairing.
#[derive(Clone, Debug)]
pub(crate) struct PlannedCell {
    /// `CASE/INITIATOR:RESPONDER`.
    pub(crate) id: String,
    pub(crate) case: Arc<Case>,
    pub(crate) initiator: Arc<Profile>,
    pub(crate) responder: Arc<Profile>,
    /// SHA-256 over all of the project that decides what the cell does, 64 hexadecimal digits.
    pub(crate) inputs_sha256: String,
}

/// An ordered pairing of vendor ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) initiator: String,
    pub(crate) responder: String,
}

impl Plan {
    /// Every case on every ordered pairing; with `pairs`, on those pairings only.
    pub(crate) fn new(
        profiles: Vec<Arc<Profile>>,
        cases: Vec<Arc<Case>>,
        certificates: Arc<certs::Profiles>,
        pairs: Option<&[Pair]>,
    ) -> Self {
        let mut cells = Vec::new();
        for case in &cases {
            for initiator in &profiles {
                for responder in &profiles {
                    let wanted = |pair: &Pair| {
                        pair.initiator == initiator.id && pair.responder == responder.id
                    };
                    if pairs.is_none_or(|pairs| pairs.iter().any(wanted)) {
                        let cell = PlannedCell::new(case, initiator, responder, &certificates);
                        cells.push(cell);
                    }
                }
            }
        }
        Self {
            profiles,
            cases,
            certificates,
            cells,
            selection: None,
        }
    }

    /// Whether a router takes part that no lab runs.
    pub(crate) fn has_external(&self) -> bool {
        self.profiles
            .iter()
            .any(|profile| profile.external.is_some())
    }
}

impl PlannedCell {
    fn new(
        case: &Arc<Case>,
        initiator: &Arc<Profile>,
        responder: &Arc<Profile>,
        certificates: &certs::Profiles,
    ) -> Self {
        Self {
            inputs_sha256: inputs(case, initiator, responder, certificates),
            id: format!("{}/{}:{}", case.id, initiator.id, responder.id),
            case: case.clone(),
            initiator: initiator.clone(),
            responder: responder.clone(),
        }
    }

    pub(crate) fn end(&self, role: Role) -> &Arc<Profile> {
        match role {
            Role::Initiator => &self.initiator,
            Role::Responder => &self.responder,
        }
    }

    /// Whether one of its routers is one that no lab runs.
    pub(crate) fn has_external(&self) -> bool {
        Role::BOTH
            .into_iter()
            .any(|role| self.end(role).external.is_some())
    }

    /// The profiles that declare that they lack what the case needs: none means that it can run.
    pub(crate) fn lacking(&self) -> Vec<&Profile> {
        let mut lacking: Vec<&Profile> = Vec::new();
        for profile in [&self.initiator, &self.responder] {
            let has_all = self
                .case
                .needs
                .iter()
                .all(|need| profile.methods.contains(need));
            if !has_all && !lacking.iter().any(|other| other.id == profile.id) {
                lacking.push(profile);
            }
        }
        lacking
    }
}

/// Ids and digests hold neither blanks nor line feeds, so that no two lists of inputs are one text.
fn inputs(
    case: &Case,
    initiator: &Profile,
    responder: &Profile,
    certificates: &certs::Profiles,
) -> String {
    let mut text = format!(
        "case {}\ninitiator {}\nresponder {}\n",
        case.sha256, initiator.sha256, responder.sha256
    );
    for id in affected::certificates(case) {
        // The project was checked: a profile that a case names is there.
        let digest = certificates.get(id).map_or("", |profile| &profile.sha256);
        text.push_str(&format!("certificates {id} {digest}\n"));
    }
    sha256(&text)
}
