//! The command line.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use reports::text::Lang;

use crate::engine::LabChoice;
use crate::failure::Failure;
use crate::known_failures::MOST_TRIES;
use crate::plan::Pair;

#[cfg(test)]
mod tests;

/// Interoperability and conformance suite for IPsec/IKEv2 routers.
#[derive(Parser)]
#[command(version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 as expected, 1 some cell failed or is not as expected, two \
                          runs differ in some cell, a gate is closed, a certificate has errors, or \
                          a run is not as it was sealed, 2 bad input, 3 no lab or a lab fault, 4 \
                          interrupted.";

#[derive(Args)]
pub(crate) struct Common {
    /// Language of what people read [default: by the locale]
    #[arg(long, global = true, value_enum)]
    lang: Option<LangChoice>,
    /// Folder with vendor-profiles/ and cases/ [default: the nearest one above the working folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Folder for images, shared by all runs [default: ~/.cache/ikematrix]
    #[arg(long, global = true, value_name = "DIR", env = "IKEMATRIX_CACHE")]
    cache: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LangChoice {
    En,
    Ja,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run cases on pairings and print the matrix
    Run(Run),
    /// Run one cell again, and look inside if need be
    Repro(Repro),
    /// Put single routers to the test against the RFCs, with a tester as their peer
    Conform(Conform),
    /// List vendors and cases
    List,
    /// Show what this machine can do, and how to mend what it cannot
    Doctor,
    /// Print a finished run again, and write its page anew
    Report(Report),
    /// Add runs to a site that shows them over time
    Publish(Publish),
    /// Show what changed between two runs
    Diff(Diff),
    /// Say whether a run may follow its baseline: what worked must still work
    Gate(Gate),
    /// Tell why a cell ended as it did, or what a capture from anywhere shows
    Explain(crate::commands::Explain),
    /// Find what was changed in the folder of a run since it was made, and say who signed it
    Verify(crate::commands::Verify),
    /// Make a key to sign runs with
    Keygen(crate::commands::Keygen),
    /// Show what a router outside the lab must be set to for a case
    Sheet(crate::commands::Sheet),
    /// Enter a node of a lab that was left up
    Shell(Shell),
    /// Print what a daemon of a lab that was left up has logged
    Logs(crate::commands::Logs),
    /// Write the packets of a link of a lab that was left up, as they come, for Wireshark
    Capture(crate::commands::Capture),
    /// Have routers of a lab that was left up read their changed configuration
    Reload(crate::commands::Reload),
    /// Set up the tunnel of a lab that was left up anew, and tell what all observers see
    Initiate,
    /// Remove the lab that was left up last
    Down,
    /// Remove what labs left behind, and labs that were left up
    Clean,
    /// Measure how long each part of a run takes
    Bench(Bench),
    /// Make and check certificates
    #[command(subcommand)]
    Certs(Certs),
    /// Serve a lab: that in this folder or, without one, that of the virtual machine around it
    #[command(hide = true)]
    LabAgent { home: Option<PathBuf> },
}

#[derive(Args)]
pub(crate) struct Run {
    /// A vendor of the matrix; may be given several times [default: all]
    #[arg(long = "vendor", value_name = "ID")]
    pub(crate) vendors: Vec<String>,
    /// A case; may be given several times [default: all of the core]
    #[arg(long = "case", value_name = "ID")]
    pub(crate) cases: Vec<String>,
    /// Only this pairing, initiator first; may be given several times
    #[arg(long = "pair", value_name = "A:B", value_parser = parse_pair)]
    pub(crate) pairs: Vec<Pair>,
    /// Only this cell, as run.json names it; may be given several times, in place of the three above
    #[arg(
        long = "cell",
        value_name = "CASE/A:B",
        value_parser = parse_cell,
        conflicts_with_all = ["vendors", "cases", "pairs", "expect"]
    )]
    pub(crate) cells: Vec<(String, Pair)>,
    /// Compare the run with the matrix in this file; its vendors and cases are the default
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// Of these cells only those that a change of these files can affect
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) affected_by: Vec<PathBuf>,
    /// Try each cell so many times; one that does not end alike each time is unstable
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_TRIES))
    )]
    pub(crate) repeat: u16,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Cells at once [default: what the lab can carry]
    #[arg(short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: Option<u16>,
    /// Folder for run.json, index.html and the evidence; an earlier run in it is replaced
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,
    /// Write a report for CI systems, too, as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Sign the run with this key [default: the key in the environment, if there is one]
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) sign: Option<PathBuf>,
    /// Write the run into one file, too, from which its cells can be run again elsewhere: FILE.tar.zst
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
}

/// Where the routers run.
#[derive(Args)]
pub(crate) struct Place {
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) lab: LabChoice,
    /// Have the engine of the docker lab build the images on this one, such as debian:{suite}-slim
    #[arg(long, value_name = "IMAGE", value_parser = NonEmptyStringValueParser::new())]
    docker_base: Option<String>,
    /// Take this interface for an external router although this machine itself is reached by it: the
    /// profile names it, and here it is named a second time
    #[arg(long, value_name = "INTERFACE")]
    pub(crate) take_over: Vec<String>,
    /// Words for the kernel's command line of a virtual machine
    #[arg(long, hide = true, value_name = "WORD")]
    pub(crate) kernel_word: Vec<String>,
}

impl Place {
    /// The base image, where the docker lab or another lab beside it can use one.
    ///
    /// # Errors
    /// When none can.
    pub(crate) fn docker_base(&self, others: &[LabChoice]) -> Result<Option<String>, Failure> {
        if self.docker_base.is_some()
            && self.lab != LabChoice::Docker
            && !others.contains(&LabChoice::Docker)
        {
            return Err(Failure::input(
                "--docker-base is for the docker lab only; add --lab docker, or leave it out",
            ));
        }
        Ok(self.docker_base.clone())
    }
}

#[derive(Args)]
pub(crate) struct Repro {
    /// The cell, as the matrix and run.json name it: CASE/INITIATOR:RESPONDER
    pub(crate) cell: String,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Take the cell from a finished run, with its profiles, case and certificates of then: a folder,
    /// its run.json, or a bundle
    #[arg(long, value_name = "RUN")]
    pub(crate) from: Option<PathBuf>,
    /// Leave the lab up and say how to enter it
    #[arg(long)]
    pub(crate) keep: bool,
    /// Folder for run.json, index.html and the evidence
    #[arg(long, value_name = "DIR", default_value = "results-repro")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Conform {
    /// A vendor to test; may be given several times [default: all]
    #[arg(long = "vendor", value_name = "ID")]
    pub(crate) vendors: Vec<String>,
    /// A conformance case; may be given several times [default: all]
    #[arg(long = "case", value_name = "ID")]
    pub(crate) cases: Vec<String>,
    /// Only the cases of a document or a section, such as rfc7296-2.5, or the certificate vectors
    /// (certificates); may be given several times
    #[arg(long = "theme", value_name = "RFC")]
    pub(crate) themes: Vec<String>,
    /// Only the cases that bind at least so strongly
    #[arg(long, value_enum, default_value = "may", ignore_case = true)]
    pub(crate) level: LeastLevel,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Routers at once [default: what the lab can carry]
    #[arg(short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: Option<u16>,
    /// Folder for run.json, index.html and the evidence; an earlier run in it is replaced
    #[arg(long, value_name = "DIR", default_value = "results-conform")]
    pub(crate) out: PathBuf,
    /// Write a report for CI systems, too, as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Sign the run with this key [default: the key in the environment, if there is one]
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) sign: Option<PathBuf>,
}

/// How strongly a clause binds (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LeastLevel {
    May,
    Should,
    Must,
}

#[derive(Args)]
pub(crate) struct Report {
    /// Folder of a run
    pub(crate) dir: PathBuf,
    /// Make a site of static pages, too, in place of an earlier one
    #[arg(long, value_name = "DIR")]
    pub(crate) html: Option<PathBuf>,
    /// Write a report for CI systems, too, as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Diff {
    /// The earlier run: its folder or its run.json
    pub(crate) old: PathBuf,
    /// The later run
    pub(crate) new: PathBuf,
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print Markdown that fits a comment on a change
    #[arg(long)]
    pub(crate) markdown: bool,
}

#[derive(Args)]
pub(crate) struct Gate {
    /// The run: its folder or its run.json
    pub(crate) run: PathBuf,
    /// The run that worked: its run.json or its folder
    #[arg(long, value_name = "RUN")]
    pub(crate) baseline: PathBuf,
    /// Demand that the baseline is signed with the key that belongs to this public key
    #[arg(long, value_name = "PUBFILE")]
    pub(crate) key: Option<PathBuf>,
    /// Cells that are known to fail, each with its causes, a reason and a link
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Publish {
    /// Folder of the site; made when it is missing
    #[arg(long, value_name = "DIR")]
    pub(crate) site: PathBuf,
    /// Folders of runs, or their run.json
    #[arg(required = true, value_name = "RUN")]
    pub(crate) runs: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Shell {
    /// moon, sun, alice or bob
    pub(crate) node: String,
    /// A command instead of a shell
    #[arg(last = true)]
    pub(crate) command: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum Certs {
    /// Issue a chain of certificates, its keys and its revocation lists
    Issue(Issue),
    /// Check certificates, requests and CRLs, rule by rule
    Lint(crate::commands::Lint),
}

#[derive(Args)]
pub(crate) struct Issue {
    /// The certificate profile: a file of certs/profiles/ without its ending
    pub(crate) profile: String,
    /// Folder for what is issued
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) holder: HolderArguments,
    /// File with the password of the PKCS#12 file, on its first line [default: one is made]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Put the certificate on its authority's revocation list at once
    #[arg(long)]
    pub(crate) revoke: bool,
    /// Replace files of an earlier issue
    #[arg(long)]
    pub(crate) force: bool,
}

/// Whom the certificate is for.
#[derive(Args)]
pub(crate) struct HolderArguments {
    /// Domain name of the holder
    #[arg(long, value_name = "NAME", default_value = "gw1.hosp.example")]
    pub(crate) fqdn: String,
    /// Mail address of the holder
    #[arg(long, value_name = "ADDRESS", default_value = "gw1@hosp.example")]
    pub(crate) email: String,
    /// Address of the holder
    #[arg(long, value_name = "ADDRESS", default_value = "192.0.2.1")]
    pub(crate) ipv4: Ipv4Addr,
    /// Vendor of the holder's router
    #[arg(long, value_name = "ID", default_value = "vendor")]
    pub(crate) vendor: String,
    /// Identification number of the holder's facility
    #[arg(long, value_name = "NUMBER", default_value = "0000000000")]
    pub(crate) facility_number: String,
}

#[derive(Args)]
pub(crate) struct Bench {
    /// A vendor to measure with; may be given several times [default: all]
    #[arg(long = "vendor", value_name = "ID")]
    pub(crate) vendors: Vec<String>,
    /// The case to measure with
    #[arg(long, value_name = "ID", default_value = "auth.psk")]
    pub(crate) case: String,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Run the cells in this lab too, and say what it takes more or less; may be given several times
    #[arg(long, value_enum, value_name = "LAB")]
    pub(crate) against: Vec<LabChoice>,
    /// Build all images anew, in a temporary folder, and time that too
    #[arg(long)]
    pub(crate) build: bool,
    /// Print JSON instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}

impl Common {
    pub(crate) fn lang(&self) -> Lang {
        match self.lang {
            Some(LangChoice::En) => Lang::En,
            Some(LangChoice::Ja) => Lang::Ja,
            None => lang_of_locale(),
        }
    }

    pub(crate) fn cache(&self) -> PathBuf {
        let folder = |name: &str| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        self.cache
            .clone()
            .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("ikematrix")))
            .or_else(|| folder("HOME").map(|home| home.join(".cache/ikematrix")))
            .unwrap_or_else(|| std::env::temp_dir().join("ikematrix-cache"))
    }
}

/// POSIX: the first of these that is set counts.
fn lang_of_locale() -> Lang {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = names
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|v| !v.is_empty());
    if locale.is_some_and(|locale| locale.starts_with("ja")) {
        Lang::Ja
    } else {
        Lang::En
    }
}

fn parse_pair(text: &str) -> Result<Pair, String> {
    match text.split_once(':') {
        Some((initiator, responder)) if !initiator.is_empty() && !responder.is_empty() => {
            Ok(Pair {
                initiator: initiator.into(),
                responder: responder.into(),
            })
        }
        Some(_) | None => Err("a pairing is INITIATOR:RESPONDER, such as a:b".into()),
    }
}

/// Takes a cell id apart: case, initiator, responder.
pub(crate) fn parse_cell(text: &str) -> Result<(String, Pair), String> {
    let (case, pair) = text
        .split_once('/')
        .ok_or("a cell is CASE/INITIATOR:RESPONDER, such as auth.psk/a:b")?;
    Ok((case.to_owned(), parse_pair(pair)?))
}
