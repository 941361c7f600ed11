import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleOf } from './statistics.js';

test('the median is the middle, or half-way between the two in the middle', () => {
  assert.deepEqual(sampleOf([3, 1, 2]), { median: 2, min: 1, max: 3, count: 3 });
  assert.equal(sampleOf([4, 1, 2, 3]).median, 2.5);
});
