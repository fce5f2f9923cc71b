#!/bin/sh
# Installs what `make run` (argument "run") or `make test` (argument "test") needs and is missing.
# Where nothing is missing it does nothing and needs no network.
#
# Exit codes: 3 when an administrator has to install something first.
set -eu
cd "$(dirname "$0")/.."

DENY_VERSION=0.20.2
CHECK_JSONSCHEMA_VERSION=0.39.0
purpose=${1:-run}
# Where Debian keeps programs for root, which a user's path may lack.
PATH=$PATH:/usr/sbin:/sbin

say() {
    printf '%s\n' "$*" >&2
}

missing=
need() { # package, then a command that works only when the package is there
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

need gcc cc --version
need libc6-dev installed libc6-dev
need qemu-system-x86 qemu-system-x86_64 --version
need mmdebstrap mmdebstrap --version
need squashfs-tools-ng tar2sqfs --version
need crun crun --version
need nftables nft --version
need uidmap command -v newuidmap
need gpg gpg --version
need debian-archive-keyring test -s /usr/share/keyrings/debian-archive-keyring.gpg
need tar tar --version
if [ "$purpose" = test ]; then
    need shellcheck shellcheck --version
    # What reads the captures beside us.
    need tshark tshark --version
    # Where the docker lab is tried; what it comes to is up to the machine.
    need docker.io command -v dockerd
    # What checks the report for CI systems.
    need libxml2-utils command -v xmllint
    # What opens the pages of a site, with the characters that they are written in.
    need chromium chromium --version
    need fonts-noto-cjk installed fonts-noto-cjk
    # What reads the certificates we issue.
    need openssl openssl version
    need libnss3-tools command -v pk12util
    # What installs the checker of the examples for CI.
    need python3-venv python3 -c 'import ensurepip'
fi

if [ -n "$missing" ]; then
    install="DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends$missing"
    ask_administrator() {
        say "$1 An administrator must run:"
        say "    apt-get update && $install"
        exit 3
    }
    if ! command -v apt-get >/dev/null; then
        say "Missing, under their names in Debian:$missing"
        say "This machine has no apt-get: install them by its own means."
        exit 3
    fi
    if [ "$(id -u)" = 0 ]; then
        sudo=
    elif ! command -v sudo >/dev/null; then
        ask_administrator "Packages are missing, and there is neither root nor sudo."
    elif sudo -n true 2>/dev/null; then
        sudo='sudo -n'
    elif [ -t 0 ] && sudo -v; then
        sudo=sudo
    else
        ask_administrator "Packages are missing, and sudo does not let this user in."
    fi
    say "Installing:$missing"
    # Unquoted on purpose: words of a command.
    # shellcheck disable=SC2086
    {
        $sudo apt-get update
        $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends $missing
    }
fi

if ! command -v cargo >/dev/null; then
    say "There is no Rust toolchain (cargo): see https://rustup.rs"
    exit 3
fi

# Debian 12's own Rust is too old, and its complaint about our files would be hard to read.
oldest=$(sed -n 's/^rust-version = "1\.\([0-9]*\)"$/\1/p' Cargo.toml)
minor=$(cargo --version | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
if [ "${minor:-0}" -lt "${oldest:-0}" ]; then
    say "Rust 1.$oldest or newer is needed, this is 1.${minor:-?}: see https://rustup.rs"
    exit 3
fi

# The checker of licences and duplicates: cargo has it built from source, once.
tools=target/tools
if [ "$purpose" = test ] && ! cargo deny --version >/dev/null 2>&1 &&
    ! "$tools/bin/cargo-deny" --version >/dev/null 2>&1; then
    say "Building cargo-deny $DENY_VERSION, once; this takes some minutes"
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR="$tools/build" \
        cargo install --locked --debug --root "$tools" --version "$DENY_VERSION" cargo-deny
    rm -rf "$tools/build"
fi

# The checker of the examples for CI, which brings the schemas of their formats.
python=$tools/python
if [ "$purpose" = test ] &&
    [ "$("$python/bin/check-jsonschema" --version 2>/dev/null)" != \
        "check-jsonschema, version $CHECK_JSONSCHEMA_VERSION" ]; then
    say "Installing check-jsonschema $CHECK_JSONSCHEMA_VERSION, once"
    rm -rf "$python"
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check \
        "check-jsonschema==$CHECK_JSONSCHEMA_VERSION"
fi
