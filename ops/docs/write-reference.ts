/** Writes the pages that follow from the code. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referenceFiles } from './reference.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

for (const [path, text] of await referenceFiles()) {
  await mkdir(dirname(join(repository, path)), { recursive: true });
  await writeFile(join(repository, path), text);
  console.log(`wrote ${path}`);
}
