#!/usr/bin/env bash
# Builds the Debian package, and with `--try` installs it into a clean Debian root, uses it there, and removes it.
# `--try-only` tries the one that was built.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'package: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

# Pinned: what makes a release is a part of it.
tool() { # NAME VERSION [ARGUMENT]...
    cargo "${1#cargo-}" --version 2>/dev/null | grep -qF "$2" || cargo install --locked --quiet "$1@$2" "${@:3}"
}

build() {
    tests/install-packages.sh dpkg-dev
    tool cargo-deb 3.8.0
    tool cargo-about 0.9.3 --features cli
    tool cargo-sbom 0.10.0
    cargo build --release --locked
    rm -rf target/package
    mkdir -p target/package
    target/release/glasskey --quiet man target/package/man
    target/release/glasskey completions bash >target/package/glasskey.bash
    target/release/glasskey completions zsh >target/package/_glasskey
    target/release/glasskey completions fish >target/package/glasskey.fish
    cargo about generate --locked --offline --config docs/licences/about.toml docs/licences/about.hbs \
        --output-file target/package/third-party-licences.txt
    cargo sbom --output-format spdx_json_2_3 >target/package/sbom.spdx.json
    cargo deb --locked --no-build --no-strip --output target/package/
}

# In a root of nothing but Debian's own packages, without network: udev, and systemd for the rule that finds out who sits at the machine.
try() {
    local deb root
    deb=$(ls target/package/*.deb)
    root=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder is known now
    trap "rm -rf '$root'" EXIT
    tests/install-packages.sh mmdebstrap
    mmdebstrap --quiet --variant=minbase --include=udev,systemd,man-db "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root/debian"
    cp "$deb" "$root/debian/tmp/glasskey.deb"
    find "$root/debian" -path "$root/debian/var" -prune -o -path "$root/debian/tmp" -prune -o -print | sort >"$root/before"
    cp tests/package-inside.sh "$root/debian/tmp/inside.sh"
    chroot "$root/debian" sh /tmp/inside.sh
    find "$root/debian" -path "$root/debian/var" -prune -o -path "$root/debian/tmp" -prune -o -print | sort >"$root/after"
    diff "$root/before" "$root/after" || fail "removal leaves something behind"
    say "installed, used and removed: well"
}

case ${1-} in
'') build && ls -l target/package/*.deb ;;
--try) build && try ;;
--try-only) try ;;
*) fail "what is ${1}?" ;;
esac
