import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rows } from './rows.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

test('the binding’s benchmark measures every row, by all its rivals', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick']);
  const lines = stdout.split('\n');
  for (const { what, who, unit } of rows(0.02)) {
    const line = lines.find((one) => one.startsWith(`| ${what} `)) ?? assert.fail(`the table has no row for ${what}`);
    const measured = line.split('|').filter((cell) => / \d*\.?\d+k? /.test(cell) && cell.includes(unit) && !/[≤≥]/.test(cell));
    assert.equal(measured.length, who.filter((one) => one !== 'unraid').length, line);
  }
});
