//! How keys follow from key exchanges and nonces (RFC 7296, sections 2.13 to 2.18), and what an
//! AUTH payload protects (section 2.15).

use ring::hmac;

use crate::algorithm::Prf;
use crate::keys::{Key, SkKeys, Suite};

/// More octets were asked for than prf+ can give: 255 outputs of the PRF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("prf+ with {prf} gives at most {} octets, not {octets}", 255 * prf.octets())]
pub struct TooLong {
    pub prf: Prf,
    pub octets: usize,
}

/// The two nonces of an exchange, as the Nonce payloads hold them.
#[derive(Clone, Copy, Debug)]
pub struct Nonces<'a> {
    pub initiator: &'a [u8],
    pub responder: &'a [u8],
}

/// The pseudorandom function over the parts, one after the other.
pub fn prf(prf: Prf, key: &[u8], parts: &[&[u8]]) -> Key {
    let key = hmac::Key::new(prf.hmac(), key);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        context.update(part);
    }
    context.sign().as_ref().into()
}

/// As many octets as wanted (RFC 7296, section 2.13).
///
/// # Errors
///
/// More than 255 outputs are wanted.
pub fn prf_plus(function: Prf, key: &[u8], seed: &[&[u8]], octets: usize) -> Result<Key, TooLong> {
    if octets > 255 * function.octets() {
        return Err(TooLong {
            prf: function,
            octets,
        });
    }
    let mut out = Vec::with_capacity(octets.next_multiple_of(function.octets()));
    let mut previous = Key::default();
    for counter in 1..=u8::MAX {
        if out.len() >= octets {
            break;
        }
        let counter = [counter];
        let mut parts = vec![previous.as_bytes()];
        parts.extend_from_slice(seed);
        parts.push(&counter);
        previous = prf(function, key, &parts);
        out.extend_from_slice(previous.as_bytes());
    }
    out.truncate(octets);
    Ok(out.into())
}

/// SKEYSEED of a new IKE SA, from the result of its Diffie–Hellman exchange (RFC 7296, section
/// 2.14). `shared_secret` is g^ir in the form that the group's RFC defines, padded to the length of
/// the modulus.
pub fn skeyseed(function: Prf, nonces: Nonces<'_>, shared_secret: &[u8]) -> Key {
    let key = Key::from([nonces.initiator, nonces.responder].concat());
    prf(function, key.as_bytes(), &[shared_secret])
}

/// SKEYSEED of an IKE SA that replaces another one (RFC 7296, section 2.18), or that an additional
/// key exchange in IKE_INTERMEDIATE updates (RFC 9370, section 2.2.2).
///
/// The PRF and `sk_d` are those of the old SA; `additional` holds the secrets of additional key
/// exchanges in IKE_FOLLOWUP_KE (RFC 9370, section 2.2.4), in order.
pub fn skeyseed_from_sk_d(
    function: Prf,
    sk_d: &[u8],
    nonces: Nonces<'_>,
    shared_secret: &[u8],
    additional: &[&[u8]],
) -> Key {
    let mut parts = vec![shared_secret, nonces.initiator, nonces.responder];
    parts.extend_from_slice(additional);
    prf(function, sk_d, &parts)
}

/// The keys of an IKE SA from its SKEYSEED (RFC 7296, section 2.14; for an AEAD RFC 5282, section
/// 7.1). The SPIs are those of this SA.
pub fn sk_keys(
    suite: Suite,
    skeyseed: &[u8],
    nonces: Nonces<'_>,
    initiator_spi: u64,
    responder_spi: u64,
) -> SkKeys {
    let Suite {
        encryption,
        integrity,
        prf: function,
    } = suite;
    let (spi_i, spi_r) = (initiator_spi.to_be_bytes(), responder_spi.to_be_bytes());
    let seed = [nonces.initiator, nonces.responder, &spi_i, &spi_r];
    let authentication = integrity.map_or(0, |integrity| integrity.key_octets());
    let lengths = [
        function.octets(),
        authentication,
        authentication,
        encryption.key_octets(),
        encryption.key_octets(),
        function.octets(),
        function.octets(),
    ];
    let stream = prf_plus(function, skeyseed, &seed, lengths.iter().sum());
    let stream = stream.expect("seven keys of at most 64 octets are fewer than 255 outputs");
    let mut rest = stream.as_bytes();
    let [sk_d, sk_ai, sk_ar, sk_ei, sk_er, sk_pi, sk_pr] = lengths.map(|length| {
        let (key, others) = rest.split_at(length);
        rest = others;
        (length > 0).then(|| Key::from(key))
    });
    SkKeys {
        encryption,
        integrity,
        prf: Some(function),
        sk_d,
        sk_ai,
        sk_ar,
        sk_ei,
        sk_er,
        sk_pi,
        sk_pr,
    }
}

/// The keying material of a Child SA (RFC 7296, section 2.17).
///
/// `shared_secrets` is empty unless the Child SA had a key exchange of its own; then it holds g^ir
/// and the secrets of additional key exchanges (RFC 9370, section 2.2.4), in order.
///
/// The material holds the keys of the SA from initiator to responder of the exchange, then those of
/// the other; of each the encryption key first, then the integrity key.
///
/// # Errors
///
/// More than 255 outputs of the PRF are wanted.
pub fn child_keymat(
    function: Prf,
    sk_d: &[u8],
    nonces: Nonces<'_>,
    shared_secrets: &[&[u8]],
    octets: usize,
) -> Result<Key, TooLong> {
    let (first, additional) = match shared_secrets.split_first() {
        Some((first, additional)) => (*first, additional),
        None => (&[][..], &[][..]),
    };
    let mut seed = vec![first, nonces.initiator, nonces.responder];
    seed.extend_from_slice(additional);
    prf_plus(function, sk_d, &seed, octets)
}

/// What one end's AUTH payload protects (RFC 7296, section 2.15; RFC 9242, section 3.3.2).
#[derive(Clone, Copy, Debug)]
pub struct SignedOctets<'a> {
    /// The first message of this end, from its header on: the IKE_SA_INIT request of the initiator
    /// or the response of the responder.
    pub first_message: &'a [u8],
    /// The nonce of the other end.
    pub peer_nonce: &'a [u8],
    pub prf: Prf,
    /// SK_pi for the initiator, SK_pr for the responder.
    pub sk_p: &'a [u8],
    /// The ID payload of this end without its generic header; see
    /// [`Identification::signed_octets`](crate::message::Identification::signed_octets).
    pub identity: &'a [u8],
    /// IntAuth, empty where there was no IKE_INTERMEDIATE exchange.
    pub intermediate: &'a [u8],
}

impl SignedOctets<'_> {
    /// The octets to sign.
    pub fn octets(&self) -> Vec<u8> {
        let identity = prf(self.prf, self.sk_p, &[self.identity]);
        [
            self.first_message,
            self.peer_nonce,
            identity.as_bytes(),
            self.intermediate,
        ]
        .concat()
    }

    /// The data of an AUTH payload made with a shared key.
    pub fn shared_key_auth(&self, shared_key: &[u8]) -> Key {
        let key = prf(self.prf, shared_key, &[b"Key Pad for IKEv2"]);
        prf(self.prf, key.as_bytes(), &[&self.octets()])
    }
}

#[cfg(test)]
mod tests;
