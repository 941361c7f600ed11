import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('../../../docs', import.meta.url));

test('the tests that docs/reliability.md names are there, under these titles', () => {
  const page = readFileSync(join(docs, 'reliability.md'), 'utf8');
  const named = [...page.matchAll(/\[[^\]]+\]\((\.\.\/test\/[^)]+)\): (.+?)(?=<br>| +\|)/g)].map(([, file = '', title = '']) => ({
    file,
    title,
  }));
  assert.ok(named.length > 30, `${named.length} are named`);
  const missing = named.filter(({ file, title }) => !readFileSync(join(docs, file), 'utf8').includes(title));
  assert.deepEqual(missing, []);
});
