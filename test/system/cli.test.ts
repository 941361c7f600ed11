import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { freePorts } from '../../ops/private/free-ports.js';
import { makeTlsMaterial } from '../../ops/private/tls-material.js';
import { waitUntil } from '../../ops/private/wait-until.js';
import { runCli } from '../services/cli/support/run-cli.js';
import { hostUnderTest } from './host-under-test.js';

const PROGRAM = fileURLToPath(new URL('../../services/compute/cli.js', import.meta.url));

/** A worker without a broker, and its socket. */
async function localHost(t: Parameters<typeof hostUnderTest>[0], virtType: 'qemu' | 'test') {
  const host = await hostUnderTest(t, null, virtType);
  const { socket } = host.worker;
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
    assert.equal(await novalet('instance', verb, 'web'), `${id} (web) is ${state}\n`);
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

test('a wait outlives the worker: what was accepted comes to its end after a kill', async (t) => {
  const { host, socket, novalet } = await localHost(t, 'qemu'); // a firmware that hears no power button
  await novalet('instance', 'create', 'web', '--vcpus', '1', '--memory', '64M');
  const stopping = novalet('instance', 'stop', 'web', '--grace', '4');
  await waitUntil('the stop to be under way', async () => {
    const ran = await runCli(['operation', 'list', '--filter', 'done = false', '--address', socket]);
    return ran.stdout.includes('instance.stop');
  });
  await host.worker.kill();
  await host.worker.start();
  assert.match(await stopping, /is stopped\n$/);
  assert.equal(await host.guestProcesses(), 0);
  await novalet('instance', 'delete', 'web');
});

test('a watch tells of everything until it is interrupted, and the host of itself', async (t) => {
  const { socket, novalet } = await localHost(t, 'test');
  const interrupt = new AbortController();
  const lines: string[] = [];
  const onOutput = (text: string): void => {
    lines.push(...text.trimEnd().split('\n'));
    if (text.includes('  gone')) interrupt.abort();
  };
  const watching = runCli(['instance', 'watch', '--address', socket], { interrupted: interrupt.signal, onOutput });
  const id = (JSON.parse(await novalet('instance', 'create', 'web', '--vcpus', '1', '--memory', '64M', '-o', 'json')) as { uid: string })
    .uid;
  await novalet('instance', 'pause', id);
  const seen = (state: string): boolean => lines.some((line) => line.split('  ')[2] === state);
  await waitUntil('the watch to tell of it', () => Promise.resolve(seen('paused'))); // what follows at once may be told as one
  await novalet('instance', 'delete', id);
  assert.equal((await watching).code, 130);
  assert.equal(seen('gone'), true);
  assert.match(await novalet('instance', 'events', id), /instance\.pause/);

  assert.match(await novalet('host', 'cordon', '--reason', 'new disk'), /is cordoned since .*: new disk\n$/);
  const refused = await runCli(['instance', 'create', 'web', '--vcpus', '1', '--memory', '64M', '--address', socket]);
  assert.equal(refused.code, 6);
  assert.match(refused.stderr, /novalet host uncordon/);
  assert.match(await novalet('host', 'show'), /new instances +cordoned\ncordoned +since .*: new disk\n/);
  assert.match(await novalet('host', 'drain', '-q'), /^drained since /);
  await novalet('host', 'uncordon');
  assert.match(await novalet('host', 'foreign'), /^UUID .*\n[0-9a-f-]{36} {2}test {2}/);
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

test('over TCP nobody is trusted without a certificate, on either side', async (t) => {
  const host = await hostUnderTest(t, null, 'test');
  const { supervisor } = host.libvirtd;
  const { ca, serverCert, serverKey, clientCert, clientKey } = await makeTlsMaterial(supervisor);
  const [port] = await freePorts(1);
  host.worker.settings = {
    NOVALET_GRPC_LISTEN: `127.0.0.1:${port}`,
    NOVALET_GRPC_CERT: serverCert,
    NOVALET_GRPC_KEY: serverKey,
    NOVALET_GRPC_CLIENT_CA: ca,
  };
  await host.worker.start();
  const list = (...options: string[]) => runCli(['instance', 'list', '--address', `127.0.0.1:${port}`, ...options]);
  const known = await list('--ca', ca, '--cert', clientCert, '--key', clientKey);
  assert.equal(known.code, 0, known.stderr);
  const untrusting = await list('--cert', clientCert, '--key', clientKey);
  assert.equal(untrusting.code, 10, untrusting.stderr);
  assert.match(untrusting.stderr, /--ca/);
  const unknown = await list('--ca', ca);
  assert.equal(unknown.code, 10, unknown.stderr);
  assert.match(unknown.stderr, /--cert/);
});
