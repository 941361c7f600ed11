import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Happening } from '../../../../services/compute/revisions/history.js';
import { OpenLog, stateFile } from './workbench.js';

const happening = (requestId: string, more: Partial<Happening> = {}): Happening => ({
  type: 'instance.stop',
  at: new Date().toISOString(),
  outcome: 'done',
  requestId,
  ...more,
});
const askedBy = ({ history }: OpenLog, id: string, before = Infinity, limit = 100) =>
  history.of(id, before, limit).map(({ requestId }) => requestId);

test('what happened to an instance is told newest first, and in pages', () => {
  const log = new OpenLog();
  for (const [id, who] of [
    ['a', 'r-1'],
    ['b', 'r-2'],
    ['a', 'r-3'],
    ['a', 'r-4'],
  ] as const)
    log.history.add(id, happening(who));
  const [newest] = log.history.of('a', Infinity, 1);
  assert.deepEqual([newest?.requestId, askedBy(log, 'a', newest?.sequence)], ['r-4', ['r-3', 'r-1']]);
});

test('it outlives the process, and a command that comes again happened once', (t) => {
  const file = stateFile(t);
  const before = new OpenLog(file);
  before.history.add('a', happening('r-1'), 'm-1');
  before.file.close();
  const after = new OpenLog(file);
  after.history.add('a', happening('r-1'), 'm-1');
  after.history.add('a', happening('r-2'), 'm-2');
  assert.deepEqual(askedBy(after, 'a'), ['r-2', 'r-1']);
  after.file.close();
});

test('it is bounded for each, for all, and by age', () => {
  let now = Date.now();
  const log = new OpenLog(':memory:', { maxOfOne: 3, maxOfAll: 5, keepMs: 1000, now: () => now });
  for (let i = 0; i < 10; i++) log.history.add('a', happening(`r-${i}`));
  assert.deepEqual(askedBy(log, 'a'), ['r-9', 'r-8', 'r-7']);
  now += 60_000;
  for (const id of ['b', 'c', 'd'])
    for (let i = 0; i < 3; i++) log.history.add(id, happening(`${id}-${i}`, { at: new Date(now).toISOString() }));
  assert.deepEqual([askedBy(log, 'a'), askedBy(log, 'b'), askedBy(log, 'd').length], [[], [], 3]);
});
