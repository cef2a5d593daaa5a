#!/bin/sh
# Whether the program compiles for Windows and macOS: all of its Rust is checked, nothing is linked. Their C (SQLite, and on macOS
# hidapi's) is left to a compiler that compiles nothing, so no other system's tools are needed.
set -eu
cd "$(dirname "$0")/.."
targets='x86_64-pc-windows-gnu aarch64-apple-darwin'
# shellcheck disable=SC2086 # a list of names
rustup target add $targets 2>/dev/null || { echo "SKIPPED: the standard libraries for $targets cannot be had here" >&2; exit 0; }
nothing=$(mktemp -d)
trap 'rm -rf "$nothing"' EXIT
printf '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" != -o ] || : >"$2"; shift; done\n' >"$nothing/cc"
printf '#!/bin/sh\nfor word; do case $word in *.a) : >"$word" ;; esac; done\n' >"$nothing/ar"
chmod +x "$nothing/cc" "$nothing/ar"
for target in $targets; do
    name=$(echo "$target" | tr - _)
    env "CC_$name=$nothing/cc" "AR_$name=$nothing/ar" SDKROOT="$nothing" RUSTFLAGS="-D warnings" \
        ${CARGO:-cargo} check --locked --target "$target" --lib --bins
done
