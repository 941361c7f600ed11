import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from './row.js';
import { sampleOf } from './statistics.js';
import { table } from './table.js';

const row = (changes: Partial<Row>): Row => ({
  key: 'x',
  what: 'a spawn',
  unit: 'ms',
  ours: sampleOf([300, 340, 310]),
  libvirt: sampleOf([280, 290, 300]),
  target: { of: 'difference', atMost: 50 },
  nova: null,
  ...changes,
});

test('a row shows ours, libvirt’s own, and what lies between them', () => {
  const text = table([row({})]);
  assert.match(text, /a spawn +310 ms \(300–340\) +290 ms \(280–300\) +\+20\.0 ms +1\.07 +≤ 50 ms above +yes/);
  assert.match(text, /all 1 targets met/);
});

test('a missed target is said in its row and in the end, by name', () => {
  const slow = row({ what: 'a burst', unit: 'spawns/s', target: { of: 'ratio', atLeast: 1.2 } });
  const text = table([row({}), slow]);
  assert.match(text, /a burst .*≥ 1\.2 of it +NO/);
  assert.match(text, /targets met: 1; MISSED: a burst$/);
});

test('a row without a rival compares with nobody', () => {
  const memory = row({ unit: 'MiB', ours: sampleOf([70]), libvirt: null, target: { of: 'ours', atMost: 100 } });
  assert.match(table([memory]), /a spawn +70\.0 MiB +– +– +– +< 100 MiB +yes/);
});
