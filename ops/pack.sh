#!/bin/bash
# The binding as a package for npm, with a prebuilt addon. usage: npm run pack [-- FOLDER]   (.cache/package)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh build
exec node dist/ops/package/pack.js "$@"
