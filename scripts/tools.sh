#!/usr/bin/env bash
# Fetches the tools that tests and checks use and that are no Python packages, each where its
# language is present: grpcurl by Go, buf by npm. What is missing is said and its use is skipped.
#
#     scripts/tools.sh PATH_OF_GRPCURL PATH_OF_BUF
set -euo pipefail
cd "$(dirname "$0")/.."
grpcurl=$1 buf=$2

if [ ! -x "$grpcurl" ]; then
    if command -v go >/dev/null; then
        GOBIN="$PWD/$(dirname "$grpcurl")" GOFLAGS=-mod=mod go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
    else
        echo "grpcurl is not here and neither is Go: tests that use it will be skipped." >&2
    fi
fi
if [ ! -x "$buf" ]; then
    if command -v npm >/dev/null; then
        npm install --silent --no-fund --no-audit --no-save --prefix "${buf%/node_modules/*}" @bufbuild/buf@1.75.0
    else
        echo "buf is not here and neither is npm: checks of the contract will be skipped." >&2
    fi
fi
