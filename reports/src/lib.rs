//! The result model of a run and its readers. Knows nothing of labs.

mod address;
pub mod bundle;
pub mod cause;
pub mod comparison;
pub mod conformance;
pub mod consistency;
pub mod diff;
pub mod escape;
pub mod event;
pub mod evidence;
#[cfg(test)]
mod example;
pub mod expectation;
pub mod file;
pub mod gate;
pub mod html;
pub mod json;
pub mod junit;
pub mod layout;
pub mod matrix;
pub mod model;
mod private_key;
#[cfg(test)]
mod schema;
pub mod seal;
pub mod site;
mod summary;
pub mod terminal;
pub mod text;
pub mod words;
