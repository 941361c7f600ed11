import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ComputeError } from '../../../../services/common/errors.js';
import { createMetrics, libvirtMetrics, watchCommands, watchPool } from '../../../../services/compute/metrics.js';
import { readinessProbe } from '../../../../services/compute/monitoring/readiness.js';
import { serveMonitoring } from '../../../../services/compute/monitoring/server.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { takeAwayAfter } from '../../../support/take-away.js';
import { withPrometheus } from '../../../support/with-prometheus.js';
import { withVhost } from '../../../support/with-rabbitmq.js';
import { withWorker } from '../../../support/with-worker.js';

const LISTEN = { host: '127.0.0.1', port: 0 };

interface Parts {
  readonly driver?: FakeDriver;
  readonly brokerTrouble?: () => string | null;
  readonly stateDir?: string;
}

async function served(t: TestContext, { driver = new FakeDriver(), brokerTrouble = () => null, stateDir = '' }: Parts = {}) {
  const metrics = createMetrics();
  const own = await mkdtemp(join(tmpdir(), 'novalet-state-'));
  takeAwayAfter(t, () => rm(own, { recursive: true }));
  const server = await serveMonitoring(LISTEN, metrics.registry, readinessProbe({ driver, brokerTrouble, stateDir: stateDir || own }));
  takeAwayAfter(t, () => server.close());
  const ask = async (path: string) => {
    const answer = await fetch(`http://${server.address}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  return { metrics, address: server.address, ask };
}

test('promtool has no complaint about any metric', async (t) => {
  const { metrics, ask } = await served(t);
  libvirtMetrics(metrics).observe('virDomainCreateWithFlags', 0.2, 'error', { code: 'VIR_ERR_OPERATION_INVALID', domain: 'VIR_FROM_QEMU' });
  const libvirt = libvirtMetrics(metrics);
  for (const up of [true, false, true]) libvirt.connectionState('events', up);
  libvirt.inFlight?.('events', 1);
  libvirt.event?.('started');
  watchCommands(metrics, () => [5, 7, 6].map((seconds) => ({ command: 'instance.spawn', state: 'running', seconds })));
  watchPool(metrics, () => ({ size: 2, active: 1, queued: 0 }));
  metrics.commandDuration.observe({ command: 'instance.spawn', outcome: 'done' }, 0.3);
  const { text } = await ask('/metrics');
  const shown = [
    'novalet_binding_pool_active 1',
    'novalet_libvirt_reconnects_total{role="events"} 1',
    'novalet_libvirt_calls_in_flight{role="events"} 1',
    'novalet_libvirt_events_total{event="started"} 1',
    'novalet_command_oldest_seconds{command="instance.spawn",state="running"} 7',
  ];
  for (const line of shown) assert.ok(text.includes(`\n${line}\n`), line);
  const complaint = await new Promise<string>((resolve) => {
    const promtool = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}${error.message}` : stdout + stderr),
    );
    promtool.stdin?.end(text);
  });
  assert.equal(complaint, '');
});

test('a real Prometheus scrapes what a worker did', async (t) => {
  const { url } = await withVhost(t);
  const { metrics } = await withWorker(t, url);
  const server = await serveMonitoring(LISTEN, metrics.registry, () =>
    Promise.resolve({ broker: 'ok', libvirt: 'ok', disk: 'ok', commands: 'ok' }),
  );
  takeAwayAfter(t, () => server.close());
  const client = await AmqpClient.connect(t, url);
  await client.call('instance.spawn', spawnBody());
  const prometheus = await withPrometheus(t, server.address);
  assert.equal(await prometheus.valueOf('novalet_command_duration_seconds_count{command="instance.spawn",outcome="done"}'), 1);
  assert.equal(await prometheus.valueOf('novalet_amqp_connection_state'), 1);
  assert.equal(await prometheus.valueOf('novalet_command_queue_wait_seconds_count{command="instance.spawn"}'), 1);
  assert.equal(await prometheus.valueOf('novalet_messages_acked_total{command="instance.spawn",result="acked"}'), 1);
});

test('ready means broker, libvirt and disk, and what is missing is named', async (t) => {
  const good = await served(t);
  assert.deepEqual(await good.ask('/readyz'), { status: 200, text: '{"broker":"ok","libvirt":"ok","disk":"ok","commands":"ok"}\n' });

  const driver = new FakeDriver();
  driver.failNext('ping', new ComputeError('unavailable', 'libvirt is away'));
  const bad = await served(t, { driver, brokerTrouble: () => 'not connected and consuming', stateDir: '/nowhere/at/all' });
  const { status, text } = await bad.ask('/readyz');
  assert.equal(status, 503);
  const { broker, libvirt, disk } = JSON.parse(text) as Record<string, string>;
  assert.equal(broker, 'not connected and consuming');
  assert.equal(libvirt, 'libvirt is away');
  assert.match(disk ?? '', /ENOENT/);
  assert.equal((await bad.ask('/healthz')).status, 200);
});

test('a hypervisor that hangs makes one question and an answer in time', async (t) => {
  const driver = new FakeDriver();
  const hold = driver.holdNext('ping');
  const { ask } = await served(t, { driver });
  const [first, second] = await Promise.all([ask('/readyz'), ask('/readyz')]);
  assert.match(first.text, /no answer within/);
  assert.deepEqual(second, first);
  hold.release();
});

test('other paths and methods are refused politely', async (t) => {
  const { ask, address } = await served(t);
  assert.equal((await ask('/')).status, 404);
  assert.equal((await ask('/__proto__')).status, 404);
  assert.equal((await fetch(`http://${address}/metrics`, { method: 'POST' })).status, 405);
});
