//! Root file systems: declared as data, built from Debian's packages, kept by content.

mod build;
mod definition;
mod store;

pub use definition::Definition;
pub use store::{Image, Package, Store};
