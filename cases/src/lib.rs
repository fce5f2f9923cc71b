//! The cases of ikematrix: one TOML file a case, loaded and checked.
//!
//! A case says how two routers are set up and what is done with them. Everything a [`Case`] holds
//! has been checked when it was loaded, and only the loader makes one.
//!
//! [`source`], [`checks`], and [`problem`] serve every file that people write for this program:
//! they read it within limits and say what is wrong with it. The vendor profiles are loaded through
//! them too.

pub mod case;
pub mod checks;
mod file;
mod load;
pub mod name;
pub mod problem;
pub mod source;

pub use case::{AuthMethod, Case, Clause, EndSetup, Level, Psk, Role, Setup, Step, Traffic};
pub use checks::Checks;
pub use load::{load, load_file};
pub use problem::{Problem, Problems};
pub use source::Source;
