//! Sample settings, with which every template is rendered once while it is loaded.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use cases::{AuthMethod, IkeVersion, Mode, Role};
use ipnet::{IpNet, Ipv4Net};

use super::Profile;
use crate::router::{
    Attribute, CertificateCredentials, Credentials, Departures, Document, End, Identity,
    IdentityKind, RouterSettings, Secret,
};

/// Settings that lead a template through the conditions that its variables allow: every declared
/// method, both roles, every type of identity, one network and two.
pub(super) fn settings(profile: &Profile) -> Vec<RouterSettings> {
    let mut samples = Vec::new();
    for method in &profile.methods {
        samples.extend(unusual(profile, *method));
        for role in Role::BOTH {
            for identity in identities() {
                for networks in [1, 2] {
                    let end = sample_end(&identity, networks);
                    samples.push(RouterSettings {
                        role,
                        local: end.clone(),
                        remote: end,
                        auth: credentials(*method),
                        departures: Departures::default(),
                        ike: profile.ike.clone(),
                        esp: profile.esp.clone(),
                    });
                }
            }
        }
    }
    samples
}

/// A router that departs in everything, and one without the connection.
fn unusual(profile: &Profile, method: AuthMethod) -> Vec<RouterSettings> {
    let end = sample_end(&Identity::new(IdentityKind::Fqdn, "moon.example.org"), 1);
    let mut auth = credentials(method);
    match &mut auth {
        Credentials::Psk(key) => *key = Some(Secret::new("sample\n")),
        Credentials::Certificate(credentials) => credentials.has_certificate = false,
    }
    let departing = RouterSettings {
        role: Role::Initiator,
        local: end.clone(),
        remote: end,
        auth,
        ike: profile.ike.clone(),
        esp: profile.esp.clone(),
        departures: Departures {
            ike_version: IkeVersion::V1,
            mode: Mode::Transport,
            nat_traversal: false,
            connection: true,
            raw: "sample".to_owned(),
            settings: BTreeMap::new(),
        },
    };
    let mut without = departing.clone();
    without.departures.connection = false;
    if let Credentials::Psk(key) = &mut without.auth {
        *key = None;
    }
    vec![departing, without]
}

fn identities() -> Vec<Identity> {
    let attribute = Attribute {
        kind: "CN".to_owned(),
        value: "moon".to_owned(),
    };
    vec![
        Identity::new(IdentityKind::Fqdn, "moon.example.org"),
        Identity::new(IdentityKind::Ipv4, "203.0.113.1"),
        Identity::new(IdentityKind::Ipv6, "2001:db8::1"),
        Identity::new(IdentityKind::Rfc822, "moon@example.org"),
        Identity::key_id(b"moon"),
        Identity::dn("CN=moon", &[0x30, 0x00], vec![attribute]),
    ]
}

fn credentials(method: AuthMethod) -> Credentials {
    let document = |name: &str| Document {
        name: name.to_owned(),
        der: Vec::new(),
        pem: String::new(),
    };
    match method {
        AuthMethod::Psk => Credentials::Psk(Some(Secret::new("sample"))),
        AuthMethod::CertRfc4945 | AuthMethod::CertHpki => {
            Credentials::Certificate(Box::new(CertificateCredentials {
                method,
                certificate: document("local"),
                has_certificate: true,
                private_key: Secret::new("sample"),
                intermediates: vec![document("sub")],
                trust_anchors: vec![document("root")],
                crls: vec![document("root"), document("sub")],
                pkcs12: Vec::new(),
                password: Secret::new("sample"),
            }))
        }
    }
}

fn sample_end(identity: &Identity, networks: u8) -> End {
    End {
        name: "moon".to_owned(),
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        subnets: (0..networks)
            .map(|third| IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 1, third, 0), 24)))
            .collect(),
        id: identity.clone(),
    }
}
