import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { open, type virConnect, type virDomain } from '@novalet/libvirt';
import type { Libvirtd } from '../../../ops/private/libvirtd.js';

const run = promisify(execFile);

/** A guest without a system on a private daemon: two CPUs, an I/O thread, a network card, and a disk of 16 MiB that begins with "novalet". */
export async function runGuest(libvirtd: Libvirtd): Promise<{ conn: virConnect; domain: virDomain; disk: string }> {
  const disk = `${libvirtd.directory}/guest.raw`;
  await libvirtd.supervisor.write(disk, 'novalet');
  await libvirtd.supervisor.run('truncate', ['-s', '16M', disk]);
  const conn = await open(libvirtd.qemuUri);
  const domain = await conn.defineXML(`
    <domain type="qemu"><name>guest</name><memory>32768</memory><vcpu>2</vcpu><iothreads>1</iothreads>
      <os><type arch="x86_64" machine="pc">hvm</type></os>
      <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
        <disk type="file"><driver name="qemu" type="raw"/><source file="${disk}"/><target dev="vda" bus="virtio"/></disk>
        <interface type="user"><mac address="52:54:00:00:00:01"/><model type="virtio"/></interface>
        <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
        <memballoon model="virtio"/></devices></domain>`);
  await domain.create();
  return { conn, domain, disk };
}

/** What libvirt-python gives for an expression of `conn` and `domain`, as JSON; None is null, bytes are hexadecimal. */
export async function askPython(uri: string, expression: string): Promise<unknown> {
  const script = `
import json, sys, libvirt
conn = libvirt.open(sys.argv[1])
domain = conn.listAllDomains()[0]
print(json.dumps(${expression}, default=lambda value: value.hex()))`;
  const { stdout } = await run('/usr/bin/python3', ['-c', script, uri], { timeout: 30_000 });
  return JSON.parse(stdout);
}
