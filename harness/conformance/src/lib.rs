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
mod echo;
mod initiators;
mod network;
mod rfc4303;
mod rfc7296;
mod rfc7383;
mod rfc7427;
#[cfg(test)]
mod tests;
pub mod vector;

pub use bench::{Bench, Given, Hosts, Patience, Session, Signer, Tester};
pub use case::{Case, Level, Seen, Setup, Stop};
pub use network::{EspPacket, Network, NetworkFault, Packet};

/// Every case: first those in which the router responds, then those in which it initiates, each in the
/// order of the RFCs and their sections.
pub fn all() -> impl Iterator<Item = &'static Case> {
    let of_responders = rfc7296::CASES.iter().chain([
        &rfc7383::CASES,
        &rfc4303::CASES,
        &rfc7427::of_responders::CASES,
    ]);
    of_responders.chain(initiators::CASES).copied().flatten()
}
