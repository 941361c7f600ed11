import assert from 'node:assert/strict';
import { test } from 'node:test';
import { libvirtError, open, VIR_ERR_INVALID_CONN, VIR_ERR_INVALID_DOMAIN } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';

const URI = 'test:///default';
const closedConnection = { name: 'libvirtError', code: VIR_ERR_INVALID_CONN };

test('close really closes, also with objects and registrations left', async () => {
  const conn = await open(URI);
  const domains = await conn.listAllDomains();
  await conn.domainEventRegisterAny(null, 0, () => {});
  await conn.registerCloseCallback(() => {});
  assert.ok(domains.length > 0);
  assert.equal(await conn.close(), 0);
});

test('after close nothing reaches libvirt: neither by the connection nor by its children', async () => {
  const conn = await open(URI);
  const domain = await conn.lookupByName('test');
  await conn.close();
  await assert.rejects(conn.getHostname(), closedConnection);
  await assert.rejects(conn.listAllDomains(), closedConnection);
  await assert.rejects(domain.info(), closedConnection);
  assert.throws(() => domain.name(), closedConnection);
  assert.throws(() => domain.UUIDString(), closedConnection);
  await assert.rejects(
    conn.domainEventRegisterAny(null, 0, () => {}),
    closedConnection,
  );
  await assert.rejects(conn.close(), closedConnection);
});

test('calls that were made before close still end well', async () => {
  const conn = await open(URI);
  const before = Array.from({ length: 100 }, () => conn.listAllDomains());
  const closed = conn.close();
  await assert.rejects(conn.getHostname(), closedConnection);
  for (const domains of await Promise.all(before)) assert.equal(domains.length, 1);
  assert.equal(await closed, 0);
});

test('an object found while its connection closes is refused, not used', async () => {
  const conn = await open(URI);
  const found = conn.lookupByName('test');
  const closed = conn.close();
  const domain = await found;
  assert.throws(() => domain.name(), closedConnection);
  await closed;
});

test('a disposed object is refused, a call already made with it ends well', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  const info = domain.info();
  domain[Symbol.dispose]();
  domain[Symbol.dispose]();
  assert.equal((await info).length, 5);
  await assert.rejects(domain.info(), { code: VIR_ERR_INVALID_DOMAIN, message: 'invalid domain pointer in virDomainGetInfo' });
  assert.throws(() => domain.name(), { code: VIR_ERR_INVALID_DOMAIN });
});

test('await using closes once, also when close was called before', async () => {
  let closing: Promise<number> | undefined;
  {
    await using conn = await open(URI);
    closing = conn.close();
  }
  assert.equal(await closing, 0);
});

test('close really closes a remote connection with children, registrations, loops, streams and calls in flight', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const conn = await open(libvirtd.testUri);
  const domain = await conn.lookupByName('test');
  await conn.domainEventRegisterAny(domain, 0, () => {});
  await conn.networkEventRegisterAny(null, 0, () => {});
  await conn.domainEventRegister(() => {});
  await conn.registerCloseCallback(() => {});
  const end = (await conn.domainEvents(null, 0)).next();
  const stream = conn.newStream();
  await domain.screenshot(stream, 0, 0);
  const read = stream.recv(100);
  const calls = [domain.info(), conn.listAllDomains(), conn.domainEventRegisterAny(null, 1, () => {})];
  assert.equal(await conn.close(), 0);
  assert.deepEqual(await end, { done: true, value: undefined });
  await Promise.all(calls);
  await read.catch((error: unknown) => assert.ok(error instanceof libvirtError));
});
