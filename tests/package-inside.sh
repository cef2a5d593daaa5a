#!/bin/sh
# Runs in the clean root: installs the package, uses it, removes it. Only the user's ledger stays.
set -eu
fail() { echo "package: $*" >&2; exit 1; }
export HOME=/tmp/home
mkdir -p "$HOME"

dpkg -i /tmp/glasskey.deb >/dev/null || fail "it does not install on its own"
glasskey --version
man --warnings glasskey-check >/dev/null || fail "no manual page"
for file in /usr/lib/udev/rules.d/70-glasskey.rules /usr/lib/systemd/user/glasskey-status.timer \
    /usr/share/bash-completion/completions/glasskey /usr/share/zsh/vendor-completions/_glasskey \
    /usr/share/fish/vendor_completions.d/glasskey.fish /usr/share/doc/glasskey/copyright \
    /usr/share/doc/glasskey/third-party-licences.txt /usr/share/doc/glasskey/sbom.spdx.json \
    /usr/share/doc/glasskey/docs/README.md /usr/share/doc/glasskey/docs/pictures/report.png \
    /usr/share/doc/glasskey/udev/70-glasskey-usb-ids.rules; do
    [ -s "$file" ] || fail "$file is missing"
done
for file in verify-ledger.py verify-receipt.sh; do
    [ -x "/usr/share/doc/glasskey/docs/$file" ] || fail "$file cannot be run"
done
if find /etc/systemd /usr/lib/systemd -name '*.wants' -exec find {} -name 'glasskey*' \; | grep -q .; then fail "the timer is on"; fi

# All is well, but no key is plugged in. (In this root nobody shows the kernel's devices.)
doctor() { glasskey --json doctor >/tmp/doctor.json || { cat /tmp/doctor.json; fail "doctor finds something wrong"; }; }
doctor
grep -q '"no key is plugged in"' /tmp/doctor.json || fail "doctor does not miss the key"
grep -q '"id": "udev-rule"' /tmp/doctor.json || fail "doctor does not look for the rule"
ill=$(grep -B 2 -E '"status": "(warn|fail)"' /tmp/doctor.json | sed -n 's/.*"id": "\(.*\)".*/\1/p' | grep -vx -e keys -e hidraw || true)
[ -z "$ill" ] || { cat /tmp/doctor.json; fail "doctor: $ill"; }
for verb in keys info check; do
    code=0
    glasskey "$verb" 2>/dev/null || code=$?
    [ "$code" = 3 ] || fail "glasskey $verb without a key ends with $code"
done
glasskey ledger init
glasskey ledger verify >/dev/null
doctor
grep -A 2 '"id": "ledger"' /tmp/doctor.json | grep -q '"status": "pass"' || { cat /tmp/doctor.json; fail "doctor does not see the ledger"; }

dpkg --purge glasskey >/dev/null
[ -e "$HOME/.local/share/glasskey/ledger.db" ] || fail "removal took the ledger with it"
