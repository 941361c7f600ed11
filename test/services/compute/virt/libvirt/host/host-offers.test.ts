import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VIR_ERR_INVALID_ARG, VIR_ERR_NO_SUPPORT } from '../../../../../../services/compute/virt/libvirt/libvirt-failure.js';
import { PretendedError } from '../pretended-libvirt.js';
import { workbench } from '../workbench.js';
import { DOMAIN_CAPABILITIES } from './offers.js';

const asked = (calls: readonly string[]) => calls.filter((call) => call === 'domainCapabilities').length;

const REFUSED: [object, string, RegExp][] = [
  [{ firmware: 'uefi' }, 'firmware', /no firmware efi .*; it has none$/],
  [{ cpu: { mode: 'host-passthrough' } }, 'cpu.mode', /no CPU mode host-passthrough .*; it has maximum, host-model, custom$/],
  [{ cpu: { mode: 'custom', model: 'Skylake-Server' } }, 'cpu.model', /no usable CPU model Skylake-Server .*; it has Nehalem$/],
  [{ disks: [{ sizeMiB: 1, bus: 'scsi' }] }, 'disks[0].bus', /no disk bus scsi .*; it has virtio, sata$/],
  [{ iothreads: 1 }, 'iothreads', /no iothreads/],
  [{ vmcoreinfo: true }, 'vmcoreinfo', /no vmcoreinfo/],
  [{ devices: { vnc: 'on' } }, 'devices.vnc', /no graphics vnc/],
  [{ devices: { video: 'bochs' } }, 'devices.video', /no video model bochs .*; it has vga$/],
];

for (const [wish, field, message] of REFUSED) {
  test(`refused before anything is made, with field and offer: ${JSON.stringify(wish)}`, async (t) => {
    const { libvirt, driver, request, files } = workbench(t);
    libvirt.domainCapabilities = () => DOMAIN_CAPABILITIES;
    const wanted = { kind: 'unsupported', message, details: { field: `instance.${field}`, step: 'images' } };
    await assert.rejects(driver.spawn(request(wish)), wanted);
    assert.deepEqual([libvirt.domains.size, files()], [0, []]);
  });
}

test('what the hypervisor says is asked once, and again after a reconnect', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.domainCapabilities = () => DOMAIN_CAPABILITIES;
  for (let i = 0; i < 3; i++) await driver.spawn(request({ cpu: { mode: 'maximum' } }));
  assert.equal(asked(libvirt.calls), 1);
  libvirt.stop();
  libvirt.start();
  libvirt.domainCapabilities = () =>
    DOMAIN_CAPABILITIES.replace("mode name='maximum' supported='yes'", "mode name='maximum' supported='no'");
  const refused = () =>
    driver.spawn(request({ cpu: { mode: 'maximum' } })).then(
      () => false,
      (error: unknown) => (error as { kind: string }).kind === 'unsupported',
    );
  while (!(await refused()));
});

test('a hypervisor that does not say what it has is left to say no itself', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.domainCapabilities = () => {
    throw new PretendedError(VIR_ERR_NO_SUPPORT);
  };
  await driver.spawn(request({ cpu: { mode: 'host-passthrough' }, iothreads: 2 }));
});

test('a machine that the host does not have is refused by its field', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.domainCapabilities = (machine) => {
    if (machine === 'pc') throw new PretendedError(VIR_ERR_INVALID_ARG);
    return DOMAIN_CAPABILITIES;
  };
  await driver.spawn(request());
  await assert.rejects(driver.spawn(request({ machine: 'pc' })), {
    kind: 'unsupported',
    details: { field: 'instance.machine', step: 'images' },
  });
});

test('a plain spawn asks the hypervisor nothing more', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.next('domainCapabilities', 'hang');
  await driver.spawn(request({ disks: [{ sizeMiB: 1 }] }));
});

test('a network that libvirt does not have, or that is down, is refused by its field before anything is made', async (t) => {
  const { libvirt, driver, request, files } = workbench(t);
  libvirt.networks = { default: true, lab: false };
  const on = (network: string) => driver.spawn(request({ interfaces: [{ kind: 'network', network }] }));
  const refused = (message: RegExp) => ({
    kind: 'precondition',
    message,
    details: { field: 'instance.interfaces[0].network', step: 'images' },
  });
  await assert.rejects(on('nope'), refused(/no network nope; it has default, lab$/));
  await assert.rejects(on('lab'), refused(/lab is down; virsh net-start lab$/));
  assert.deepEqual([libvirt.domains.size, files()], [0, []]);
  await on('default');
});
