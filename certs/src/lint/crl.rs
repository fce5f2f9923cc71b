//! Rules on CRLs: RFC 5280 section 5, and what RFC 4945 section 5.2 adds.

mod lists;
mod sets;

pub(super) use lists::LISTS;
pub(super) use sets::SETS;
