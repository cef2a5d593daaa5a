#!/bin/sh
# Runs every fuzz target for SECONDS each, one after another, and prints a table of what came of it.
# Usage: tests/fuzz/run.sh SECONDS [TARGET...]
# What is found lies in tests/fuzz/artifacts/TARGET/. Ends with 1 if anything was found.
set -u
seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
cd "$(dirname "$0")" || exit 2
# The stable toolchain will do: instrumentation needs no unstable flag but those that cargo-fuzz itself sets.
export RUSTC_BOOTSTRAP=1
cargo fuzz build --fuzz-dir . --sanitizer none >&2 || exit 2
host=$(rustc -vV | sed -n 's/^host: //p')
[ $# -gt 0 ] || set -- $(cargo fuzz list --fuzz-dir .)
# The catalogue's target writes files: into memory, where there is such a place.
TMPDIR=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo /tmp)") && export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
found=0
echo '| target | seconds | executions | corpus | findings |'
echo '|---|--:|--:|--:|--:|'
for target; do
    mkdir -p "corpus/$target" "artifacts/$target"
    log=artifacts/$target.log
    "target/$host/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=20480 -print_final_stats=1 -artifact_prefix="artifacts/$target/" \
        "corpus/$target" "seeds/$target" >"$log" 2>&1
    stat() { sed -n "s/^stat::$1: *//p" "$log" | tail -n 1; }
    ran=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log" | tail -n 1)
    findings=$(find "artifacts/$target" -type f | wc -l)
    [ "$findings" -eq 0 ] && [ -n "$ran" ] || found=1
    echo "| $target | ${ran:-ended early} | $(stat number_of_executed_units) |" \
        "$(find "corpus/$target" -type f | wc -l) | $findings |"
done
exit $found
