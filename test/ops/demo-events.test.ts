import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventWords } from '../../ops/demo/event-words.js';

const at = '2026-01-02T03:04:05.678Z';
const of = { command: 'instance.spawn', messageId: 'm', requestId: 'r', host: 'h' };

test('whatever a worker tells on the events exchange, the demo has words for it', () => {
  assert.equal(eventWords('instance.spawn.result', { ...of, outcome: 'done', finishedAt: at }), 'done');
  assert.equal(eventWords('instance.spawn.progress', { ...of, phase: 'disks', at }), 'disks');
  assert.equal(eventWords('instance.spawn.progress', { ...of, phase: 'download', percent: 40, at }), 'download, 40 %');
  const change = { host: 'h', instanceId: '3daf887d-8bbc-475b-8b2f-f785b369f2c5', state: 'gone', inBand: true, epoch: at, sequence: 1, at };
  assert.equal(eventWords('instance.state', change), 'gone');
});
