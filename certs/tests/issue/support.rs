//! The profiles of the project and somebody to issue to.

use std::net::Ipv4Addr;
use std::path::Path;

use certs::{Holder, Profiles};
use jiff::Timestamp;

/// The profiles under `certs/profiles`.
pub(crate) fn profiles() -> Profiles {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    Profiles::load(&dir).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(crate) fn holder() -> Holder {
    Holder {
        fqdn: "gw1.hosp.example".into(),
        email: "gw1@hosp.example".into(),
        ipv4: Ipv4Addr::new(192, 0, 2, 1),
        vendor: "trial-a".into(),
        facility_number: "1319999999".into(),
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
