import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { AmqpClient } from '../support/amqp-client.js';
import { OSLO_SETTINGS } from '../support/oslo-client.js';
import { OsloPython, PYTHON } from '../support/oslo-python.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { withWorker } from '../support/with-worker.js';

const FETCH = fileURLToPath(new URL('../../../ops/setup/nova-client.sh', import.meta.url));

/** As installed, or as Debian's packages have it, unpacked where nobody else sees it; or why there is none. */
const nova = await promisify(execFile)(PYTHON, ['-c', 'import nova.objects, nova.compute.rpcapi'])
  .then(() => ({ library: undefined, skip: false as const }))
  .catch(() => promisify(execFile)('bash', [FETCH]).then(({ stdout }) => ({ library: stdout.trim(), skip: false as const })))
  .catch((error: { stderr?: string }) => ({ library: undefined, skip: `python3-nova cannot be had: ${error.stderr?.trim().slice(-200)}` }));
const { library, skip } = nova;

test('nova’s own client builds, stops, starts and terminates with real objects, and catches its own exceptions', { skip }, async (t) => {
  const { url } = await withVhost(t);
  const { driver, log } = await withWorker(t, url, { oslo: { ...OSLO_SETTINGS, url } });
  const listener = await AmqpClient.connect(t, url);
  await listener.listen('instance.#');
  const client = OsloPython.start(t, 'nova_client.py', url, { library });
  const uuid = randomUUID();
  const ask = (method: string, args: object = { uuid }) => client.tell({ do: 'nova', method, args });
  const missing = await ask('get_diagnostics');
  assert.equal(missing.caught, 'InstanceNotFound', JSON.stringify(missing));
  await listener.events.next();
  const wrong = await client.tell({ do: 'nova', method: 'get_host_uptime', version: '7.0' });
  assert.match(wrong.error ?? '', /does not support RPC version 7\.0/, 'a version that is not spoken');

  for (const [method, state] of [
    ['build_and_run_instance', 'running'],
    ['pause_instance', 'paused'],
    ['unpause_instance', 'running'],
    ['suspend_instance', 'suspended'],
    ['resume_instance', 'running'],
    ['reboot_instance', 'running'],
  ] as const) {
    assert.equal((await ask(method)).error, undefined, method);
    const { result } = await listener.events.next();
    assert.deepEqual([result.error?.message, result.instance?.powerState], [undefined, state], method);
  }
  assert.deepEqual((await ask('stop_instance')).error, undefined);
  assert.equal(driver.host.instances.get(uuid)?.powerState, 'shutdown');
  await ask('start_instance');
  await listener.events.find(({ result }) => result.command === 'instance.start');
  assert.equal(typeof (await ask('get_console_output')).result, 'string');
  assert.match(String((await ask('get_host_uptime', {})).result), /load average/);
  assert.equal((await ask('set_host_enabled', { enabled: false })).result, 'disabled');
  await ask('terminate_instance');
  await listener.events.find(({ result }) => result.command === 'instance.destroy');
  assert.equal(driver.host.instances.size, 0);
  for (const secret of ['TOKEN-SECRET', 's3cret']) assert.ok(!JSON.stringify(log.lines).includes(secret), secret);
});
