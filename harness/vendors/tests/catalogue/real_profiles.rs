//! The vendor profiles that the suite comes with.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use cases::{AuthMethod, Role};
use vendors::{
    Attribute, Catalogue, CertificateCredentials, Credentials, Departures, Document, End, Identity,
    IdentityKind, Profile, RouterSettings, Secret,
};

use crate::fixture::text;

#[test]
fn every_profile_renders_as_it_was_reviewed() {
    let catalogue = Catalogue::load(&real("vendor-profiles")).unwrap();
    for profile in &catalogue.profiles {
        for method in &profile.methods {
            for role in Role::BOTH {
                let name = format!("{}-{method}-{role}", profile.id);
                insta::assert_snapshot!(name, rendered(profile, *method, role));
            }
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
                if !profile.methods.contains(&case.setup.auth) {
                    continue;
                }
                let mut router = router(profile, case.setup.auth, role);
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

fn rendered(profile: &Profile, method: AuthMethod, role: Role) -> String {
    let mut report = String::new();
    for file in profile.render(&router(profile, method, role)).unwrap() {
        let (path, mode) = (file.path.display(), file.mode);
        writeln!(report, "==> {path} ({mode:04o})\n{}", text(&file)).unwrap();
    }
    report
}

pub(crate) fn router(profile: &Profile, method: AuthMethod, role: Role) -> RouterSettings {
    let (local, remote) = match role {
        Role::Initiator => (("moon", 1), ("sun", 2)),
        Role::Responder => (("sun", 2), ("moon", 1)),
    };
    let kind = profile.identity.of(method).unwrap();
    RouterSettings {
        role,
        local: end(local, kind),
        remote: end(remote, kind),
        auth: credentials(method),
        ike: profile.ike.clone(),
        esp: profile.esp.clone(),
        departures: Departures::default(),
    }
}

fn credentials(method: AuthMethod) -> Credentials {
    let document = |name: &str| Document {
        name: name.to_owned(),
        der: format!("the DER of {name}").into_bytes(),
        pem: format!("the PEM of {name}"),
    };
    match method {
        AuthMethod::Psk => Credentials::Psk(Some(Secret::new("test-key-for-snapshots-only"))),
        AuthMethod::CertRfc4945 | AuthMethod::CertHpki => {
            Credentials::Certificate(Box::new(CertificateCredentials {
                method,
                certificate: document("end-entity"),
                has_certificate: true,
                private_key: Secret::new("the private key"),
                intermediates: vec![document("sub")],
                trust_anchors: vec![document("root")],
                crls: vec![document("root"), document("sub")],
                pkcs12: b"the PKCS#12".to_vec(),
                password: Secret::new("test-password-for-snapshots-only"),
            }))
        }
    }
}

fn end((name, number): (&str, u8), kind: IdentityKind) -> End {
    let address = format!("203.0.113.{number}");
    let attribute = |kind: &str, value: &str| Attribute {
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    let id = match kind {
        IdentityKind::Fqdn => Identity::new(kind, format!("{name}.example.org")),
        IdentityKind::Ipv4 => Identity::new(kind, address.clone()),
        IdentityKind::Ipv6 => Identity::new(kind, format!("2001:db8::{number}")),
        IdentityKind::Rfc822 => Identity::new(kind, format!("{name}@example.org")),
        IdentityKind::KeyId => Identity::key_id(name.as_bytes()),
        IdentityKind::Dn => Identity::dn(
            format!("CN={name},C=JP"),
            b"the DER of the name",
            vec![attribute("C", "JP"), attribute("CN", name)],
        ),
    };
    End {
        name: name.to_owned(),
        address: address.parse().unwrap(),
        subnets: vec![format!("10.{number}.0.0/24").parse().unwrap()],
        id,
    }
}

pub(crate) fn real(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(folder)
}
