//! As much of DER as public keys and private keys need to be told apart.

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const INTEGER: u8 = 0x02;
/// The first field of a certificate, `[0]`.
pub(crate) const VERSION: u8 = 0xa0;

/// The content of the first element, which must have this tag, and what follows it. Elements of
/// 65536 octets and more are none of a key.
pub(crate) fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der {
        [first, length @ 0..=0x7f, rest @ ..] | [first, 0x81, length, rest @ ..]
            if *first == tag =>
        {
            (usize::from(*length), rest)
        }
        [first, 0x82, high, low, rest @ ..] if *first == tag => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The object identifier and the parameters of the AlgorithmIdentifier at the beginning, and what
/// follows it.
pub(crate) fn algorithm(der: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (identifier, rest) = element(SEQUENCE, der)?;
    let (oid, parameters) = element(OBJECT_IDENTIFIER, identifier)?;
    Some((oid, parameters, rest))
}
