import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { header } from '../../generator/emit-common.js';
import { writeFiles } from '../../generator/write-files.js';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'novalet-generator-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('a file that is the same already is not touched', (t) => {
  const out = folder(t);
  const files = new Map([['classes/a.ts', header('1') + 'a']]);
  assert.equal(writeFiles(out, files), 1);
  const before = statSync(join(out, 'classes/a.ts'));
  assert.equal(writeFiles(out, files), 0);
  assert.deepEqual(statSync(join(out, 'classes/a.ts')).ino, before.ino);
  assert.deepEqual(readdirSync(out), ['classes']);
});

test('a file that an earlier run left goes, and what others wrote stays', (t) => {
  const out = folder(t);
  writeFiles(out, new Map([['old.ts', header('1')]]));
  writeFileSync(join(out, 'mine.ts'), 'mine');
  assert.equal(writeFiles(out, new Map([['new.ts', header('1')]])), 2);
  assert.equal(existsSync(join(out, 'old.ts')), false);
  assert.equal(readFileSync(join(out, 'mine.ts'), 'utf8'), 'mine');
});
