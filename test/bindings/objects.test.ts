import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as libvirt from '@novalet/libvirt';
import * as admin from '@novalet/libvirt/admin';
import { open, virConnect, virDomain, virGetLastErrorCode, VIR_ERR_NO_DOMAIN } from '@novalet/libvirt';

const URI = 'test:///default';
type Class = abstract new (...args: unknown[]) => unknown;
const byNew = (class_: unknown, ...args: unknown[]): unknown => Reflect.construct(class_ as Class, args);

test('no class is made by new, and each says who gives its objects', () => {
  const classes = Object.entries(libvirt).filter(
    ([name, value]) => /^vir[A-Z]/.test(name) && typeof value === 'function' && 'prototype' in value,
  );
  const ours = classes.filter(([, value]) => /^class /.test(Function.prototype.toString.call(value)));
  assert.equal(ours.length, 14);
  for (const [name, class_] of ours) {
    for (const args of [[], [null, null], [{}, null]]) {
      assert.throws(() => byNew(class_, ...args), {
        name: 'TypeError',
        message: new RegExp(`^${name} is not made by new: .+ gives? one$`),
      });
    }
  }
});

test('nor are those of libvirt-admin', () => {
  for (const class_ of [admin.virAdmConnect, admin.virAdmServer, admin.virAdmClient]) {
    assert.throws(() => byNew(class_), { name: 'TypeError', message: new RegExp(`^${class_.name} is not made by new: .+ gives? one$`) });
  }
});

test('nor is a class of another’s that extends one of them', () => {
  class Mine extends (virDomain as unknown as new () => object) {}
  assert.throws(() => new Mine(), { name: 'TypeError', message: 'Mine is not made by new: libvirt gives these objects' });
});

test('console.log shows what an object knows without a call', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  assert.equal(inspect(domain), `virDomain { name: 'test', uuid: '${domain.UUIDString()}' }`);
  assert.match(inspect((await conn.listAllNetworks())[0]), /^virNetwork \{ name: 'default', uuid: '[0-9a-f-]{36}' \}$/);
  assert.match(inspect((await conn.listAllInterfaces())[0]), /^virInterface \{ name: 'eth1', mac: 'aa:bb:cc:dd:ee:ff' \}$/);
  const volume = await (
    await conn.storagePoolLookupByName('default-pool')
  ).createXML('<volume><name>v</name><capacity>1</capacity></volume>');
  assert.equal(inspect(volume), "virStorageVol { name: 'v', key: '/default-pool/v' }");
  assert.equal(
    inspect(await domain.snapshotCreateXML('<domainsnapshot><name>s</name></domainsnapshot>')),
    "virDomainSnapshot { name: 's' }",
  );
  assert.equal(inspect(conn), 'virConnect { closed: false }');
  assert.equal(inspect(conn.newStream()), 'virStream {}');
});

test('a closed or disposed object says so, and looking at it is no error', async () => {
  const conn = await open(URI);
  const [domain, disposed] = [await conn.lookupByName('test'), await conn.lookupByName('test')];
  disposed[Symbol.dispose]();
  assert.equal(inspect(disposed), 'virDomain { closed: true }');
  await assert.rejects(conn.lookupByName('nobody'));
  await conn.close();
  libvirt.virResetLastError();
  assert.equal(inspect(conn), 'virConnect { closed: true }');
  assert.equal(inspect(domain), 'virDomain { closed: true }');
  assert.equal(virGetLastErrorCode(), 0);
});

test('the last error outlives a look at an object', async () => {
  await using conn = await open(URI);
  const domain = await conn.lookupByName('test');
  await assert.rejects(conn.lookupByName('nobody'));
  inspect(domain);
  assert.equal(virGetLastErrorCode(), VIR_ERR_NO_DOMAIN);
});

test('prototypes can be looked at', () => {
  assert.doesNotThrow(() => inspect(virDomain.prototype) + inspect(virConnect.prototype));
});
