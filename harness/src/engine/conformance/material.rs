//! The certificates of vectors: made once for a run, while the lab starts, with one authority for all.
//!
//! No two vectors share a key, or an authority below the roots: what a router keeps of one is of no
//! use for another.

use std::collections::HashMap;
use std::sync::Arc;

use cases::Role;
use cases::vector::{Presented, TRUSTED, Vector};
use certs::{Authority, Certificate, Holder, Profiles};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use jiff::Timestamp;
use lab::{Fault, LabError};
use tokio::sync::oneshot;

use super::super::credentials::FACILITY_NUMBER;
use super::super::router::Names;
use super::super::topology::Site;
use super::TESTER;

type Making = Shared<BoxFuture<'static, Result<Arc<Presented>, LabError>>>;

pub(super) struct Material {
    pub(super) authority: Arc<Authority>,
    /// What every router must accept.
    baseline: String,
    making: HashMap<String, Making>,
}

impl Material {
    /// Begins to make these and the baseline, inside the runtime.
    pub(super) fn begin(baseline: &Arc<Vector>, vectors: Vec<Arc<Vector>>) -> Arc<Self> {
        let authority = Arc::new(Authority::new(Timestamp::now()));
        let mut making = HashMap::new();
        let mut work = Vec::new();
        for vector in std::iter::once(baseline.clone()).chain(vectors) {
            if making.contains_key(&vector.id) {
                continue;
            }
            let (made, waits) = oneshot::channel();
            let waits = async move {
                let gone = |_| Err(fault("the making of a vector ended early"));
                waits.await.unwrap_or_else(gone)
            };
            making.insert(vector.id.clone(), waits.boxed().shared());
            work.push((vector, made));
        }
        let of_thread = authority.clone();
        // One after the other: the lab starts meanwhile.
        tokio::task::spawn_blocking(move || {
            let holder = holder();
            for (vector, made) in work {
                let presented = vector.present(&of_thread, &holder);
                // Nobody waits for it any more when the run was stopped.
                let _ = made.send(presented.map(Arc::new).map_err(fault));
            }
        });
        Arc::new(Self {
            authority,
            baseline: baseline.id.clone(),
            making,
        })
    }

    pub(super) async fn of(&self, vector: &Vector) -> Result<Arc<Presented>, LabError> {
        self.named(&vector.id).await
    }

    pub(super) async fn baseline(&self) -> Result<Arc<Presented>, LabError> {
        self.named(&self.baseline).await
    }

    async fn named(&self, id: &str) -> Result<Arc<Presented>, LabError> {
        match self.making.get(id) {
            Some(making) => making.clone().await,
            None => Err(fault(format!("nobody began to make the vector {id}"))),
        }
    }
}

/// What a router trusts that vectors are shown to.
pub(crate) fn anchors(
    authority: &Authority,
    profiles: &Profiles,
) -> Result<Vec<Arc<Certificate>>, LabError> {
    let mut anchors = Vec::new();
    for id in TRUSTED {
        let profile = profiles.get(id).map_err(fault)?;
        anchors.extend(authority.trust_anchors(profile).map_err(fault)?);
    }
    Ok(anchors)
}

/// What the tester is called in vectors, whoever begins.
pub(super) fn names() -> Names {
    Names {
        fqdn: "gw1.hosp.example".into(),
        email: "gw1@hosp.example".into(),
    }
}

/// Addresses count only where the router responds, which the tester then meets as initiator.
fn holder() -> Holder {
    let Names { fqdn, email } = names();
    Holder {
        fqdn,
        email,
        ipv4: Site::of(Role::Initiator).wan_ipv4(),
        vendor: TESTER.to_owned(),
        facility_number: FACILITY_NUMBER.to_owned(),
    }
}

fn fault(reason: impl ToString) -> LabError {
    LabError::new(Fault::Harness, reason.to_string())
}
