import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildGuest, GUEST_CMDLINE, GUEST_MEMORY_MIB, GUEST_UP } from '../../../ops/guest/build-guest.js';
import { copyForUser } from '../../../ops/private/copy-for-user.js';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { withLibvirtd } from '../../support/with-libvirtd.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

const domainXml = (directory: string, kernel: string, initrd: string): string => `<domain type='qemu'><name>tiny</name>
<memory unit='MiB'>${GUEST_MEMORY_MIB}</memory><vcpu>1</vcpu><features><acpi/></features>
<os><type arch='x86_64' machine='q35'>hvm</type><kernel>${directory}/${kernel}</kernel><initrd>${directory}/${initrd}</initrd>
<cmdline>${GUEST_CMDLINE} hostname=tiny</cmdline></os>
<devices><serial type='file'><source path='${directory}/console'/></serial></devices></domain>`;

test('the guest says on its console that it is up, and goes when its power button is pressed', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const { directory, kernel, initrd } = await buildGuest(root);
  await copyForUser(libvirtd.supervisor.user, directory, [kernel, initrd], libvirtd.directory);
  await libvirtd.supervisor.write(join(libvirtd.directory, 'tiny.xml'), domainXml(libvirtd.directory, kernel, initrd));
  await libvirtd.virsh(['create', join(libvirtd.directory, 'tiny.xml')]);

  const words = async (): Promise<string> => readFile(join(libvirtd.directory, 'console'), 'utf8');
  const up = await waitUntil('the guest being up', async () => GUEST_UP.exec(await words()) ?? undefined, { timeoutMs: 90_000 });
  assert.equal(up.groups?.['hostname'], 'tiny');

  await libvirtd.virsh(['shutdown', 'tiny']);
  await waitUntil('the guest being gone', async () => (await libvirtd.virsh(['list', '--all', '--name'])).trim() === '');
  assert.match(await words(), /GUEST-POWERBUTTON/);
});
