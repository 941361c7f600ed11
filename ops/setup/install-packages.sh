#!/bin/bash
# Installs Debian packages without starting, now or at the next boot, the services that come with them. Needs root.
# usage: install-packages.sh PACKAGE...
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

POLICY=/usr/sbin/policy-rc.d
MARK='# written by novalet for the time of an installation'
SYSTEMD_UNITS=/lib/systemd/system

# One at a time on the whole machine: two would quarrel over the policy file.
exec 9>/run/lock/novalet-install-packages
flock -n 9 || { echo 'another installation of novalet is under way: waiting for it'; flock 9; }

# Debian asks this script whether a package may start its service. One that is there already has its own reason.
if [ ! -e "$POLICY" ] || grep -qxF "$MARK" "$POLICY"; then
  trap 'rm -f "$POLICY"' EXIT
  printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" >"$POLICY"
  chmod 755 "$POLICY"
fi

# apt waits for dpkg's lock by itself, not for that of the package lists.
apt() {
  local output
  for _ in $(seq 200); do
    if output=$(apt-get -q -y -o DPkg::Lock::Timeout=600 -o APT::Update::Error-Mode=any "$@" 2>&1 | tee /dev/fd/3); then return 0; fi
    grep -q 'Could not get lock' <<<"$output" || return 1
    echo 'another program holds the package lists: waiting for it'
    sleep 3
  done
  return 1
}
exec 3>&1

units() { ls "$SYSTEMD_UNITS" 2>/dev/null | sort; }
before=$(units)
install() { apt install --no-install-recommends "$@"; }

# Lists that are missing or old show themselves by the first attempt's failure.
known() { [ "$(apt-cache --no-all-versions show "$@" 2>/dev/null | grep -c '^Package: ')" -ge "$#" ]; }
if ! known "$@"; then apt update && install "$@"; else install "$@" || { apt update && install "$@"; }; fi

# Debian enables a new service for the next boot as well. These are here for their programs only.
if [ -d /run/systemd/system ]; then
  comm -13 <(echo "$before") <(units) | while read -r unit; do systemctl --quiet disable "$unit" 2>/dev/null || true; done
fi
