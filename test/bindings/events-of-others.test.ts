import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  open,
  VIR_DOMAIN_EVENT_ID_LIFECYCLE,
  VIR_DOMAIN_EVENT_STARTED,
  VIR_DOMAIN_EVENT_STOPPED,
  VIR_ERR_INVALID_ARG,
  VIR_NETWORK_EVENT_ID_LIFECYCLE,
  VIR_NETWORK_EVENT_STARTED,
  VIR_NETWORK_EVENT_STOPPED,
  VIR_NODE_DEVICE_EVENT_CREATED,
  VIR_NODE_DEVICE_EVENT_DELETED,
  VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE,
  VIR_SECRET_EVENT_DEFINED,
  VIR_SECRET_EVENT_ID_LIFECYCLE,
  VIR_SECRET_EVENT_UNDEFINED,
  VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE,
  VIR_STORAGE_POOL_EVENT_ID_REFRESH,
  VIR_STORAGE_POOL_EVENT_STARTED,
  VIR_STORAGE_POOL_EVENT_STOPPED,
} from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';

const libvirtd = await withLibvirtd({ after });
const uris = ['test:///default', libvirtd.testUri];

test('networks, storage pools and node devices tell of their events', async () => {
  for (const uri of uris) {
    await using conn = await open(uri);
    const told: unknown[] = [];
    const note =
      (name: string) =>
      (from: unknown, object: { name(): string }, ...details: unknown[]) =>
        told.push([name, from === conn, object.name(), ...details]);
    const network = await conn.networkLookupByName('default');
    const pool = await conn.storagePoolLookupByName('default-pool');
    await conn.networkEventRegisterAny(network, VIR_NETWORK_EVENT_ID_LIFECYCLE, note('network'), 1);
    await conn.storagePoolEventRegisterAny(pool, VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, note('pool'), 2);
    await conn.storagePoolEventRegisterAny(null, VIR_STORAGE_POOL_EVENT_ID_REFRESH, note('refresh'), 3);
    await conn.nodeDeviceEventRegisterAny(null, VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE, note('device'), 4);
    await network.destroy();
    await network.create();
    await pool.destroy();
    await pool.create();
    await pool.refresh();
    const vport = await conn.nodeDeviceCreateXML(VPORT, 0);
    const name = vport.name();
    await vport.destroy();
    await waitUntil('all to be told', () => told.length === 7);
    assert.deepEqual(told, [
      ['network', true, 'default', VIR_NETWORK_EVENT_STOPPED, 0, 1],
      ['network', true, 'default', VIR_NETWORK_EVENT_STARTED, 0, 1],
      ['pool', true, 'default-pool', VIR_STORAGE_POOL_EVENT_STOPPED, 0, 2],
      ['pool', true, 'default-pool', VIR_STORAGE_POOL_EVENT_STARTED, 0, 2],
      ['refresh', true, 'default-pool', 3],
      ['device', true, name, VIR_NODE_DEVICE_EVENT_CREATED, 0, 4],
      ['device', true, name, VIR_NODE_DEVICE_EVENT_DELETED, 0, 4],
    ]);
  }
});

const VPORT = `<device><parent>scsi_host1</parent><capability type="scsi_host"><capability type="fc_host">
  <wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability></capability></device>`;

test('secrets tell of their events', async () => {
  await using conn = await open(libvirtd.qemuUri);
  const told: unknown[] = [];
  const xml = '<secret ephemeral="yes" private="no"><description>of a test</description></secret>';
  await conn.secretEventRegisterAny(null, VIR_SECRET_EVENT_ID_LIFECYCLE, (_, secret, event, detail) =>
    told.push([secret.UUIDString(), event, detail]),
  );
  const secret = await conn.secretDefineXML(xml);
  const uuid = secret.UUIDString();
  await secret.undefine();
  await waitUntil('both to be told', () => told.length === 2);
  assert.deepEqual(told, [
    [uuid, VIR_SECRET_EVENT_DEFINED, 0],
    [uuid, VIR_SECRET_EVENT_UNDEFINED, 0],
  ]);
});

test('ids are the connection’s, and are given back to the function that they came from', async () => {
  await using conn = await open('test:///default');
  assert.equal(await conn.networkEventRegisterAny(null, 0, () => {}), 0);
  assert.equal(await conn.domainEventRegisterAny(null, 0, () => {}), 1);
  await assert.rejects(conn.domainEventDeregisterAny(0), { code: VIR_ERR_INVALID_ARG });
  assert.equal(await conn.networkEventDeregisterAny(0), 0);
  assert.equal(await conn.domainEventDeregisterAny(1), 0);
});

test('the old registration is known by its callback, which has one opaque', async () => {
  for (const uri of uris) {
    await using conn = await open(uri);
    const domain = await conn.lookupByName('test');
    const told: unknown[] = [];
    const one = (_: unknown, dom: { name(): string }, event: number, _detail: number, opaque: string) =>
      told.push([dom.name(), event, opaque]);
    const other = (): void => void told.push('other');
    await conn.domainEventDeregister(one);
    await conn.domainEventRegister(one, 'first');
    await conn.domainEventRegister(one, 'second');
    await conn.domainEventRegister(other);
    await domain.destroy();
    await waitUntil('both to be told', () => told.length === 2);
    await conn.domainEventDeregister(other);
    await assert.rejects(conn.domainEventDeregister(other), RangeError);
    await domain.create();
    await waitUntil('one to be told', () => told.length === 3);
    await conn.domainEventDeregister(one);
    assert.deepEqual(told, [['test', VIR_DOMAIN_EVENT_STOPPED, 'second'], 'other', ['test', VIR_DOMAIN_EVENT_STARTED, 'second']]);
    assert.equal(await conn.close(), 0);
  }
});

test('a loop takes events in order until it is left, the signal aborts or the connection closes', async () => {
  const conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  const events = await conn.domainEvents(domain, VIR_DOMAIN_EVENT_ID_LIFECYCLE);
  await domain.destroy();
  await domain.create();
  await domain.destroy();
  const seen: number[] = [];
  for await (const [dom, event] of events) {
    assert.equal(dom.name(), 'test');
    if (seen.push(event) === 2) break;
  }
  assert.deepEqual(seen, [VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STARTED]);
  assert.deepEqual(await events.next(), { done: true, value: undefined });

  const controller = new AbortController();
  const aborted = await conn.domainEvents(null, 0, { signal: controller.signal });
  const next = aborted.next();
  controller.abort();
  await assert.rejects(next, { name: 'AbortError' });

  const last = await conn.domainEvents(null, 0);
  const end = last.next();
  assert.equal(await conn.close(), 0);
  assert.deepEqual(await end, { done: true, value: undefined });
});
