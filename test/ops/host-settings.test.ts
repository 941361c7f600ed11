import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { loadConfig } from '../../services/compute/config.js';
import { createInstanceMetrics } from '../../services/compute/instances/instance-metrics.js';
import { InstanceRegister } from '../../services/compute/instances/register.js';
import { createMetrics, watchCommands } from '../../services/compute/metrics.js';
import { takeAwayAfter } from '../support/take-away.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { withWorker } from '../support/with-worker.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const file = (path: string): string => readFileSync(join(root, path), 'utf8');

test('the settings that a host begins with are good ones', () => {
  const given = JSON.parse(file('ops/host/compute.json')) as Record<string, string>;
  assert.throws(() => loadConfig({ env: {}, file: join(root, 'ops/host/compute.json') }), /NOVALET_AMQP_CA: .* cannot be read \(ENOENT\)/);
  const { NOVALET_AMQP_CA: _notHere, ...rest } = given;
  const env = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, Array.isArray(value) ? value.join(':') : value]));
  assert.equal(loadConfig({ env }).NOVALET_HOST, 'host-1');
});

test('the rights that a worker’s broker user is given are enough for its work, and for no other host’s', async (t) => {
  const vhost = await withVhost(t);
  const [, configure = '', write = '', read = ''] =
    /set_permissions -p novalet \S+ '(.+)' '(.+)' '(.+)'/.exec(file('ops/host/rabbitmq.conf')) ?? [];
  const user = `${vhost.name}-host-1`;
  await vhost.management('PUT', `users/${user}`, { password: 'secret', tags: '' });
  takeAwayAfter(t, async () => void (await vhost.management('DELETE', `users/${user}`)));
  await vhost.management('PUT', `permissions/{vhost}/${user}`, { configure, write, read });
  const url = new URL(vhost.url);
  [url.username, url.password] = [user, 'secret'];

  const { worker } = await withWorker(t, url.href);
  assert.equal(worker.consuming, true);
  await withWorker(t, vhost.url, { host: 'host-2' });
  await assert.rejects(consumeOnce(t, url.href, 'novalet.compute.host-2.work'), /ACCESS_REFUSED/);
});

async function consumeOnce(t: TestContext, url: string, queue: string): Promise<void> {
  const connection = await connect(url);
  takeAwayAfter(t, () => connection.close());
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // the rejection says it
  await channel.consume(queue, () => undefined);
}

test('the systemd unit is one, and exposes little', { skip: !isInPath('systemd-analyze') && 'no systemd here' }, () => {
  const unit = join(root, 'ops/host/novalet-compute.service');
  // `verify` wants the program that a unit starts to be there; here it is not installed.
  execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', '--threshold=20', unit], { stdio: 'pipe' });
});

function isInPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

test('the run book names metrics that there are', () => {
  const metrics = createMetrics();
  const { registry } = metrics;
  watchCommands(metrics, () => []);
  createInstanceMetrics(registry, new InstanceRegister(), () => 0);
  const known = registry.getMetricsAsArray().map(({ name }) => name);
  const named = [...new Set(file('docs/run-book.md').match(/\b(?:novalet|libvirt)_[a-z_]+[a-z]\b/g) ?? [])];
  assert.ok(named.length >= 5, 'it names hardly any');
  assert.deepEqual(
    named.filter((name) => !known.includes(name) && !known.includes(name.replace(/_(?:bucket|count|sum)$/, ''))),
    [],
  );
});
