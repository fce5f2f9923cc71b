//! For every rule a file that keeps it and one that breaks it.

mod algorithms;
mod chain;
mod hpki;
mod lists;
mod rfc4945;
mod rfc5280;

use super::build::*;
use super::{Options, hpki as hpki_options, input, options};
use crate::lint::{AlgorithmText, Input};

/// Files and how they are checked.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) inputs: Vec<Input>,
    pub(super) options: Options,
}

pub(super) struct Vector {
    pub(super) rule: &'static str,
    pub(super) good: Case,
    pub(super) bad: Case,
}

pub(super) use hpki::complete as complete_hpki;
pub(super) use lists::request_for;

pub(super) fn all() -> Vec<Vector> {
    [
        rfc4945::vectors(),
        rfc5280::fields(),
        rfc5280::names(),
        rfc5280::extensions(),
        algorithms::vectors(),
        chain::vectors(),
        lists::vectors(),
        hpki::vectors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Case {
    fn at(mut self, time: &str) -> Self {
        self.options.at = time.parse().unwrap();
        self
    }

    fn by(mut self, text: AlgorithmText) -> Self {
        self.options.text = text;
        self
    }

    fn profile(mut self, name: &str) -> Self {
        self.options.profile = hpki_options(name).profile;
        self
    }
}

fn file(bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        inputs: vec![input("test", bytes)],
        options: options(),
    }
}

/// One PEM file of certificates.
fn bundle(specs: &[Spec]) -> Case {
    let blocks = specs.iter().map(|spec| pem("CERTIFICATE", &spec.der()));
    file(blocks.collect::<String>())
}

fn changed(mut spec: Spec, change: impl FnOnce(&mut Spec)) -> Spec {
    change(&mut spec);
    spec
}

/// The usual end entity keeps the rule; changed so, it breaks it.
fn of_ee(rule: &'static str, change: impl FnOnce(&mut Spec)) -> Vector {
    Vector {
        rule,
        good: bundle(&[ee()]),
        bad: bundle(&[changed(ee(), change)]),
    }
}

/// The usual subordinate CA keeps the rule; changed so, it breaks it.
fn of_ca(rule: &'static str, change: impl FnOnce(&mut Spec)) -> Vector {
    Vector {
        rule,
        good: bundle(&[sub()]),
        bad: bundle(&[changed(sub(), change)]),
    }
}

/// An end entity with this extension keeps the rule; with that one, it breaks it.
fn of_extension(
    rule: &'static str,
    spec: fn() -> Spec,
    oid: &str,
    good: (bool, Vec<u8>),
    bad: (bool, Vec<u8>),
) -> Vector {
    let with = |(critical, value): (bool, Vec<u8>)| {
        bundle(&[changed(spec(), |spec| {
            spec.set(oid, critical, value);
        })])
    };
    Vector {
        rule,
        good: with(good),
        bad: with(bad),
    }
}
