#!/bin/bash
# What the worker costs on top of libvirt, both measured in one run: docs/benchmarks.md.
# usage: npm run bench -- [--quick] [--json FILE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh bench
exec node dist/test/bench/main.js "$@"
