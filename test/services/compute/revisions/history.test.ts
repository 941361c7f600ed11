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
const askedBy = ({ history }: OpenLog, id: string, after = 0, limit = 100) => history.of(id, after, limit).map(({ requestId }) => requestId);

test('what happened is told in order and in pages, to an instance each', () => {
  const log = new OpenLog();
  for (const [id, who] of [
    ['a', 'r-1'],
    ['b', 'r-2'],
    ['a', 'r-3'],
    ['a', 'r-4'],
  ] as const)
    log.history.add(id, happening(who));
  const [first] = log.history.of('a', 0, 1);
  assert.deepEqual([first?.requestId, askedBy(log, 'a', first?.sequence)], ['r-1', ['r-3', 'r-4']]);
});

test('it outlives the process, and a command that comes again happened once', (t) => {
  const file = stateFile(t);
  const before = new OpenLog(file);
  before.history.add('a', happening('r-1'), 'm-1');
  before.file.close();
  const after = new OpenLog(file);
  after.history.add('a', happening('r-1'), 'm-1');
  after.history.add('a', happening('r-2'), 'm-2');
  assert.deepEqual(askedBy(after, 'a'), ['r-1', 'r-2']);
  after.file.close();
});

test('it is bounded for each, for all, and by age', () => {
  let now = Date.now();
  const log = new OpenLog(':memory:', { maxOfOne: 3, maxOfAll: 5, keepMs: 1000, now: () => now });
  for (let i = 0; i < 10; i++) log.history.add('a', happening(`r-${i}`));
  assert.deepEqual(askedBy(log, 'a'), ['r-7', 'r-8', 'r-9']);
  now += 60_000;
  for (const id of ['b', 'c', 'd']) for (let i = 0; i < 3; i++) log.history.add(id, happening(`${id}-${i}`, { at: new Date(now).toISOString() }));
  assert.deepEqual([askedBy(log, 'a'), askedBy(log, 'b'), askedBy(log, 'd').length], [[], [], 3]);
});
