#!/bin/bash
# Ten thousand calls and an event, a stream, a deadline of every kind of theirs under valgrind: minutes, so npm test leaves it out.
# Node itself is no subject: only errors with the addon or libvirt in their stack count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh test
command -v valgrind >/dev/null || {
  echo 'test-addon-valgrind: valgrind is missing; Debian and Ubuntu: apt-get install valgrind' >&2
  exit 1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
nice valgrind --tool=memcheck --leak-check=no --smc-check=all-non-file --num-callers=30 --log-file="$log" \
  node --jitless dist/ops/testing/ten-thousand-calls.js
# Blocks of a report are parted by lines with nothing but the process number.
awk 'BEGIN { RS = "==[0-9]+== \n"; bad = 0 }
  /Invalid|uninitialised|Mismatched|overlap/ && /novalet|libvirt/ { print; bad++ }
  END { if (bad) { print bad " errors with the addon or libvirt in their stack"; exit 1 } }' "$log"
echo "test-addon-valgrind: all good, in $SECONDS s; Node's own included: $(grep -o 'ERROR SUMMARY: .* contexts' "$log" | tail -1)"
