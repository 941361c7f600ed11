import assert from 'node:assert/strict';
import test from 'node:test';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { BadRequestSchema, ErrorInfoSchema } from '../../../services/common/proto/generated/google/rpc/error_details_pb.js';
import type {
  CreateInstanceRequest,
  StopInstanceRequest,
} from '../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { DeletedInstanceSchema } from '../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { detail, Refusal, withFakeWorker } from './support/fake-worker.js';
import { done, doneInstance, failed, ID, instance, NAME, OPERATION, underWay } from './support/operations.js';
import { runCli } from './support/run-cli.js';

test('a change is sent with an id of its own, waited for, and its result printed', async (t) => {
  const worker = await withFakeWorker(t, { stopInstance: () => underWay(), waitOperation: () => doneInstance() });
  const ran = await runCli(['instance', 'stop', ID, '--grace', '5', '--etag', 'e1', '--address', worker.socket]);
  assert.deepEqual([ran.code, ran.stdout], [0, `${ID} (web) is running\n`]);
  const request = worker.requests[0]?.request as StopInstanceRequest;
  assert.deepEqual([request.name, request.gracePeriod?.seconds, request.etag], [NAME, 5n, 'e1']);
  assert.match(request.requestId, /^[0-9a-f-]{36}$/);
});

test('for programs the result is JSON on stdout, and nothing else is said', async (t) => {
  const worker = await withFakeWorker(t, { stopInstance: () => underWay(), waitOperation: () => doneInstance() });
  const { stdout, stderr } = await runCli(['instance', 'stop', ID, '-o', 'json', '--address', worker.socket]);
  assert.equal((JSON.parse(stdout) as { state: string }).state, 'STATE_RUNNING');
  assert.equal(stderr, '');
});

test('without waiting the operation is printed', async (t) => {
  const worker = await withFakeWorker(t, { stopInstance: () => underWay() });
  const { code, stdout } = await runCli(['instance', 'stop', ID, '--no-wait', '--address', worker.socket]);
  assert.deepEqual([code, stdout], [0, `${OPERATION.split('/').at(-1)}\n`]);
});

test('a wait that takes too long leaves the operation alone, and says how to look at it', async (t) => {
  const worker = await withFakeWorker(t, { stopInstance: () => underWay(), waitOperation: () => underWay() });
  const { code, stderr } = await runCli(['instance', 'stop', ID, '--timeout', '0.5', '--address', worker.socket]);
  assert.equal(code, 20);
  assert.match(stderr, /the operation goes on/);
  assert.match(stderr, /novalet operation wait 9d2c64f4/);
});

test('an interrupted wait leaves the operation alone, and says how to look at it', async (t) => {
  const interrupt = new AbortController();
  const waitOperation = (_request: unknown, signal: AbortSignal) => {
    interrupt.abort();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(underWay())));
  };
  const worker = await withFakeWorker(t, { stopInstance: () => underWay(), waitOperation });
  const { code, stderr } = await runCli(['instance', 'stop', ID, '--address', worker.socket], { interrupted: interrupt.signal });
  assert.equal(code, 130);
  assert.match(stderr, /interrupted; the operation goes on/);
  assert.match(stderr, /novalet operation wait 9d2c64f4/);
  assert.deepEqual(
    worker.requests.map(({ method }) => method),
    ['stopInstance', 'waitOperation'],
  );
});

test('a worker that starts again in between is waited for, and what was accepted comes to its end', async (t) => {
  const worker = await withFakeWorker(t, { stopInstance: () => underWay() });
  worker.answer({
    waitOperation: () => {
      worker.answer({ waitOperation: () => doneInstance() });
      void worker.restart();
      return new Promise(() => undefined);
    },
  });
  const { code, stdout, stderr } = await runCli(['instance', 'stop', ID, '--address', worker.socket]);
  assert.deepEqual([code, stdout], [0, `${ID} (web) is running\n`], stderr);
});

test('a worker that is away is told of once, however often it is asked', async (t) => {
  let asked = 0;
  const waitOperation = () => {
    asked += 1;
    if (asked > 3) return doneInstance();
    throw new Refusal(status.UNAVAILABLE, 'the worker is stopping', []);
  };
  const worker = await withFakeWorker(t, { stopInstance: () => underWay(), waitOperation });
  const { code, stderr } = await runCli(['instance', 'stop', ID, '--address', worker.socket]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr.match(/is away/g)?.length, 1, stderr);
});

test('a connection that breaks before the answer has the same request sent again', async (t) => {
  const worker = await withFakeWorker(t, { waitOperation: () => doneInstance() });
  worker.answer({
    stopInstance: () => {
      worker.answer({ stopInstance: () => underWay() });
      void worker.restart();
      return new Promise(() => undefined);
    },
  });
  const { code, stderr } = await runCli(['instance', 'stop', ID, '--address', worker.socket]);
  assert.equal(code, 0, stderr);
  const ids = worker.requests
    .filter(({ method }) => method === 'stopInstance')
    .map(({ request }) => (request as StopInstanceRequest).requestId);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
});

test('what the worker could not reach itself is no reason to take the worker for away', async (t) => {
  const unavailable = create(ErrorInfoSchema, { reason: 'UNAVAILABLE', domain: 'novalet.compute' });
  const worker = await withFakeWorker(t, {
    stopInstance: () => {
      worker.answer({ stopInstance: () => doneInstance() });
      throw new Refusal(status.UNAVAILABLE, 'libvirt: connect ECONNREFUSED', [detail(ErrorInfoSchema, unavailable)]);
    },
  });
  const { code, stderr } = await runCli(['instance', 'stop', ID, '--address', worker.socket]);
  assert.equal(code, 0, stderr);
  assert.equal(worker.requests.length, 2);
});

test('an operation that came to nothing is told with its facts, and what to do', async (t) => {
  const info = create(ErrorInfoSchema, { reason: 'EXHAUSTED', domain: 'novalet.compute', metadata: { step: 'claim' } });
  const worker = await withFakeWorker(t, {
    startInstance: () => underWay(),
    waitOperation: () => failed(status.RESOURCE_EXHAUSTED, 'not enough memory', detail(ErrorInfoSchema, info)),
  });
  const ran = await runCli(['instance', 'start', ID, '--address', worker.socket]);
  assert.equal(ran.code, 8);
  assert.match(ran.stderr, /not enough memory\n {2}step: claim\n {2}operation: .*\n {2}request id: r-1\n {2}→ novalet host show/);
});

test('a request that is refused names the field, for people and for programs', async (t) => {
  const violations = create(BadRequestSchema, { fieldViolations: [{ field: 'instance.spec.vcpus', description: 'at least 1' }] });
  const worker = await withFakeWorker(t, {
    createInstance: () => {
      throw new Refusal(status.INVALID_ARGUMENT, 'the request is wrong', [detail(BadRequestSchema, violations)]);
    },
  });
  const words = ['instance', 'create', 'web', '--memory', '1G', '--address', worker.socket];
  const { code, stderr } = await runCli(words);
  assert.equal(code, 2);
  assert.match(stderr, /instance\.spec\.vcpus: at least 1/);
  const { error } = JSON.parse((await runCli([...words, '-o', 'json'])).stderr) as { error: { kind: string; fields: unknown } };
  assert.equal(error.kind, 'invalid');
  assert.deepEqual(error.fields, [{ field: 'instance.spec.vcpus', description: 'at least 1' }]);
});

test('an instance is made from a file, and options come on top of it', async (t) => {
  const worker = await withFakeWorker(t, { createInstance: () => doneInstance() });
  const file = JSON.stringify({
    displayName: 'web',
    metadata: { a: '1' },
    spec: { vcpus: 1, memoryMiB: '512', disks: [{ image: 'a.qcow2' }], seed: { hostname: 'web' } },
  });
  const words = [
    'instance',
    'create',
    '-f',
    '-',
    '--vcpus',
    '2',
    '--metadata',
    'b=2',
    '--disk',
    'image=b.qcow2,size=4G,bus=scsi',
    '--disk',
    'size=1G',
    '--ssh-key',
    'ssh-ed25519 AAAA',
  ];
  const { code, stderr } = await runCli([...words, '--paused', '--address', worker.socket], { input: file });
  assert.equal(code, 0, stderr);
  const { instance: wanted, start } = worker.requests[0]?.request as CreateInstanceRequest;
  assert.deepEqual(
    [wanted?.displayName, wanted?.metadata, wanted?.spec?.vcpus, wanted?.spec?.memoryMib],
    ['web', { a: '1', b: '2' }, 2, 512n],
  );
  assert.deepEqual(
    wanted?.spec?.disks.map(({ source, sizeMib }) => [source.value, sizeMib]),
    [
      ['b.qcow2', 4096n],
      [undefined, 1024n],
    ],
  );
  assert.deepEqual([wanted?.spec?.seed?.hostname, wanted?.spec?.seed?.sshKeys, start?.paused], ['web', ['ssh-ed25519 AAAA'], true]);
});

test('a file with a field that there is not is refused before anything is sent', async (t) => {
  const worker = await withFakeWorker(t, {});
  const { code, stderr } = await runCli(['instance', 'create', '-f', '-', '--address', worker.socket], { input: '{"spec":{"cpus":1}}' });
  assert.equal(code, 2);
  assert.match(stderr, /standard input is not an Instance in JSON: .*cpus/);
  assert.equal(worker.requests.length, 0);
});

test('an instance is named by what people call it where only one is called so', async (t) => {
  const other = instance({ name: `${NAME.slice(0, -1)}2`, displayName: 'twin' });
  const twins = [other, instance({ displayName: 'twin' }), instance({ displayName: 'web' })];
  const worker = await withFakeWorker(t, {
    listInstances: () => ({ instances: twins }),
    deleteInstance: () => done(DeletedInstanceSchema, { name: NAME, existed: true, removed: ['domain', 'files'] }),
  });
  const web = await runCli(['instance', 'delete', 'web', '--address', worker.socket]);
  assert.deepEqual([web.code, web.stdout], [0, `${ID} is gone: domain, files\n`]);
  const twin = await runCli(['instance', 'delete', 'twin', '--address', worker.socket]);
  assert.equal(twin.code, 2);
  assert.match(twin.stderr, new RegExp(`2 instances are called twin: .*${ID}`));
  const nobody = ['instance', 'delete', 'nobody', '--address', worker.socket];
  assert.equal((await runCli(nobody)).code, 3);
  assert.equal((await runCli([...nobody, '--allow-missing'])).code, 0);
  assert.equal(worker.requests.filter(({ method }) => method === 'deleteInstance').length, 1);
});

test('a password is read from standard input, and not taken from the command line', async (t) => {
  const worker = await withFakeWorker(t, { setAdminPassword: () => doneInstance() });
  const { code } = await runCli(['instance', 'set-password', ID, '--address', worker.socket], { input: 'secret\n' });
  assert.equal(code, 0);
  assert.equal((worker.requests[0]?.request as unknown as { password: string }).password, 'secret');
  assert.equal((await runCli(['instance', 'set-password', ID, 'secret', '--address', worker.socket])).code, 2);
});

test('a change that is interrupted before its answer says with which id to find out', async (t) => {
  const interrupt = new AbortController();
  const worker = await withFakeWorker(t, {
    stopInstance: () => {
      interrupt.abort();
      return new Promise(() => undefined);
    },
  });
  const { code, stderr } = await runCli(['instance', 'stop', ID, '--address', worker.socket], { interrupted: interrupt.signal });
  assert.equal(code, 130);
  const { requestId } = worker.requests[0]?.request as StopInstanceRequest;
  assert.match(stderr, new RegExp(`may have taken the request\n +request id: ${requestId}\n`));
});
