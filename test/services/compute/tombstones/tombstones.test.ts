import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MemoryTombstones } from '../../../../services/compute/tombstones/memory-tombstones.js';
import { SqliteTombstones } from '../../../../services/compute/tombstones/sqlite-tombstones.js';
import { tombstonesContract } from '../../../contract/tombstones-contract.js';

tombstonesContract('memory', () => ({ tombstones: new MemoryTombstones(), close: () => {} }));

tombstonesContract('SQLite', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'novalet-tombstones-'));
  const tombstones = new SqliteTombstones({ file: path.join(directory, 'worker.db'), retentionDays: 30 });
  const close = () => {
    tombstones.close();
    rmSync(directory, { recursive: true });
  };
  return { tombstones, close };
});
