//! Certificates for IKE (RFC 4945): made from exact specifications, read back, and checked by rule.
//!
//! A [`Profile`] is a file under `certs/profiles/` that says exactly what a chain of certificates
//! holds. An [`Authority`] makes keys, certificates and revocation lists of it.

mod authority;
mod backend;
mod certificate;
mod encode;
mod error;
mod holder;
mod issued;
mod key;
pub mod lint;
mod pkcs12;
mod plan;
pub mod profile;
pub mod spec;

pub use authority::{Authority, Seed};
pub use certificate::{Certificate, Crl};
pub use error::IssueError;
pub use holder::{Holder, Template};
pub use issued::Issued;
pub use key::PrivateKey;
pub use profile::{Profile, Profiles, UnknownProfile};
