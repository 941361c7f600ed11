import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { CommandType } from '../../services/common/messages/commands.js';
import type { ErrorKind } from '../../services/common/errors.js';
import { explain } from './orders.js';
import type { Sent, Wish } from './sent.js';

let clock = 0;

/** One command and its answer; the next one is sent after it. */
function sent(type: CommandType, failed: ErrorKind | null, more: Partial<Wish> = {}, at: Partial<Sent> = {}): Sent {
  clock += 10;
  const error = failed && { kind: failed, message: 'no', retryable: false };
  const head = { command: type, messageId: 'm', requestId: 'r', host: 'h', finishedAt: '2030-01-01T00:00:00Z' };
  return {
    ...{
      wish: { type, id: 'i', ...more },
      messageId: randomUUID(),
      correlationId: randomUUID(),
      door: 'queue',
      queue: 'work',
      number: clock,
      eventId: null,
      inOrder: true,
    },
    ...{ sentAt: clock, answeredAt: clock + 5, hasty: false, answers: 1 },
    result: error ? { ...head, outcome: 'failed', error } : { ...head, outcome: 'done' },
    ...at,
  };
}
const plain = { excused: () => new Set<string>(), cutOff: () => false, comesAgain: () => false, blows: [] };
const spawn = () => sent('instance.spawn', null, { specHash: 'h' });

test('answers that the model gives are explained, and say how the instance ends', () => {
  const { ends } = explain([spawn(), sent('instance.pause', null), sent('instance.suspend', 'precondition')], plain);
  assert.deepEqual(
    ends.map(({ there }) => there?.power),
    ['paused'],
  );
});

test('a command that is lost, done twice, or answered with the wrong failure is found', () => {
  assert.deepEqual(explain([spawn(), sent('instance.pause', 'precondition')], plain).ends, []);
  assert.deepEqual(explain([spawn(), sent('instance.destroy', null), sent('instance.stop', null)], plain).ends, []);
  assert.deepEqual(explain([spawn(), sent('instance.destroy', null), sent('instance.spawn', null, { specHash: 'h' })], plain).ends, []);
});

test('commands that were under way together may have come in either order, those of one queue only in theirs', () => {
  const together = { sentAt: 0, answeredAt: 1000 };
  const stop = (queue: 'work' | 'control') => sent('instance.stop', 'not-found', {}, { ...together, queue });
  const first = { ...spawn(), ...together };
  assert.equal(explain([first, stop('control')], plain).ends.length, 1);
  assert.equal(explain([first, stop('work')], plain).ends.length, 0);
  assert.equal(explain([first, stop('work')], { ...plain, comesAgain: () => true }).ends.length, 1);
});

test('a command that left its line when its deadline passed says nothing about those before it', () => {
  const first = { ...spawn(), sentAt: 0, answeredAt: 1000 };
  const waiting = sent('instance.stop', 'timeout', {}, { sentAt: 10, answeredAt: 100 });
  const message = 'the deadline passed before the command was begun; nothing was done for it now';
  const left = {
    ...waiting,
    result: waiting.result && { ...waiting.result, error: { kind: 'timeout' as const, message, retryable: true } },
  };
  const beside = sent('instance.stop', 'not-found', {}, { sentAt: 200, answeredAt: 300, queue: 'control' });
  const late = { ...plain, excused: () => new Set(['timeout']) };
  assert.equal(explain([first, left, beside], late).ends.length > 0, true);
  const closed = { kind: 'precondition' as const, message: 'the host takes no new instances since 2030-01-01T00:00:00Z', retryable: false };
  const again = { ...waiting.wish, type: 'instance.spawn' as const, generation: 3 };
  const refused = { ...waiting, wish: again, result: waiting.result && { ...waiting.result, error: closed } };
  assert.equal(explain([first, refused, beside], { ...plain, excused: () => new Set(['drained']) }).ends.length > 0, true);
  assert.equal(explain([first, waiting, beside], late).ends.length, 0);
});

test('a command that was cut off may be seen half-way, and one that was not may not', () => {
  const before = spawn();
  const together = { sentAt: clock + 10, answeredAt: clock + 1000 };
  const reboot = sent('instance.reboot', null, { mode: 'soft' }, together);
  const pause = sent('instance.pause', 'precondition', {}, { ...together, queue: 'control' });
  const all = [before, reboot, pause];
  assert.equal(explain(all, plain).ends.length, 0);
  assert.ok(explain(all, { ...plain, cutOff: () => true }).ends.length > 0);
});

test('a look beside a change may see anything, and one that is alone what is there', () => {
  const alone = sent('instance.get', 'not-found');
  const spawning = { ...spawn(), answeredAt: clock + 1000 };
  const beside = sent('instance.get', 'not-found');
  assert.equal(explain([alone, spawning, beside], plain).ends.length, 1);
  clock += 2000;
  assert.equal(explain([alone, spawning, beside, sent('instance.get', 'not-found')], plain).ends.length, 0);
});

test('sizes, disks and snapshots are those of the answers', () => {
  const begun = sent('instance.spawn', null, { specHash: 'h', firstDiskMiB: 1 });
  const verbs = [
    sent('instance.resize', null, { vcpus: 2 }),
    sent('instance.attachDisk', null, { plugs: true }),
    sent('instance.stop', null, { grace: 0 }),
    sent('instance.snapshot', null, { file: 'f' }),
    sent('instance.resize', 'invalid', { firstDiskMiB: 0 }),
  ];
  const { ends } = explain([begun, ...verbs], plain);
  const [end] = ends;
  assert.deepEqual([ends.length, end?.there?.vcpus, end?.there?.extraDisk, end?.snapshots], [1, 2, 'attached', ['f']]);
});

test('a change that the model does not allow, and was done all the same, is found', () => {
  const wrong = [
    () => sent('instance.resize', null, { firstDiskMiB: 1 }),
    () => sent('instance.attachDisk', null, { plugs: false }),
    () => sent('instance.snapshot', null, { file: 'f' }),
  ];
  for (const verb of wrong)
    assert.deepEqual(explain([sent('instance.spawn', null, { specHash: 'h', firstDiskMiB: 2 }), verb()], plain).ends, []);
});

test('a rescued instance does what can be done in a rescue, and is then what it was; agents and interfaces are as the driver has them', () => {
  const begun = sent('instance.spawn', null, { specHash: 'h', firstDiskMiB: 1 });
  const rescued = [begun, sent('instance.stop', null), sent('instance.rescue', null)];
  const inRescue = [sent('instance.pause', 'precondition'), sent('instance.rebuild', 'precondition'), sent('instance.reboot', null)];
  const [there] = explain([...rescued, ...inRescue], plain).ends;
  assert.deepEqual([there?.there?.power, there?.there?.rescued], ['running', 'shutdown']);
  const after = [
    sent('instance.unrescue', null),
    sent('instance.rebuild', null, { firstDiskMiB: 3 }),
    sent('instance.attachInterface', null),
  ];
  const [end] = explain([...rescued, ...inRescue, ...after], plain).ends;
  assert.deepEqual([end?.there?.power, end?.there?.rescued, end?.there?.firstDiskMiB, end?.there?.nic], ['shutdown', null, 3, true]);
  assert.deepEqual(explain([...rescued, sent('instance.suspend', null)], plain).ends, []);
  assert.deepEqual(explain([begun, sent('instance.setAdminPassword', null, { plugs: true })], plain).ends, []);
});

test('a dry run is answered as its spawn would be, and leaves nothing', () => {
  const show = sent('instance.spawn', null, { specHash: 'h', dryRun: true });
  assert.deepEqual(
    explain([show, sent('instance.pause', 'not-found')], plain).ends.map(({ there }) => there),
    [null],
  );
  assert.deepEqual(explain([show, sent('instance.pause', null)], plain).ends, []);
});

test('commands of two doors may come in any order, and the same wish by both is one instance', () => {
  const together = { sentAt: 0, answeredAt: 1000 };
  const first = { ...spawn(), ...together };
  const stop = sent('instance.stop', 'not-found', {}, { ...together, door: 'grpc' });
  assert.equal(explain([first, stop], plain).ends.length, 1);
  assert.equal(explain([first, { ...spawn(), ...together, door: 'oslo' }], plain).ends.length, 1);
});

test('the search ends with the first end that is looked for', () => {
  const begun = spawn();
  const together = { sentAt: clock + 10, answeredAt: clock + 1000 };
  const either = [begun, sent('instance.stop', null, {}, together), sent('instance.start', null, {}, { ...together, queue: 'control' })];
  assert.equal(explain(either, plain).ends.length, 2);
  assert.equal(explain(either, { ...plain, enough: () => true }).ends.length, 1);
});

test('a spawn that failed leaves nothing, whatever excuses its failure', () => {
  const exhausted = sent('instance.spawn', 'exhausted', { specHash: 'h' });
  assert.deepEqual(explain([exhausted, sent('instance.pause', 'not-found')], plain).ends, []);
  const full = { ...plain, excused: () => new Set(['exhausted']) };
  assert.equal(explain([exhausted, sent('instance.pause', 'not-found')], full).ends.length, 1);
  assert.deepEqual(explain([exhausted, sent('instance.pause', null)], full).ends, []);
});

test('which generation a destroy met is seen by the spawns behind it, without trying all orders of what is between', () => {
  const together = { sentAt: clock, answeredAt: clock + 1000 };
  const [first, second] = [1, 2].map((generation) =>
    sent('instance.spawn', generation === 1 ? null : 'conflict', { specHash: 'h', generation }, together),
  );
  const destroy = sent('instance.destroy', null, {}, { ...together, queue: 'control', answeredAt: clock + 900 });
  const refused = Array.from({ length: 16 }, () => sent('instance.stop', 'not-found', { grace: 0 }, { ...together, queue: 'control' }));
  const anyOrder = { ...plain, cutOff: () => true, comesAgain: () => true, enough: () => true };
  const { ends, undecided } = explain([first!, destroy, second!, ...refused], anyOrder);
  assert.deepEqual([ends.length, undecided], [1, false]);
});
