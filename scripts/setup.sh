#!/usr/bin/env bash
# Makes .venv with pinned packages, and sees that Tesseract and its data are there.
#
#     scripts/setup.sh serve    what the service needs
#     scripts/setup.sh dev      that and what tests and checks need, Chromium among it
#     scripts/setup.sh easyocr  what the service needs, and EasyOCR with Torch: 5.6 GB, about a minute
#
# Does nothing when all is in place, so it may run before every start.
set -euo pipefail
cd "$(dirname "$0")/.."
pins="requirements/$1.txt"

say() { printf '%s\n' "$*" >&2; }

# Install Debian packages as root, through sudo, or not at all but with a sentence.
system_install() {
    local run=()
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            run=(sudo)
        else
            say "Missing system packages: $*. Ask an administrator for: apt-get install $*"
            exit 1
        fi
    fi
    if ! command -v apt-get >/dev/null; then
        say "Missing: $*. Install them by your system's package manager and try again."
        exit 1
    fi
    say "Installing $* ..."
    "${run[@]}" apt-get update -qq
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Install Redis for the tests, which are skipped without it. No service is started and none is left enabled:
# the tests run their own.
offer_redis() {
    local policy=/usr/sbin/policy-rc.d ours=""
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "redis-server is missing: tests of the shared cache will be skipped."
        return
    fi
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; ours=1; }
    (system_install redis-server) || say "redis-server is not to be had: tests of the shared cache will be skipped."
    [ -z "$ours" ] || rm -f "$policy"
    ! command -v systemctl >/dev/null || systemctl disable --quiet redis-server 2>/dev/null || true
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

missing=()
languages=$(tesseract --list-langs 2>/dev/null || true)
[ -n "$languages" ] || missing+=(tesseract-ocr)
for language in eng tur; do
    grep -qx "$language" <<<"$languages" || missing+=("tesseract-ocr-$language")
done
[ ${#missing[@]} = 0 ] || system_install "${missing[@]}"
if [ "$1" = dev ] && ! command -v chromium >/dev/null; then
    (system_install chromium) || say "Without Chromium the tests of the web page are skipped."
fi

[ "$1" != dev ] || command -v redis-server >/dev/null || offer_redis

python=$(find_python)
if [ -z "$python" ]; then
    system_install python3 python3-venv
    python=$(find_python)
fi
[ -n "$python" ] || { say "Python 3.11, 3.12 or 3.13 is needed."; exit 1; }

stamp=$(cat pyproject.toml "$pins" | sha256sum)
if [ "$(cat ".venv/$1.stamp" 2>/dev/null)" != "$stamp" ]; then
    "$python" -c 'import ensurepip' 2>/dev/null || system_install python3-venv
    say "Installing Python packages into .venv ..."
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$pins"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
    echo "$stamp" >".venv/$1.stamp"
fi
