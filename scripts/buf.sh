#!/usr/bin/env bash
# Lints the contract, checks its format, and that it breaks nothing on main: scripts/buf.sh PATH_OF_BUF
set -euo pipefail
cd "$(dirname "$0")/.."
buf=$1

if [ ! -x "$buf" ]; then
    echo "buf is not here: the contract was not checked." >&2
    exit 0
fi
"$buf" lint
"$buf" format --diff --exit-code
for main in origin/main main; do
    if git rev-parse --verify --quiet "$main:buf.yaml" >/dev/null; then
        "$buf" breaking --against ".git#ref=$(git rev-parse "$main")"
        break
    fi
done
