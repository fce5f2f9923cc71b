//! Certificates for IKE (RFC 4945): made from exact specifications, read back, and checked by rule.

pub mod lint;
