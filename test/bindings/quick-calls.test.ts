import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { runScript } from './support/run-script.js';
import { preloaded, standBeforeLibvirt } from './support/stand-before-libvirt.js';

/** A connection whose calls have been quick so far: one thread makes them all. `dom.suspend()` is stuck until `dom.resume()`. */
async function onQuickConnection(t: TestContext, script: string, { atOnce = 16, lateStarters = false } = {}): Promise<void> {
  const library = await standBeforeLibvirt(t, 'stuck-libvirt.c');
  if (library === null) return t.skip('libvirt’s headers are not installed');
  const source = `
    import { open, poolStats } from '@novalet/libvirt';
    const conn = await open('test:///default');
    const [dom] = await conn.listAllDomains();
    const infos = (count) => Array.from({ length: count }, () => dom.info());
    for (let i = 0; i < 800; i += ${atOnce}) await Promise.all(infos(${atOnce}));
    ${script}
    process.exit(0);`;
  const env = { LD_LIBRARY_PATH: library, ...(lateStarters && { LD_PRELOAD: await preloaded(t, 'late-starters.c') }) };
  const run = runScript(source, { env });
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

test('a thread that looks after a stuck call does so, also when it runs before its start is over', { timeout: 60_000 }, (t) =>
  onQuickConnection(
    t,
    `const stuck = dom.suspend();
     await Promise.all(infos(30));
     await Promise.all([dom.resume(), stuck]);`,
    { atOnce: 1, lateStarters: true }, // one thread so far: the next is new
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
