#!/bin/sh
# The main job, end to end, on soft keys: real firmware in process, no hardware. Every command is printed before it
# runs, and its exit code is held against the documented one.
set -eu
glasskey=$1
cd "$(dirname "$0")/.."
case $glasskey in /*) ;; *) glasskey=$PWD/$glasskey ;; esac
keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT
policy=tests/data/policy/two-profiles.json
yubico=a25342c0-3cdc-4414-8e46-f4807fca511c
token2=eabb46cc-e241-80bf-ae9e-96fa6d2975cf
other=ee882879-721c-4913-9775-3dfcce97072a

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }

# run CODE STDIN ARGUMENTS...: prints and runs `glasskey ARGUMENTS`, and wants this exit code.
run() {
    want=$1 input=$2
    shift 2
    printf '$ %sglasskey' "${input:+echo $input | }"
    printf ' %s' "$@" | sed "s|$keys|keys|g"
    printf '\n'
    began=$(date +%s)
    code=0
    if [ -n "$input" ]; then
        echo "$input" | "$glasskey" "$@" || code=$?
    else
        "$glasskey" "$@" || code=$?
    fi
    took=$(($(date +%s) - began))
    printf '(exit %s, %s s)\n' "$code" "$took"
    [ "$code" = "$want" ] || { echo "demo: exit $want was expected" >&2; exit 1; }
}

say "The tenant's passkey policy: which models may sign in?"
run 0 '' policy show "$policy"

say "Two keys of two vendors, one that the policy does not allow, one that is dead"
run 0 '' soft create "$keys/safe" yubikey --aaguid "$yubico" --pin 482913 --firmware 5.7.4
run 0 '' soft create "$keys/safe" token2 --aaguid "$token2" --pin 771204
run 0 '' soft create "$keys/other" old --aaguid "$other" --pin 159357 --firmware 5.2.7
run 0 '' soft create "$keys/dead" dead --aaguid "$yubico" --pin 123456 --fault dead
run 0 '' --soft "$keys/safe" keys

say "Both keys are fit for the safe"
run 0 482913 --soft "$keys/safe" --key soft:yubikey --pin-stdin check --policy "$policy"
run 0 771204 --soft "$keys/safe" --key soft:token2 --pin-stdin check --policy "$policy"

say "A key whose model the policy does not allow is not fit"
run 1 159357 --soft "$keys/other" --pin-stdin check --policy "$policy"

say "A wrong PIN costs one attempt and is never tried again by itself"
run 5 000000 --soft "$keys/safe" --key soft:token2 --pin-stdin check --policy "$policy"
run 0 '' --soft "$keys/safe" --key soft:token2 pin status

say "A dead key is told within seconds"
run 7 '' --soft "$keys/dead" check --policy "$policy"
[ "$took" -le 5 ] || { echo "demo: a dead key took $took s" >&2; exit 1; }

say "All as documented. These were soft keys: nothing here was proven on hardware."
