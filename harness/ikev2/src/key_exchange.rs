//! The Diffie–Hellman exchange of a KE payload (RFC 7296, sections 2.12 and 3.4): MODP groups of
//! RFC 3526, curves of RFC 5903, and Curve25519 of RFC 8031.

mod modp;

use std::fmt;

use aws_lc_rs::agreement;

use crate::algorithm::DhGroup;
use crate::keys::Key;

/// Why a key exchange has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyExchangeError {
    #[error("a public value of {group} has {need} octets, not {have}")]
    Length {
        group: DhGroup,
        have: usize,
        need: usize,
    },
    /// Out of range, of a small subgroup, or no point of the curve (RFC 6989, section 2).
    #[error("the other end's public value of {group} must not be used")]
    Public { group: DhGroup },
    #[error("the private value is none of {group}")]
    Private { group: DhGroup },
}

/// One end of an exchange: a private value, and the public one that the KE payload carries.
pub struct KeyPair {
    group: DhGroup,
    private: Private,
    public: Vec<u8>,
}

enum Private {
    Modp(Key),
    Curve(Box<agreement::PrivateKey>),
}

impl KeyPair {
    /// Makes the pair of a private value: big-endian for MODP and ECP groups, little-endian for
    /// Curve25519, of [`private_octets`] octets.
    ///
    /// # Errors
    ///
    /// The value has another length, or it is out of the range of the curve; another one, drawn at
    /// random, will do.
    pub fn from_private(group: DhGroup, value: &[u8]) -> Result<Self, KeyExchangeError> {
        let wrong = KeyExchangeError::Private { group };
        if value.len() != private_octets(group) {
            return Err(wrong);
        }
        let Some(curve) = curve(group) else {
            let public = modp::Group::of(group)
                .ok_or(wrong)?
                .power_of_generator(value);
            return Ok(Self {
                group,
                private: Private::Modp(value.into()),
                public,
            });
        };
        let private = agreement::PrivateKey::from_private_key(curve, value).map_err(|_| wrong)?;
        let public = private.compute_public_key().map_err(|_| wrong)?;
        Ok(Self {
            group,
            public: without_form(group, public.as_ref()).to_vec(),
            private: Private::Curve(Box::new(private)),
        })
    }

    pub fn group(&self) -> DhGroup {
        self.group
    }

    /// What the KE payload carries, in the form of the group's RFC.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The shared secret g^ir, in the form that the key schedule takes.
    ///
    /// # Errors
    ///
    /// The other end's value has the wrong length, or it fails the tests of RFC 6989, section 2, or
    /// RFC 8031, section 2.
    pub fn agree(&self, peer: &[u8]) -> Result<Key, KeyExchangeError> {
        let group = self.group;
        let (have, need) = (peer.len(), public_octets(group));
        if have != need {
            return Err(KeyExchangeError::Length { group, have, need });
        }
        let wrong = KeyExchangeError::Public { group };
        match &self.private {
            Private::Modp(value) => modp::Group::of(group)
                .and_then(|group| group.power(peer, value.as_bytes()))
                .map(Key::from)
                .ok_or(wrong),
            Private::Curve(private) => {
                let curve = private.algorithm();
                let peer = with_form(group, peer);
                let peer = agreement::UnparsedPublicKey::new(curve, peer);
                let secret =
                    agreement::agree(private, peer, wrong, |secret| Ok(Key::from(secret)))?;
                let is_zero = secret.as_bytes().iter().fold(0, |all, octet| all | octet) == 0;
                if is_zero { Err(wrong) } else { Ok(secret) }
            }
        }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

/// Octets of a private value. Those of MODP groups are exponents of 512 bits, more than twice the
/// strength of the largest group (RFC 3526, section 8).
pub fn private_octets(group: DhGroup) -> usize {
    match group {
        DhGroup::Modp2048 | DhGroup::Modp3072 | DhGroup::Modp4096 => 64,
        DhGroup::Ecp256 | DhGroup::Curve25519 => 32,
        DhGroup::Ecp384 => 48,
        DhGroup::Ecp521 => 66,
    }
}

/// Octets of a public value (RFC 7296, section 3.4; RFC 5903, section 7; RFC 8031, section 3.1).
pub fn public_octets(group: DhGroup) -> usize {
    match group {
        DhGroup::Modp2048 => 256,
        DhGroup::Modp3072 => 384,
        DhGroup::Modp4096 => 512,
        DhGroup::Ecp256 => 64,
        DhGroup::Ecp384 => 96,
        DhGroup::Ecp521 => 132,
        DhGroup::Curve25519 => 32,
    }
}

fn curve(group: DhGroup) -> Option<&'static agreement::Algorithm> {
    match group {
        DhGroup::Modp2048 | DhGroup::Modp3072 | DhGroup::Modp4096 => None,
        DhGroup::Ecp256 => Some(&agreement::ECDH_P256),
        DhGroup::Ecp384 => Some(&agreement::ECDH_P384),
        DhGroup::Ecp521 => Some(&agreement::ECDH_P521),
        DhGroup::Curve25519 => Some(&agreement::X25519),
    }
}

/// The octet that says that a point is not compressed; IKE leaves it out (RFC 5903, section 7).
const UNCOMPRESSED: u8 = 4;

fn without_form(group: DhGroup, point: &[u8]) -> &[u8] {
    match group {
        DhGroup::Ecp256 | DhGroup::Ecp384 | DhGroup::Ecp521 => {
            point.strip_prefix(&[UNCOMPRESSED]).unwrap_or(point)
        }
        DhGroup::Modp2048 | DhGroup::Modp3072 | DhGroup::Modp4096 | DhGroup::Curve25519 => point,
    }
}

fn with_form(group: DhGroup, point: &[u8]) -> Vec<u8> {
    match group {
        DhGroup::Ecp256 | DhGroup::Ecp384 | DhGroup::Ecp521 => [&[UNCOMPRESSED], point].concat(),
        DhGroup::Modp2048 | DhGroup::Modp3072 | DhGroup::Modp4096 | DhGroup::Curve25519 => {
            point.to_vec()
        }
    }
}

#[cfg(test)]
mod tests;
