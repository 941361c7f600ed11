import assert from 'node:assert/strict';
import test from 'node:test';
import { bytes, duration, mebibytes } from '../../../services/cli/quantity.js';

test('bytes are said in the unit that a person would choose', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 4 * 1024 ** 3].map(bytes), ['0 B', '1023 B', '1 KiB', '1.5 KiB', '4 GiB']);
});

test('a time is said in its two largest units', () => {
  assert.deepEqual([0, 59_000, 3_600_000, 273_600_000, 90_061_000].map(duration), ['0 s', '59 s', '1 h', '3 d 4 h', '1 d 1 h']);
});

test('a size is in MiB, or has a unit that is a power of two', () => {
  assert.deepEqual(['512', '512M', '4G', '4GiB', '1t'].map(mebibytes), [512, 512, 4096, 4096, 1024 ** 2]);
});

test('what could be meant otherwise is no size', () => {
  for (const text of ['', '0', '4GB', '1.5G', '-1', '1e3', '4 G', '9999999999', '1K']) assert.equal(mebibytes(text), null, text);
});
