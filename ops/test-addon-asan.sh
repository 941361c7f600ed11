#!/bin/bash
# The tests of the binding once more with the addon built under AddressSanitizer: a use after free, or a race that leads to one, ends the run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash ops/setup.sh test

node bindings/build-addon.mjs --asan
asan=$(g++ -print-file-name=libasan.so)
case $asan in
  /*) ;;
  *)
    echo 'test-addon-asan: libasan.so is not there; Debian has it in the package libgcc-12-dev (with g++)' >&2
    exit 1
    ;;
esac
# The sanitizer looks for the functions that it wraps when it starts; libvirt, which comes later, brings libtirpc's.
# (awk reads to the end: a pipe that breaks would end this script.)
tirpc=$(ldconfig -p | awk '!found && /libtirpc\.so/ { print $NF; found = 1 }')

# Leaks are not looked for: Node, libvirt and our own threads leave at exit what the system takes back anyway.
export ASAN_OPTIONS=detect_leaks=0:exitcode=99
export NOVALET_LIBVIRT_ADDON=$PWD/bindings/asan/build/Release/novalet_libvirt.node
LD_PRELOAD="$asan $tirpc" exec node --test --test-concurrency=2 --test-timeout=120000 --test-reporter=spec dist/test/{bindings,differential,examples}/*.test.js
