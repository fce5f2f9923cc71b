#!/bin/sh
# Runs all tests and sums them up in a last line like that of a single one. Arguments go to the
# tests.
set -eu
cd "$(dirname "$0")/.."

notes=$(mktemp -d)
trap 'rm -rf "$notes"' EXIT
begun=$(date +%s)
# In release mode, so that the program is built once for tests and runs.
{
    ended=0
    INSTA_UPDATE=no cargo test --release --workspace --locked --no-fail-fast -- "$@" || ended=$?
    echo "$ended" >"$notes/code"
} 2>&1 | tee "$notes/log"
sums=$(awk '
    /^test result: / {
        for (i = 2; i <= NF; i++) {
            if ($i == "passed;") passed += $(i - 1)
            if ($i == "failed;") failed += $(i - 1)
            if ($i == "ignored;") ignored += $(i - 1)
        }
    }
    END { printf "%d passed; %d failed; %d ignored", passed, failed, ignored }' "$notes/log")
code=$(cat "$notes/code")
word=ok
[ "$code" = 0 ] || word=FAILED
printf '\nAll tests together:\n'
echo "test result: $word. $sums; finished in $(($(date +%s) - begun))s"
exit "$code"
