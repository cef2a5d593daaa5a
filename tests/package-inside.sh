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
    /usr/share/doc/glasskey/third-party-licences.txt /usr/share/doc/glasskey/sbom.spdx.json; do
    [ -s "$file" ] || fail "$file is missing"
done
if find /etc/systemd /usr/lib/systemd -name '*.wants' -exec find {} -name 'glasskey*' \; | grep -q .; then fail "the timer is on"; fi

# All is well, but no key is plugged in.
glasskey --json doctor >/tmp/doctor.json || { cat /tmp/doctor.json; fail "doctor finds something wrong"; }
grep -q '"no key is plugged in"' /tmp/doctor.json || fail "doctor does not miss the key"
grep -A 2 '"id": "udev-rule"' /tmp/doctor.json | grep -q '"status": "pass"' || { cat /tmp/doctor.json; fail "doctor does not see the rule"; }
for verb in keys info check; do
    code=0
    glasskey "$verb" 2>/dev/null || code=$?
    [ "$code" = 3 ] || fail "glasskey $verb without a key ends with $code"
done
glasskey ledger init
glasskey ledger verify >/dev/null

dpkg --purge glasskey >/dev/null
[ -e "$HOME/.local/share/glasskey/ledger.db" ] || fail "removal took the ledger with it"
