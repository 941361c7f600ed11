/** The package as npm would publish it: what is in it, and that it installs and runs. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stagePackage } from '../../ops/package/stage.js';
import { barePath, install, project, run, useIt, withFolder } from './support.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const PREBUILT = `prebuilds/${process.platform}-${process.arch}/node.napi.glibc.node`;

async function pack(): Promise<string> {
  const destination = await withFolder({ after });
  await run('npm', ['pack', '--pack-destination', destination], { cwd: stage });
  const [file = ''] = await readdir(destination);
  return join(destination, file);
}

const stage = await withFolder({ after });
await stagePackage(stage);
const tarball = await pack();
await rm(join(stage, 'prebuilds'), { recursive: true });
/** The same package without its prebuilt addon. */
const sources = await pack();

const WANTED = [
  /^(LICENSE|README\.md|porting-from-libvirt-python\.md|package\.json|install\.mjs|build-addon\.mjs|binding\.gyp|addon\.gypi)$/,
  /^dist\/(lib|generated)\/[\w/-]+\.(js|d\.ts)$/,
  /^src\/[\w/]+\.(cc|h)$/,
  /^generated\/\w+\.inc$/,
  /^examples\/(README\.md|[\w-]+\.ts)$/,
  /^prebuilds\/linux-\w+\/node\.napi\.glibc\.node$/,
];

test('the package holds compiled code, the prebuilt addon, its sources and what people read; each sort, and nothing else', async () => {
  const { stdout } = await run('tar', ['tzf', tarball]);
  const files = stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
  assert.deepEqual(
    files.filter((file) => !WANTED.some((pattern) => pattern.test(file))),
    [],
  );
  for (const pattern of WANTED)
    assert.ok(
      files.some((file) => pattern.test(file)),
      `nothing like ${pattern}`,
    );
});

test('what is to be read leads nowhere out of the package', async () => {
  for (const name of ['README.md', 'porting-from-libvirt-python.md']) {
    const links = [...(await readFile(join(stage, name), 'utf8')).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
    for (const link of links) assert.ok(/^https:/.test(link) || existsSync(join(stage, link)), `${name}: ${link}`);
  }
});

test('nothing in it knows the machine that it was made on', async (t) => {
  const unpacked = await withFolder(t);
  await run('tar', ['xzf', tarball, '-C', unpacked]);
  for (const place of [root, stage, `${homedir()}/`]) {
    await assert.rejects(run('grep', ['-rlaF', place, unpacked]), { code: 1 }, `${place} is in the package`);
  }
  const { stdout } = await run('readelf', ['-d', join(unpacked, 'package', PREBUILT)]);
  assert.doesNotMatch(stdout, /RPATH|RUNPATH|NEEDED.*libvirt/);
});

test('it is small', async () => {
  const { size } = await stat(tarball);
  assert.ok(size < 1e6, `${size} bytes`);
});

test('the sources are not packed by mistake', async () => {
  await assert.rejects(run('npm', ['pack', '--dry-run'], { cwd: join(root, 'bindings') }), /"npm run pack", in the folder above/);
});

test('libvirt’s own text is not given away', async () => {
  // From the description of virDomainCreate.
  await assert.rejects(run('grep', ['-rl', 'Launch a defined domain', join(stage, 'dist')]), { code: 1 });
});

test('it installs and runs where there is neither a compiler nor libvirt-dev', async (t) => {
  const PATH = await barePath(t);
  const folder = await project(t, tarball);
  const environment = { PATH, HOME: folder };
  const { code, said } = await install(folder, environment);
  assert.equal(code, 0, said);
  assert.equal(await useIt(folder, environment), 'test');
});

test('without a prebuilt addon and without a compiler, the installation says what is missing', async (t) => {
  const PATH = await barePath(t);
  const folder = await project(t, sources);
  const { code, said } = await install(folder, { PATH, HOME: folder });
  assert.notEqual(code, 0);
  assert.match(said, /build-addon: missing: g\+\+, make, python3\. Debian and Ubuntu: apt-get install g\+\+ make python3/);
});

test('without a prebuilt addon it is built from the sources in the package', async (t) => {
  const folder = await project(t, sources);
  const environment = { PATH: process.env['PATH'], HOME: folder };
  const { code, said } = await install(folder, environment);
  assert.equal(code, 0, said);
  t.diagnostic(said.match(/addon built in .*/)?.[0] ?? said);
  assert.equal(await useIt(folder, environment), 'test');
});
