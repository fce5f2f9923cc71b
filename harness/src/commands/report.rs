//! `ikematrix report`: every output of a finished run, made again from its record.

use reports::{html, json, junit, site, terminal};

use super::print;
use super::run::{exit_code, terminal_options};
use crate::cli::{Common, Report};
use crate::failure::Failure;

pub(crate) fn report(common: &Common, arguments: &Report) -> Result<u8, Failure> {
    let record = json::read(&arguments.dir.join("run.json")).map_err(Failure::input)?;
    let page = arguments.dir.join("index.html");
    html::write(&page, &record, common.lang()).map_err(Failure::input)?;
    if let Some(folder) = &arguments.html {
        site::write(folder, &record, &arguments.dir, common.lang()).map_err(Failure::input)?;
    }
    if let Some(file) = &arguments.junit {
        junit::write(file, &record, common.lang()).map_err(Failure::input)?;
    }
    print(&terminal::render(&record, &terminal_options(common)));
    Ok(exit_code(&record))
}
