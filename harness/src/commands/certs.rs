//! `ikematrix certs`: certificates for the routers.

mod lint;

use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::failure::Failure;

#[derive(Args)]
pub(crate) struct Certs {
    #[command(subcommand)]
    command: CertsCommand,
}

#[derive(Subcommand)]
enum CertsCommand {
    /// Check certificates, requests and CRLs, rule by rule
    Lint(lint::Lint),
}

pub(crate) fn certs(common: &Common, arguments: &Certs) -> Result<u8, Failure> {
    match &arguments.command {
        CertsCommand::Lint(arguments) => lint::lint(common, arguments),
    }
}
