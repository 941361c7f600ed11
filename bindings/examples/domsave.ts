/**
 * Saves all running domains into a directory; domrestore.js brings them back.
 *
 *     node domsave.js URI DIRECTORY
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open, VIR_CONNECT_LIST_DOMAINS_ACTIVE } from '@novalet/libvirt';

const [uri, directory] = process.argv.slice(2);
if (uri === undefined || directory === undefined) throw new Error('usage: node domsave.js URI DIRECTORY');

await mkdir(directory, { recursive: true });
await using conn = await open(uri);
for (const domain of await conn.listAllDomains(VIR_CONNECT_LIST_DOMAINS_ACTIVE)) {
  const file = join(directory, domain.UUIDString());
  await domain.save(file);
  console.log(`${domain.name()} saved in ${file}`);
}
