#!/bin/bash
# The chaos suite: seeded commands and faults against a real worker, broker and libvirt. docs/reliability.md
# usage: npm run test:chaos -- [--seeds N] [--from N] [--driver test|qemu] [--jobs N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh test
exec node dist/test/chaos/main.js "$@"
