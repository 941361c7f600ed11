#!/bin/bash
# What the worker costs on top of libvirt, both measured in one run: docs/benchmarks.md.
# With "binding": the binding beside C and libvirt-python: bindings/README.md.
# With "oslo": the bridge beside oslo.messaging's own server.
# usage: npm run bench -- [binding|oslo] [--quick] [--json FILE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh bench
if [ "${1:-}" = binding ]; then
  shift
  exec node dist/test/bench/binding/main.js "$@"
fi
if [ "${1:-}" = oslo ]; then
  shift
  exec node dist/test/bench/oslo/main.js "$@"
fi
exec node dist/test/bench/main.js "$@"
