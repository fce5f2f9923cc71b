//! Sample settings, with which every template is rendered once while it is loaded.

use std::net::{IpAddr, Ipv4Addr};

use cases::{AuthMethod, Role};
use ipnet::{IpNet, Ipv4Net};

use super::Profile;
use crate::router::{
    Attribute, CertificateCredentials, Credentials, Document, End, Identity, IdentityKind,
    RouterSettings, Secret,
};

/// Settings that lead a template through the conditions that its variables allow: every declared
/// method, both roles, every type of identity, one network and two.
pub(super) fn settings(profile: &Profile) -> Vec<RouterSettings> {
    let mut samples = Vec::new();
    for method in &profile.methods {
        for role in Role::BOTH {
            for identity in identities() {
                for networks in [1, 2] {
                    let end = sample_end(&identity, networks);
                    samples.push(RouterSettings {
                        role,
                        local: end.clone(),
                        remote: end,
                        auth: credentials(*method),
                        ike: profile.ike.clone(),
                        esp: profile.esp.clone(),
                    });
                }
            }
        }
    }
    samples
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
        AuthMethod::Psk => Credentials::Psk(Secret::new("sample")),
        AuthMethod::CertRfc4945 | AuthMethod::CertHpki => {
            Credentials::Certificate(Box::new(CertificateCredentials {
                method,
                certificate: document("local"),
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
