//! RFC 7296, Internet Key Exchange Protocol Version 2: a module for each section with cases.

pub(crate) mod section_1_2;
pub(crate) mod section_1_3;
pub(crate) mod section_1_4;
pub(crate) mod section_2_1;
pub(crate) mod section_2_21;
pub(crate) mod section_2_23;
pub(crate) mod section_2_3;
pub(crate) mod section_2_5;
pub(crate) mod section_2_7;
pub(crate) mod section_2_9;
pub(crate) mod section_3_10;
pub(crate) mod section_3_14;
pub(crate) mod section_3_3;

use crate::case::Case;

pub(crate) const CASES: &[&[Case]] = &[
    section_1_2::CASES,
    section_1_3::CASES,
    section_1_4::CASES,
    section_2_1::CASES,
    section_2_3::CASES,
    section_2_5::CASES,
    section_2_7::CASES,
    section_2_9::CASES,
    section_2_21::CASES,
    section_2_23::CASES,
    section_3_3::CASES,
    section_3_10::CASES,
    section_3_14::CASES,
];
