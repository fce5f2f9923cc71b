//! The outer form of DER (X.690): tags, lengths and places, without meaning.
//!
//! The parser of certificates is lenient, so that odd certificates can be read at all; this reader
//! says where they leave DER.

/// Deepest nesting that is followed. Certificates in use need about ten.
const MAX_DEPTH: usize = 24;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// One element: its identifier octet, and where it and its contents lie in the whole input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tlv<'a> {
    pub(super) tag: u8,
    pub(super) contents: &'a [u8],
    /// Octets before the element in the whole input.
    pub(super) start: usize,
    /// Octets before its contents in the whole input.
    pub(super) contents_start: usize,
}

/// How an encoding leaves DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Truncated,
    IndefiniteLength,
    LongLength,
    HighTag,
    Boolean,
    Integer,
    UnusedBits,
    SetOrder,
    TooDeep,
}

impl Fault {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated element",
            Self::IndefiniteLength => "indefinite length",
            Self::LongLength => "length not in its shortest form",
            Self::HighTag => "tag number above 30",
            Self::Boolean => "BOOLEAN other than 00 or FF",
            Self::Integer => "INTEGER not in its shortest form",
            Self::UnusedBits => "BIT STRING with unused bits that are not zero",
            Self::SetOrder => "SET OF out of order",
            Self::TooDeep => "nested too deep",
        }
    }
}

impl<'a> Tlv<'a> {
    pub(super) fn end(&self) -> usize {
        self.contents_start + self.contents.len()
    }

    fn is_constructed(&self) -> bool {
        self.tag & 0x20 != 0
    }

    /// The elements inside, up to the first that cannot be read.
    pub(super) fn children(&self) -> impl Iterator<Item = Tlv<'a>> + use<'a> {
        let contents_start = self.contents_start;
        let contents = self.contents;
        let mut at = 0;
        std::iter::from_fn(move || {
            let child = read(contents, at, contents_start).ok()?;
            at = child.end() - contents_start;
            Some(child)
        })
    }

    /// The child at this place.
    pub(super) fn child(&self, index: usize) -> Option<Self> {
        self.children().nth(index)
    }
}

/// The first element of the input.
pub(super) fn first(input: &[u8]) -> Option<Tlv<'_>> {
    read(input, 0, 0).ok()
}

/// The first place where the first element of the input leaves DER.
pub(super) fn first_fault(input: &[u8]) -> Option<(usize, Fault)> {
    match read(input, 0, 0) {
        Ok(element) => fault_within(&element, MAX_DEPTH).err(),
        Err(fault) => Some(fault),
    }
}

/// The element at `at` of `input`, which itself begins at `base` of the whole input.
fn read(input: &[u8], at: usize, base: usize) -> Result<Tlv<'_>, (usize, Fault)> {
    let fail = |fault| (base + at, fault);
    let rest = input.get(at..).unwrap_or_default();
    let [tag, length, body @ ..] = rest else {
        return Err(fail(Fault::Truncated));
    };
    if tag & 0x1f == 0x1f {
        return Err(fail(Fault::HighTag));
    }
    let octets = usize::from(length & 0x7f);
    let (length, header) = match length {
        0..=0x7f => (usize::from(*length), 2),
        0x80 => return Err(fail(Fault::IndefiniteLength)),
        // Five octets of length are more than any file has.
        0x81..=0x84 => {
            let digits = body.get(..octets).ok_or_else(|| fail(Fault::Truncated))?;
            let value = digits
                .iter()
                .fold(0usize, |sum, digit| sum << 8 | usize::from(*digit));
            if value < 0x80 || digits.first() == Some(&0) {
                return Err(fail(Fault::LongLength));
            }
            (value, 2 + octets)
        }
        0x85..=0xff => return Err(fail(Fault::LongLength)),
    };
    let contents = rest
        .get(header..)
        .and_then(|body| body.get(..length))
        .ok_or_else(|| fail(Fault::Truncated))?;
    Ok(Tlv {
        tag: *tag,
        contents,
        start: base + at,
        contents_start: base + at + header,
    })
}

fn fault_within(element: &Tlv<'_>, depth: usize) -> Result<(), (usize, Fault)> {
    let fail = |fault| Err((element.start, fault));
    let contents = element.contents;
    match (element.tag, contents) {
        (BOOLEAN, [0x00 | 0xff]) => {}
        (BOOLEAN, _) => return fail(Fault::Boolean),
        (INTEGER, []) => return fail(Fault::Integer),
        (INTEGER, [0x00, next, ..]) if *next < 0x80 => return fail(Fault::Integer),
        (INTEGER, [0xff, next, ..]) if *next >= 0x80 => return fail(Fault::Integer),
        (BIT_STRING, [0]) => {}
        (BIT_STRING, [unused @ 0..=7, .., last]) if last & ((1 << unused) - 1) == 0 => {}
        (BIT_STRING, _) => return fail(Fault::UnusedBits),
        _ => {}
    }
    if !element.is_constructed() {
        return Ok(());
    }
    if depth == 0 {
        return fail(Fault::TooDeep);
    }
    let mut at = 0;
    let mut previous: &[u8] = &[];
    while at < contents.len() {
        let child = read(contents, at, element.contents_start)?;
        fault_within(&child, depth - 1)?;
        let next = child.end() - element.contents_start;
        let encoded = contents.get(at..next).unwrap_or_default();
        if element.tag == SET && encoded < previous {
            return Err((child.start, Fault::SetOrder));
        }
        previous = encoded;
        at = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_knows_its_places() {
        let outer = first(&[0x30, 0x05, 0x02, 0x01, 0x07, 0x05, 0x00, 0xaa]).unwrap();
        assert_eq!((outer.start, outer.contents_start, outer.end()), (0, 2, 7));
        let null = outer.child(1).unwrap();
        assert_eq!((null.tag, null.start, null.end()), (0x05, 5, 7));
        assert!(outer.child(2).is_none());
    }

    #[test]
    fn every_fault_is_found_at_its_place() {
        for (bytes, expected) in [
            (&[0x30, 0x03, 0x02, 0x01, 0x07][..], None),
            (&[0x30, 0x03, 0x02, 0x01], Some((0, Fault::Truncated))),
            (&[0x30, 0x02, 0x02, 0x01], Some((2, Fault::Truncated))),
            (&[0x30, 0x80, 0, 0], Some((0, Fault::IndefiniteLength))),
            (&[0x30, 0x81, 0x01, 0x00], Some((0, Fault::LongLength))),
            (&[0x30, 0x02, 0x1f, 0x00], Some((2, Fault::HighTag))),
            (&[0x30, 0x03, 0x01, 0x01, 0x01], Some((2, Fault::Boolean))),
            (&[0x30, 0x04, 0x02, 0x02, 0, 1], Some((2, Fault::Integer))),
            (&[0x03, 0x02, 0x01, 0x81], Some((0, Fault::UnusedBits))),
            (&[0x31, 0x04, 5, 0, 4, 0], Some((4, Fault::SetOrder))),
            (&[0x30, 0x85, 0, 0, 0, 0, 0], Some((0, Fault::LongLength))),
        ] {
            assert_eq!(first_fault(bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let short = (0..40).fold(vec![0x05, 0x00], |inner: Vec<u8>, _| {
            let mut outer = vec![0x30, inner.len() as u8];
            outer.extend(inner);
            outer
        });
        assert_eq!(first_fault(&short), Some((2 * MAX_DEPTH, Fault::TooDeep)));
    }
}
