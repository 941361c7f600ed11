#!/bin/bash
# Who offers each function of libvirt to JavaScript: generated, by hand, or nobody, with the reason and totals.
# Options are passed on: --all, --json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash ops/setup.sh build >&2
exec node dist/generator/coverage.js "$@"
