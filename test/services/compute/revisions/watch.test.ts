import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WatchEnd, Watches, type WatchesOptions, type WatchSink } from '../../../../services/compute/revisions/watch.js';
import { OpenLog, stateFile } from './workbench.js';

interface Thing {
  readonly word: string;
}

/** Keeps what it is told, and takes as much as it is allowed. */
class Ear implements WatchSink<Thing> {
  readonly words: string[] = [];
  at = 0;
  end: WatchEnd | null = null;
  constructor(public room = Infinity) {}

  changed({ id, gone, record, revision }: Parameters<WatchSink<Thing>['changed']>[0]): boolean {
    return this.#take(revision, `${id} ${gone ? 'gone' : record.word}`);
  }

  upTo(revision: number, snapshotComplete: boolean): boolean {
    return this.#take(revision, snapshotComplete ? 'complete' : 'bookmark');
  }

  ended(end: WatchEnd): void {
    this.end = end;
  }

  #take(revision: number, word: string): boolean {
    this.words.push(word);
    this.at = revision;
    return --this.room > 0;
  }
}

function begin(watches: Watches<Thing>, ear: Ear, since: number | null) {
  const watch = watches.watch(ear, since);
  watch.drained();
  return watch;
}

function watched(options: WatchesOptions = {}, log = new OpenLog<Thing>()) {
  const watches = new Watches(log.revisions, options);
  const put = (...words: readonly (readonly [id: string, word: string | null])[]) => {
    for (const [id, word] of words) {
      if (word === null) log.revisions.remove(id);
      else log.revisions.put(id, { word });
      log.file.flush();
    }
  };
  return { log, watches, put };
}

test('a watch is told everything that there is, that this was all, and then each change', () => {
  const { watches, put } = watched();
  put(['a', '1'], ['b', '1'], ['b', null]);
  const ear = new Ear();
  begin(watches, ear, null);
  put(['a', '2'], ['a', null]);
  assert.deepEqual(ear.words, ['a 1', 'complete', 'a 2', 'a gone']);
});

test('an instance that changes while the snapshot is told is in it all the same', () => {
  const { watches, put } = watched();
  put(['a', '1'], ['b', '1'], ['c', '1']);
  const ear = new Ear(1);
  const watch = begin(watches, ear, null);
  put(['b', '2'], ['c', null]);
  ear.room = Infinity;
  watch.drained();
  assert.deepEqual(ear.words, ['a 1', 'b 2', 'c gone', 'complete']);
});

test('one that stops reading is told to go when too much has passed it, and goes on from its bookmark without a gap', () => {
  const { watches, put } = watched({ maxMissed: 3 });
  const ear = new Ear(2);
  begin(watches, ear, null);
  put(['a', '1'], ['a', '2'], ['b', '1'], ['a', '3'], ['c', '1']);
  assert.deepEqual([ear.words, ear.end?.reason, watches.count, watches.slow], [['complete', 'a 1'], 'SLOW_CONSUMER', 0, 1]);
  const again = new Ear();
  begin(watches, again, ear.end?.reason === 'SLOW_CONSUMER' ? ear.end.bookmark : null);
  assert.deepEqual(again.words, ['b 1', 'a 3', 'c 1']);
});

test('it is told to go for the bytes of few changes, too', () => {
  const { watches, put } = watched({ maxMissedBytes: 1000 });
  const ear = new Ear(1);
  begin(watches, ear, null);
  put(['a', 'x'.repeat(2000)]);
  assert.equal(ear.end?.reason, 'SLOW_CONSUMER');
});

test('one that reads in time is told the newest of what passed it', () => {
  const { watches, put } = watched();
  const ear = new Ear(1);
  const watch = begin(watches, ear, null);
  put(['a', '1'], ['b', '1'], ['a', '2']);
  ear.room = Infinity;
  watch.drained();
  assert.deepEqual(ear.words, ['complete', 'b 1', 'a 2']);
});

test('a revision that is forgotten, or was never given, ends a watch at once', () => {
  const log = new OpenLog<Thing>(':memory:', { maxGone: 0 });
  const { watches, put } = watched({}, log);
  put(['a', '1']);
  const { revision } = log.revisions;
  put(['a', null]);
  log.revisions.compact();
  const [old, strange, now] = [new Ear(), new Ear(), new Ear()];
  begin(watches, old, revision);
  begin(watches, strange, log.revisions.revision + 1);
  begin(watches, now, log.revisions.revision);
  assert.deepEqual([old.end?.reason, strange.end?.reason, now.end], ['REVISION_COMPACTED', 'REVISION_UNKNOWN', null]);
});

test('where nothing happens there are signs of life', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { watches, put } = watched({ bookmarkEveryMs: 1000 });
  const ear = new Ear();
  begin(watches, ear, null);
  put(['a', '1']);
  t.mock.timers.tick(2000);
  assert.deepEqual(ear.words, ['complete', 'a 1', 'bookmark']);
});

test('a watch that is resumed a hundred times over restarts is told everything once', (t) => {
  const file = stateFile(t);
  const words: string[] = [];
  const told: string[] = [];
  let at: number | null = null;
  for (let life = 0; life < 100; life++) {
    const { log, watches, put } = watched({}, new OpenLog<Thing>(file));
    const ear = new Ear(1 + (life % 3)); // cut off in the middle, too
    const change: [string, string | null] = [`id-${life % 7}`, life % 10 === 9 ? null : `${life}`];
    if (change[1] !== null || log.revisions.get(change[0])) words.push(`${change[0]} ${change[1] ?? 'gone'}`);
    put(change);
    begin(watches, ear, at);
    told.push(...ear.words.filter((word) => word !== 'complete'));
    at = ear.at;
    watches.close();
    log.file.close();
  }
  const { log, watches } = watched({}, new OpenLog<Thing>(file));
  const last = new Ear();
  begin(watches, last, at);
  assert.deepEqual([...told, ...last.words.filter((word) => word !== 'complete')], words);
  watches.close();
  log.file.close();
});
