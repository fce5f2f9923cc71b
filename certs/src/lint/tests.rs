//! Every rule has a certificate that keeps it and one that breaks it.

mod build;
mod hostile;
mod output;
mod real;
mod registry;
mod vectors;

use super::*;
use build::at;

/// RFC 4945 with the current text, at a time when the certificates of the tests are valid.
fn options() -> Options {
    Options {
        profile: Profile::Rfc4945,
        text: AlgorithmText::Current,
        at: at(),
        password: None,
    }
}

fn hpki(name: &str) -> Options {
    Options {
        profile: Profile::from_name(name).unwrap(),
        ..options()
    }
}

fn input(name: &str, bytes: impl Into<Vec<u8>>) -> Input {
    Input {
        name: name.to_owned(),
        bytes: bytes.into(),
    }
}

/// The ids of all findings, each once.
fn found(report: &Report) -> Vec<&str> {
    let findings = report.objects.iter().flat_map(|object| &object.findings);
    let mut ids: Vec<_> = findings.map(|finding| finding.rule.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
