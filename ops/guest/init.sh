#!/bin/busybox sh
# The guest's first and only program: says that it is up, and ends it all when the power button is pressed.
/bin/busybox mkdir -p /proc /sys /dev /usr/bin /usr/sbin /sbin
/bin/busybox --install -s
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
exec </dev/console >/dev/console 2>&1
for module in $(cat /modules/order 2>/dev/null); do insmod "/modules/$module"; done

memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
disks=$(cd /sys/block && ls -d vd* 2>/dev/null | tr '\n' ' ')
echo "GUEST-UP hostname=$(hostname) uptime=$(cut -d' ' -f1 /proc/uptime)s memory=${memory}MiB cpus=$(nproc) disks=${disks:-none} kernel=$(uname -r)"

acpid -d -l /dev/null >/dev/null 2>&1 &
# A shell for whoever attaches to the console; another when it is left.
while :; do
  setsid cttyhack sh
  sleep 1
done
