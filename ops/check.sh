#!/bin/bash
# Types, linter, formatting of TypeScript and C++, and what nobody uses. Says how to put right what it finds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh check
. ops/cxx-files.sh
PATH=$PWD/node_modules/.bin:$PATH

failed=()
npm_would_install() { npm ci --dry-run --loglevel=error >/dev/null; }
api_lint() { bash ops/proto.sh stage && buf lint && buf format --diff --exit-code services/common/proto; }
look() { # look WHAT REMEDY COMMAND...
  local what=$1 remedy=$2 began=$SECONDS
  shift 2
  if "$@"; then echo "check: $what: good ($((SECONDS - began)) s)"; else failed+=("$what: $remedy"); fi
}

# npm leaves parts for other systems out of the lock file when it cannot see them; npm ci on a clean clone then refuses it.
look 'lock file' 'see what npm ci --dry-run misses' npm_would_install
look 'API lint' 'see above; npm run format puts right what it can' api_lint
look 'API compatibility' 'see above: what was published stays as it was; what is meant is added to the baseline by ops/proto.sh baseline' bash ops/proto.sh breaking
look types 'see the errors above' tsc -b
look linter 'see above; npm run format puts right what it can' eslint --cache --cache-location .cache/eslint .
look 'TypeScript format' 'npm run format' prettier --check --log-level warn --cache --cache-location .cache/prettier .
look 'C++ format' 'npm run format' clang-format --dry-run --Werror "${CXX_FILES[@]}"
look 'unused files, exports and packages' 'remove them, or name their use in knip.json' knip --no-progress

if [ "${#failed[@]}" -gt 0 ]; then
  printf 'check: NOT good: %s\n' "${failed[@]}" >&2
  exit 1
fi
