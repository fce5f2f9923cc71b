//! `ikematrix` from end to end: the built program, real daemons, a real lab.
//!
//! All tests are in one program and take turns, because each of them may start a lab.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]
#![expect(
    clippy::print_stdout,
    reason = "tests that take long say what they did"
)]

mod bad_input;
mod bounds;
mod can_fail;
mod certificates;
mod conformance;
mod docker;
mod external;
mod faults;
mod follow;
mod fragments;
mod gate;
mod interactive;
mod interrupted;
mod lab_faults;
mod nat;
mod new_vendor;
mod one_sided;
mod places;
mod record;
mod repro;
mod site;
mod story;
mod support;
mod trial;
mod trust;
mod unprivileged;
