import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, VIR_ERR_NO_DOMAIN } from '@novalet/libvirt';

test('objects are found by the UUID that they tell', async () => {
  await using conn = await open('test:///default');
  const [domain, network, pool] = [
    await conn.lookupByName('test'),
    await conn.networkLookupByName('default'),
    await conn.storagePoolLookupByName('default-pool'),
  ];
  const found = await conn.lookupByUUID(domain.UUID());
  assert.deepEqual([found.name(), found.connect() === conn], ['test', true]);
  assert.equal((await conn.networkLookupByUUID(network.UUID())).name(), 'default');
  assert.equal((await conn.storagePoolLookupByUUID(pool.UUID())).name(), 'default-pool');
  assert.equal((await conn.lookupByUUID(new Uint8Array(domain.UUID()))).name(), 'test');
  const port = await network
    .portCreateXML('<networkport><owner><name>g</name><uuid>11111111-2222-3333-4444-555555555555</uuid></owner></networkport>')
    .catch(() => null);
  if (port !== null) assert.equal((await network.portLookupByUUID(port.UUID())).UUIDString(), port.UUIDString());
});

test('a UUID that nobody has, or that is none, is told apart', async () => {
  await using conn = await open('test:///default');
  await assert.rejects(conn.lookupByUUID(Buffer.alloc(16, 7)), { code: VIR_ERR_NO_DOMAIN });
  await assert.rejects(conn.lookupByUUID('sixteen letters!'), { code: VIR_ERR_NO_DOMAIN }); // 16 bytes, as Python takes them
  await assert.rejects(conn.lookupByUUID(Buffer.alloc(3)), {
    name: 'libvirtError',
    err: null,
    message: 'virDomainLookupByUUID: uuid must be 16 bytes, not 3',
  });
  await assert.rejects(
    conn.lookupByUUID(null as never),
    new TypeError('virDomainLookupByUUID: uuid must be a Uint8Array or a string, not null'),
  );
});
