import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from '@novalet/libvirt';

const URI = 'test:///default';
/** What a caller in JavaScript, without types, may come up with. */
const wrong = <T>(value: unknown): T => value as T;

test('an argument of the wrong type is refused by function and name before it reaches libvirt', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  const refusals: [Promise<unknown>, ErrorConstructor, string][] = [
    [conn.lookupByName(wrong(5)), TypeError, 'virDomainLookupByName: name must be a string or null, not 5'],
    [conn.lookupByName(wrong({})), TypeError, 'virDomainLookupByName: name must be a string or null, not an object'],
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
