//! Profiles and somebody to issue to.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use certs::{Authority, Holder, Issued, Profiles};
use jiff::Timestamp;

/// The profiles whose chains have no fault.
pub(crate) const SOUND: [&str; 4] = [
    "hpki-auth-organisation",
    "hpki-auth-person",
    "hpki-signing",
    "rfc4945",
];

/// The profiles under `certs/profiles`.
pub(crate) fn profiles() -> Profiles {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles"))
}

/// One profile called `test`, and those of the project for it to be based on.
pub(crate) fn with_test(text: &str) -> Profiles {
    let dir = tempfile::tempdir().unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    for entry in fs::read_dir(own).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
    }
    let head = "id = \"test\"\n\
                title = { en = \"t\", ja = \"t\" }\n\
                description = { en = \"d\", ja = \"d\" }\n";
    fs::write(dir.path().join("test.toml"), format!("{head}{text}")).unwrap();
    load(dir.path())
}

fn load(dir: &Path) -> Profiles {
    Profiles::load(dir).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Issues the end entity of a profile called `test`.
pub(crate) fn issue(text: &str) -> Issued {
    let profiles = with_test(text);
    let profile = profiles.get("test").unwrap();
    Authority::new(now()).issue(profile, &holder()).unwrap()
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
