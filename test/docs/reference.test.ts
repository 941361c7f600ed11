import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { referenceFiles, WRITE_COMMAND } from '../../ops/docs/reference.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const way = `it differs from what the code says; "${WRITE_COMMAND}" writes it anew`;

test('schemas and settings in docs/ are those of the code', async () => {
  const files = await referenceFiles();
  for (const [path, text] of files) {
    assert.equal(await readFile(join(repository, path), 'utf8').catch(() => 'missing'), text, `${path}: ${way}`);
  }
  const schemas = await readdir(join(repository, 'docs/schemas'));
  for (const name of schemas)
    assert.ok(files.has(`docs/schemas/${name}`), `docs/schemas/${name}: nothing in the code has this schema any more`);
});
