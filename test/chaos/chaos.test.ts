import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { chaosRun } from './chaos-run.js';

/** The same ones each time; `npm run test:chaos` plays as many as one has patience for. */
const SHORT = [
  ['test', [4, 1, 2, 3]],
  ['qemu', [4, 2]],
] as const;

describe('the chaos suite, its short form', { concurrency: true }, () => {
  for (const [driver, seeds] of SHORT) {
    test(`whatever dies, each command on ${driver} has one outcome, and the host is as the outcomes say`, async (t) => {
      const keepIn = join(tmpdir(), 'novalet-chaos');
      const told = ({
        seed,
        faults,
        deaths,
        seconds,
      }: {
        seed: number;
        faults: readonly string[];
        deaths: readonly string[];
        seconds: number;
      }) => t.diagnostic(`seed ${seed}, ${seconds.toFixed(1)} s: ${[...faults, ...deaths].join(', ')}`);
      const reports = await chaosRun({ driver, doors: 'all', seeds, jobs: 1, keepIn, told });
      const wrongs = reports.flatMap(({ seed, wrongs }) => wrongs.map((wrong) => `seed ${seed}: ${wrong}`));
      assert.deepEqual(wrongs, [], `npm run test:chaos -- --driver ${driver} --from SEED --seeds 1; logs in ${keepIn}`);
      assert.equal(reports.length, seeds.length);
    });
  }
});
