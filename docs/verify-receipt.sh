#!/usr/bin/env bash
# Checks one event and its receipt without glasskey, step by step, with standard tools only.
# Needs: bash, jq, openssl, xxd, base64 (GNU coreutils).
#
#   glasskey ledger export --format jsonl > ledger.jsonl
#   docs/verify-receipt.sh ledger.jsonl NUMBER-OF-THE-EVENT
#
# What it proves: the key that was enrolled by an earlier event (or by this one) signed this event, as it stands here
# and with all that stands before it. The format: docs/ledger.md.
set -euo pipefail

export LC_ALL=C
file=$1 number=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() { echo "NOT GOOD: $*" >&2; exit 1; }
member() { jq -r --argjson n "$number" "select(.seq == \$n) | $1 // empty" "$file"; }
# Base64url without padding to bytes.
unbase64() { local t; t=$(tr -- '-_' '+/'); while ((${#t} % 4)); do t+='='; done; printf %s "$t" | base64 -d; }
sha256() { openssl dgst -sha256 -r | cut -d' ' -f1; }

[ -n "$(member .seq)" ] || die "there is no event $number"
[ -n "$(member .receipt.signature)" ] || die "event $number has no receipt"

echo "1. The seal is SHA-256 over 'glasskey/event/1', the hash of the event before, and the body."
member .body | tr -d '\n' >"$work/body"
seal=$({ printf 'glasskey/event/1'; member .prev | xxd -r -p; cat "$work/body"; } | sha256)
[ "$seal" = "$(member .seal)" ] || die "the body is not the one that was sealed"
echo "   $seal"

echo "2. The hash is SHA-256 over the seal and the receipt's canonical JSON; the event before has the hash that is chained."
hash=$({ printf %s "$seal" | xxd -r -p; member '.receipt | {auth_data, client_data, credential_id, signature} | tojson' | tr -d '\n'; } | sha256)
[ "$hash" = "$(member .hash)" ] || die "the receipt is not the one that was chained"
before=$(jq -r --argjson n "$number" 'select(.seq == $n - 1) | .hash' "$file")
[ "$(member .prev)" = "${before:-$(printf '0%.0s' {1..64})}" ] || die "the event is not chained to the one before"
echo "   $hash"

echo "3. The key: the custody credential that an event up to this one enrolled, with its public key (COSE, P-256)."
credential=$(member .receipt.credential_id)
enrolled=$(jq -r --argjson n "$number" 'select(.seq <= $n and .kind == "enrolled") | .body' "$file" |
    jq -c --arg id "$credential" 'select(.event.custody.credential_id == $id) | .event')
[ -n "$enrolled" ] || die "no key with the credential $credential was enrolled"
cose=$(jq -r .custody.public_key <<<"$enrolled" | tr -d '\n' | unbase64 | xxd -p | tr -d '\n')
x=$(sed -n 's/.*215820\(.\{64\}\).*/\1/p' <<<"$cose") y=$(sed -n 's/.*225820\(.\{64\}\).*/\1/p' <<<"$cose")
[ -n "$x" ] && [ -n "$y" ] || die "the public key is no point on P-256"
# The DER head of a P-256 public key, then the point.
printf '3059301306072a8648ce3d020106082a8648ce3d03010703420004%s%s' "$x" "$y" | xxd -r -p >"$work/key.der"
openssl pkey -pubin -inform DER -in "$work/key.der" -out "$work/key.pem" || die "the public key is no key"
echo "   enrolled as $(jq -r .label <<<"$enrolled" | tr -cd '[:print:]')"

echo "4. What was signed: the client data with the seal as its challenge, for the custody relying party."
member .receipt.client_data | tr -d '\n' | unbase64 >"$work/client_data"
rp=$(jq -r .custody.rp_id <<<"$enrolled")
challenge=$(jq -r .challenge "$work/client_data" | tr -d '\n' | unbase64 | xxd -p | tr -d '\n')
[ "$challenge" = "$seal" ] || die "the challenge is not the seal"
[ "$(jq -r .type "$work/client_data")" = webauthn.get ] || die "it is no assertion"
[ "$(jq -r .origin "$work/client_data")" = "https://$rp" ] || die "it was made for another site"

echo "5. The authenticator data: the relying party's hash, and the flags UP (touched) and UV (PIN) and no others."
member .receipt.auth_data | tr -d '\n' | unbase64 >"$work/auth_data"
auth_data=$(xxd -p "$work/auth_data" | tr -d '\n')
[ ${#auth_data} = 74 ] || die "the authenticator data is not 37 bytes"
[ "${auth_data:0:64}" = "$(printf %s "$rp" | sha256)" ] || die "it was made for another relying party"
[ "${auth_data:64:2}" = 05 ] || die "the flags are 0x${auth_data:64:2}, not 0x05"
echo "   signature counter $((16#${auth_data:66:8}))"

echo "6. The signature: ECDSA with SHA-256 over the authenticator data and the SHA-256 of the client data."
member .receipt.signature | tr -d '\n' | unbase64 >"$work/signature"
{ cat "$work/auth_data"; openssl dgst -sha256 -binary "$work/client_data"; } >"$work/signed"
openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/signature" "$work/signed" >"$work/said" ||
    die "the signature is not this key's"
echo "   $(cat "$work/said")"
echo "GOOD: event $number was signed by this key."
