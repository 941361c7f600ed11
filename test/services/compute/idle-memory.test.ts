import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { test, type TestContext } from 'node:test';
import { collectGarbage, IdleMemory } from '../../../services/compute/idle-memory.js';
import { spareMemory } from '../../../services/compute/sparing-memory.js';

const MIB = 1024 * 1024;

test('what nobody holds any more is collected', async () => {
  const collected = new EventEmitter();
  const registry = new FinalizationRegistry(() => collected.emit('one'));
  (() => registry.register({ held: 'by nobody' }, undefined))();
  const told = once(collected, 'one');
  await new Promise((resolve) => setImmediate(resolve)); // the registration's own hold on it ends with its turn
  collectGarbage();
  await told;
});

test('memory is given back once nothing is in hand', async (t) => {
  const { memory, collections } = idleMemory(t, { heapMiB: [100, 30] });
  memory.busy();
  memory.idle();
  await collections.times(2);
});

test('a command that comes before its time leaves the heap as it is', async (t) => {
  const first = idleMemory(t, { heapMiB: [100] });
  const second = idleMemory(t, { heapMiB: [100] });
  first.memory.idle();
  first.memory.busy();
  second.memory.idle();
  await second.collections.times(2); // by now the first one's time would have come, too
  assert.equal(first.collections.count, 0);
});

test('what is not worth a collection is left', async (t) => {
  const { memory, collections, looks } = idleMemory(t, { heapMiB: [100, 30, 40, 100, 30] });
  memory.idle();
  await collections.times(2);
  memory.idle();
  await looks.times(3); // 40 MiB are no more than 10 above what is in use
  assert.equal(collections.count, 2);
  memory.idle();
  await collections.times(4);
});

function idleMemory(t: TestContext, { heapMiB }: { heapMiB: readonly number[] }) {
  const [collections, looks] = [new Count(), new Count()];
  t.after(() => spareMemory(false));
  const sizes = heapMiB.values();
  let last = 0;
  const heap = () => {
    last = sizes.next().value ?? last;
    looks.add();
    return { total: last * MIB, used: last * MIB };
  };
  const collect = (): void => collections.add();
  return { memory: new IdleMemory({ quietMs: 1, collect, heap }), collections, looks };
}

class Count extends EventEmitter {
  count = 0;

  add(): void {
    this.count++;
    this.emit('more');
  }

  async times(wanted: number): Promise<void> {
    // The timers of what is tested keep no process alive.
    const alive = setInterval(() => undefined, 1000);
    while (this.count < wanted) await once(this, 'more');
    clearInterval(alive);
  }
}
