import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

const SPAWNS = ['qemu-received', 'qemu-published', 'qemu-burst', 'test-received', 'test-published', 'test-burst', 'test-many'];
const VERBS = [
  ...['get', 'pause', 'unpause', 'setMetadata', 'attachDisk', 'detachDisk', 'reboot', 'suspend', 'resume', 'stop', 'start'],
  ...['resize', 'snapshot', 'destroy'],
].map((name) => `verb-${name}`);
const COSTS = ['cpu-per-spawn', 'start', 'rss-fresh', 'pss-fresh', 'rss-used', 'pss-used', 'control-under-load'];
const RECOVERY = ['recovery', 'recovery-served', 'rss-known', 'pss-known'];
const GRPC = ['grpc-get', 'grpc-get-p99', 'grpc-rate', 'grpc-create', 'grpc-create-by-queue', 'grpc-idle'];
const WATCHES = ['watch-fan-out', 'watch-fan-out-cpu'];

test('the benchmark measures every row, and compares what libvirt has a share in', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-bench-'));
  t.after(() => rm(directory, { recursive: true }));
  const json = join(directory, 'result.json');
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick', '--json', json]);

  interface Line {
    readonly key: string;
    readonly what: string;
    readonly ours: { readonly median: number };
    readonly compared: { readonly ratio: number } | null;
  }
  const { rows } = JSON.parse(await readFile(json, 'utf8')) as { rows: Line[] };
  assert.deepEqual(new Set(rows.map((row) => row.key)), new Set([...SPAWNS, ...VERBS, ...COSTS, ...RECOVERY, ...WATCHES, ...GRPC]));
  for (const { key, what, ours, compared } of rows) {
    assert.ok(ours.median >= 0 && Number.isFinite(ours.median), key);
    assert.equal(compared !== null && compared.ratio > 0, [...SPAWNS, ...VERBS].includes(key), key);
    assert.ok(stdout.includes(what), `the table has no row for ${key}`);
  }
  // Memory hardly depends on how busy the machine is: a part that grows the worker by a tenth shows here.
  for (const { key, ours } of rows) if (key.startsWith('rss-')) assert.ok(ours.median < 115, `${key}: ${ours.median} MiB`);
});
