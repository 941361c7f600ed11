import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputeError } from '../../../../services/common/errors.js';
import { FakeHost } from '../../../../services/compute/virt/fake/fake-host.js';
import { spawnBody } from '../../../support/commands.js';
import { Life } from './life.js';
import { stateFile } from './workbench.js';

test('a spawn is seen from its beginning, with what it asked for', async () => {
  const life = new Life(new FakeHost());
  await life.survey();
  const hold = life.driver.holdNext('disks');
  const body = spawnBody({ metadata: { owner: 'ada' }, seed: { hostname: 'h', userData: 'secret' } });
  const { id } = body.instance;
  const done = life.run('instance.spawn', body);
  const { record: begun } = await life.until(id, ({ record }) => record.task === 'instance.spawn');
  assert.deepEqual([begun.powerState, begun.condition], [null, 'half-made']);
  hold.release();
  await done;
  const { record } = await life.until(id, ({ record }) => record.task === null && record.desired !== null);
  assert.deepEqual([record.powerState, record.condition, record.desired?.powerState], ['running', 'whole', 'running']);
  assert.deepEqual([record.details?.metadata, record.details?.requestId], [{ owner: 'ada' }, 'r-1']);
  assert.doesNotMatch(JSON.stringify(record), /secret/);
});

test('each command leaves what it changed: state, where it belongs, sizes, metadata', async () => {
  const life = new Life(new FakeHost());
  await life.survey();
  const body = spawnBody();
  const { id } = body.instance;
  await life.run('instance.spawn', body);
  await life.run('instance.stop', { instance: { id } });
  await life.run('instance.resize', { instance: { id }, vcpus: 3 });
  await life.run('instance.setMetadata', { instance: { id }, metadata: { a: 'b' } });
  const { record } = await life.until(id, ({ record }) => record.desired?.powerState === 'shutdown' && record.task === null);
  const { details } = record;
  assert.deepEqual([record.powerState, details?.spec?.vcpus, details?.metadata], ['shutdown', 3, { a: 'b' }]);
});

test('a failure is the fault until a command is done, and history tells who asked for what', async () => {
  const life = new Life(new FakeHost());
  await life.survey();
  const body = spawnBody();
  const { id } = body.instance;
  await life.run('instance.spawn', body, 'r-spawn');
  life.driver.failNext('pause', new ComputeError('exhausted', 'pause: no memory'));
  await life.run('instance.pause', { instance: { id } }, 'r-pause');
  const { record } = await life.until(id, ({ record }) => record.fault !== null);
  assert.deepEqual([record.fault?.requestId, record.fault?.error.kind, record.powerState], ['r-pause', 'exhausted', 'running']);
  await life.run('instance.pause', { instance: { id } }, 'r-again');
  await life.until(id, ({ record }) => record.fault === null && record.powerState === 'paused');
  assert.deepEqual(life.happenings(id), [
    { type: 'instance.spawn', outcome: 'done', requestId: 'r-spawn', state: 'running' },
    { type: 'instance.pause', outcome: 'failed', requestId: 'r-pause', state: undefined },
    { type: 'instance.pause', outcome: 'done', requestId: 'r-again', state: 'paused' },
  ]);
});

test('a destroy leaves its end in the log, and a spawn that failed leaves nothing there', async () => {
  const life = new Life(new FakeHost());
  await life.survey();
  const [made, failed] = [spawnBody(), spawnBody()];
  await life.run('instance.spawn', made);
  await life.run('instance.destroy', { instance: { id: made.instance.id } });
  await life.until(made.instance.id, ({ gone }) => gone);
  life.driver.failNext('start', new ComputeError('internal', 'start: no'));
  await life.run('instance.spawn', failed);
  await life.until(failed.instance.id, ({ gone }) => gone);
  assert.equal(life.happenings(failed.instance.id).length, 1);
});

test('a command that only looks, and a dry run, leave nothing', async () => {
  const life = new Life(new FakeHost());
  await life.survey();
  const body = spawnBody();
  await life.run('instance.spawn', { ...body, dryRun: true });
  await life.run('instance.get', { instance: { id: body.instance.id } });
  assert.deepEqual([life.log.revisions.all(), life.happenings(body.instance.id)], [[], []]);
});

test('what changed, came and went while no worker was there has a revision at the start, and what did not has none', async (t) => {
  const [host, file] = [new FakeHost(), stateFile(t)];
  const before = new Life(host, file);
  await before.survey();
  const [same, off, away, late] = [spawnBody(), spawnBody(), spawnBody(), spawnBody()];
  for (const body of [same, off, away]) await before.run('instance.spawn', body);
  for (const body of [same, off, away]) await before.until(body.instance.id, ({ record }) => record.desired !== null);
  const { revision } = before.log.revisions;
  before.end();

  const instance = host.instances.get(off.instance.id);
  if (instance) instance.powerState = 'shutdown';
  host.instances.delete(away.instance.id);
  await new Life(host).run('instance.spawn', late);

  const after = new Life(host, file);
  await after.survey();
  after.log.file.flush();
  const changes = after.log.revisions.since(revision, 100);
  const words = new Map(changes.map(({ id, gone, record }) => [id, gone ? 'gone' : record.powerState]));
  assert.deepEqual(
    words,
    new Map([
      [off.instance.id, 'shutdown'],
      [late.instance.id, 'running'],
      [away.instance.id, 'gone'],
    ]),
  );
  assert.equal(after.log.revisions.get(late.instance.id)?.details?.spec?.vcpus, late.instance.vcpus);
  assert.deepEqual(after.happenings(off.instance.id).at(-1), {
    type: 'instance.state',
    outcome: undefined,
    requestId: undefined,
    state: 'shutdown',
  });
  after.end();
});

test('a survey that began before a spawn ended does not take it for gone', async () => {
  const life = new Life(new FakeHost());
  await life.survey();
  const [begun, early] = [life.register.revision, await life.driver.survey()];
  const body = spawnBody();
  await life.run('instance.spawn', body);
  life.register.take(early, begun);
  await life.run('instance.pause', { instance: { id: body.instance.id } });
  const { gone } = await life.until(body.instance.id, ({ record }) => record.powerState === 'paused');
  const ends = life.log.revisions.since(0, 100).filter((revision) => revision.gone);
  assert.deepEqual([gone, ends], [false, []]);
});
