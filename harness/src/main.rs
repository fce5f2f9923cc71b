//! `ikematrix`: brings up real routers in every pairing and says which connect, and why not.

mod affected;
mod cli;
mod commands;
mod diagnose;
mod digest;
mod doctor;
mod engine;
mod expectation;
mod failure;
mod judge;
mod known_failures;
mod operator;
mod plan;
mod progress;
mod project;
#[cfg(test)]
mod sample;
mod session;
mod sheet_files;
mod story;
mod words;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("IKEMATRIX_LOG").unwrap_or_else(|_| EnvFilter::new("error")),
        )
        .with_writer(std::io::stderr)
        .init();
    let lang = cli.common.lang();
    match commands::dispatch(cli) {
        Ok(code) => code,
        Err(failure) => {
            failure.report(lang);
            failure.code()
        }
    }
}
