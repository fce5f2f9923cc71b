//! `ikematrix report`: every output of a finished run, made again from its record.

use reports::{file, html, json, junit, site, terminal};

use super::outputs::{check_apart, check_folder_of, check_outside};
use super::print;
use super::run::{exit_code, terminal_options};
use crate::cli::{Common, Report};
use crate::failure::Failure;

/// All of it is made before anything is put into its place: what fails leaves all as it was.
pub(crate) fn report(common: &Common, arguments: &Report) -> Result<u8, Failure> {
    let (run, lang) = (&arguments.dir, common.lang());
    if let Some(file) = &arguments.junit {
        check_folder_of("--junit", file)?;
        check_outside("--junit", file, run)?;
    }
    if let Some(folder) = &arguments.html {
        check_outside("--html", folder, run)?;
        if let Some(file) = &arguments.junit {
            check_apart(file, folder)?;
        }
    }
    let record = json::read(&run.join("run.json"))?;
    let page = html::render(&record, lang)?;
    let page = file::prepare(&run.join("index.html"), page.as_bytes())?;
    let junit = match &arguments.junit {
        Some(path) => {
            let report = junit::render(&record, lang)?;
            Some(file::prepare(path, report.as_bytes())?)
        }
        None => None,
    };
    let site = match &arguments.html {
        Some(folder) => Some(site::prepare(folder, &record, run, lang)?),
        None => None,
    };
    if let Some(site) = site {
        site.finish()?;
    }
    if let Some(junit) = junit {
        junit.finish()?;
    }
    page.finish()?;
    print(&terminal::render(&record, &terminal_options(common)));
    Ok(exit_code(&record))
}
