#!/bin/bash
# From a message on the queue to a guest that speaks on its console, on private daemons.
# npm run demo [-- --keep | --stop]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh demo
exec node dist/ops/demo/main.js "$@"
