import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenLog, stateFile } from './workbench.js';

interface Thing {
  readonly word: string;
}
type Log = OpenLog<Thing>;

const put = ({ file, revisions }: Log, ...words: readonly (readonly [id: string, word: string | null])[]): void => {
  for (const [id, word] of words) {
    if (word === null) revisions.remove(id);
    else revisions.put(id, { word });
    file.flush();
  }
};
const told = ({ revisions }: Log, since: number, limit = 1000) =>
  revisions.since(since, limit).map(({ id, gone, record }) => `${id} ${gone ? 'gone' : record.word}`);

test('who reads on from a revision gets what changed since, in order, and of each thing the newest', () => {
  const log: Log = new OpenLog();
  put(log, ['a', '1'], ['b', '1']);
  const { revision } = log.revisions;
  put(log, ['a', '2'], ['c', '1'], ['a', '3'], ['b', null]);
  assert.deepEqual(told(log, revision), ['c 1', 'a 3', 'b gone']);
  assert.deepEqual(told(log, log.revisions.revision), []);
});

test('the same record again is no change', () => {
  const log: Log = new OpenLog();
  put(log, ['a', '1']);
  const { revision } = log.revisions;
  put(log, ['a', '1'], ['b', null]);
  assert.equal(log.revisions.revision, revision);
});

test('a restart loses nothing, gives no revision twice, and goes on above', (t) => {
  const file = stateFile(t);
  const before: Log = new OpenLog(file);
  put(before, ['a', '1']);
  const { revision: seen } = before.revisions;
  before.revisions.put('b', { word: 'written when it closes' });
  before.file.close();
  const after: Log = new OpenLog(file);
  put(after, ['c', '1']);
  assert.deepEqual(told(after, seen), ['b written when it closes', 'c 1']);
  const numbers = after.revisions.since(0, 10).map(({ revision }) => revision);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  after.file.close();
});

test('what is not on the disk is told to nobody', () => {
  const log: Log = new OpenLog(':memory:', { quietMs: 60_000 });
  const { revision } = log.revisions;
  log.revisions.put('a', { word: '1' });
  assert.deepEqual([log.revisions.revision, told(log, revision)], [revision, []]);
  assert.deepEqual(log.revisions.get('a'), { word: '1' });
  log.file.flush();
  assert.deepEqual(told(log, revision), ['a 1']);
});

test('what changes in one moment is one transaction and one word to the listeners', async () => {
  const log: Log = new OpenLog();
  const words: string[][] = [];
  log.revisions.onChange((changes) => words.push(changes.map(({ id, record }) => `${id} ${record.word}`)));
  const written = log.next(({ id }) => id === 'b');
  for (const [id, word] of [
    ['a', '1'],
    ['b', '1'],
    ['a', '2'],
  ] as const)
    log.revisions.put(id, { word });
  await written;
  assert.deepEqual(words, [['b 1', 'a 2']]);
});

test('far behind, more than is held in memory is read from the disk, in pages', () => {
  const log: Log = new OpenLog();
  const { revision } = log.revisions;
  for (let i = 0; i < 3000; i++) log.revisions.put(`id-${i}`, { word: `${i}` });
  log.file.flush();
  const read: number[] = [];
  for (let at = revision; ;) {
    const page = log.revisions.since(at, 100);
    if (page.length === 0) break;
    read.push(...page.map(({ record }) => Number(record.word)));
    at = page.at(-1)?.revision ?? Infinity;
  }
  assert.deepEqual(
    read,
    Array.from({ length: 3000 }, (_, i) => i),
  );
});

test('what is gone is forgotten when it is old or too many, and nobody reads on from before that', () => {
  let now = 1_000_000;
  const log: Log = new OpenLog(':memory:', { now: () => now, maxGone: 2, keepGoneMs: 1000 });
  put(log, ['kept', '1'], ['a', '1'], ['b', '1'], ['c', '1']);
  put(log, ['a', null]);
  const { revision: withA } = log.revisions;
  put(log, ['b', null], ['c', null]);
  log.revisions.compact();
  assert.equal(log.revisions.compacted, withA);
  assert.deepEqual(told(log, withA), ['b gone', 'c gone']);
  now += 1001;
  log.revisions.compact();
  assert.equal(log.revisions.compacted, log.revisions.revision);
  assert.deepEqual(
    log.revisions.all().map(({ id }) => id),
    ['kept'],
  );
});

test('a log that was lost begins above everything that it ever said', (t) => {
  const before: Log = new OpenLog(stateFile(t));
  put(before, ['a', '1'], ['a', '2']);
  const later = Date.now() + 1000;
  const after: Log = new OpenLog(stateFile(t), { now: () => later });
  assert.ok(after.revisions.compacted > before.revisions.revision);
  before.file.close();
  after.file.close();
});

test('a disk that takes nothing keeps the changes for later, and says so once', () => {
  const log: Log = new OpenLog();
  const { revision } = log.revisions;
  log.file.database.pragma('query_only = ON');
  put(log, ['a', '1'], ['b', '1']);
  assert.deepEqual(told(log, revision), []);
  assert.match(log.file.trouble ?? '', /readonly/);
  log.file.database.pragma('query_only = OFF');
  assert.equal(log.file.flush(), true);
  assert.deepEqual([told(log, revision), log.file.trouble], [['a 1', 'b 1'], null]);
  assert.equal(log.log.lines.filter(({ level }) => level === 'warn').length, 1);
});
