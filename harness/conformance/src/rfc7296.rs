//! RFC 7296, Internet Key Exchange Protocol Version 2: a module for each section with cases.

mod section_1_2;
mod section_1_3;
mod section_1_4;
mod section_2_1;
mod section_2_21;
mod section_2_23;
mod section_2_3;
mod section_2_5;
mod section_2_9;
mod section_3_10;
mod section_3_14;
mod section_3_3;

use crate::case::Case;

pub(crate) const CASES: &[&[Case]] = &[
    section_1_2::CASES,
    section_1_3::CASES,
    section_1_4::CASES,
    section_2_1::CASES,
    section_2_3::CASES,
    section_2_5::CASES,
    section_2_9::CASES,
    section_2_21::CASES,
    section_2_23::CASES,
    section_3_3::CASES,
    section_3_10::CASES,
    section_3_14::CASES,
];
