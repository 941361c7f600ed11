import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputeError } from '../../../../../services/common/errors.js';
import { delay, timeLeft, within } from '../../../../../services/compute/virt/libvirt/deadline.js';

const late = () => new ComputeError('timeout', 'late');

test('a deadline that never comes is never passed', async () => {
  await within(delay(20), timeLeft(Infinity, 'wait'), late);
});

test('what is not there at its deadline is late', async () => {
  await assert.rejects(within(new Promise(() => {}), 1, late), { kind: 'timeout' });
});
