//! IKEv2 as the RFCs define it: its algorithms, its messages and what protects them.
//!
//! Everything is a function of its arguments; nothing here reads files or talks to anybody. Octets
//! of messages are taken to be hostile.
//!
//! [`wire`] looks at octets, [`message`] gives them a meaning, [`numbers`] gives numbers their
//! names. [`key_exchange`] agrees on a secret, [`schedule`] derives keys of it, [`decrypt`] uses
//! them, [`authentication`] makes and checks AUTH payloads, [`reassembly`] joins fragments.
//! [`endpoint`] speaks all of it, right or, with a [`deviation`], wrong on purpose; [`esp`] sends and
//! receives what the Child SAs carry.
//!
//! Errors of [`algorithm`] and [`proposal`] say what is wrong in the first line of their text and what to do about it
//! in the second, so that a loader of files can show the two apart.

pub mod algorithm;
pub mod authentication;
mod cursor;
pub mod decrypt;
mod der;
pub mod deviation;
pub mod endpoint;
pub mod esp;
#[cfg(test)]
mod hex;
pub mod key_exchange;
pub mod keys;
pub mod message;
pub mod nat;
pub mod negotiation;
pub mod numbers;
pub mod proposal;
pub mod random;
pub mod reassembly;
pub mod schedule;
pub mod wire;

pub use algorithm::{DhGroup, Encryption, Integrity, Prf, Transform, UnknownTransform};
pub use message::{Body, Header, Message, Payload};
pub use proposal::{EspProposal, IkeProposal, InvalidProposal};
pub use wire::{Malformed, MessageView};
