import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { ComputeError } from '../../../../../../services/common/errors.js';
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

test('a CPU feature that libvirt does not know is refused by its field, one that the host lacks where the host is the model', async (t) => {
  const { libvirt, driver, request, files } = workbench(t);
  libvirt.cpuFeatures = { aes: true, vmx: false };
  const spawn = (features: string[], mode?: string) => driver.spawn(request({ cpu: { features, ...(mode && { mode }) } }));
  const refused = (message: RegExp) => ({
    kind: 'unsupported',
    message,
    details: { field: 'instance.cpu.features[1]', step: 'images' },
  });
  await assert.rejects(spawn(['+aes', '+nope']), refused(/knows no CPU feature nope;/));
  await assert.rejects(spawn(['+aes', '-nope']), refused(/knows no CPU feature nope;/));
  await assert.rejects(spawn(['+aes', '+vmx'], 'host-model'), refused(/CPU has no feature vmx/));
  assert.deepEqual([libvirt.domains.size, files()], [0, []]);
  await spawn(['+aes', '+vmx']);
  await spawn(['+aes', '-vmx'], 'host-model');
  assert.equal(libvirt.calls.filter((call) => call === 'compareCPU').length, 3);
});

test('what libvirt cannot compare is left to it, and what it does not answer to its deadline', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  const spawn = (feature: string, ms?: number) => driver.spawn(request({ cpu: { features: [feature] } }, ms));
  libvirt.next('compareCPU', new PretendedError(VIR_ERR_NO_SUPPORT));
  await spawn('+aes');
  libvirt.next('compareCPU', 'hang');
  await assert.rejects(spawn('+sse4.2', 300), { kind: 'timeout' });
});

test('an interface that the host cannot give is refused by its field before the guest hears of it; one that is there stays', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.networks = { default: true, lab: false };
  const wish = request();
  const { id } = wish.spec;
  await driver.spawn(wish);
  const mac = '02:00:00:00:00:07';
  const attach = (nic: Parameters<typeof driver.attachInterface>[0]['nic']) =>
    driver.attachInterface({ id, key: randomUUID(), deadline: Date.now() + 10_000, nic, mac });
  const refused = (field: string) => ({ kind: 'precondition', details: { field } });
  await assert.rejects(attach({ kind: 'network', network: 'nope' }), refused('interface.network'));
  await assert.rejects(attach({ kind: 'network', network: 'lab' }), refused('interface.network'));
  await assert.rejects(attach({ kind: 'bridge', bridge: 'no-such-bridge' }), refused('interface.bridge'));
  await assert.rejects(attach({ kind: 'tap', device: 'lo' }), refused('interface.device'));
  await assert.rejects(attach({ kind: 'macvtap', device: 'no-such' }), refused('interface.device'));
  assert.ok(!libvirt.calls.includes('attach'));
  await attach({ kind: 'network', network: 'default' });
  libvirt.networks = {};
  await attach({ kind: 'network', network: 'default' });
});

test('a right that libvirt lacks for a network device is denied by the field, with what to grant', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  const words = 'error creating macvtap interface macvtap0@lo (02:00:00:00:00:07): Operation not permitted';
  const denied = (field: string) => (error: unknown) => {
    const { kind, message, details } = error as ComputeError;
    assert.deepEqual([kind, details.field], ['denied', field]);
    assert.match(message, /Operation not permitted; .*: libvirt needs the right CAP_NET_ADMIN: use one that is root's/);
    return true;
  };
  const nic = { kind: 'macvtap', device: 'lo' } as const;
  libvirt.next('create', new PretendedError(38, words));
  await assert.rejects(driver.spawn(request({ interfaces: [nic] })), denied('instance.interfaces[0].device'));
  const wish = request();
  await driver.spawn(wish);
  libvirt.next('attach', new PretendedError(38, words));
  const attach = driver.attachInterface({
    id: wish.spec.id,
    key: 'k',
    deadline: Date.now() + 10_000,
    nic,
    mac: '02:00:00:00:00:07',
  });
  await assert.rejects(attach, denied('interface.device'));
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
