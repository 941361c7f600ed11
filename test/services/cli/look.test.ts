import assert from 'node:assert/strict';
import test from 'node:test';
import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { ErrorInfoSchema } from '../../../services/common/proto/generated/google/rpc/error_details_pb.js';
import { Instance_State } from '../../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import type {
  ListInstancesRequest,
  WatchInstancesRequest,
} from '../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { detail, Refusal, withFakeWorker } from './support/fake-worker.js';
import { doneInstance, ID, instance, NAME, OPERATION, underWay } from './support/operations.js';
import { runCli } from './support/run-cli.js';

const HOSTILE = 'web\x1b]0;owned\x07\n\x9b2J\u202e';

test('a list is a table, and a name that plays with terminals stays in its cell', async (t) => {
  const spec = { vcpus: 2, memoryMib: 2048n };
  const worker = await withFakeWorker(t, { listInstances: () => ({ instances: [instance({ displayName: HOSTILE, spec })] }) });
  const { code, stdout } = await runCli(['instance', 'list', '--address', worker.socket], { terminal: true });
  assert.equal(code, 0);
  const [header, row, ...more] = stdout.split('\n');
  assert.match(header ?? '', /^ID +NAME +STATE +VCPUS +MEMORY +AGE$/);
  assert.match(row ?? '', /^6b1f5f0e\S+ {2}web\\u\{1b\}\]0;owned.* {2}running +2 +2 GiB +-$/);
  assert.deepEqual(more, ['']);

  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

test('a list of many pages is one, for programs too', async (t) => {
  const worker = await withFakeWorker(t, {
    listInstances: ({ pageToken }: ListInstancesRequest) =>
      pageToken === '' ? { instances: [instance()], nextPageToken: 'more' } : { instances: [instance({ displayName: HOSTILE })] },
  });
  const { stdout } = await runCli(['instance', 'list', '-o', 'json', '--address', worker.socket]);
  const { instances } = JSON.parse(stdout) as { instances: { displayName: string }[] };
  assert.deepEqual(
    instances.map(({ displayName }) => displayName),
    ['web', HOSTILE],
  );
});

test('a console is harmless text on a terminal, and as it was in a pipe', async (t) => {
  const said = 'Grüße\x1b[2J\r\n\x1b]0;owned\x07$ ';
  const bytes = Buffer.from(said);
  const worker = await withFakeWorker(t, {
    getConsoleOutput: function* () {
      for (let at = 0; at < bytes.length; at += 3) yield { content: new Uint8Array(bytes.subarray(at, at + 3)) };
    },
  });
  const words = ['instance', 'console', ID, '--address', worker.socket];
  assert.equal((await runCli(words, { terminal: true })).stdout, 'Grüße\n$ \n');
  assert.equal((await runCli([...words, '--raw'], { terminal: true })).stdout, said);
  assert.equal((await runCli(words)).stdout, said);
});

test('a watch goes on over a restart of the worker from the last revision that it saw', async (t) => {
  const interrupt = new AbortController();
  const froms: bigint[] = [];
  const worker = await withFakeWorker(t, {});
  worker.answer({
    watchInstances: async function* ({ startRevision }: WatchInstancesRequest, cancelled: AbortSignal) {
      froms.push(startRevision);
      if (froms.length === 1) {
        yield { event: { case: 'upserted', value: instance({ revision: 9n }) } };
        yield { event: { case: 'upserted', value: instance({ revision: 3n }) } };
        yield { event: { case: 'snapshotComplete', value: 9n } };
        yield { event: { case: 'upserted', value: instance({ revision: 12n, state: Instance_State.STOPPED }) } };
        setImmediate(() => void worker.restart());
      } else {
        yield { event: { case: 'deleted', value: instance({ revision: 13n, state: Instance_State.DELETED }) } };
      }
      await once(cancelled, 'abort');
    },
  });
  const onOutput = (text: string): void => void (text.includes('gone') && interrupt.abort());
  const { code, stdout } = await runCli(['instance', 'watch', '--address', worker.socket], { interrupted: interrupt.signal, onOutput });
  assert.deepEqual(froms, [0n, 12n]);
  assert.equal(code, 130);
  assert.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('  ')[2]),
    ['running', 'running', 'stopped', 'gone'],
  );
});

test('a watch from a revision that is not kept any more says what to do', async (t) => {
  const info = create(ErrorInfoSchema, { reason: 'REVISION_COMPACTED', domain: 'novalet.compute' });
  const worker = await withFakeWorker(t, {
    watchInstances: () => {
      throw new Refusal(status.OUT_OF_RANGE, 'the log begins at 100', [detail(ErrorInfoSchema, info)]);
    },
  });
  const { code, stderr } = await runCli(['instance', 'watch', '--from', '5', '--address', worker.socket]);
  assert.equal(code, 6);
  assert.match(stderr, /the log begins at 100\n {2}→ .* watch without --from/);
});

test('progress is one line on a terminal, a line for each phase elsewhere, and none for programs', async (t) => {
  const stages = [
    { phase: 'download', bytes: 1024n ** 2n, totalBytes: 4n * 1024n ** 2n, percent: 25 },
    { phase: 'download', bytes: 2n * 1024n ** 2n, totalBytes: 4n * 1024n ** 2n, percent: 50 },
    { phase: 'define' },
  ];
  const run = async (terminal: boolean, ...more: string[]) => {
    const left = [...stages];
    const worker = await withFakeWorker(t, {
      startInstance: () => underWay({ phase: 'images' }),
      waitOperation: () => {
        const stage = left.shift();
        return stage ? underWay(stage) : doneInstance();
      },
    });
    return runCli(['instance', 'start', ID, '--address', worker.socket, ...more], { terminal });
  };
  assert.match((await run(true)).stderr, /\r\x1b\[Kstop 6b1f5f0e · download · 2 MiB of 4 MiB · 50 % · 0 s\r\x1b\[K/);
  assert.equal((await run(false)).stderr.split('\n').length, 4);
  assert.equal((await run(false, '-o', 'json')).stderr, '');
  assert.equal((await run(true, '--quiet')).stderr, '');
});

test('an operation is looked at, waited for and called off by its id', async (t) => {
  const worker = await withFakeWorker(t, {
    getOperation: () => underWay({ phase: 'disks' }),
    waitOperation: () => doneInstance(),
    cancelOperation: () => ({}),
  });
  const id = OPERATION.split('/').at(-1) ?? '';
  const shown = await runCli(['operation', 'show', id, '--address', worker.socket]);
  assert.match(shown.stdout, /outcome +under way\nphase +disks\n/);
  assert.equal((await runCli(['operation', 'wait', id, '--address', worker.socket])).stdout, `${ID} (web) is running\n`);
  assert.equal((await runCli(['operation', 'cancel', id, '--address', worker.socket])).stdout, `${id} is asked to end\n`);
});

test('a drain tells how much is at work until nothing is', async (t) => {
  const worker = await withFakeWorker(t, {
    drainHost: function* () {
      yield { commandsInFlight: 2, cordon: { reason: 'new disk' } };
      yield { commandsInFlight: 0, drained: true, cordon: { reason: 'new disk' } };
    },
  });
  const { code, stdout, stderr } = await runCli(['host', 'drain', '--reason', 'new disk', '--address', worker.socket]);
  assert.deepEqual([code, stdout], [0, 'drained since now: new disk\n']);
  assert.match(stderr, /drain · 2 at work\n/);
});

test('a shell is offered the instances that there are', async (t) => {
  const worker = await withFakeWorker(t, {
    listInstances: () => ({ instances: [instance(), instance({ name: `${NAME.slice(0, -1)}2`, displayName: 'two words' })] }),
  });
  const wanted = `web\trunning\n${ID.slice(0, -1)}2\ttwo words, running\n`;
  const stop = ['__complete', '--', 'instance', 'stop'];
  assert.equal((await runCli([...stop, ''], { env: { NOVALET_GRPC_ADDRESS: worker.socket } })).stdout, wanted);
  for (const said of [['--address', worker.socket], [`--address=${worker.socket}`]])
    assert.equal((await runCli([...stop, ...said, ''], { env: { NOVALET_GRPC_ADDRESS: '/nowhere.sock' } })).stdout, wanted, said[0]);
});

test('a shell that asks where no worker is gets no answer, and no error', async () => {
  const { code, stdout, stderr } = await runCli(['__complete', '--', 'instance', 'stop', ''], {
    env: { NOVALET_GRPC_ADDRESS: '/nowhere.sock' },
  });
  assert.deepEqual([code, stdout, stderr], [0, '', '']);
});
