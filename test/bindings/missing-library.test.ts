import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { runScript } from './support/run-script.js';

/** A folder in which the dynamic linker finds something else under the library's name. */
async function broken(t: TestContext, library: string): Promise<NodeJS.ProcessEnv> {
  const directory = await mkdtemp(path.join(tmpdir(), 'no-libvirt-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(path.join(directory, library), 'not a library');
  return { LD_LIBRARY_PATH: directory };
}

test('without libvirt the import fails with what to install', async (t) => {
  const env = await broken(t, 'libvirt.so.0');
  const script = runScript(`await import('@novalet/libvirt').catch((error) => console.log(error.message));`, { env });
  assert.match((await script.line()) ?? '', /^libvirt's client library cannot be opened \(.*\)\. Install it: .*apt-get install libvirt0/);
  assert.equal(await script.ended, 0);
});

test('without libvirt-lxc only its functions fail, as not supported', async (t) => {
  const env = await broken(t, 'libvirt-lxc.so.0');
  const script = runScript(
    `import { open } from '@novalet/libvirt';
     import { lxcEnterCGroup } from '@novalet/libvirt/lxc';
     const conn = await open('test:///default');
     const domain = await conn.lookupByName('test');
     await lxcEnterCGroup(domain, 0).catch((error) => console.log(error.code, error.message));
     await conn.close();`,
    { env },
  );
  assert.match((await script.line()) ?? '', /^3 virDomainLxcEnterCGroup: .*libvirt-lxc\.so\.0/);
  assert.equal(await script.ended, 0);
});
