import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { runCli } from '../services/cli/support/run-cli.js';
import { hostUnderTest } from './host-under-test.js';

const PROGRAM = fileURLToPath(new URL('../../services/compute/cli.js', import.meta.url));

/** A worker without a broker, and its socket. */
async function localHost(t: Parameters<typeof hostUnderTest>[0], virtType: 'qemu' | 'test') {
  const host = await hostUnderTest(t, '', virtType);
  const socket = host.libvirtd.supervisor.path('grpc.sock');
  host.worker.settings = { NOVALET_GRPC_LISTEN: `unix:${socket}` };
  await host.worker.start();
  const novalet = async (...words: string[]) => {
    const ran = await runCli([...words, '--address', socket]);
    assert.equal(ran.code, 0, `${words.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  };
  return { host, socket, novalet };
}

test('one host needs nothing but libvirt: an instance is made, changed and taken away by the command line', async (t) => {
  const { host, novalet } = await localHost(t, 'test');
  const created = JSON.parse(
    await novalet('instance', 'create', 'web', '--vcpus', '1', '--memory', '64M', '--metadata', 'a=b', '-o', 'json'),
  ) as { uid: string };
  const id = created.uid;
  assert.deepEqual((await host.domains()).running, [id]);
  assert.match(await novalet('instance', 'list'), new RegExp(`^ID .*\n${id}  web   running`));
  for (const [verb, state] of [
    ['stop', 'stopped'],
    ['start', 'running'],
    ['pause', 'paused'],
    ['unpause', 'running'],
    ['reboot', 'running'],
  ] as const) {
    assert.equal(await novalet('instance', verb, 'web'), `${id} is ${state}\n`);
  }
  await novalet('instance', 'set-metadata', 'web', 'c=d');
  assert.match(await novalet('instance', 'show', 'web'), /metadata c +d\n/);
  assert.match(await novalet('operation', 'list'), /instance\.spawn[^\n]* done\n/);
  assert.match(
    await novalet('instance', 'create', 'big', '--vcpus', '1', '--memory', '64M', '--disk', 'size=1G', '--dry-run'),
    /It fits\.[\s\S]*<domain/,
  );
  assert.match(await novalet('instance', 'delete', 'web'), new RegExp(`^${id} is gone: `));
  assert.deepEqual([(await host.domains()).all, await host.files()], [[], []]);
});

test('what the worker refuses is told with its kind', async (t) => {
  const { socket, novalet } = await localHost(t, 'test');
  for (const name of ['web', 'off']) await novalet('instance', 'create', name, '--vcpus', '1', '--memory', '64M');
  await novalet('instance', 'stop', 'off', '--grace', '0');
  const cases = [
    [3, 'instance', 'show', '6b1f5f0e-52a5-4f06-8b40-1d8f5a3f8f01'],
    [3, 'instance', 'stop', '6b1f5f0e-52a5-4f06-8b40-1d8f5a3f8f01'],
    [2, 'instance', 'create', 'web', '--memory', '64M'],
    [9, 'instance', 'snapshot', 'web', 'image'],
    [6, 'instance', 'console-address', 'off'],
    [2, 'instance', 'list', '--filter', 'colour = red'],
  ] as const;
  for (const [code, ...words] of cases) {
    const ran = await runCli([...words, '--address', socket]);
    assert.equal(ran.code, code, `${words.join(' ')}: ${ran.stderr}`);
  }
});

test('the program itself leaves with the code of what happened, and says nothing to a reader that left', async (t) => {
  const { socket, novalet } = await localHost(t, 'test');
  const run = promisify(execFile);
  const env = { ...process.env, NOVALET_GRPC_ADDRESS: socket };
  await novalet('instance', 'create', 'web', '--vcpus', '1', '--memory', '64M', '-q');
  const { stdout } = await run(process.execPath, [PROGRAM, 'instance', 'list', '-o', 'json'], { env });
  assert.equal((JSON.parse(stdout) as { instances: unknown[] }).instances.length, 1);
  await assert.rejects(run(process.execPath, [PROGRAM, 'instance', 'show', 'nobody'], { env }), { code: 3 });
  const pipe = await run('bash', ['-c', `set -o pipefail; "$0" "$1" instance list | true`, process.execPath, PROGRAM], { env });
  assert.equal(pipe.stderr, '');
  const completed = await run(
    'bash',
    [
      '-c',
      'source <("$0" "$1" completion bash); novalet() { "$node" "$program" "$@"; }; COMP_WORDS=(novalet instance stop ""); COMP_CWORD=3; _novalet; echo "${COMPREPLY[@]}"',
      process.execPath,
      PROGRAM,
    ],
    {
      env: { ...env, node: process.execPath, program: PROGRAM },
    },
  );
  assert.equal(completed.stdout, 'web\n');
});
