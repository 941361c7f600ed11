import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { goldenPath } from './support/golden-lists.js';

const program = (name: string) => fileURLToPath(new URL(`../../generator/${name}.js`, import.meta.url));
const run = (name: string, ...args: string[]) => spawnSync(process.execPath, [program(name), ...args], { encoding: 'utf8' });

test('lists can be given by path', (t) => {
  const out = mkdtempSync(join(tmpdir(), 'novalet-generator-'));
  t.after(() => rmSync(out, { recursive: true }));
  const lists = ['libvirt', 'qemu', 'lxc'].flatMap((name) => [
    `--${name}-api`,
    goldenPath(name === 'libvirt' ? 'libvirt-api.xml' : `libvirt-${name}-api.xml`),
  ]);
  const { status, stdout } = run('cli', '--out', out, '--docs=short', ...lists);
  assert.equal(status, 0);
  assert.match(stdout, /^libvirt 1\.2\.3: 13 functions and 9 constants generated/);
  assert.ok(existsSync(join(out, 'classes/virDomain.ts')));
});

test('wrong options are named', () => {
  assert.match(run('cli').stderr, /--out is missing/);
  assert.match(run('cli', '--out', 'x', '--docs=long').stderr, /--docs is "long", and can be full or short/);
  assert.equal(run('cli', '--out', 'x', '--nonsense').status, 1);
});

test('the coverage as JSON has every row and the totals', () => {
  const { stdout, status } = run('coverage', '--json');
  assert.equal(status, 0);
  const { rows, totals, matter } = JSON.parse(stdout) as { rows: unknown[]; totals: { total: number }[]; matter: { total: number } };
  assert.equal(
    totals.reduce((sum, row) => sum + row.total, 0),
    rows.length,
  );
  assert.ok(matter.total > 0);
});
