import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { SqliteTombstones } from '../../../../services/compute/tombstones/sqlite-tombstones.js';
import { fillDisk, smallDisk } from '../../../support/small-disk.js';

test('on a full disk instances can still be buried, also after a restart, and the reserve comes back with the room', (t) => {
  const directory = smallDisk(t);
  if (directory === null) return;
  const file = path.join(directory, 'worker.db');
  const open = () => new SqliteTombstones({ file, retentionDays: 30 });
  const reserve = () => statSync(`${file}.reserve`).size;
  open().close();
  const whole = reserve();
  const ballast = fillDisk(directory);
  const buried = Array.from({ length: 100 }, () => randomUUID());
  for (const half of [buried.slice(0, 50), buried.slice(50)]) {
    const tombstones = open();
    for (const id of half) tombstones.bury(id, 2);
    tombstones.close();
    fillDisk(directory); // others take what it left
  }
  assert.ok(reserve() < whole);
  truncateSync(ballast);
  const tombstones = open();
  assert.deepEqual(new Set(buried.map((id) => tombstones.generationOf(id))), new Set([2]));
  assert.equal(reserve(), whole);
  tombstones.close();
});

test('a disk that is full before there is a reserve is named', (t) => {
  const directory = smallDisk(t);
  if (directory === null) return;
  fillDisk(directory);
  assert.throws(() => new SqliteTombstones({ file: path.join(directory, 'worker.db'), retentionDays: 30 }), { message: /worker\.db/ });
});
