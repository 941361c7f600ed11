/**
 * Starts the domain of an XML file, unless it runs already.
 *
 *     node domstart.js URI FILE
 */
import { readFile } from 'node:fs/promises';
import { libvirtError, open, VIR_ERR_NO_DOMAIN, type virConnect, type virDomain } from '@novalet/libvirt';

const [uri, file] = process.argv.slice(2);
if (uri === undefined || file === undefined) throw new Error('usage: node domstart.js URI FILE');

async function find(conn: virConnect, name: string): Promise<virDomain | null> {
  try {
    return await conn.lookupByName(name);
  } catch (error) {
    if (error instanceof libvirtError && error.code === VIR_ERR_NO_DOMAIN) return null;
    throw error;
  }
}

await using conn = await open(uri);
const xml = await readFile(file, 'utf8');
const name = /<name>([^<]+)<\/name>/.exec(xml)?.[1];
if (name === undefined) throw new Error(`${file} names no domain`);

const domain = (await find(conn, name)) ?? (await conn.defineXML(xml));
if (await domain.isActive()) {
  console.log(`${name} runs already, with the id ${domain.ID()}`);
} else {
  await domain.create();
  console.log(`${name} started, with the id ${domain.ID()}`);
}
