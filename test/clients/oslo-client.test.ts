import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { waitUntil } from '../../ops/private/wait-until.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import { ComputeError } from '../../services/common/errors.js';
import { spawnBody } from '../support/commands.js';
import { AmqpClient } from '../support/amqp-client.js';
import { OSLO_SETTINGS } from '../support/oslo-client.js';
import { OsloPython } from '../support/oslo-python.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { withWorker } from '../support/with-worker.js';
import { WorkerProcess } from '../support/worker-process.js';

const OWN = { namespace: 'novalet', version: '1.0' } as const;

async function withClient(t: Parameters<typeof withVhost>[0]) {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url, { oslo: { ...OSLO_SETTINGS, url }, defaultDeadlineMs: 300_000 });
  return { driver, client: OsloPython.start(t, 'oslo_client.py', url) };
}

test('oslo.messaging’s client spawns, looks and destroys', async (t) => {
  const { driver, client } = await withClient(t);
  const body = spawnBody();
  const spawned = await client.tell({ do: 'call', method: 'instance.spawn', args: body, ...OWN });
  assert.equal((spawned.result as CommandResult | undefined)?.instance?.powerState, 'running', spawned.error);
  const instance = { uuid: body.instance.id };
  assert.equal((await client.tell({ do: 'call', method: 'stop_instance', args: { instance, clean_shutdown: true } })).result, null);
  assert.equal(driver.host.instances.get(body.instance.id)?.powerState, 'shutdown');
  assert.match(String((await client.tell({ do: 'call', method: 'get_host_uptime' })).result), /load average/);
  assert.equal((await client.tell({ do: 'call', method: 'terminate_instance', args: { instance, bdms: null } })).error, undefined);
  assert.equal(driver.host.instances.size, 0);
});

test('oslo.messaging’s client catches failures by their classes', async (t) => {
  const { driver, client } = await withClient(t);
  const missing = await client.tell({ do: 'call', method: 'get_diagnostics', args: { instance: { uuid: randomUUID() } } });
  assert.ok(missing.classes?.includes('nova.exception.InstanceNotFound'), JSON.stringify(missing));
  const old = await client.tell({ do: 'call', method: 'get_host_uptime', version: '7.0' });
  assert.match(old.error ?? '', /does not support RPC version 7\.0/);
  assert.ok(old.classes?.includes('oslo_messaging.rpc.client.RemoteError'));
  const strange = await client.tell({ do: 'call', method: 'start_instance', args: { x: 1 } });
  assert.match(strange.error ?? '', /unexpected keyword argument 'x'/);
  driver.failNext('start', new ComputeError('timeout', 'start: too late'));
  const late = await client.tell({ do: 'call', method: 'instance.spawn', args: spawnBody(), ...OWN });
  assert.match(late.error ?? '', /TimeoutError/);
});

/** More than two of the time-outs that the call must not run into; 60 shows a whole minute. */
const MONITORED_SECONDS = Number(process.env['NOVALET_TEST_MONITORED_SECONDS'] ?? 5);

test('a call that is monitored outlasts its monitor’s time-out', async (t) => {
  const { driver, client } = await withClient(t);
  const hold = driver.holdNext('start');
  const call = client.tell({ do: 'call', method: 'instance.spawn', args: spawnBody(), ...OWN, monitor: 2, timeout: 300 });
  await hold.reached;
  setTimeout(() => hold.release(), MONITORED_SECONDS * 1000);
  assert.equal(((await call).result as CommandResult | undefined)?.outcome, 'done');
});

test('two hundred casts in the queue outlive the worker’s SIGKILL: none is lost', { timeout: 240_000 }, async (t) => {
  const { url } = await withVhost(t);
  const env = { NOVALET_OSLO_URL: url, NOVALET_CONCURRENCY: '4', NOVALET_VCPU_RATIO: '256' };
  const first = await WorkerProcess.start(t, url, env);
  const listener = await AmqpClient.connect(t, url);
  const client = OsloPython.start(t, 'oslo_client.py', url);
  await waitUntil('the worker', () => first.has('worker consumes'));
  await listener.listen('instance.*.spawn.*');
  const bodies = Array.from({ length: 200 }, () => spawnBody());
  first.hold();
  await client.tell({ do: 'cast', method: 'instance.spawn', each: bodies, ...OWN });
  await first.held();
  await first.kill();
  await WorkerProcess.start(t, url, env);
  const wanted = new Set(bodies.map(({ instance }) => instance.id));
  while (wanted.size > 0) {
    const { result } = await listener.events.next();
    if (result.outcome === 'done') wanted.delete(result.instanceId ?? '');
  }
});
