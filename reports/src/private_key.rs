//! Whether a file holds a private key, in whatever form programs write one. The evidence of a run
//! never does; that of a run from elsewhere may.

/// How text announces a private key: PEM (RFC 7468), OpenPGP, SSH2 and PuTTY.
const ANNOUNCEMENTS: [&[u8]; 4] = [
    b"PRIVATE KEY-----",
    b"PRIVATE KEY BLOCK-----",
    b"PRIVATE KEY ----",
    b"PuTTY-User-Key-File-",
];
/// Octets of a character: of UTF-8, UTF-16 and UTF-32.
const WIDTHS: [usize; 3] = [1, 2, 4];

/// Object identifiers, as far as they name a family, in the octets of DER: PKCS #5, PKCS #12 and
/// PKCS #7 (RFC 8018, RFC 7292, RFC 2315).
const PBES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05];
const PBES_OF_PKCS12: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
const CONTENT: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];

pub(crate) fn is_in(content: &[u8]) -> bool {
    is_announced(content) || begins_as_der(content).is_some()
}

fn is_announced(content: &[u8]) -> bool {
    let starts = content.iter().enumerate();
    let mut starts = starts.filter(|(_, octet)| **octet == b'P');
    starts.any(|(at, _)| {
        let rest = &content[at..];
        WIDTHS.into_iter().any(|width| {
            ANNOUNCEMENTS
                .iter()
                .any(|announcement| says(rest, announcement, width))
        })
    })
}

/// Whether the text says so, in characters of this width and of either order of octets: between two
/// characters of ASCII stand the same zeros.
fn says(text: &[u8], announcement: &[u8], width: usize) -> bool {
    let last = announcement.len() - 1;
    if text.len() <= last * width {
        return false;
    }
    let mut octets = text.iter().take(last * width + 1).enumerate();
    octets.all(|(at, octet)| {
        let expected = if at % width == 0 {
            announcement[at / width]
        } else {
            0
        };
        *octet == expected
    })
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// In the key of an elliptic curve: which curve, and the public key.
const PARAMETERS: u8 = 0xa0;
const PUBLIC_KEY: u8 = 0xa1;
/// Octets of the shortest secret of an elliptic curve, and of the shortest modulus of RSA.
const SHORTEST: usize = 14;
const SHORTEST_MODULUS: usize = 32;

/// An element of DER (X.690): its tag, its content as far as it is there, and what follows.
fn element(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let add = |sum: usize, octet: &u8| sum << 8 | usize::from(*octet);
            (length.iter().fold(0, add), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at(length.min(rest.len()));
    Some((*tag, content, rest))
}

/// The content of the first element, if it is of this kind, and what follows.
fn of_kind(octets: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = element(octets)?;
    (tag == wanted).then_some((content, rest))
}

/// Whether the file begins as a private key does, or as a store of them.
fn begins_as_der(content: &[u8]) -> Option<()> {
    let (inside, _) = of_kind(content, SEQUENCE)?;
    if let Some((algorithm, rest)) = of_kind(inside, SEQUENCE) {
        return is_encrypted(algorithm, rest);
    }
    let (version, rest) = of_kind(inside, INTEGER)?;
    match version {
        [0 | 1] => is_pkcs8(rest)
            .or_else(|| is_pkcs1(rest))
            .or_else(|| is_sec1(rest)),
        [3] => is_pkcs12(rest),
        _ => None,
    }
}

/// `PrivateKeyInfo` (RFC 5958, section 2), after its version.
fn is_pkcs8(rest: &[u8]) -> Option<()> {
    let (algorithm, rest) = of_kind(rest, SEQUENCE)?;
    of_kind(algorithm, IDENTIFIER)?;
    of_kind(rest, OCTET_STRING).map(|_| ())
}

/// `EncryptedPrivateKeyInfo` (RFC 5958, section 3).
fn is_encrypted(algorithm: &[u8], rest: &[u8]) -> Option<()> {
    let (identifier, _) = of_kind(algorithm, IDENTIFIER)?;
    let by_password = identifier.starts_with(PBES) || identifier.starts_with(PBES_OF_PKCS12);
    by_password.then(|| of_kind(rest, OCTET_STRING))??;
    Some(())
}

/// `RSAPrivateKey` (RFC 8017, appendix A.1.2), after its version, and the key of DSA alike.
fn is_pkcs1(rest: &[u8]) -> Option<()> {
    let (modulus, rest) = of_kind(rest, INTEGER)?;
    of_kind(rest, INTEGER)?;
    (modulus.len() >= SHORTEST_MODULUS).then_some(())
}

/// `ECPrivateKey` (RFC 5915, section 3), after its version.
fn is_sec1(rest: &[u8]) -> Option<()> {
    let (secret, rest) = of_kind(rest, OCTET_STRING)?;
    let follows = match element(rest) {
        None => rest.is_empty(),
        Some((PARAMETERS, parameters, _)) => {
            matches!(element(parameters)?.0, IDENTIFIER | SEQUENCE)
        }
        Some((PUBLIC_KEY, key, _)) => of_kind(key, BIT_STRING).is_some(),
        Some(_) => false,
    };
    (follows && secret.len() >= SHORTEST).then_some(())
}

/// `PFX` (RFC 7292, section 4), after its version: certificates and keys behind a password.
fn is_pkcs12(rest: &[u8]) -> Option<()> {
    let (content, _) = of_kind(rest, SEQUENCE)?;
    let (identifier, _) = of_kind(content, IDENTIFIER)?;
    identifier.starts_with(CONTENT).then_some(())
}

#[cfg(test)]
mod tests;
