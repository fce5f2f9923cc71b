//! What a router is called, and who it says it is.

use cases::{AuthMethod, Role};
use vendors::{End, Identity, IdentityKind, Profile};

use crate::engine::credentials::Shown;
use crate::engine::topology::Site;

/// The names of the router of one role when it is played by this profile.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) fqdn: String,
    pub(crate) email: String,
}

impl Names {
    pub(crate) fn of(role: Role, profile: &Profile) -> Self {
        let router = Site::of(role).router;
        // Dots separate the labels of a name, so those of a version must not be there.
        let vendor = profile.id.replace('.', "-");
        Self {
            fqdn: format!("{router}.{vendor}.example"),
            email: format!("{router}@{vendor}.example"),
        }
    }
}

pub(crate) fn end_of(
    role: Role,
    profile: &Profile,
    method: AuthMethod,
    shown: Option<&Shown>,
) -> End {
    let site = Site::of(role);
    let kind = profile.identity.of(method).unwrap_or(IdentityKind::Fqdn);
    let Names { fqdn, email } = Names::of(role, profile);
    let id = match (kind, shown) {
        (IdentityKind::Dn, Some(shown)) => shown.subject.clone(),
        (IdentityKind::KeyId, Some(shown)) => shown.key_id.clone(),
        (IdentityKind::Fqdn | IdentityKind::Dn, _) => Identity::new(IdentityKind::Fqdn, fqdn),
        (IdentityKind::KeyId, None) => Identity::key_id(fqdn.as_bytes()),
        (IdentityKind::Rfc822, _) => Identity::new(kind, email),
        (IdentityKind::Ipv4 | IdentityKind::Ipv6, _) => {
            Identity::new(kind, site.wan_address().to_string())
        }
    };
    End {
        name: site.router.into(),
        address: site.wan_address(),
        subnets: vec![site.lan_subnet()],
        id,
    }
}
