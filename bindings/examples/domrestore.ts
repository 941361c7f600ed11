/**
 * Brings back the domains that domsave.js saved.
 *
 *     node domrestore.js URI DIRECTORY
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from '@novalet/libvirt';

const [uri, directory] = process.argv.slice(2);
if (uri === undefined || directory === undefined) throw new Error('usage: node domrestore.js URI DIRECTORY');

await using conn = await open(uri);
for (const uuid of await readdir(directory)) {
  const file = join(directory, uuid);
  await conn.restore(file);
  await rm(file);
  const domain = await conn.lookupByUUIDString(uuid);
  console.log(`${domain.name()} restored, with the id ${domain.ID()}`);
}
