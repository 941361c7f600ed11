import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ComputeError, type ErrorKind } from '../../../../../services/common/errors.js';
import { PretendedError } from './pretended-libvirt.js';
import { workbench } from './workbench.js';

const change = (id: string) => ({ id, key: randomUUID(), deadline: Date.now() + 10_000, graceMs: 0 });

const refused = (kind: ErrorKind, field: string) => (error: unknown) =>
  error instanceof ComputeError && error.kind === kind && error.details.field === field && error.message.includes(field);

async function spawned(t: TestContext, more: object = {}) {
  const bench = workbench(t);
  const wish = bench.request({ disks: [{ sizeMiB: 1 }], ...more });
  await bench.driver.spawn(wish);
  const { id } = wish.spec;
  return { ...bench, id, directory: path.join(bench.stateDir, 'instances', id) };
}

const EMPTY = { disks: [{ device: 'vda', sizeMiB: 2 }] };

test('a rebuild gives the guest another seed where it is asked to, and takes nothing from the one that it had', async (t) => {
  const { driver, id, directory } = await spawned(t, { seed: { userData: 'first', vendorData: 'vendor' } });
  const seed = () => readFileSync(path.join(directory, 'seed.iso'), 'latin1');
  await driver.rebuild({ ...change(id), ...EMPTY });
  assert.match(seed(), /first/);
  await driver.rebuild({ ...change(id), ...EMPTY, seed: { userData: 'second' } });
  assert.match(seed(), /second/);
  assert.doesNotMatch(seed(), /first|vendor/);
  await driver.destroy(id, { deadline: Date.now() + 10_000 });
  assert.equal(existsSync(directory), false);
});

test('an instance without a seed is given none, and stays as it was', async (t) => {
  const { driver, id, directory } = await spawned(t);
  const wrong = driver.rebuild({ ...change(id), ...EMPTY, seed: { userData: 'x' } });
  await assert.rejects(wrong, refused('precondition', 'seed'));
  assert.deepEqual(readdirSync(directory).sort(), ['console.log', 'disk-0.qcow2', 'journal.jsonl']);
});

test('what a refused rebuild has made is gone, and the field is that of the message', async (t) => {
  const { driver, id, directory, imageDir } = await spawned(t, { disks: [{ sizeMiB: 1 }, { sizeMiB: 1 }] });
  writeFileSync(path.join(imageDir, 'large.img'), Buffer.alloc(3 * 1024 * 1024));
  const disks = [
    { device: 'vdb', sizeMiB: 1 },
    { device: 'vda', image: 'large.img', sizeMiB: 2 },
  ];
  await assert.rejects(driver.rebuild({ ...change(id), disks }), refused('invalid', 'disks[1].sizeMiB'));
  assert.deepEqual(readdirSync(directory).sort(), ['console.log', 'disk-0.qcow2', 'disk-1.qcow2', 'journal.jsonl']);
});

test('a rescue whose time is over before it touches the guest leaves nothing of itself', async (t) => {
  const { driver, id, imageDir, directory } = await spawned(t);
  writeFileSync(path.join(imageDir, 'rescue.img'), Buffer.alloc(1024 * 1024));
  const files = readdirSync(directory).sort();
  const now = Date.now.bind(Date);
  const wish = { ...change(id), image: 'rescue.img' };
  const isNoted = () => readFileSync(path.join(directory, 'journal.jsonl'), 'utf8').includes('"entry":"rescued"');
  const jump = t.mock.method(Date, 'now', () => now() + (isNoted() ? 3_600_000 : 0));
  await assert.rejects(driver.rescue(wish), { kind: 'timeout' });
  jump.mock.restore();
  const { powerState, rescued } = (await driver.find(id)) ?? {};
  assert.deepEqual([powerState, rescued, readdirSync(directory).sort()], ['running', undefined, files]);
});

test('a rescue that cannot be booted puts the instance back as it was', async (t) => {
  const { driver, libvirt, id, directory, imageDir } = await spawned(t);
  writeFileSync(path.join(imageDir, 'rescue.img'), Buffer.alloc(1024 * 1024));
  const before = libvirt.domains.get(id)?.definition;
  libvirt.next('create', new PretendedError(1, 'internal error: process exited while connecting to monitor'));
  const failed = driver.rescue({ ...change(id), image: 'rescue.img' });
  await assert.rejects(failed, { kind: 'internal', message: /again as it was/ });
  const { powerState, rescued, desired } = (await driver.find(id)) ?? {};
  assert.deepEqual([powerState, rescued, desired?.powerState], ['running', undefined, 'running']);
  assert.equal(libvirt.domains.get(id)?.definition.includes('disk-rescue'), before?.includes('disk-rescue'));
  assert.deepEqual(readdirSync(directory).sort(), ['console.log', 'disk-0.qcow2', 'journal.jsonl']);
});

test('a rescue that cannot write down what the instance was leaves nothing that it began to write', async (t) => {
  const { driver, id, directory, imageDir } = await spawned(t);
  writeFileSync(path.join(imageDir, 'rescue.img'), Buffer.alloc(1024 * 1024));
  const inTheWay = path.join(directory, 'before-rescue.xml');
  mkdirSync(inTheWay); // no file can take its place
  await assert.rejects(driver.rescue({ ...change(id), image: 'rescue.img' }), ComputeError);
  rmdirSync(inTheWay);
  assert.deepEqual(readdirSync(directory).sort(), ['console.log', 'disk-0.qcow2', 'journal.jsonl']);
});

test('a rebuild that would leave another disk of the guest without its file leaves the guest as it is', async (t) => {
  const { driver, libvirt, id, directory } = await spawned(t, { disks: [{ sizeMiB: 1 }, { sizeMiB: 1 }] });
  const { id: run } = libvirt.domains.get(id)!;
  rmSync(path.join(directory, 'disk-1.qcow2'));
  writeFileSync(path.join(directory, 'new-disk-0.qcow2'), ''); // of an attempt that was cut off
  const gone = { kind: 'precondition', message: /vdb, disk-1\.qcow2, is gone; the guest is left as it is/ };
  await assert.rejects(driver.rebuild({ ...change(id), ...EMPTY }), gone);
  assert.equal(libvirt.domains.get(id)?.id, run);
  assert.deepEqual(readdirSync(directory).sort(), ['console.log', 'disk-0.qcow2', 'journal.jsonl']);
});

test('an unrescue whose disks are gone leaves the guest in its rescue, and comes to its end when they are back', async (t) => {
  const { driver, libvirt, id, directory, imageDir } = await spawned(t);
  writeFileSync(path.join(imageDir, 'rescue.img'), Buffer.alloc(1024 * 1024));
  await driver.rescue({ ...change(id), image: 'rescue.img' });
  const { id: run } = libvirt.domains.get(id)!;
  const [own, away] = [path.join(directory, 'disk-0.qcow2'), path.join(imageDir, 'away')];
  renameSync(own, away);
  const gone = { kind: 'precondition', message: /disk-0\.qcow2, is gone; the guest is left as it is/ };
  await assert.rejects(driver.unrescue(change(id)), gone);
  assert.deepEqual([libvirt.domains.get(id)?.id, (await driver.find(id))?.rescued], [run, true]);
  renameSync(away, own);
  rmSync(path.join(imageDir, 'rescue.img')); // of no use to anybody any more
  assert.equal((await driver.unrescue(change(id))).powerState, 'running');
  assert.equal((await driver.find(id))?.rescued, undefined);
});

test('an unrescue whose guest does not go off in time leaves it in its rescue, also at its next start', async (t) => {
  const { driver, libvirt, id, imageDir } = await spawned(t);
  writeFileSync(path.join(imageDir, 'rescue.img'), Buffer.alloc(1024 * 1024));
  await driver.rescue({ ...change(id), image: 'rescue.img' });
  const defined = libvirt.domains.get(id)?.definition;
  libvirt.next('destroy', 'hang');
  await assert.rejects(driver.unrescue({ ...change(id), deadline: Date.now() + 300 }), { kind: 'timeout' });
  assert.deepEqual([(await driver.find(id))?.rescued, libvirt.domains.get(id)?.definition], [true, defined]);
  assert.equal((await driver.unrescue(change(id))).powerState, 'running');
});

test('a disk that cannot be read is told of by its name, and is not resized', async (t) => {
  const { driver, id, directory } = await spawned(t);
  rmSync(path.join(directory, 'disk-0.qcow2'));
  const resize = driver.resize({ ...change(id), mode: 'auto', disks: [{ device: 'vda', sizeMiB: 2 }] });
  await assert.rejects(resize, { kind: 'precondition', message: /disk-0\.qcow2 is gone, or cannot be read/ });
});

test('an image that is not there is told of by its field, and the guest runs on', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  const { id: run } = libvirt.domains.get(id)!;
  await assert.rejects(driver.rescue({ ...change(id), image: 'nowhere.img' }), refused('not-found', 'image'));
  assert.deepEqual([libvirt.domains.get(id)?.id, (await driver.find(id))?.rescued], [run, undefined]);
});

test('file systems are at rest when the copying begins, and go on whether it began or not', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  const domain = () => libvirt.domains.get(id)!;
  domain().agent = true;
  const take = (name: string) => driver.snapshot({ ...change(id), device: 'vda', name, quiesce: true });
  await take('a.qcow2');
  assert.deepEqual([libvirt.calls.includes('backup vda at rest'), domain().frozen], [true, false]);
  libvirt.next('backup', new PretendedError(68, 'cannot acquire state change lock'));
  await assert.rejects(take('b.qcow2'), { kind: 'busy' });
  assert.equal(domain().frozen, false);
});

test('the copying of an attempt that was cut off is ended before the next begins', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  const wish = { ...change(id), device: 'vda', name: 'a.qcow2' };
  libvirt.next('job', new PretendedError(38, 'the daemon is gone'));
  await assert.rejects(driver.snapshot(wish));
  libvirt.domains.get(id)!.job = 1000;
  await driver.snapshot(wish);
  assert.equal(libvirt.calls.filter((call) => call === 'abort').length, 2);
});

test('memory that was saved as the host went down in the middle of it is not started from again', async (t) => {
  const { driver, libvirt, id, imageDir } = await spawned(t);
  writeFileSync(path.join(imageDir, 'rescue.img'), Buffer.alloc(1024 * 1024));
  const saved = () => Object.assign(libvirt.domains.get(id)!, { state: 5, id: -1, live: null, saved: true });
  const verbs = [
    (wish: ReturnType<typeof change>) => driver.rebuild({ ...wish, ...EMPTY }),
    (wish: ReturnType<typeof change>) => driver.rescue({ ...wish, image: 'rescue.img' }),
  ];
  for (const [done, verb] of verbs.entries()) {
    const wish = change(id);
    for (let i = 0; i < 4; i++) libvirt.next('destroy', new PretendedError(38, 'the daemon is gone'));
    await assert.rejects(verb(wish), { kind: 'busy' });
    saved();
    assert.equal((await verb(wish)).powerState, 'running');
    assert.equal(libvirt.calls.filter((call) => call === 'unsave').length, done + 1);
  }
});

test('what an attempt that was cut off has made is gone when it comes again and the instance is suspended', async (t) => {
  const { driver, id, directory } = await spawned(t);
  const files = readdirSync(directory).sort();
  for (const name of ['new-disk-0.qcow2', 'disk-rescue.qcow2']) writeFileSync(path.join(directory, name), '');
  await driver.suspend({ ...change(id), bypassCache: false });
  await assert.rejects(driver.rebuild({ ...change(id), ...EMPTY }), { kind: 'precondition' });
  await assert.rejects(driver.rescue({ ...change(id), image: 'rescue.img' }), { kind: 'precondition' });
  assert.deepEqual(readdirSync(directory).sort(), files);
});

test('a rebuild that was cut off makes its disks again when another one has made some in the meantime, and failed', async (t) => {
  const { driver, libvirt, id, imageDir, directory } = await spawned(t);
  writeFileSync(path.join(imageDir, 'large.img'), Buffer.alloc(3 * 1024 * 1024));
  const [first, other] = [change(id), change(id)];
  for (let i = 0; i < 4; i++) libvirt.next('destroy', new PretendedError(38, 'the daemon is gone'));
  await assert.rejects(driver.rebuild({ ...first, ...EMPTY }), { kind: 'busy' });
  const tooSmall = { device: 'vda', image: 'large.img', sizeMiB: 2 };
  await assert.rejects(driver.rebuild({ ...other, disks: [tooSmall] }), { kind: 'invalid' });
  const before = readFileSync(path.join(directory, 'disk-0.qcow2'));
  await driver.rebuild({ ...first, ...EMPTY });
  assert.notDeepEqual(readFileSync(path.join(directory, 'disk-0.qcow2')), before);
});
