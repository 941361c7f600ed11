import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status as Code } from '@grpc/grpc-js';
import { InstanceService } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { spawnBody } from '../../../support/commands.js';
import { WatchBench } from './watch-bench.js';

const { getConsoleOutput } = InstanceService.method;
const nameOf = (id: string) => `projects/default/instances/${id}`;

async function withGuest(t: ConstructorParameters<typeof WatchBench>[0]) {
  const bench = await new WatchBench(t).start();
  const { id } = spawnBody().instance;
  await bench.life.run('instance.spawn', spawnBody({ id }));
  await bench.life.survey();
  return { bench, id, consoles: bench.life.host.consoles };
}

test('the end of a console comes and ends', async (t) => {
  const { bench, id, consoles } = await withGuest(t);
  consoles.set(id, 'login: ');
  const { messages, ended } = bench.client().listen(getConsoleOutput, { name: nameOf(id), maxBytes: 3 });
  const { content, truncated } = await messages.next();
  assert.deepEqual([Buffer.from(content).toString(), truncated, await ended], ['n: ', true, null]);
});

test('a console that is followed goes on until the guest is off', async (t) => {
  const { bench, id, consoles } = await withGuest(t);
  consoles.set(id, 'one');
  const { messages, ended } = bench.client().listen(getConsoleOutput, { name: nameOf(id), follow: true });
  assert.equal(Buffer.from((await messages.next()).content).toString(), 'one');
  consoles.set(id, 'one two');
  assert.equal(Buffer.from((await messages.next()).content).toString(), ' two');
  bench.life.register.hear(id, 'shutdown', 'shutdown');
  assert.equal(await ended, null);
});

test('whoever follows a console may go at any time; of an instance that is not there is none', async (t) => {
  const { bench, id, consoles } = await withGuest(t);
  consoles.set(id, 'one');
  const { messages, stream, ended } = bench.client().listen(getConsoleOutput, { name: nameOf(id), follow: true });
  await messages.next();
  stream.cancel();
  assert.equal((await ended)?.code, Code.CANCELLED);
  const { ended: none } = bench.client().listen(getConsoleOutput, { name: nameOf(spawnBody().instance.id) });
  assert.equal((await none)?.code, Code.NOT_FOUND);
});
