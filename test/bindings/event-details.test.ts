import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from './support/run-script.js';
import { standBeforeLibvirt } from './support/stand-before-libvirt.js';

/** What libvirt says in support/telling-libvirt.c, as the callback's arguments between the domain and opaque. */
const TOLD: readonly (readonly unknown[])[] = [
  [5, 1],
  [],
  [-3000000000],
  [2],
  ['/a/disk', 'vda', 1],
  [
    1,
    { family: 0, node: '10.0.0.1', service: '5900' },
    { family: 2, node: '/a/socket', service: null },
    'sasl',
    [
      ['x509dname', 'CN=one'],
      ['saslUsername', 'two'],
    ],
  ],
  ['/a/disk', 'vda', 1, 'enospc'],
  [],
  ['/a/disk', 2, 3],
  ['/an/old', null, 'ide0', 1],
  ['ide1', 1],
  [11],
  [12],
  [6000000000],
  [14],
  ['gone0'],
  ['vda', 2, 3],
  [{ int: -1, uint: 4000000000, llong: -5000000000, ullong: 5000000000, double: 0.5, boolean: true, string: 'text' }],
  [1, 2],
  ['new0'],
  [20],
  [{ uint: 4000000000 }],
  ['stays0'],
  [2, 'urn:x'],
  ['vda[1]', null, 7000000000, 8],
  [1, 2, 0x80000001],
  ['mem0', 9000000000],
  ['net0', 'old', 'new'],
];

test('every event of a domain brings its own details, in libvirt-python’s order', async (t) => {
  const folder = await standBeforeLibvirt(t, 'telling-libvirt.c');
  if (folder === null) return t.skip('libvirt-dev is not installed');
  const script = runScript(
    `import { open } from '@novalet/libvirt';
     const conn = await open('test:///default');
     for (let event = 0; event < ${TOLD.length}; event++) {
       await new Promise((told) => {
         void conn.domainEventRegisterAny(null, event, (from, dom, ...details) => {
           console.log(JSON.stringify([from === conn, dom.name(), ...details]));
           told();
         }, 'opaque');
       });
     }
     await conn.close();`,
    { env: { LD_LIBRARY_PATH: folder } },
  );
  for (const [event, details] of TOLD.entries()) {
    assert.deepEqual(JSON.parse((await script.line()) ?? 'null'), [true, 'test', ...details, 'opaque'], `event ${event}`);
  }
  assert.equal(await script.ended, 0);
});

test('where 64-bit integers are to be bigints, those of events are', async (t) => {
  const folder = await standBeforeLibvirt(t, 'telling-libvirt.c');
  if (folder === null) return t.skip('libvirt-dev is not installed');
  const script = runScript(
    `import { open, setInt64Mode } from '@novalet/libvirt';
     setInt64Mode('bigint');
     const conn = await open('test:///default');
     for (const event of [2, 13, 17, 24, 25, 26]) {
       const details = await new Promise((told) => void conn.domainEventRegisterAny(null, event, (_, __, ...details) => told(details)));
       console.log(JSON.stringify(details, (_, value) => (typeof value === 'bigint' ? value + 'n' : value)));
     }
     await conn.close();`,
    { env: { LD_LIBRARY_PATH: folder } },
  );
  const lines = [];
  for (let line = await script.line(); line !== null; line = await script.line()) lines.push(JSON.parse(line));
  assert.deepEqual(
    lines.map((details: unknown[]) => details.slice(0, -1)),
    [
      ['-3000000000n'],
      ['6000000000n'],
      [{ int: -1, uint: 4000000000, llong: '-5000000000n', ullong: '5000000000n', double: 0.5, boolean: true, string: 'text' }],
      ['vda[1]', null, '7000000000n', '8n'],
      [1, 2, 0x80000001],
      ['mem0', '9000000000n'],
    ],
  );
});
