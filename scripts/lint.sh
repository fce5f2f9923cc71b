#!/bin/sh
# Formatting, lints, the examples for CI, and the licences and origins of dependencies.
set -eu
cd "$(dirname "$0")/.."

PATH=$PATH:$PWD/target/tools/bin
set -x
cargo fmt --all -- --check
shellcheck scripts/*.sh docs/ci/*.sh .ci/run
check_example() { # schema, file
    # `make setup` installs it.
    target/tools/python/bin/check-jsonschema --builtin-schema "vendor.$1" "docs/ci/$2"
}
check_example github-workflows github-actions.yml
check_example gitlab-ci gitlab-ci.yml
# In release mode, so that macros and build scripts are built once for lints, tests and runs.
cargo clippy --release --workspace --all-targets --locked -- -D warnings
# Advisories change from day to day: `cargo deny check advisories` is for a person to run.
cargo deny --locked check --hide-inclusion-graph bans licenses sources
