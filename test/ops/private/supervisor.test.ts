import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PLAIN_ENVIRONMENT, Supervisor } from '../../../ops/private/supervisor.js';
import { waitUntil } from '../../../ops/private/wait-until.js';

const sleeper = { command: 'sleep', args: ['1000'], env: PLAIN_ENVIRONMENT };
/** Leaves a grandchild in a session of its own, as a daemon does. */
const daemonizer = { command: 'sh', args: ['-c', 'setsid sleep 1000 & echo $!; wait'], env: PLAIN_ENVIRONMENT };

const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`);

test('the end takes programs, what they left behind, and the directory', async () => {
  const supervisor = await Supervisor.start();
  const program = await supervisor.spawn('daemonizer', daemonizer);
  const orphan = await waitUntil('the pid of the orphan', async () => Number(await supervisor.run('cat', [program.logFile])) || undefined);
  await program.signal('SIGKILL');
  await program.exited();
  assert.equal(isGone(orphan), false, 'the orphan lives until the end');
  await supervisor.end();
  assert.ok(isGone(orphan));
  assert.equal(existsSync(supervisor.directory), false);
});

test('an orphan is reaped at once by a process of ours: the machine’s first one may take seconds, and libvirt waits for it', async (t) => {
  const supervisor = await Supervisor.start();
  t.after(() => supervisor.end());
  const program = await supervisor.spawn('daemonizer', daemonizer);
  const orphan = await waitUntil('the pid of the orphan', async () => Number(await supervisor.run('cat', [program.logFile])) || undefined);
  await program.signal('SIGKILL');
  await program.exited();
  const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${orphan}/status`, 'utf8')) ?? [];
  assert.equal(readFileSync(`/proc/${parent}/comm`, 'utf8').trim(), 'tini');
  await supervisor.run('kill', ['-KILL', String(orphan)]);
  await waitUntil('the orphan to be reaped', () => isGone(orphan));
});

test('a parent that is killed leaves no program and no directory', async () => {
  const module = new URL('../../../ops/private/supervisor.js', import.meta.url).href;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', PARENT, module], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const { pid, directory } = JSON.parse(said.toString()) as { pid: number; directory: string };
  assert.equal(isGone(pid), false);
  parent.kill('SIGKILL');
  await waitUntil('the end of the program', () => isGone(pid));
  await waitUntil('the end of the directory', () => !existsSync(directory));
});

const PARENT = `
const { Supervisor } = await import(process.argv[1]);
const supervisor = await Supervisor.start();
const program = await supervisor.spawn('sleeper', ${JSON.stringify(sleeper)});
console.log(JSON.stringify({ pid: program.pid, directory: supervisor.directory }));
await program.exited();`;

test('an exit is told with its code', async (t) => {
  const supervisor = await Supervisor.start();
  t.after(() => supervisor.end());
  const program = await supervisor.spawn('false', { ...sleeper, command: 'false' });
  assert.deepEqual(await program.exited().then(({ code }) => code), 1);
});

test('a program that cannot be started is an error that names it', async (t) => {
  const supervisor = await Supervisor.start();
  t.after(() => supervisor.end());
  await assert.rejects(supervisor.spawn('nothing', { ...sleeper, command: '/no/such/program' }), /\/no\/such\/program/);
});
