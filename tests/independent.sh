#!/bin/sh
# What `glasskey entra register` made on soft keys, verified by relying parties of others: PyPI's `fido2` and `webauthn`.
# First: cargo test --features softkey --test entra. Skipped, with a word, where Python or the packages cannot be had.
set -eu
cd "$(dirname "$0")/.."
made=target/tmp/entra-register
venv=target/independent
skip() {
    echo "SKIPPED other verifiers of entra register: $1" >&2
    exit 0
}
[ -n "$(ls "$made"/*.json 2>/dev/null)" ] || {
    echo "nothing was made: run 'cargo test --features softkey --test entra' first" >&2
    exit 2
}
command -v python3 >/dev/null || skip "there is no python3"
# Debian keeps what makes a venv in a package of its own.
[ -z "${CI:-}" ] || python3 -c 'import ensurepip' 2>/dev/null || tests/install-packages.sh python3-venv || true
[ -x "$venv/bin/python" ] || python3 -m venv "$venv" >/dev/null 2>&1 || skip "python3 makes no venv"
"$venv/bin/python" -c 'import fido2, webauthn' 2>/dev/null ||
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: 'fido2==2.2.1' 'webauthn==3.0.1' ||
    skip "PyPI's fido2 and webauthn cannot be had"
"$venv/bin/python" tests/independent.py "$made"/*.json
