//! The vendor profiles that the suite comes with.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use cases::Role;
use vendors::{
    Catalogue, Credentials, End, Identity, IdentityKind, Profile, RouterSettings, Secret,
};

#[test]
fn every_profile_renders_as_it_was_reviewed() {
    let catalogue = Catalogue::load(&real("vendor-profiles")).unwrap();
    for profile in &catalogue.profiles {
        for role in Role::BOTH {
            let name = format!("{}-{role}", profile.id);
            insta::assert_snapshot!(name, rendered(profile, role));
        }
    }
}

#[test]
fn every_profile_speaks_the_algorithms_of_every_case() {
    let catalogue = Catalogue::load(&real("vendor-profiles")).unwrap();
    let cases = cases::load(&real("cases")).unwrap();
    for profile in &catalogue.profiles {
        for case in &cases {
            for role in Role::BOTH {
                let mut router = router(profile, role);
                if let Some(ike) = case.setup.ike_of(role) {
                    router.ike = ike.to_vec();
                }
                if let Some(esp) = case.setup.esp_of(role) {
                    router.esp = esp.to_vec();
                }
                if let Err(problem) = profile.render(&router) {
                    panic!("{} as {role} of {}: {problem}", profile.id, case.id);
                }
            }
        }
    }
}

fn rendered(profile: &Profile, role: Role) -> String {
    let mut report = String::new();
    for file in profile.render(&router(profile, role)).unwrap() {
        let (path, mode) = (file.path.display(), file.mode);
        writeln!(report, "==> {path} ({mode:04o})\n{}", file.text).unwrap();
    }
    report
}

fn router(profile: &Profile, role: Role) -> RouterSettings {
    let (local, remote) = match role {
        Role::Initiator => (("moon", 1), ("sun", 2)),
        Role::Responder => (("sun", 2), ("moon", 1)),
    };
    RouterSettings {
        role,
        local: end(local, profile.identity.psk),
        remote: end(remote, Some(IdentityKind::Fqdn)),
        auth: Credentials::Psk(Secret::new("test-key-for-snapshots-only")),
        ike: profile.ike.clone(),
        esp: profile.esp.clone(),
    }
}

fn end((name, number): (&str, u8), identity: Option<IdentityKind>) -> End {
    let address = format!("203.0.113.{number}");
    let kind = identity.unwrap_or(IdentityKind::Fqdn);
    let value = match kind {
        IdentityKind::Fqdn => format!("{name}.example.org"),
        IdentityKind::Ipv4 => address.clone(),
        IdentityKind::Ipv6 => format!("2001:db8::{number}"),
        IdentityKind::Rfc822 => format!("{name}@example.org"),
        IdentityKind::KeyId => name.to_owned(),
    };
    End {
        name: name.to_owned(),
        address: address.parse().unwrap(),
        subnets: vec![format!("10.{number}.0.0/24").parse().unwrap()],
        id: Identity { kind, value },
    }
}

fn real(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(folder)
}
