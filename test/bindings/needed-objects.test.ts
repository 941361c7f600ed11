import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, type virConnect, type virDomain, type virStoragePool } from '@novalet/libvirt';
import { qemuMonitorEventRegister } from '@novalet/libvirt/qemu';
import type { PlannedFunction } from '../../generator/plan-function.js';
import { planOf900 } from '../generator/support/installed-plan.js';

type Method = (...args: unknown[]) => Promise<unknown>;

/** A stand-in for an argument that is not the one in question. */
const fitting = ({ type }: PlannedFunction['args'][number]): unknown => (type.kind === 'number' ? 0 : type.kind === 'string' ? 'x' : null);

test('every object that libvirt needs is refused when it is missing, in every generated method', async (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  await using conn = await open('test:///default');
  const [pool] = (await conn.listAllStoragePools()) as [virStoragePool];
  const volume = await pool.createXML('<volume><name>needed</name><capacity>1024</capacity></volume>');
  const objects: Readonly<Record<string, object>> = {
    virConnect: conn,
    virDomain: await conn.lookupByName('test'),
    virStoragePool: pool,
    virStorageVol: volume,
  };
  let refused = 0;
  for (const fn of plan.functions) {
    const methods = objects[fn.python.className ?? ''] as Record<string, Method> | undefined;
    const args = fn.args.slice(1);
    for (const [index, arg] of args.entries()) {
      if (methods === undefined || arg.type.kind !== 'object') continue;
      for (const missing of [null, undefined]) {
        const given = args.map((other, i) => (i === index ? missing : fitting(other)));
        const message = `${fn.api.name}: ${arg.api.name} must be a ${arg.type.className}, not null`;
        await assert.rejects(async () => methods[fn.python.name]?.(...given), new TypeError(message));
        refused++;
      }
    }
  }
  await volume.delete();
  assert.ok(refused >= 16, `${refused}`);
});

test('a migration without the connection to migrate to is refused, not a crash', async () => {
  await using conn = await open('test:///default');
  const domain: virDomain = await conn.lookupByName('test');
  const migrate3 = domain.migrate3.bind(domain) as Method;
  const expected = new TypeError('virDomainMigrate3: dconn must be a virConnect, not null');
  await assert.rejects(migrate3(), expected);
  await assert.rejects(migrate3(null, {}, 0), expected);
});

test('a registration for a monitor event without a connection is refused by name', async () => {
  await assert.rejects(
    qemuMonitorEventRegister(null as unknown as virConnect, null, null, () => {}),
    TypeError,
  );
});

test('an argument that must be true or false may not be left out', async () => {
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  await assert.rejects(
    (domain.getCPUStats as Method).call(domain),
    new TypeError('virDomainGetCPUStats: total must be true or false, not undefined'),
  );
});

test('half a character is refused in a string, not replaced', async () => {
  await using conn = await open('test:///default');
  const message = /^virDomainLookupByName: name must be a string without lone surrogates, not the string/;
  for (const name of ['\ud800', 'a\udc00b', '\ud83d', '\ud83d\ud83d\ude00']) {
    await assert.rejects(conn.lookupByName(name), { name: 'TypeError', message });
  }
  for (const name of ['\ud83d\ude00', '\ufffd']) {
    await assert.rejects(conn.lookupByName(name), { name: 'libvirtError', code: 42 });
  }
});
