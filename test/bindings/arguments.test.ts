import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, VIR_DOMAIN_METADATA_TITLE, VIR_ERR_NO_DOMAIN_METADATA } from '@novalet/libvirt';

const URI = 'test:///default';
/** What a caller in JavaScript, without types, may come up with. */
const wrong = <T>(value: unknown): T => value as T;

test('an argument of the wrong type is refused by function and name before it reaches libvirt', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  const refusals: [Promise<unknown>, ErrorConstructor, string][] = [
    [conn.lookupByName(wrong(5)), TypeError, 'virDomainLookupByName: name must be a string, not 5'],
    [conn.lookupByName(wrong({})), TypeError, 'virDomainLookupByName: name must be a string, not an object'],
    [conn.lookupByName('a\0b'), TypeError, 'virDomainLookupByName: name must be a string without NUL characters, not the string "a"'],
    [
      domain.XMLDesc(wrong('1')),
      TypeError,
      'virDomainGetXMLDesc: flags must be a whole number from -2147483648 to 4294967295, not the string "1"',
    ],
    [
      domain.XMLDesc(2 ** 32),
      RangeError,
      'virDomainGetXMLDesc: flags must be a whole number from -2147483648 to 4294967295, not 4294967296',
    ],
    [domain.XMLDesc(0.5), RangeError, 'virDomainGetXMLDesc: flags must be a whole number from -2147483648 to 4294967295, not 0.5'],
    [conn.lookupByID(NaN), RangeError, 'virDomainLookupByID: id must be a whole number from -2147483648 to 2147483647, not NaN'],
    [domain.setMemory(-1), RangeError, 'virDomainSetMemory: memory must be a safe integer of 0 or more, or a bigint, not -1'],
    [
      domain.setMemory(wrong(2n ** 64n)),
      RangeError,
      'virDomainSetMemory: memory must be an unsigned 64-bit integer, not 18446744073709551616n',
    ],
    [domain.migrate(wrong(domain)), TypeError, 'virDomainMigrate: dconn must be a virConnect, not a virDomain'],
    [domain.migrate(wrong('qemu:///system')), TypeError, 'virDomainMigrate: dconn must be a virConnect, not the string "qemu:///system"'],
  ];
  for (const [refused, type, message] of refusals) await assert.rejects(refused, new type(message));
});

test('a string that is needed is refused when it is null or left out, by function and name', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  for (const nothing of [null, undefined]) {
    const refusals: [Promise<unknown>, string][] = [
      [conn.lookupByName(wrong(nothing)), 'virDomainLookupByName: name'],
      [conn.defineXML(wrong(nothing)), 'virDomainDefineXML: xml'],
      [domain.attachDevice(wrong(nothing)), 'virDomainAttachDevice: xml'],
      [domain.blockResize(wrong(nothing), 1), 'virDomainBlockResize: disk'],
      // By hand; libvirt 9.0.0's test driver crashes when it is given no interface.
      [domain.interfaceParameters(wrong(nothing)), 'virDomainGetInterfaceParameters: device'],
      [domain.blockInfo(wrong(nothing)), 'virDomainGetBlockInfo: path'],
    ];
    for (const [refused, what] of refusals) await assert.rejects(refused, new TypeError(`${what} must be a string, not ${nothing}`));
  }
});

test('a string that may be null goes to libvirt as null', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  assert.equal(await conn.getMaxVcpus(null), 32);
  assert.ok((await conn.listDevices(null)).includes('computer'));
  assert.equal(await domain.fSTrim(null, 0), 0);
  assert.equal(await domain.setMetadata(VIR_DOMAIN_METADATA_TITLE, 'a title', null, null), 0);
  assert.equal(await domain.metadata(VIR_DOMAIN_METADATA_TITLE, null), 'a title');
  assert.equal(await domain.setMetadata(VIR_DOMAIN_METADATA_TITLE, null, null, null), 0);
  await assert.rejects(domain.metadata(VIR_DOMAIN_METADATA_TITLE, null), { code: VIR_ERR_NO_DOMAIN_METADATA });
});

test('flags may come out of a signed bitwise or', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  assert.match(await domain.XMLDesc(-0), /<domain/);
  // Every bit: libvirt hears them as unsigned, and refuses what it does not know.
  await assert.rejects(conn.listAllDomains(-1 << 30), { name: 'libvirtError', message: /0xc0000000/ });
});

test('a 64-bit argument is taken as number and as bigint', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  assert.equal(await domain.setMemory(1048576), 0);
  assert.equal(await domain.setMemory(wrong(2097152n)), 0);
});

test('a method called on something else is refused', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  assert.throws(() => domain.name.call(wrong(conn)), new TypeError('virDomainGetName: domain must be a virDomain, not a virConnect'));
  assert.throws(() => domain.name.call(wrong(null)), new TypeError('virDomainGetName: domain must be a virDomain, not null'));
  assert.throws(() => domain.UUID.call(wrong({})), new TypeError('virDomainGetUUID: object must be a virDomain, not an object'));
});
