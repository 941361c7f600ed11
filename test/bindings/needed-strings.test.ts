import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from '@novalet/libvirt';
import type { PlannedFunction } from '../../generator/plan-function.js';
import { planOf900 } from '../generator/support/installed-plan.js';

/** A stand-in for an argument that is not the one in question. */
const fitting = ({ type }: PlannedFunction['args'][number]): unknown => (type.kind === 'number' ? 0 : type.kind === 'string' ? 'x' : null);

test('every string that libvirt needs is refused when it is null, in every generated method', async (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  const [network] = await conn.listAllNetworks();
  const [pool] = await conn.listAllStoragePools();
  const objects: Readonly<Record<string, object | undefined>> = {
    virConnect: conn,
    virDomain: domain,
    virNetwork: network,
    virStoragePool: pool,
  };
  let refused = 0;
  for (const fn of plan.functions) {
    const methods = objects[fn.python.className ?? ''] as Record<string, (...args: unknown[]) => Promise<unknown>> | undefined;
    if (methods === undefined) continue;
    const args = fn.args.slice(1);
    for (const [index, arg] of args.entries()) {
      if (arg.type.kind !== 'string' || arg.nullable) continue;
      const given = args.map((other, i) => (i === index ? null : fitting(other)));
      const name = `${fn.api.name}: ${arg.api.name} must be a string, not null`;
      await assert.rejects(async () => methods[fn.python.name]?.(...given), new TypeError(name));
      refused++;
    }
  }
  assert.ok(refused >= 80, `${refused}`);
});
