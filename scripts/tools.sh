#!/usr/bin/env bash
# Fetches what tests and checks use and what is no Python package, each where its language is
# present: grpcurl and compose-go by Go, buf, Node's gRPC and axe-core by npm. What is missing is said and its use is skipped.
#
#     scripts/tools.sh PATH_OF_GRPCURL PATH_OF_BUF
set -euo pipefail
cd "$(dirname "$0")/.."
grpcurl=$1 buf=$2 bin=$PWD/$(dirname "$1")

if [ ! -x "$grpcurl" ]; then
    if command -v go >/dev/null; then
        GOBIN="$bin" GOFLAGS=-mod=mod go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
    else
        echo "grpcurl is not here and neither is Go: tests that use it will be skipped." >&2
    fi
fi
if [ ! -x "$bin/compose-go" ] && command -v go >/dev/null; then # Compose's own reader of its files
    GOBIN="$bin/compose" GOFLAGS=-mod=mod go install github.com/compose-spec/compose-go/v2/cmd@v2.16.2
    mv "$bin/compose/cmd" "$bin/compose-go" && rmdir "$bin/compose"
fi
npm=${buf%/.bin/*}
if [ ! -x "$buf" ] || [ ! -d "$npm/axe-core" ]; then
    if command -v npm >/dev/null; then
        npm install --silent --no-fund --no-audit --no-save --prefix "${npm%/node_modules}" \
            @bufbuild/buf@1.75.0 @grpc/grpc-js@1.14.0 @grpc/proto-loader@0.8.0 axe-core@4.14.1
    else
        echo "buf or axe-core is not here and neither is npm: checks of the contract, of Node's client and of the" \
            "page's accessibility will be skipped." >&2
    fi
fi
