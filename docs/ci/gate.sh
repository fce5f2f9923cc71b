#!/usr/bin/env bash
# Runs what a change can affect and holds it against the baseline: for any CI system, in the folder
# of the project. The argument is the commit that the change is based on; without one everything
# runs.
#
# Exit codes: 0 the gate is open, 1 it is closed, 2 bad input, 3 no lab or a lab fault.
set -euo pipefail

base=${1:-}
baseline=ci/baseline/run.json
known=ci/known-failures.toml

# Nothing of an earlier job may be taken for this one's.
rm -rf results junit.xml comment.md
arguments=(--out results --junit junit.xml)
if [ -n "$base" ]; then
    # A file that moved is named by both of its names. No pipe: a failure of git must not look like
    # a change of nothing.
    changed=$(mktemp)
    trap 'rm -f "$changed"' EXIT
    git diff --name-only --no-renames -z "$base...HEAD" >"$changed"
    mapfile -d '' -t files <"$changed"
    if [ "${#files[@]}" = 0 ]; then
        echo "no file changed"
        exit 0
    fi
    arguments+=(--affected-by "${files[@]}")
fi

code=0
ikematrix run "${arguments[@]}" || code=$?
case $code in
    # Some cell failed, or the lab did: the gate knows what that means.
    0 | 1 | 3) ;;
    *) exit "$code" ;;
esac

code=0
ikematrix diff "$baseline" results --markdown >comment.md || code=$?
[ "$code" -le 1 ] || exit "$code"

expect=()
if [ -f "$known" ]; then
    expect=(--expect "$known")
fi
ikematrix gate results --baseline "$baseline" "${expect[@]}"
