//! The cases of ikematrix: one TOML file a case, loaded and checked.
//!
//! A case says how two routers are set up and what is done with them. Everything a [`Case`] holds
//! has been checked when it was loaded, and only the loader makes one.

pub mod case;
pub mod end;
mod file;
mod load;
pub mod setting;
mod step;
pub mod vector;

pub use case::{AuthMethod, Block, Case, Clause, Level, Role, Setup, Step, Traffic};
pub use end::{
    EndSetup, IdentityKind, IkeVersion, Mode, OtherIdentity, PrivateKey, Psk, SubjectForm,
};
pub use load::{load, load_file};
pub use setting::Setting;
