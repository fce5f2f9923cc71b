//! Changes of octets, whatever they mean.

/// Another value of some octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Octets {
    /// One bit turned over.
    Flip(Place),
    /// Other octets in the place of those that are there; what lies beyond the end is left out.
    Set(Place, Vec<u8>),
    /// Only so many from the beginning.
    Truncate(usize),
    /// More at the end.
    Append(Vec<u8>),
}

/// A place in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// From the first octet, which is 0.
    FromStart(usize),
    /// From the last octet, which is 0.
    FromEnd(usize),
}

impl Octets {
    /// The octet of the header that holds the versions (RFC 7296, section 3.1).
    pub fn version(major: u8, minor: u8) -> Self {
        let octet = major << 4 | minor & 0x0f;
        Self::Set(Place::FromStart(17), vec![octet])
    }

    /// The Length field of the header.
    pub fn length(length: u32) -> Self {
        Self::Set(Place::FromStart(24), length.to_be_bytes().to_vec())
    }

    /// The Next Payload field of the header.
    pub fn next_payload(kind: u8) -> Self {
        Self::Set(Place::FromStart(16), vec![kind])
    }

    /// Whether it changed anything.
    pub(super) fn apply(&self, octets: &mut Vec<u8>) -> bool {
        match self {
            Self::Flip(place) => match place.of(octets.len()) {
                Some(at) => octets[at] ^= 1,
                None => return false,
            },
            Self::Set(place, values) => {
                let Some(at) = place.of(octets.len()) else {
                    return false;
                };
                let before = octets.clone();
                octets
                    .iter_mut()
                    .skip(at)
                    .zip(values)
                    .for_each(|(octet, value)| *octet = *value);
                return *octets != before;
            }
            Self::Truncate(length) => {
                let before = octets.len();
                octets.truncate(*length);
                return octets.len() != before;
            }
            Self::Append(more) => {
                octets.extend_from_slice(more);
                return !more.is_empty();
            }
        }
        true
    }
}

impl Place {
    fn of(self, length: usize) -> Option<usize> {
        match self {
            Self::FromStart(at) => Some(at).filter(|&at| at < length),
            Self::FromEnd(back) => length.checked_sub(back)?.checked_sub(1),
        }
    }
}
