//! The cases of ikematrix: one TOML file a case, loaded and checked.
//!
//! A case says how two routers are set up and what is done with them. Everything a [`Case`] holds
//! has been checked when it was loaded, and only the loader makes one.

pub mod case;
mod file;
mod load;

pub use case::{AuthMethod, Case, Clause, EndSetup, Level, Psk, Role, Setup, Step, Traffic};
pub use load::{load, load_file};
