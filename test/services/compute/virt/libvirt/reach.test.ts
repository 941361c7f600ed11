import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { waitUntil } from '../../../../../ops/private/wait-until.js';
import { LibvirtDriver } from '../../../../../services/compute/virt/libvirt/libvirt-driver.js';
import { Reach } from '../../../../../services/compute/virt/libvirt/reach.js';
import { PretendedLibvirt } from './pretended-libvirt.js';
import { temporaryDirectory } from './temporary-directory.js';

function workbench(t: TestContext, libvirt = new PretendedLibvirt()) {
  const told: string[] = [];
  const reach = {
    reached: () => void told.push('reached'),
    lost: (why: string, before: boolean) => void told.push(`${before ? 'lost' : 'not reached'}: ${why}`),
  };
  const driver = new LibvirtDriver(libvirt, {
    uri: 'pretended:///',
    virtType: 'qemu',
    stateDir: temporaryDirectory(t),
    imageDirs: [temporaryDirectory(t)],
    metrics: { observe: () => {}, connectionState: () => {} },
    reach,
    lookEveryMs: 50,
  });
  t.after(() => driver.close());
  const tells = (count: number) => waitUntil(`word ${count}`, () => told.length >= count);
  return { libvirt, driver, told, tells };
}

test('a libvirt that goes and comes back is told of once each, with the reason', async (t) => {
  const { libvirt, driver, told, tells } = workbench(t);
  await tells(1);
  libvirt.stop();
  await tells(2);
  for (let i = 0; i < 20; i++) await driver.ping(1000).catch(() => {});
  libvirt.start();
  await tells(3);
  assert.deepEqual([told[0], told[2], told.length], ['reached', 'reached', 3]);
  assert.match(told[1] ?? '', /^lost: .*(closed|connect)/);
});

test('a libvirt that does not answer is told of although its connections stand', async (t) => {
  const { libvirt, told, tells } = workbench(t);
  await tells(1);
  libvirt.next('ping', 'hang');
  await tells(2);
  assert.match(told[1] ?? '', /^lost: .*did not answer within 50 ms/);
});

test('a libvirt that was never there is told of as that, and its driver leaves without a word', async (t) => {
  const libvirt = new PretendedLibvirt();
  libvirt.stop();
  const { driver, told, tells } = workbench(t, libvirt);
  await tells(1);
  assert.match(told[0] ?? '', /^not reached: .*Failed to connect socket/);
  libvirt.start();
  await tells(2);
  await driver.close();
  assert.equal(told.length, 2);
});

test('a question that was asked before libvirt was there, and has no answer, does not say that it is lost', () => {
  const told: string[] = [];
  const reach = new Reach({ reached: () => void told.push('reached'), lost: (why) => void told.push(why) });
  const early = reach.asked();
  reach.reached();
  early('no answer');
  assert.deepEqual(told, ['reached']);
  reach.asked()('no answer');
  assert.deepEqual(told, ['reached', 'no answer']);
});
