//! Numbers out of octets.

/// Two octets at this place, the highest first if `big`.
pub(crate) fn u16_at(octets: &[u8], at: usize, big: bool) -> Option<u16> {
    let octets = *octets.get(at..)?.first_chunk()?;
    Some(if big {
        u16::from_be_bytes(octets)
    } else {
        u16::from_le_bytes(octets)
    })
}

/// Four octets at this place, the highest first if `big`.
pub(crate) fn u32_at(octets: &[u8], at: usize, big: bool) -> Option<u32> {
    let octets = *octets.get(at..)?.first_chunk()?;
    Some(if big {
        u32::from_be_bytes(octets)
    } else {
        u32::from_le_bytes(octets)
    })
}

/// Two hexadecimal digits an octet.
pub(crate) fn hex(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    octets
        .iter()
        .flat_map(|octet| [digit(octet >> 4), digit(*octet)])
        .collect()
}
