#!/bin/bash
# nova's own client code, for tests: Debian's packages of python3-nova and of what it imports, fetched and unpacked into .cache/nova-client, 6 MB to fetch.
# Nothing is installed: as a package nova brings two hundred others, with services. Prints the directory for PYTHONPATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Of its 220 packages those whose modules nova.rpc, nova.objects and nova.compute.rpcapi import, less those that python3-oslo.messaging brings.
PACKAGES='python3-nova python3-alembic python3-appdirs python3-attr python3-barbicanclient python3-castellan python3-cursive python3-dogpile.cache
  python3-glanceclient python3-jaraco.classes python3-jmespath python3-json-pointer python3-jsonpatch python3-jsonschema python3-keyring
  python3-keystoneauth1 python3-mako python3-munch python3-openstacksdk python3-os-resource-classes python3-os-service-types python3-os-traits
  python3-oslo.cache python3-oslo.db python3-oslo.limit python3-oslo.policy python3-oslo.versionedobjects python3-prettytable python3-pyrsistent
  python3-requestsexceptions python3-retrying python3-simplejson python3-sqlalchemy python3-warlock python3-wcwidth'
CLIENT=$PWD/.cache/nova-client
LIBRARY=$CLIENT/usr/lib/python3/dist-packages

usable() { PYTHONPATH=$LIBRARY /usr/bin/python3 -c 'import nova.objects, nova.compute.rpcapi' 2>&1; }

mkdir -p .cache
exec 9>.cache/nova-client.lock
flock 9 # one at a time, and the others find it there
if [ ! -d "$CLIENT" ] || ! usable >/dev/null; then
  work=$(mktemp -d .cache/nova-client.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/packages" "$work/root"
  (cd "$work/packages" && timeout 120 apt-get -q -q -o Acquire::Retries=1 -o APT::Sandbox::User="$(id -un)" download $PACKAGES) >&2
  for package in "$work"/packages/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/root" --exclude=locale --exclude=tests ./usr/lib/python3
  done
  rm -rf "$CLIENT"
  mv "$work/root" "$CLIENT"
  why=$(usable) || { echo "nova's client is unpacked and cannot be used: ${why##*$'\n'}" >&2; exit 1; }
fi
echo "$LIBRARY"
