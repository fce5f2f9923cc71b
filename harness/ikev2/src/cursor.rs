//! Reading fields one after the other from a payload's body.

use std::fmt;

/// Why the body of a payload cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhyUndecodable {
    /// Octets from the beginning of the body, without the generic header, to the fault.
    pub offset: usize,
    pub reason: &'static str,
}

impl fmt::Display for WhyUndecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {} of the body: {}", self.offset, self.reason)
    }
}

impl std::error::Error for WhyUndecodable {}

/// A place in a body; every read is checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    /// Octets of the whole body before `rest`.
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self {
            rest: body,
            offset: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn wrong(&self, reason: &'static str) -> WhyUndecodable {
        WhyUndecodable {
            offset: self.offset,
            reason,
        }
    }

    pub(crate) fn take(
        &mut self,
        count: usize,
        reason: &'static str,
    ) -> Result<&'a [u8], WhyUndecodable> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.wrong(reason));
        };
        self.rest = rest;
        self.offset += count;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        reason: &'static str,
    ) -> Result<[u8; N], WhyUndecodable> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(self.wrong(reason));
        };
        self.rest = rest;
        self.offset += N;
        Ok(*taken)
    }

    /// A cursor over the next `count` octets, which are thereby read.
    pub(crate) fn part(
        &mut self,
        count: usize,
        reason: &'static str,
    ) -> Result<Self, WhyUndecodable> {
        let offset = self.offset;
        let rest = self.take(count, reason)?;
        Ok(Self { rest, offset })
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        let rest = self.rest;
        self.offset += rest.len();
        self.rest = &[];
        rest
    }

    pub(crate) fn end(&self, reason: &'static str) -> Result<(), WhyUndecodable> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.wrong(reason))
        }
    }
}
