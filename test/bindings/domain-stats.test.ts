import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { open } from '@novalet/libvirt';

const run = promisify(execFile);

test('statistics come as pairs of a domain and its values', async () => {
  await using conn = await open('test:///default');
  const all = await conn.getAllDomainStats();
  assert.deepEqual(
    all.map(([domain, stats]) => [domain.name(), domain.connect() === conn, stats]),
    [['test', true, { 'state.state': 1, 'state.reason': 0 }]],
  );
});

test('statistics are the same where code generation is forbidden', async () => {
  const script = `
    import { open } from '@novalet/libvirt';
    const conn = await open('test:///default');
    console.log(JSON.stringify((await conn.getAllDomainStats()).map(([, stats]) => stats)));
    await conn.close();`;
  const { stdout } = await run(process.execPath, ['--disallow-code-generation-from-strings', '--input-type=module', '-e', script]);
  assert.deepEqual(JSON.parse(stdout), [{ 'state.state': 1, 'state.reason': 0 }]);
});
