import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { runScript } from './support/run-script.js';
import { standBeforeLibvirt } from './support/stand-before-libvirt.js';

/** A connection whose calls have been quick so far: one thread makes them all. `dom.suspend()` is stuck until `dom.resume()`. */
async function onQuickConnection(t: TestContext, script: string): Promise<void> {
  const library = await standBeforeLibvirt(t, 'stuck-libvirt.c');
  if (library === null) return t.skip('libvirt’s headers are not installed');
  const source = `
    import { open, poolStats } from '@novalet/libvirt';
    const conn = await open('test:///default');
    const [dom] = await conn.listAllDomains();
    const infos = (count) => Array.from({ length: count }, () => dom.info());
    for (let i = 0; i < 50; i++) await Promise.all(infos(16));
    ${script}
    process.exit(0);`;
  const run = runScript(source, { env: { LD_LIBRARY_PATH: library } });
  t.after(() => run.kill());
  assert.equal(await run.ended, 0);
}

test('where calls are quick, a stuck one holds up neither those behind it nor the news of those before', { timeout: 60_000 }, (t) =>
  onQuickConnection(
    t,
    `const before = infos(3);
     const stuck = dom.suspend();
     const behind = infos(30);
     await Promise.all([...before, ...behind]);
     await Promise.all([dom.resume(), stuck]);`,
  ),
);

test('calls that are stuck beside each other leave no news of a quick one untold', { timeout: 60_000 }, (t) =>
  onQuickConnection(
    t,
    `for (let round = 0; round < 20; round++) {
       const stuck = Array.from({ length: 3 }, () => dom.suspend());
       await Promise.all(infos(30));
       await Promise.all([dom.resume(), dom.resume(), dom.resume(), ...stuck]);
     }`,
  ),
);
