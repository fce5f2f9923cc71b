//! Root file systems: declared as data, built from Debian's packages, kept by content.

mod build;
mod definition;
mod store;

pub use definition::Definition;
pub(crate) use definition::hex;
pub(crate) use store::parse_status;
pub use store::{Image, Package, Store};
