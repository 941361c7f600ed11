#!/bin/bash
# From sources to dist/: generator, generated binding, addon, everything else. Quick when nothing changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ops/setup/progress.sh
PATH=$PWD/node_modules/.bin:$PATH
command -v tsc >/dev/null || { echo 'build: TypeScript is not installed here: npm run setup' >&2; exit 1; }

STAMP=.cache/built
# Directories count too: a file that went changes its directory.
SOURCES=(package-lock.json buf.yaml buf.gen.yaml tsconfig.base.json tsconfig.json generator bindings/binding.gyp bindings/addon.gypi bindings/build-addon.mjs
  bindings/package.json bindings/tsconfig.json bindings/src bindings/lib bindings/examples services ops test)

# The libvirt that the binding is generated from, and the Node that it is built with.
built_with() { echo "libvirt $(pkg-config --modversion libvirt), Node $(node --version)"; }

unchanged() {
  [ -f "$STAMP" ] && [ -d dist/services ] && [ -d bindings/dist ] && [ -d bindings/generated ] || return 1
  [ "$(cat "$STAMP")" = "$(built_with)" ] || return 1
  [ -z "$(find "${SOURCES[@]}" -newer "$STAMP" -print -quit 2>&1)" ]
}

mkdir -p .cache
exec 7>.cache/build.lock
flock -n 7 || { echo 'build: another one is under way in this clone; waiting for it' >&2; flock 7; }
if unchanged; then exit 0; fi

# The stamp has the time of the beginning: what is saved while the build runs belongs to the next one.
new_stamp=$(mktemp .cache/built.XXXXXX)
trap 'rm -f "$new_stamp"' EXIT
built_with >"$new_stamp"

generate() { tsc -b generator && node dist/generator/cli.js --out bindings/generated; }
compile() { tsc -b && node ops/setup/remove-orphans.mjs; }

echo 'build:' >&2
with_progress "the binding, generated from libvirt's function list" generate
with_progress 'the addon' node bindings/build-addon.mjs
with_progress 'the API, from its protobuf files' bash ops/proto.sh
with_progress 'TypeScript' compile
mv "$new_stamp" "$STAMP"
