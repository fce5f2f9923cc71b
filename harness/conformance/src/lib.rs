//! Conformance cases: each puts one router to the test against one clause, with a tester of our own
//! as the other end.
//!
//! A case is a function named by the sentence that it tests, in a module that mirrors the RFC. It
//! speaks through a [`Bench`], which knows how the router is to be spoken to and has a [`Network`]
//! to it; so the same function tests a router in a lab and an endpoint in this process.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a case looks for one of many events or payloads, and never at the others"
)]

mod bench;
mod case;
mod network;
mod rfc7296;
mod rfc7383;
#[cfg(test)]
mod tests;

pub use bench::{Bench, Patience, Session, Tester};
pub use case::{Case, Level, Seen, Stop};
pub use network::{Network, NetworkFault};

/// Every case, in the order of the RFCs and their sections.
pub fn all() -> impl Iterator<Item = &'static Case> {
    rfc7296::CASES
        .iter()
        .copied()
        .flatten()
        .chain(rfc7383::CASES)
}
