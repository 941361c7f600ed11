import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, registerErrorHandler, VIR_ERR_NO_DOMAIN, type LibvirtErrorTuple } from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { runScript } from './support/run-script.js';

test('a handler is told of every error, with its context, in order', async () => {
  await using conn = await open('test:///default');
  const told: [unknown, LibvirtErrorTuple][] = [];
  assert.equal(
    registerErrorHandler((ctx, err) => told.push([ctx, err]), 'mine'),
    1,
  );
  for (const name of ['first', 'second', 'third']) await assert.rejects(conn.lookupByName(name));
  await waitUntil('all to be told', () => told.length === 3);
  assert.deepEqual(
    told.map(([ctx, err]) => [ctx, err[0], err.length]),
    told.map(() => ['mine', VIR_ERR_NO_DOMAIN, 9]),
  );
  const last: unknown[] = [];
  registerErrorHandler((_, err) => last.push(err[0]));
  await assert.rejects(conn.lookupByName('fourth'));
  await waitUntil('the last handler to be told', () => last.length === 1);
  assert.equal(told.length, 3);
  assert.throws(() => registerErrorHandler('no function' as never), TypeError);
});

test('without a handler nothing is printed; with null libvirt prints; a handler keeps no process', async () => {
  const script = runScript(
    `import { open, registerErrorHandler } from '@novalet/libvirt';
     import { execFile } from 'node:child_process';
     const printed = (register) => new Promise((resolve) => {
       execFile(process.execPath, ['--input-type=module', '-e', \`
         import { open, registerErrorHandler } from '@novalet/libvirt';
         \${register}
         const conn = await open('test:///default');
         await conn.lookupByName('nobody').catch(() => {});
       \`], (_, __, stderr) => resolve(stderr));
     });
     console.log(JSON.stringify(await Promise.all([
       printed(''),
       printed('registerErrorHandler(() => {});'),
       printed('registerErrorHandler(null, null);'),
     ])));`,
  );
  const [silent, handled, printed] = JSON.parse((await script.line()) ?? '[]') as string[];
  assert.deepEqual([silent, handled], ['', '']);
  assert.match(printed ?? '', /^libvirt: Test Driver error : Domain not found/);
  assert.equal(await script.ended, 0);
});
