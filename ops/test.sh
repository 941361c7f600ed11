#!/bin/bash
# All tests, or the compiled test files and node --test options that are given: npm test -- dist/test/ops/setup.test.js
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh test

code=0
node dist/ops/testing/run-tests.js "$@" || code=$?
if [ $# = 0 ]; then
  echo 'test: the addon once more, under AddressSanitizer'
  bash ops/test-addon-asan.sh || code=$?
fi
if [ "$code" = 0 ]; then echo 'test: all good'; else echo 'test: NOT good, see above' >&2; fi
exit "$code"
