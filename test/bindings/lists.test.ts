import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS, VIR_ERR_NO_SUPPORT } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';

test('objects are listed with their names, and know where they came from', async (t) => {
  for (const uri of ['test:///default', (await withLibvirtd(t)).testUri]) {
    await using conn = await open(uri);
    const names = (objects: { name(): string }[]): string[] => objects.map((object) => object.name()).sort();
    assert.deepEqual(names(await conn.listAllDomains()), ['test']);
    assert.deepEqual(names(await conn.listAllNetworks()), ['default']);
    assert.deepEqual(names(await conn.listAllInterfaces()), ['eth1']);
    assert.deepEqual(names(await conn.listAllStoragePools()), ['default-pool']);
    assert.deepEqual(names(await conn.listAllDevices()), (await conn.listDevices(null)).sort());
    assert.deepEqual([await conn.listNetworks(), await conn.listDefinedNetworks()], [['default'], []]);
    assert.deepEqual([await conn.listInterfaces(), await conn.listDefinedInterfaces()], [['eth1'], []]);
    assert.deepEqual([await conn.listStoragePools(), await conn.listDefinedStoragePools()], [['default-pool'], []]);
    assert.deepEqual([await conn.listDomainsID(), await conn.listDefinedDomains()], [[1], []]);
    assert.ok((await conn.getCPUModelNames('x86_64')).includes('qemu64'));
    const [network] = await conn.listAllNetworks();
    assert.equal(network?.connect(), conn);
    await assert.rejects(conn.listAllSecrets(), { code: VIR_ERR_NO_SUPPORT });
    const device = await conn.nodeDeviceLookupByName('scsi_host1');
    assert.ok((await device.listCaps()).includes('scsi_host'));
  }
});

test('snapshots and checkpoints are listed by their domain and by their parent', async (t) => {
  for (const uri of ['test:///default', (await withLibvirtd(t)).testUri]) {
    await using conn = await open(uri);
    const domain = await conn.lookupByName('test');
    for (const name of ['one', 'two', 'three']) await domain.snapshotCreateXML(`<domainsnapshot><name>${name}</name></domainsnapshot>`);
    assert.deepEqual((await domain.snapshotListNames()).sort(), ['one', 'three', 'two']);
    assert.deepEqual((await domain.listAllSnapshots()).map((one) => one.getName()).sort(), ['one', 'three', 'two']);
    const first = await domain.snapshotLookupByName('one');
    assert.deepEqual(await first.listChildrenNames(), ['two']);
    assert.deepEqual((await first.listChildrenNames(VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS)).sort(), ['three', 'two']);
    const [second] = await first.listAllChildren();
    assert.deepEqual([second?.getName(), second?.domain() === domain], ['two', true]);
    assert.equal(await domain.revertToSnapshot(first), 0);
    assert.equal((await domain.snapshotCurrent()).getName(), 'one');
    for (const snapshot of await domain.listAllSnapshots()) await snapshot.delete();
    await domain.checkpointCreateXML('<domaincheckpoint><name>a</name></domaincheckpoint>');
    await domain.checkpointCreateXML('<domaincheckpoint><name>b</name></domaincheckpoint>');
    assert.deepEqual((await domain.listAllCheckpoints()).map((one) => one.getName()).sort(), ['a', 'b']);
    const [child] = await (await domain.checkpointLookupByName('a')).listAllChildren();
    assert.deepEqual([child?.getName(), child?.domain() === domain], ['b', true]);
  }
});

test('volumes are listed by their pool', async () => {
  await using conn = await open('test:///default');
  const pool = await conn.storagePoolLookupByName('default-pool');
  const volume = await pool.createXML('<volume><name>v</name><capacity>1048576</capacity></volume>', 0);
  assert.deepEqual(await pool.listVolumes(), ['v']);
  assert.deepEqual(
    (await pool.listAllVolumes()).map((one) => [one.name(), one.connect() === conn]),
    [['v', true]],
  );
  assert.deepEqual(await volume.info(), [0, 1048576, 1048576]);
  assert.deepEqual([await pool.info(), await pool.autostart()], [[2, 107374182400, 1048576, 107373133824], 0]);
  await volume.delete();
});

test('two thousand objects come in one call', async () => {
  await using conn = await open('test:///default');
  const xml = (i: number): string => `<domain type="test"><name>d${i}</name><memory>1024</memory><os><type>hvm</type></os></domain>`;
  for (let i = 0; i < 2000; i += 100) await Promise.all(Array.from({ length: 100 }, (_, n) => conn.defineXML(xml(i + n))));
  assert.equal((await conn.listAllDomains()).length, 2001);
  assert.equal((await conn.listDefinedDomains()).length, 2000);
  assert.equal((await conn.getAllDomainStats()).length, 2001);
});
