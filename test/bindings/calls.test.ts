import assert from 'node:assert/strict';
import { test } from 'node:test';
import libvirt, { getVersion, open, openReadOnly, VIR_DOMAIN_RUNNING, virConnect, virDomain } from '@novalet/libvirt';
import { qemuAttach } from '@novalet/libvirt/qemu';
import { lxcEnterCGroup } from '@novalet/libvirt/lxc';

const URI = 'test:///default';

test('a connection finds a domain, and the domain answers in libvirt-python’s shapes', async () => {
  await using conn = await open(URI);
  assert.ok(conn instanceof virConnect);
  const domain = await conn.lookupByName('test');
  assert.ok(domain instanceof virDomain);
  assert.equal(domain.name(), 'test');
  assert.equal(domain.ID(), 1);
  assert.match(domain.UUIDString(), /^[0-9a-f-]{36}$/);
  assert.equal(domain.UUID().toString('hex'), domain.UUIDString().replaceAll('-', ''));
  const [state, maxMem, memory, vcpus, cpuTime] = await domain.info();
  assert.deepEqual([state, maxMem, memory, vcpus], [VIR_DOMAIN_RUNNING, 8388608, 2097152, 2]);
  assert.ok(cpuTime > 0);
  assert.deepEqual(await domain.state(), [VIR_DOMAIN_RUNNING, 0]);
  assert.match(await domain.XMLDesc(), /<name>test<\/name>/);
});

test('a child knows its connection as the very object that it came from', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  assert.equal(domain.connect(), conn);
  const snapshot = await domain.snapshotCreateXML('<domainsnapshot/>', 0);
  assert.equal(snapshot.domain(), domain);
  assert.equal(snapshot.getConnect(), conn);
});

test('a domain is defined, started, listed, destroyed and undefined', async () => {
  await using conn = await open(URI);
  const xml = '<domain type="test"><name>made</name><memory>1024</memory><os><type>hvm</type></os></domain>';
  const domain = await conn.defineXMLFlags(xml, 0);
  assert.equal(domain.ID(), -1);
  assert.equal(await domain.createWithFlags(0), 0);
  assert.deepEqual((await conn.listAllDomains()).map((one) => one.name()).sort(), ['made', 'test']);
  assert.equal(await domain.destroyFlags(0), 0);
  assert.equal(await domain.undefineFlags(0), 0);
  await assert.rejects(conn.lookupByName('made'), { name: 'libvirtError', code: libvirt.VIR_ERR_NO_DOMAIN });
});

test('the version comes alone, or with a driver’s', () => {
  const version = getVersion();
  assert.ok(Number.isInteger(version) && version >= 7_000_000);
  assert.equal(getVersion('test')[0], version);
});

test('functions of libvirt-qemu and libvirt-lxc are there, each in its own module', async () => {
  await using conn = await open(URI);
  await assert.rejects(qemuAttach(conn, 1, 0), { name: 'libvirtError', code: libvirt.VIR_ERR_NO_SUPPORT });
  // Not called for real: whatever the driver, it moves the calling process into another control group.
  await assert.rejects(
    lxcEnterCGroup(conn as never, 0),
    new TypeError('virDomainLxcEnterCGroup: domain must be a virDomain, not a virConnect'),
  );
});

test('a read-only connection may look and not touch', async () => {
  await using conn = await openReadOnly(URI);
  const domain = await conn.lookupByName('test');
  await assert.rejects(domain.destroy(), { code: libvirt.VIR_ERR_OPERATION_DENIED });
});
