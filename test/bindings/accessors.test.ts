import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from '@novalet/libvirt';

const XML = "<domain type='test'><name>accessors</name><memory>1024</memory><os><type>hvm</type></os></domain>";

test('a domain’s ID is the one that its latest call left, however often it was asked for before', async () => {
  await using conn = await open('test:///default');
  const dom = await conn.defineXML(XML);
  for (let round = 0; round < 3; round++) {
    assert.deepEqual([dom.ID(), dom.ID()], [-1, -1]);
    const starting = dom.create();
    dom.ID(); // while the call is under way either is right, and neither may be kept
    await starting;
    assert.ok(dom.ID() > 0);
    assert.equal(dom.ID(), (await conn.lookupByName('accessors')).ID());
    await dom.destroy();
  }
  await dom.undefine();
});

test('names and UUIDs are the same at every asking, and refused after close like everything else', async () => {
  const conn = await open('test:///default');
  const dom = await conn.lookupByName('test');
  const [name, uuid] = [dom.name(), dom.UUIDString()];
  assert.deepEqual([dom.name(), dom.UUIDString(), dom.UUID().toString('hex')], [name, uuid, uuid.replaceAll('-', '')]);
  dom.ID();
  await conn.close();
  for (const ask of [() => dom.name(), () => dom.UUIDString(), () => dom.ID()]) assert.throws(ask, { name: 'libvirtError', code: 6 });
});
