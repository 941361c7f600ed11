#!/bin/bash
# Puts right what npm run check finds and a program can put right.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh check
. ops/cxx-files.sh
PATH=$PWD/node_modules/.bin:$PATH

eslint --fix . || true # what is left, npm run check tells
buf format -w services/common/proto
prettier --write --log-level warn .
clang-format -i "${CXX_FILES[@]}"
