import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { AnswerFile } from '../../../services/compute/answer-log.js';
import type { Answer } from '../../../services/compute/result.js';
import { temporaryDirectory } from './virt/libvirt/temporary-directory.js';

const answer = (messageId: string, filling = 0): Answer => ({
  type: 'instance.get',
  result: {
    ...{ command: 'instance.get', messageId, requestId: 'r', host: 'h', outcome: 'failed', finishedAt: '2030-01-01T00:00:00Z' },
    error: { kind: 'not-found', message: 'x'.repeat(filling), retryable: false },
  },
});

test('answers are there for the next process, in the order in which they were given', (t) => {
  const path = join(temporaryDirectory(t), 'answers');
  const first = new AnswerFile(path);
  const given = ['a', 'b', 'c'].map((id) => [id, answer(id)] as const);
  for (const [key, one] of given) first.add(key, one); // no close: it was killed
  const second = new AnswerFile(path);
  assert.deepEqual(second.read(), given);
  second.add('d', answer('d'));
  assert.deepEqual(
    new AnswerFile(path).read().map(([key]) => key),
    ['a', 'b', 'c', 'd'],
  );
});

test('the newest answers stay when there are more than the file holds', (t) => {
  const path = join(temporaryDirectory(t), 'answers');
  const file = new AnswerFile(path);
  for (let i = 0; i < 100; i++) file.add(`k-${i}`, answer(`k-${i}`, 50_000));
  const keys = new AnswerFile(path).read().map(([key]) => key);
  assert.ok(keys.length >= 30 && keys.length < 50, `${keys.length} answers`);
  assert.deepEqual(
    keys,
    Array.from({ length: keys.length }, (_, i) => `k-${100 - keys.length + i}`),
  );
});
