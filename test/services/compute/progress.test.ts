import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgressEvent } from '../../../services/common/messages/progress.js';
import { ProgressReports } from '../../../services/compute/progress.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { spawnBody, spawnCommand } from '../../support/commands.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { withWorker } from '../../support/with-worker.js';

/** What comes of reports that a driver makes at these times. */
function told(reports: readonly (readonly [ms: number, phase: string, bytes?: number])[], totalBytes = 1000) {
  const events: ProgressEvent[] = [];
  let now = 0;
  const subject = new ProgressReports(
    spawnCommand(),
    'host-1',
    (_command, event) => void events.push(event),
    () => now,
  );
  for (const [ms, phase, bytes] of reports) {
    now = ms;
    subject.listener(bytes === undefined ? { phase } : { phase, bytes, totalBytes });
  }
  subject.end();
  for (const event of events) ProgressEvent.parse(event);
  return events.map(({ phase, bytes, percent }) => [phase, bytes, percent]);
}

test('first and last of a phase are told, and two a second in between', () => {
  const every10ms = Array.from({ length: 101 }, (_, i) => [i * 10, 'download', i * 10] as const);
  assert.deepEqual(told([...every10ms, [1001, 'define']]), [
    ['download', 0, 0],
    ['download', 500, 50],
    ['download', 1000, 100],
    ['define', undefined, undefined],
  ]);
});

test('what is held back goes before the next phase, and with the end of the command', () => {
  assert.deepEqual(
    told([
      [0, 'download', 1],
      [1, 'download', 999],
      [2, 'verify', 5],
      [3, 'verify', 6],
    ]),
    [
      ['download', 1, 0],
      ['download', 999, 99],
      ['verify', 5, 0],
      ['verify', 6, 0],
    ],
  );
});

test('more than was announced is all of it, and of nothing there are no percents', () => {
  assert.deepEqual(told([[0, 'save', 1200]]), [['save', 1200, 100]]);
  assert.deepEqual(told([[0, 'save', 1200]], 0), [['save', 1200, undefined]]);
});

test('whoever listens hears the phases of a spawn, beside its result and not persistent', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen('instance.*.spawn.progress');
  const body = spawnBody();
  const messageId = await client.send('instance.spawn', body);
  const events = await client.progress.take(5);
  for (const event of events) ProgressEvent.parse(event);
  assert.deepEqual(
    events.map(({ phase }) => phase),
    ['images', 'disks', 'define', 'start', 'started'],
  );
  assert.deepEqual([events[0]?.messageId, events[0]?.instanceId, events[0]?.host], [messageId, body.instance.id, 'host-1']);
});
