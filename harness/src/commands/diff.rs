//! `ikematrix diff`: what changed between two runs.

use reports::diff::{diff as compare, markdown, terminal};

use super::run::terminal_options;
use super::{print, read_run};
use crate::cli::{Common, Diff};
use crate::failure::{AS_EXPECTED, Failure, NOT_AS_EXPECTED};

pub(crate) fn diff(common: &Common, arguments: &Diff) -> Result<u8, Failure> {
    let (old, new) = (read_run(&arguments.old)?, read_run(&arguments.new)?);
    let diff = compare(&old, &new);
    if arguments.json {
        let json = serde_json::to_string_pretty(&diff).map_err(Failure::input)?;
        print(&format!("{json}\n"));
    } else if arguments.markdown {
        print(&markdown::render(&diff, common.lang()));
    } else {
        print(&terminal::render(&diff, &terminal_options(common)));
    }
    Ok(if diff.is_empty() {
        AS_EXPECTED
    } else {
        NOT_AS_EXPECTED
    })
}
