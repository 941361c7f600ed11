#!/bin/bash
# Brings what is missing for a purpose: Debian packages, a kernel and a busybox for the demo's guest, npm's packages, the build.
# usage: ops/setup.sh [build|demo|test|check|bench|all]...   (all)
# SETUP_SKIP_PACKAGES=1 leaves Debian's packages alone, where what they hold came by another way.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ops/setup/packages.sh
. ops/setup/progress.sh

purposes=("$@")
if [ $# = 0 ] || [[ " $* " == *' all '* ]]; then purposes=(build demo test check bench); fi
wants() { [[ " ${purposes[*]} " == *" $1 "* ]]; }

# ---- Node
node_version=$(node --version 2>/dev/null || echo none)
node_major=${node_version#v}
node_major=${node_major%%.*}
if [ "$node_version" = none ] || [ "$node_major" -lt 20 ]; then
  echo "setup: novalet needs Node 20 or newer; here is $node_version. See https://nodejs.org/en/download" >&2
  exit 1
fi

# ---- one at a time in this clone; what is started here holds the lock too, so that a killed set-up's rest is waited for
mkdir -p .cache
exec 8>.cache/setup.lock
flock -n 8 || { echo 'setup: another one is under way in this clone; waiting for it' >&2; flock 8; }

# ---- Debian's packages
needed=$(for purpose in "${purposes[@]}"; do packages_for "$purpose" || exit; done | awk '!seen[$0]++')
missing=
if [ "${SETUP_SKIP_PACKAGES:-}" != 1 ]; then missing=$(missing_of $needed | tr '\n' ' '); fi

cannot() {
  cat >&2 <<MESSAGE
setup: these Debian packages are missing, and $1:
  ${missing% }
As root, and without starting their services:
  apt-get install --no-install-recommends ${missing% }
Where they came by another way, set SETUP_SKIP_PACKAGES=1.
MESSAGE
  exit 1
}

if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || cannot 'there is no apt-get here'
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || cannot 'only root can install them'
    as_root=(sudo -n)
  fi
  echo "setup: installing Debian packages (their services are not started):" >&2
  printf '    %s\n' $missing >&2
  with_progress 'apt-get install' "${as_root[@]}" bash ops/setup/install-packages.sh $missing || cannot 'their installation failed'
fi

# ---- a kernel and a busybox for the guest: unpacked, never installed
if wants demo || wants test; then
  [ -f .cache/guest/debian/complete ] || with_progress "Debian's kernel and busybox for the guest" bash ops/guest/unpack-debian.sh
fi

# ---- npm's packages
if ! why=$(node ops/setup/dependencies-installed.mjs 2>&1); then
  echo "setup: npm ci, because of node_modules: $why" >&2
  # Headers for what is compiled come from the running Node where it has them; nothing is downloaded for that.
  prefix=$(dirname "$(dirname "$(node -p 'process.execPath')")")
  if [ -f "$prefix/include/node/node_api.h" ]; then export npm_config_nodedir=$prefix; fi
  ci() { npm ci --no-audit --no-fund --loglevel=error || { echo 'once more'; npm ci --no-audit --no-fund; }; }
  with_progress 'npm ci' ci
  node -p 'process.versions.modules' | tr -d '\n' >node_modules/.novalet-node-abi
fi

# ---- the build
bash ops/build.sh
