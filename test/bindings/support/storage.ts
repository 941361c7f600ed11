import type { virConnect, virStoragePool, virStorageVol } from '@novalet/libvirt';

/** A storage pool that is a folder below `directory`. */
export async function makePool(conn: virConnect, directory: string): Promise<virStoragePool> {
  const xml = `<pool type="dir"><name>pool</name><target><path>${directory}/pool</path></target></pool>`;
  const pool = await conn.storagePoolDefineXML(xml, 0);
  await pool.build(0);
  await pool.create(0);
  return pool;
}

export function makeVolume(pool: virStoragePool, name: string, bytes: number, allocated = bytes): Promise<virStorageVol> {
  const xml = `<volume><name>${name}</name><capacity>${bytes}</capacity><allocation>${allocated}</allocation>
    <target><format type="raw"/></target></volume>`;
  return pool.createXML(xml, 0);
}
