import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { InstanceSpec } from '../../../../../services/common/messages/instance-spec.js';
import { makeSeed, seedManifest } from '../../../../../services/compute/virt/libvirt/seed.js';
import { makeIso } from '../../../../../services/compute/virt/libvirt/xorriso.js';
import { temporaryDirectory } from './temporary-directory.js';

const ID = '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f';
const USER_DATA = '#!/bin/sh\n\techo "🦆" \'$(id)\'\r\n';
const KEY = 'ssh-ed25519 AAAA ada@example';

const specWith = (seed: object) => InstanceSpec.parse({ id: ID, name: 'Ada', vcpus: 1, memoryMiB: 16, seed });

/** A seed as others read it: label, names and contents, by libarchive. */
async function madeSeed(t: TestContext, seed: object) {
  const directory = temporaryDirectory(t);
  await makeSeed(directory, specWith(seed), 10_000);
  const iso = `${directory}/seed.iso`;
  const bsdtar = (...args: string[]) => execFileSync('bsdtar', args, { encoding: 'utf8' });
  const listed = bsdtar('-tf', iso).split('\n');
  const names = listed.filter((name) => name !== '' && name !== '.' && !listed.some((other) => other.startsWith(`${name}/`)));
  const label = readFileSync(iso).subarray(32_808, 32_840).toString('ascii').trim(); // ECMA-119: volume identifier of the first descriptor
  return { directory, iso, label, names: names.sort(), content: (name: string) => bsdtar('-xOf', iso, name) };
}

test('a NoCloud seed has the label and the files that cloud-init looks for, to the byte', async (t) => {
  const networkConfig = 'version: 2\nethernets: {}\n';
  const seed = await madeSeed(t, { hostname: 'ada.example', sshKeys: [KEY], userData: USER_DATA, vendorData: 'v', networkConfig });
  assert.equal(seed.label, 'cidata');
  assert.deepEqual(seed.names, ['meta-data', 'network-config', 'user-data', 'vendor-data']);
  assert.equal(seed.content('user-data'), USER_DATA);
  assert.equal(seed.content('network-config'), networkConfig);
  const metaData = { 'instance-id': ID, 'local-hostname': 'ada.example', 'public-keys': [KEY] };
  assert.deepEqual(JSON.parse(seed.content('meta-data')), metaData);
});

test('a seed that says little still tells the guest who it is', async (t) => {
  const seed = await madeSeed(t, { format: 'nocloud' });
  assert.deepEqual(seed.names, ['meta-data', 'user-data']);
  assert.deepEqual(JSON.parse(seed.content('meta-data')), { 'instance-id': ID });
  assert.equal(seed.content('user-data'), '');
});

test('a config drive has the label and the tree of OpenStack', async (t) => {
  const seed = await madeSeed(t, {
    format: 'config-2',
    hostname: 'ada',
    sshKeys: [KEY],
    userData: USER_DATA,
    networkConfig: '{"links":[]}',
  });
  assert.equal(seed.label, 'config-2');
  const latest = 'openstack/latest';
  assert.deepEqual(seed.names, [`${latest}/meta_data.json`, `${latest}/network_data.json`, `${latest}/user_data`]);
  const metaData = { uuid: ID, name: 'Ada', hostname: 'ada', launch_index: 0, public_keys: { 'key-0': KEY } };
  assert.deepEqual(JSON.parse(seed.content(`${latest}/meta_data.json`)), metaData);
  assert.equal(seed.content(`${latest}/user_data`), USER_DATA);
});

test('no date of the host gets onto the CD', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(`${directory}/piece`, 'x');
  const made = async (seconds: number) => {
    utimesSync(`${directory}/piece`, seconds, seconds);
    return makeIso({ directory, label: 'cidata', files: [{ name: 'user-data', piece: 'piece' }] }, 10_000);
  };
  const iso = await made(1_000_000_000);
  assert.ok(iso.equals(await made(1_500_000_000)));
  assert.equal(iso.subarray(33_581, 33_589).toString('ascii'), '20000101'); // ECMA-119: when the volume was made
});

test('the same spec makes the same bytes, in a file for nobody else', async (t) => {
  const [one, other] = [await madeSeed(t, { userData: USER_DATA }), await madeSeed(t, { userData: USER_DATA })];
  assert.ok(readFileSync(one.iso).equals(readFileSync(other.iso)));
  assert.equal(statSync(one.iso).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(one.directory), ['seed.iso']);
});

test('what an attempt that was cut off left is listed in the manifest and made anew; a finished seed is left alone', async (t) => {
  const directory = temporaryDirectory(t);
  const spec = specWith({ userData: USER_DATA });
  for (const name of ['seed.iso.part', 'seed-0', 'seed-1']) writeFileSync(`${directory}/${name}`, 'half', { mode: 0o644 });
  await makeSeed(directory, spec, 10_000);
  assert.deepEqual(readdirSync(directory), ['seed.iso']);
  assert.deepEqual(seedManifest(spec), ['seed.iso', 'seed-0', 'seed-1']);
  const { mtimeMs } = statSync(`${directory}/seed.iso`);
  await makeSeed(directory, spec, 10_000);
  assert.equal(statSync(`${directory}/seed.iso`).mtimeMs, mtimeMs);
});

test('a seed that nobody wants any more is given up, and leaves nothing', async (t) => {
  const directory = temporaryDirectory(t);
  const reason = new Error('not wanted');
  await assert.rejects(makeSeed(directory, specWith({ userData: 'x' }), 10_000, AbortSignal.abort(reason)), reason);
  assert.deepEqual(readdirSync(directory), []);
});

test('a seed that is there stays as it is, and the pieces that a kill left beside it go', async (t) => {
  const { directory, iso } = await madeSeed(t, { userData: USER_DATA });
  const before = readFileSync(iso);
  const left = seedManifest(specWith({ userData: USER_DATA })).filter((name) => name !== 'seed.iso');
  for (const name of left) writeFileSync(`${directory}/${name}`, 'secret');
  await makeSeed(directory, specWith({ userData: USER_DATA }), 10_000);
  assert.ok(left.length > 0);
  assert.deepEqual([readdirSync(directory), readFileSync(iso).equals(before)], [['seed.iso'], true]);
});

test('a seed is made although xorriso crashes the first time, and not for ever', async (t) => {
  const directory = temporaryDirectory(t);
  const path = process.env['PATH'] ?? '';
  t.after(() => (process.env['PATH'] = path));
  const crashing = (times: number): void => {
    const script = `#!/bin/sh\necho >> ${directory}/runs\n[ $(wc -l < ${directory}/runs) -gt ${times} ] || kill -SEGV $$\nPATH='${path}' exec xorriso "$@"\n`;
    writeFileSync(`${directory}/xorriso`, script, { mode: 0o755 });
    writeFileSync(`${directory}/runs`, '');
  };
  process.env['PATH'] = `${directory}:${path}`;
  crashing(1);
  const wish = { directory, label: 'cidata', files: [{ name: 'meta-data', piece: 'runs' }] };
  assert.ok((await makeIso(wish, 10_000)).length > 0);
  crashing(99);
  await assert.rejects(makeIso(wish, 10_000), { kind: 'internal', message: /xorriso/ });
});
