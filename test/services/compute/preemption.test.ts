import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputeError } from '../../../services/common/errors.js';
import { spawnBody } from '../../support/commands.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { workbench } from '../../support/workbench.js';

const id = (messageId: string) => ({ properties: { messageId } });
const controlled = (messageId: string) => ({ queue: 'control' as const, ...id(messageId) });

/** A spawn that stands in the middle of its disks, and what a destroy of it, sent now, makes of both. */
async function destroyed(spawn: { generation?: number }, destroy: { generation?: number }) {
  const bench = workbench();
  const hold = bench.driver.holdNext('define');
  const body = spawnBody({}, spawn);
  bench.tasks.take(fakeDelivery('instance.spawn', body, id('the-spawn')));
  await hold.reached;
  bench.tasks.take(fakeDelivery('instance.destroy', { instance: { id: body.instance.id }, ...destroy }, controlled('the-destroy')));
  return { ...bench, hold, id: body.instance.id };
}

test('a destroy ends the spawn that runs: the spawn says by whom and what it took away, and nothing is left', async () => {
  const { results, driver, tombstones, id } = await destroyed({}, {});
  const [spawn, destroy] = await results(2); // nobody has released the hold
  assert.equal(spawn?.error?.kind, 'cancelled');
  assert.match(spawn?.error?.message ?? '', /called off by the destroy the-destroy/);
  assert.deepEqual([spawn?.error?.cleanedUp, spawn?.error?.retryable], [['files'], false]);
  assert.deepEqual([destroy?.command, destroy?.outcome], ['instance.destroy', 'done']);
  assert.equal(driver.host.instances.size, 0);
  assert.equal(tombstones.generationOf(id), 1);
});

test('a destroy without a generation keeps the spawn that it has ended down, whatever that one’s generation', async () => {
  const { results, tombstones, tasks, id } = await destroyed({ generation: 5 }, {});
  await results(2);
  assert.equal(tombstones.generationOf(id), 5);
  tasks.take(fakeDelivery('instance.spawn', spawnBody({ id }, { generation: 5 })));
  assert.equal((await results(1))[0]?.error?.kind, 'conflict');
});

test('a destroy of an older generation leaves a newer spawn alone', async () => {
  const { results, hold, driver, id } = await destroyed({ generation: 2 }, { generation: 1 });
  hold.release();
  const [spawn, destroy] = await results(2);
  assert.deepEqual([spawn?.command, spawn?.outcome], ['instance.spawn', 'done']);
  assert.equal(destroy?.destroyed?.existed, false);
  assert.ok(driver.host.instances.get(id)?.committed);
});

test('a destroy goes before the spawns that wait for its lane, and they stay down', async () => {
  const { tasks, results, driver } = workbench();
  const hold = driver.holdNext('find');
  const body = spawnBody();
  const about = { instance: { id: body.instance.id } };
  tasks.take(fakeDelivery('instance.spawn', { ...body, dryRun: true }, controlled('asks')));
  await hold.reached;
  for (const one of ['first', 'second']) tasks.take(fakeDelivery('instance.spawn', body, id(one)));
  tasks.take(fakeDelivery('instance.destroy', about, controlled('the-destroy')));
  hold.release();
  const order = (await results(4)).map(({ messageId, error }) => [messageId, error?.kind]);
  assert.deepEqual(order.slice(1), [
    ['the-destroy', undefined],
    ['first', 'conflict'],
    ['second', 'conflict'],
  ]);
});

for (const generation of [undefined, 1]) {
  test(`a destroy of generation ${generation} ends a stop that waits for its guest`, async () => {
    const { tasks, results, driver } = workbench();
    const body = spawnBody();
    const about = { instance: { id: body.instance.id } };
    tasks.take(fakeDelivery('instance.spawn', body));
    await results(1);
    const hold = driver.holdNext('shutdown');
    tasks.take(fakeDelivery('instance.stop', about, controlled('the-stop')));
    await hold.reached;
    tasks.take(fakeDelivery('instance.destroy', { ...about, generation }, controlled('the-destroy')));
    const [stop, destroy] = await results(2);
    assert.deepEqual([stop?.messageId, stop?.error?.kind], ['the-stop', 'cancelled']);
    assert.equal(destroy?.destroyed?.existed, true);
  });
}

test('a destroy that comes after its deadline ends nothing', async () => {
  const { tasks, results, driver } = workbench();
  const hold = driver.holdNext('define');
  const body = spawnBody();
  tasks.take(fakeDelivery('instance.spawn', body));
  await hold.reached;
  const late = { instance: { id: body.instance.id }, deadline: new Date(Date.now() - 1000).toISOString() };
  tasks.take(fakeDelivery('instance.destroy', late, controlled('the-destroy')));
  const [destroy] = await results(1);
  assert.deepEqual([destroy?.command, destroy?.error?.kind], ['instance.destroy', 'timeout']);
  assert.match(destroy?.error?.message ?? '', /nothing was done/);
  hold.release();
  assert.equal((await results(1))[0]?.outcome, 'done');
});

test('a destroy whose deadline passes before it is known whether it ends what runs, ends nothing', async () => {
  const { tasks, results, driver } = workbench();
  const body = spawnBody();
  const about = { instance: { id: body.instance.id } };
  tasks.take(fakeDelivery('instance.spawn', body));
  await results(1);
  const stopping = driver.holdNext('shutdown');
  tasks.take(fakeDelivery('instance.stop', about, controlled('the-stop')));
  await stopping.reached;
  const looking = driver.holdNext('find');
  const deadline = new Date(Date.now() + 100).toISOString();
  tasks.take(fakeDelivery('instance.destroy', { ...about, generation: 1, deadline }, controlled('the-destroy')));
  await looking.reached;
  const [destroy] = await results(1);
  assert.deepEqual([destroy?.command, destroy?.error?.kind], ['instance.destroy', 'timeout']);
  looking.release();
  await new Promise(setImmediate);
  stopping.release();
  assert.deepEqual(
    (await results(1)).map(({ command, outcome }) => [command, outcome]),
    [['instance.stop', 'done']],
  );
});

test('a destroy whose deadline passes while what it has called off still ends says what it has done', async () => {
  const { tasks, results, driver } = workbench();
  const body = spawnBody();
  const about = { instance: { id: body.instance.id } };
  const hold = driver.holdNext('define');
  const spawn = driver.spawn.bind(driver);
  driver.spawn = (request) => spawn({ ...request, signal: undefined }); // as a libvirt that hangs
  tasks.take(fakeDelivery('instance.spawn', body, id('the-spawn')));
  await hold.reached;
  const deadline = new Date(Date.now() + 100).toISOString();
  tasks.take(fakeDelivery('instance.destroy', { ...about, deadline }, controlled('the-destroy')));
  const [destroy] = await results(1);
  assert.match(destroy?.error?.message ?? '', /it had called off instance.spawn the-spawn, and nothing more was done$/);
  hold.release();
  assert.equal((await results(1))[0]?.command, 'instance.spawn');
});

test('a spawn that waits for another try is called off as well', async () => {
  const { tasks, results, driver, log } = workbench();
  for (let i = 0; i < 20; i++) driver.failNext('define', new ComputeError('busy', 'locked'));
  const body = spawnBody();
  tasks.take(fakeDelivery('instance.spawn', body));
  while (!log.lines.some(({ phrase }) => phrase === 'command tried again')) await new Promise(setImmediate);
  tasks.take(fakeDelivery('instance.destroy', { instance: { id: body.instance.id } }, controlled('the-destroy')));
  const [spawn, destroy] = await results(2);
  assert.deepEqual([spawn?.error?.kind, destroy?.outcome], ['cancelled', 'done']);
});

test('a lane is free as soon as its command has its answer, though the broker has not confirmed it', async () => {
  const { tasks, published, driver } = workbench();
  const body = spawnBody();
  tasks.take(fakeDelivery('instance.spawn', body));
  await published.next(); // the event of the spawn, which nobody confirms
  tasks.take(fakeDelivery('instance.destroy', { instance: { id: body.instance.id } }, controlled('the-destroy')));
  assert.match((await published.next()).message.routingKey, /destroy\.done$/);
  assert.equal(driver.host.instances.size, 0);
});

test('a command that was answered, and comes again behind a full queue, keeps its answer when a destroy calls it off', async () => {
  const { tasks, results, driver } = workbench();
  const body = spawnBody();
  const once = fakeDelivery('instance.spawn', body, id('the-spawn'));
  tasks.take(once);
  await results(1);
  const holds = [driver.holdNext('define'), driver.holdNext('define')];
  for (const hold of holds) {
    tasks.take(fakeDelivery('instance.spawn', spawnBody()));
    await hold.reached;
  }
  tasks.take({ ...once, redelivered: true });
  tasks.take(fakeDelivery('instance.destroy', { instance: { id: body.instance.id } }, controlled('the-destroy')));
  const answers = (await results(2)).map(({ messageId, outcome }) => [messageId, outcome]);
  assert.deepEqual(new Map(answers as [string, string][]).get('the-spawn'), 'done');
  for (const hold of holds) hold.release();
});

test('a destroy ends what is done for its instance unasked, and has its lane at once', async () => {
  const { tasks, results } = workbench();
  const body = spawnBody();
  let reason: unknown;
  const aside = tasks.aside(body.instance.id, (wanted) => {
    const over = new Promise<void>((resolve) => wanted.addEventListener('abort', () => resolve(void (reason = wanted.reason))));
    tasks.take(fakeDelivery('instance.destroy', { instance: { id: body.instance.id } }, controlled('the-destroy')));
    return over;
  });
  const [destroy] = await results(1);
  await aside;
  assert.deepEqual([destroy?.command, destroy?.outcome], ['instance.destroy', 'done']);
  assert.ok(reason instanceof ComputeError && reason.message.includes('called off by the destroy the-destroy'));
});

/** A destroy without a generation that ended the first one's instance, and the spawn of the next one in the midst of its way. */
async function nextGeneration() {
  const bench = workbench();
  const { tasks, results, driver } = bench;
  const body = spawnBody();
  const destroy = fakeDelivery('instance.destroy', { instance: { id: body.instance.id } }, controlled('the-destroy'));
  tasks.take(fakeDelivery('instance.spawn', body));
  await results(1);
  tasks.take(destroy);
  await results(1);
  const hold = driver.holdNext('define');
  tasks.take(fakeDelivery('instance.spawn', { ...body, generation: 2 }, id('the-next')));
  await hold.reached;
  return { ...bench, destroy, hold, id: body.instance.id };
}

test('a destroy that was answered and comes again leaves the spawn of the next generation alone', async () => {
  const { tasks, results, hold, destroy, driver, id } = await nextGeneration();
  tasks.take({ ...destroy, redelivered: true });
  hold.release();
  const answers = (await results(2)).map(({ messageId, outcome }) => [messageId, outcome]);
  assert.deepEqual(answers, [
    ['the-next', 'done'],
    ['the-destroy', 'done'],
  ]);
  assert.ok(driver.host.instances.get(id)?.committed);
});

test('a destroy that was cut off after it had buried a generation, and comes again, leaves the spawn of the next one alone', async () => {
  const { tasks, results, driver, tombstones } = workbench();
  const body = spawnBody({}, { generation: 2 });
  const about = { instance: { id: body.instance.id } };
  tombstones.bury(body.instance.id, 1, 'the-destroy');
  const hold = driver.holdNext('define');
  tasks.take(fakeDelivery('instance.spawn', body, id('the-next')));
  await hold.reached;
  tasks.take(fakeDelivery('instance.destroy', about, { redelivered: true, ...controlled('the-destroy') }));
  hold.release();
  const answers = (await results(2)).map(({ messageId, outcome }) => [messageId, outcome]);
  assert.deepEqual(answers, [
    ['the-next', 'done'],
    ['the-destroy', 'done'],
  ]);
  assert.ok(driver.host.instances.get(body.instance.id)?.committed);
});
