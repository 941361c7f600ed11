#!/bin/bash
# Unpacks Debian's cloud kernel and static busybox under .cache/guest/debian; installs nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
  echo "$1" >&2
  exit 1
}
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'apt-get and dpkg-deb are needed: this is not a Debian'
architecture=$(dpkg --print-architecture)
[ "$architecture" = amd64 ] || fail "the guest is made for amd64; this is $architecture"

kernel_package() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { if (!n++) print $2 }'; }
if [ -z "$(kernel_package)" ]; then
  if [ "$(id -u)" = 0 ]; then apt-get -q update; else sudo -n apt-get -q update; fi || fail 'apt knows of no linux-image-cloud-amd64: run apt-get update as root'
fi

work=$(mktemp -d .cache/unpack.XXXXXX)
trap 'rm -rf "$work"' EXIT
unsandboxed=() # apt's own user may not be able to write here
if [ "$(id -u)" = 0 ]; then unsandboxed=(-o APT::Sandbox::User=root); fi
download() { (cd "$work" && apt-get -q "${unsandboxed[@]}" download "$(kernel_package)" busybox-static); }
# Lists that are older than the archive name a file that is gone.
download || { if [ "$(id -u)" = 0 ]; then apt-get -q update; else sudo -n apt-get -q update; fi && download; }

for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
version=$(ls "$work/root/lib/modules")
mkdir -p "$work/debian/modules"
cp "$work/root/boot/vmlinuz-$version" "$work/debian/vmlinuz"
cp "$work/root/bin/busybox" "$work/debian/busybox"
# What the guest needs to see its disk and its power button, in the order in which the modules build on each other.
for module in virtio/virtio_ring virtio/virtio virtio/virtio_pci_legacy_dev virtio/virtio_pci_modern_dev virtio/virtio_pci block/virtio_blk \
  acpi/button input/evdev; do
  file=$work/root/lib/modules/$version/kernel/drivers/$module.ko
  if [ ! -f "$file" ]; then continue; fi # built into this kernel
  cp "$file" "$work/debian/modules/"
  basename "$file" >>"$work/debian/modules/order"
done
echo "$version" >"$work/debian/complete"
mkdir -p .cache/guest
rm -rf .cache/guest/debian
mv "$work/debian" .cache/guest/debian
