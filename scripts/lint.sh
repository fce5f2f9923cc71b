#!/bin/sh
# Formatting, lints, and the licences and origins of dependencies.
set -eu
cd "$(dirname "$0")/.."

PATH=$PATH:$PWD/target/tools/bin
set -x
cargo fmt --all -- --check
shellcheck scripts/*.sh .ci/run
# In release mode, so that macros and build scripts are built once for lints, tests and runs.
cargo clippy --release --workspace --all-targets --locked -- -D warnings
# Advisories change from day to day: `cargo deny check advisories` is for a person to run.
cargo deny --locked check --hide-inclusion-graph bans licenses sources
