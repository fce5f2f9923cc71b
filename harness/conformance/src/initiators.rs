//! Cases in which the router initiates, and the tester answers: a module for each section with cases
//! of its own, and what both parts of an exchange must do alike.

mod alike;
mod rfc7383;
mod section_1_2;
mod section_2_1;
mod section_2_21;
mod section_2_23;
mod section_2_5;
mod section_2_6;
mod section_2_7;
mod section_2_9;

use crate::case::Case;
use crate::rfc7427;

pub(crate) const CASES: &[&[Case]] = &[
    section_1_2::CASES,
    section_2_1::CASES,
    section_2_5::CASES,
    section_2_6::CASES,
    section_2_7::CASES,
    section_2_9::CASES,
    section_2_21::CASES,
    section_2_23::CASES,
    alike::CASES,
    rfc7383::CASES,
    rfc7427::of_initiators::CASES,
];
