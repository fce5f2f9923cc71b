//! Sample settings, with which every template is rendered once while it is loaded.

use std::net::{IpAddr, Ipv4Addr};

use cases::Role;
use ipnet::{IpNet, Ipv4Net};

use super::Profile;
use crate::router::{Credentials, End, Identity, IdentityKind, RouterSettings, Secret};

const IDENTITIES: [(IdentityKind, &str); 5] = [
    (IdentityKind::Fqdn, "moon.example.org"),
    (IdentityKind::Ipv4, "203.0.113.1"),
    (IdentityKind::Ipv6, "2001:db8::1"),
    (IdentityKind::Rfc822, "moon@example.org"),
    (IdentityKind::KeyId, "moon"),
];

/// Settings that lead a template through the conditions that its variables allow: both roles,
/// every type of identity, one network and two.
pub(super) fn settings(profile: &Profile) -> Vec<RouterSettings> {
    let mut samples = Vec::new();
    for role in Role::BOTH {
        for (kind, value) in IDENTITIES {
            for networks in [1, 2] {
                let end = sample_end(kind, value, networks);
                samples.push(RouterSettings {
                    role,
                    local: end.clone(),
                    remote: end,
                    auth: Credentials::Psk(Secret::new("sample")),
                    ike: profile.ike.clone(),
                    esp: profile.esp.clone(),
                });
            }
        }
    }
    samples
}

fn sample_end(kind: IdentityKind, value: &str, networks: u8) -> End {
    End {
        name: "moon".to_owned(),
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        subnets: (0..networks)
            .map(|third| IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 1, third, 0), 24)))
            .collect(),
        id: Identity {
            kind,
            value: value.to_owned(),
        },
    }
}
