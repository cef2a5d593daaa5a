#!/bin/sh
# Installs those of the named Debian packages that are missing, and says so. Elsewhere than on Debian it says what to install.
set -eu
missing=
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "These are needed; install what your system calls them:$missing" >&2
    exit 0
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "Installing missing Debian packages:$missing" >&2
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
