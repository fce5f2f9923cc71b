//! Loading a catalogue, from its files to the files of a router.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

mod bad_folders;
mod bad_implementations;
mod bad_profiles;
mod bad_templates;
mod external;
mod fixture;
mod mutations;
mod profiles;
mod real_profiles;
mod sheets;
