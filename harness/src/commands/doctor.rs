//! `ikematrix doctor`: what this machine can do, and how to mend what it cannot.

use super::print;
use super::run::terminal_options;
use crate::cli::Common;
use crate::doctor::{Verdict, examine, render};
use crate::failure::{AS_EXPECTED, LAB_FAULT};

pub(crate) async fn doctor(common: &Common) -> u8 {
    let findings = examine(&common.cache()).await;
    let options = terminal_options(common);
    print(&render(
        &findings,
        options.lang,
        options.colour,
        options.width,
    ));
    if Verdict::of(&findings).some_lab() {
        AS_EXPECTED
    } else {
        LAB_FAULT
    }
}
