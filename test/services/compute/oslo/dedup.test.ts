import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Publications } from '../../../../services/compute/oslo/dedup.js';

test('a publication is new once, for ten minutes', () => {
  const publications = new Publications();
  assert.deepEqual([publications.take('a', 0), publications.take('a', 599_000), publications.take('a', 601_000)], [true, false, true]);
});

test('ten thousand ids are known at once, and memory stays bounded', () => {
  const publications = new Publications();
  for (let i = 0; i < 50_000; i++) publications.take(`id-${i}`, i);
  assert.equal(publications.take('id-40000', 50_001), false);
  assert.equal(publications.take('id-1', 50_001), true);
});
