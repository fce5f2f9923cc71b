//! The files that people write for ikematrix: profiles of vendors and of certificates, and cases.
//!
//! Here they are read within limits, and what is wrong with one is told with its place and remedy.

pub mod checks;
pub mod known;
pub mod name;
pub mod problem;
pub mod source;

pub use checks::Checks;
pub use known::use_known;
pub use problem::{Problem, Problems};
pub use source::Source;
