import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { waitUntil } from '../../../../../ops/private/wait-until.js';
import type { ComputeError } from '../../../../../services/common/errors.js';
import { appendJournal } from '../../../../../services/compute/virt/libvirt/journal.js';
import { PretendedError } from './pretended-libvirt.js';
import { workbench } from './workbench.js';

const LIBVIRT = { code: 1, domain: 10, function: 'virDomainGetState' };

for (const [call, step, cleanedUp] of [
  ['define', 'define', ['files']],
  ['create', 'start', ['domain', 'files']],
] as const) {
  test(`what a spawn made before its ${step} failed is taken away, and that alone is told`, async (t) => {
    const { libvirt, driver, request, files } = workbench(t);
    libvirt.next(call, new PretendedError(1, 'internal error: no'));
    await assert.rejects(driver.spawn(request({ disks: [{ sizeMiB: 1 }] })), (error: ComputeError) => {
      assert.equal(error.kind, 'internal');
      assert.deepEqual([error.details.step, error.details.cleanedUp], [step, cleanedUp]);
      return true;
    });
    assert.deepEqual([files(), libvirt.domains.size], [[], 0]);
  });
}

test('a guest that was started by a failed attempt is taken away, and told', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.next('create', () => libvirt.next('state', new PretendedError(1)));
  await assert.rejects(driver.spawn(request()), {
    details: { step: 'started', libvirt: LIBVIRT, cleanedUp: ['guest', 'domain', 'files'] },
  });
});

test('a name that somebody else holds is not among the things taken away', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.next('define', new PretendedError(9, "domain 'novalet-x' already exists with uuid y"));
  await assert.rejects(driver.spawn(request()), (error: ComputeError) => {
    assert.deepEqual([error.kind, error.details.cleanedUp], ['already-exists', ['files']]);
    return true;
  });
});

test('a symbolic link in the place of the directory is refused by all verbs, and not followed', async (t) => {
  const { libvirt, driver, request, destroy, stateDir, imageDir } = workbench(t);
  const wish = request();
  mkdirSync(path.join(stateDir, 'instances'), { recursive: true });
  symlinkSync(imageDir, path.join(stateDir, 'instances', wish.spec.id));
  const refusal = { kind: 'precondition', message: /is a symbolic link.*take it away/ };
  await assert.rejects(driver.spawn(wish), refusal);
  await assert.rejects(driver.find(wish.spec.id), refusal);
  await assert.rejects(destroy(wish.spec.id), refusal);
  assert.deepEqual([readdirSync(imageDir), libvirt.domains.size], [[], 0]);
});

test('a refused image leaves nothing and names its field', async (t) => {
  const { libvirt, driver, request, files } = workbench(t);
  const wish = request({ disks: [{ sizeMiB: 1 }, { image: '/etc/passwd' }] });
  await assert.rejects(driver.spawn(wish), { kind: 'not-found', details: { field: 'instance.disks[1].image', step: 'images' } });
  assert.deepEqual([files(), libvirt.domains.size], [[], 0]);
});

test('a start that finds the guest running already is as good as one that started it', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  const wish = request();
  libvirt.next('create', () => void (libvirt.domains.get(wish.spec.id)!.state = 1));
  assert.equal((await driver.spawn(wish)).powerState, 'running');
});

test('a domain of our own spec that appears while we define is taken over; any other is left alone', async (t) => {
  const { libvirt, driver, request, files } = workbench(t);
  const wish = request();
  libvirt.next('define', () => libvirt.defineForeign(wish.spec.id));
  await assert.rejects(driver.spawn(wish), { kind: 'already-exists' });
  assert.deepEqual([libvirt.domains.get(wish.spec.id)?.name, files()], ['somebody-elses', []]);
});

test('a missed event is made up for by a look at the state', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  libvirt.silent = true;
  assert.equal((await driver.spawn(request())).powerState, 'running');
});

test('a start that hangs ends with the deadline, and what was made is taken away', async (t) => {
  const { libvirt, driver, request, files, observed } = workbench(t);
  libvirt.next('create', 'hang');
  await assert.rejects(driver.spawn(request({}, 300)), { kind: 'timeout' });
  assert.deepEqual([files(), libvirt.domains.size], [[], 0]);
  assert.ok(observed.includes('virDomainCreateWithFlags abandoned'));
});

test('what could not be taken away is reported, and belongs to the next attempt for the same spec', async (t) => {
  const { libvirt, driver, request, files } = workbench(t);
  const wish = request();
  libvirt.next('create', () => libvirt.stop());
  await assert.rejects(driver.spawn(wish), (error: ComputeError) => {
    assert.equal(error.kind, 'unavailable');
    const { cleanedUp, leftovers } = error.details;
    assert.deepEqual([cleanedUp, leftovers], [[], ['files', 'domain', 'guest']]);
    return true;
  });
  libvirt.start();
  libvirt.next('create', new PretendedError(1));
  // The links back off for some milliseconds, in which nothing is tried.
  const error = await waitUntil('an attempt that reaches libvirt', async () => {
    const thrown = await driver.spawn(wish).then(
      () => assert.fail('it was to fail'),
      (failure: ComputeError) => failure,
    );
    return thrown.kind !== 'unavailable' && thrown;
  });
  const { cleanedUp } = error.details;
  assert.deepEqual(cleanedUp, ['domain', 'files']);
  assert.deepEqual([files(), libvirt.domains.size], [[], 0]);
});

test('an attempt whose time is over before it begins takes away what an earlier one could not', async (t) => {
  const { libvirt, driver, request, files } = workbench(t);
  const wish = request();
  libvirt.next('create', () => libvirt.stop());
  await assert.rejects(driver.spawn(wish), { kind: 'unavailable' });
  libvirt.start();
  await waitUntil('an attempt that reaches libvirt', async () => {
    await assert.rejects(driver.spawn({ ...wish, deadline: Date.now() - 1 }), { kind: 'timeout' });
    return libvirt.domains.size === 0;
  });
  assert.deepEqual(files(), []);
});

test('disks of an attempt that was cut off are kept, unfinished ones made anew', async (t) => {
  const { driver, request, stateDir } = workbench(t);
  const wish = request({ disks: [{ sizeMiB: 1 }, { sizeMiB: 2 }] });
  const directory = path.join(stateDir, 'instances', wish.spec.id);
  mkdirSync(directory, { recursive: true });
  const files = ['disk-0.qcow2', 'disk-1.qcow2', 'console.log'];
  await appendJournal(directory, { entry: 'begun', specHash: wish.specHash, generation: 1, requestId: 'r', files });
  writeFileSync(path.join(directory, 'disk-0.qcow2'), 'complete');
  writeFileSync(path.join(directory, 'disk-1.qcow2.part'), 'torn');
  await driver.spawn(wish);
  assert.deepEqual(readdirSync(directory).sort(), ['console.log', 'disk-0.qcow2', 'disk-1.qcow2', 'journal.jsonl']);
  assert.equal(readFileSync(path.join(directory, 'disk-0.qcow2'), 'utf8'), 'complete');
});

test('a start that an attempt left under way is waited for, not interfered with', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  const wish = request();
  libvirt.next('create', new PretendedError(1, 'cut off'));
  libvirt.next('undefine', new PretendedError(1, 'cut off'));
  await assert.rejects(driver.spawn(wish));
  const domain = libvirt.domains.get(wish.spec.id)!;
  Object.assign(domain, { state: 3, reason: 11 }); // paused, starting up
  libvirt.next('state', () => {});
  libvirt.next('state', () => Object.assign(domain, { state: 1, reason: 0 }));
  assert.equal((await driver.spawn(wish)).powerState, 'running');
  assert.deepEqual(
    libvirt.calls.filter((call) => call === 'resume'),
    [],
  );
});

test('a look that libvirt keeps waiting is unavailable, never a timeout: nobody gave it a deadline', async (t) => {
  const { libvirt, driver } = workbench(t, { callTimeoutMs: 50 });
  for (let i = 0; i < 5; i++) {
    libvirt.next('lookup', 'hang');
    await assert.rejects(driver.find(randomUUID()), { kind: 'unavailable' });
  }
});

test('a look does not wait for a start that is under way', async (t) => {
  const { libvirt, driver, request } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  Object.assign(libvirt.domains.get(wish.spec.id)!, { state: 3, reason: 11 }); // paused, starting up
  assert.equal((await driver.find(wish.spec.id))?.powerState, 'pending');
});

test('a directory that an attempt made and wrote nothing into goes when the spawn is abandoned', async (t) => {
  const { driver, request, files, stateDir } = workbench(t);
  const wish = request();
  const directory = path.join(stateDir, 'instances', wish.spec.id);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'journal.jsonl'), '\n{"entry":"beg'); // torn
  assert.deepEqual(await driver.abandon(wish), { cleanedUp: ['files'], leftovers: [] });
  assert.deepEqual(files(), []);
});

test('a running guest whose journal is lost is not taken for one half made', async (t) => {
  const { libvirt, driver, request, stateDir } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  rmSync(path.join(stateDir, 'instances', wish.spec.id), { recursive: true });
  assert.deepEqual(await driver.abandon(wish), { cleanedUp: [], leftovers: [] });
  assert.equal(libvirt.domains.get(wish.spec.id)?.state, 1);
});
