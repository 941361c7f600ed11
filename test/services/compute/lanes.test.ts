import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lanes } from '../../../services/compute/lanes.js';
import { Hold } from '../../../services/compute/virt/fake/hold.js';

const never = new AbortController().signal;
const lanes = (work: number): Lanes<string> => new Lanes({ work, control: 1 });

test('two commands for one instance run one after the other, in order', async () => {
  const holds = [new Hold(), new Hold()];
  const subject = lanes(4);
  const order: number[] = [];
  const runs = holds.map((hold, index) =>
    subject.run('i-1', 'work', never, async () => void (order.push(index), await hold.wait()), 'somebody'),
  );
  await holds[0]?.reached;
  assert.deepEqual(order, [0]);
  for (const hold of holds) hold.release();
  await Promise.all(runs);
  assert.deepEqual(order, [0, 1]);
});

test('commands for different instances run at once, up to the capacity', async () => {
  const holds = [new Hold(), new Hold(), new Hold()];
  const subject = lanes(2);
  let running = 0;
  const runs = holds.map((hold, index) =>
    subject.run(`i-${index}`, 'work', never, async () => void (running++, await hold.wait()), 'somebody'),
  );
  await Promise.all([holds[0]?.reached, holds[1]?.reached]);
  assert.equal(running, 2);
  holds[0]?.release();
  await holds[2]?.reached;
  for (const hold of holds) hold.release();
  await Promise.all(runs);
  assert.equal(subject.size, 0);
});

test('a copy that waits in its lane takes no place from another instance', async () => {
  const [first, other] = [new Hold(), new Hold()];
  const subject = lanes(2);
  const runs = [
    subject.run('i-1', 'work', never, () => first.wait(), 'somebody'),
    subject.run('i-1', 'work', never, () => Promise.resolve(), 'somebody'),
    subject.run('i-2', 'work', never, () => other.wait(), 'somebody'),
  ];
  await other.reached;
  first.release();
  other.release();
  await Promise.all(runs);
});

test('control commands do not wait behind work', async () => {
  const build = new Hold();
  const subject = lanes(1);
  const building = subject.run('i-1', 'work', never, () => build.wait(), 'somebody');
  await subject.run('i-2', 'control', never, () => Promise.resolve(), 'somebody');
  build.release();
  await building;
});

test('what has not begun is given up at once when the worker stops; what has goes on', async () => {
  const hold = new Hold();
  const stop = new AbortController();
  const subject = lanes(1);
  const begun = subject.run('i-1', 'work', stop.signal, () => hold.wait(), 'somebody');
  await hold.reached;
  const waiting = ['i-1', 'i-2'].map((id) => subject.run(id, 'work', stop.signal, () => assert.fail('it began'), 'somebody'));
  stop.abort(new Error('stopping'));
  for (const one of waiting) await assert.rejects(one, /stopping/);
  hold.release();
  await begun;
  assert.equal(subject.size, 0);
});

test('one that may pass goes before those that wait, and not before one that it may not pass', async () => {
  const hold = new Hold();
  const subject = new Lanes<string>({ work: 4, control: 1 }, (late, early) => late === 'late' && early !== 'stays');
  const order: string[] = [];
  const run = (who: string): Promise<void> => subject.run('i-1', 'work', never, () => (order.push(who), Promise.resolve()), who);
  const running = subject.run('i-1', 'work', never, () => hold.wait(), 'running');
  await hold.reached;
  const rest = ['first', 'stays', 'second', 'late'].map(run);
  assert.deepEqual(subject.inLane('i-1'), ['running', 'first', 'stays', 'late', 'second']);
  hold.release();
  await Promise.all([running, ...rest]);
  assert.deepEqual(order, ['first', 'stays', 'late', 'second']);
});

test('who has a name goes before who has none', async () => {
  const hold = new Hold();
  const subject = lanes(4);
  const order: string[] = [];
  const running = subject.run('i-1', 'work', never, () => hold.wait());
  await hold.reached;
  const aside = subject.run('i-1', 'work', never, () => Promise.resolve(void order.push('aside')));
  const named = subject.run('i-1', 'work', never, () => Promise.resolve(void order.push('named')), 'somebody');
  assert.deepEqual(subject.inLane('i-1'), [null, 'somebody', null]);
  hold.release();
  await Promise.all([running, aside, named]);
  assert.deepEqual(order, ['named', 'aside']);
});

test('what is fetched beforehand takes no place from work, and has half as many', async () => {
  const holds = [new Hold(), new Hold()];
  const subject = lanes(2);
  let fetching = 0;
  const fetches = holds.map((hold, index) =>
    subject.run(`image ${index}`, 'fetch', never, async () => void (fetching++, await hold.wait()), 'somebody'),
  );
  await holds[0]?.reached;
  for (const id of ['i-1', 'i-2']) await subject.run(id, 'work', never, () => Promise.resolve(), 'somebody');
  assert.equal(fetching, 1);
  for (const hold of holds) hold.release();
  await Promise.all(fetches);
});
