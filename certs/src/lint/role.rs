//! What a certificate is for, and the profiles it can be held against.

use reports::text::Words;

/// The profile that the certificates are to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// RFC 4945 and RFC 5280.
    Rfc4945,
    /// HPKI as well; which of its profiles, each certificate says itself.
    Hpki,
    /// HPKI as well, and every certificate follows this one of its profiles.
    HpkiOnly(HpkiProfile),
}

/// The certificate profiles of HPKI, Japan's Healthcare Public Key Infrastructure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HpkiProfile {
    Root,
    SubCa,
    /// An end entity that signs documents (署名用).
    Signing,
    /// An end entity that authenticates a person (認証用・人).
    AuthPerson,
    /// An end entity that authenticates an organisation (認証用・組織).
    AuthOrganisation,
}

/// What a certificate is in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A CA that names itself as its issuer.
    Root,
    SubCa,
    EndEntity,
}

impl Profile {
    /// All names that [`Profile::from_name`] knows.
    pub const NAMES: [&'static str; 7] = [
        "rfc4945",
        "hpki",
        "hpki-root",
        "hpki-sub-ca",
        "hpki-signing",
        "hpki-auth-person",
        "hpki-auth-organisation",
    ];

    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "rfc4945" => Self::Rfc4945,
            "hpki" => Self::Hpki,
            "hpki-root" => Self::HpkiOnly(HpkiProfile::Root),
            "hpki-sub-ca" => Self::HpkiOnly(HpkiProfile::SubCa),
            "hpki-signing" => Self::HpkiOnly(HpkiProfile::Signing),
            "hpki-auth-person" => Self::HpkiOnly(HpkiProfile::AuthPerson),
            "hpki-auth-organisation" => Self::HpkiOnly(HpkiProfile::AuthOrganisation),
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Rfc4945 => "rfc4945",
            Self::Hpki => "hpki",
            Self::HpkiOnly(HpkiProfile::Root) => "hpki-root",
            Self::HpkiOnly(HpkiProfile::SubCa) => "hpki-sub-ca",
            Self::HpkiOnly(HpkiProfile::Signing) => "hpki-signing",
            Self::HpkiOnly(HpkiProfile::AuthPerson) => "hpki-auth-person",
            Self::HpkiOnly(HpkiProfile::AuthOrganisation) => "hpki-auth-organisation",
        }
    }

    pub(super) fn is_hpki(self) -> bool {
        self != Self::Rfc4945
    }
}

impl HpkiProfile {
    pub(super) fn role(self) -> Role {
        match self {
            Self::Root => Role::Root,
            Self::SubCa => Role::SubCa,
            Self::Signing | Self::AuthPerson | Self::AuthOrganisation => Role::EndEntity,
        }
    }

    pub(super) fn is_end_entity(self) -> bool {
        self.role() == Role::EndEntity
    }
}

impl Role {
    pub(super) fn is_ca(self) -> bool {
        matches!(self, Self::Root | Self::SubCa)
    }

    pub fn words(self) -> Words {
        match self {
            Self::Root => Words {
                en: "root CA",
                ja: "ルート CA",
            },
            Self::SubCa => Words {
                en: "subordinate CA",
                ja: "中間 CA",
            },
            Self::EndEntity => Words {
                en: "end entity",
                ja: "エンドエンティティ",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_found_by_its_name() {
        for name in Profile::NAMES {
            assert_eq!(Profile::from_name(name).map(Profile::name), Some(name));
        }
        assert_eq!(Profile::from_name("hpki-web"), None);
    }
}
