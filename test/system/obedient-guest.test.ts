import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildGuest, GUEST_CMDLINE, GUEST_MEMORY_MIB, GUEST_UP } from '../../ops/guest/build-guest.js';
import { copyForUser } from '../../ops/private/copy-for-user.js';
import { waitUntil } from '../../ops/private/wait-until.js';
import { AmqpClient } from '../support/amqp-client.js';
import { spawnBody } from '../support/commands.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const BOOT_MS = 90_000;
/** Longer than the guest needs, and long enough to tell whether it was waited for. */
const GRACE = 60;

/** A worker on QEMU, and a guest with a kernel of its own that is up. */
async function guestUp(t: TestContext) {
  const { url } = await withVhost(t);
  const host = await hostUnderTest(t, url, 'qemu');
  const { directory, kernel, initrd } = await buildGuest(root);
  const { supervisor } = host.libvirtd;
  await supervisor.run('mkdir', ['-p', host.worker.imageDir]);
  await copyForUser(supervisor.user, directory, [kernel, initrd], host.worker.imageDir);
  await host.worker.start();
  const client = await AmqpClient.connect(t, url, host.name);
  const { instance } = spawnBody({ kernel, initrd, cmdline: `${GUEST_CMDLINE} hostname=guest`, memoryMiB: GUEST_MEMORY_MIB });
  const { id } = instance;
  assert.equal((await client.call('instance.spawn', { instance })).outcome, 'done');
  const command = (verb: string, more: object = {}) => client.call(`instance.${verb}`, { instance: { id }, ...more }, { queue: 'control' });
  const console = async () => (await command('console')).console?.text ?? '';
  const up = () => waitUntil('the guest being up', async () => GUEST_UP.test(await console()), { timeoutMs: BOOT_MS, everyMs: 250 });
  await up();
  return { host, client, id, command, console, up };
}

test('a guest powers itself off, starts, reboots, and goes on from where it was suspended', async (t) => {
  const { command, console, up } = await guestUp(t);
  const stateAfter = async (verb: string, more: object = {}) => {
    const began = Date.now();
    const { instance, error } = await command(verb, more);
    assert.ok(Date.now() - began < (GRACE * 1000) / 2, `${verb} took as long as if nobody had heard it`);
    return instance?.powerState ?? error;
  };
  assert.equal(await stateAfter('stop', { grace: GRACE }), 'shutdown');
  assert.match(await console(), /GUEST-POWERBUTTON/);
  assert.equal(await stateAfter('start'), 'running');
  await up();
  assert.equal(await stateAfter('reboot', { grace: GRACE }), 'running');
  await up(); // the log begins anew with every start
  assert.equal(await stateAfter('suspend'), 'suspended');
  assert.equal(await stateAfter('resume'), 'running');
  assert.equal(await stateAfter('pause'), 'paused');
  assert.equal(await stateAfter('unpause'), 'running');
  assert.equal(await stateAfter('stop', { grace: GRACE }), 'shutdown'); // without booting: it was up before
  assert.match(await console(), /GUEST-POWERBUTTON/);
});

test('a worker killed while its guest powers itself off: the stop ends, and so does a soft reboot', async (t) => {
  const { host, client, id, command, up } = await guestUp(t);
  for (const [verb, powerState] of [
    ['reboot', 'running'],
    ['stop', 'shutdown'],
  ] as const) {
    const messageId = await client.send(`instance.${verb}`, { instance: { id }, grace: GRACE });
    await waitUntil('the worker to take it', async () => {
      const { messageCount } = await client.channel.checkQueue(`novalet.compute.${host.name}.work`);
      return messageCount === 0;
    });
    await host.worker.kill();
    await host.worker.start();
    const { result } = await client.replies.find((reply) => reply.result.messageId === messageId);
    assert.deepEqual([result.outcome, result.instance?.powerState], ['done', powerState]);
    assert.equal(await host.guestProcesses(), powerState === 'running' ? 1 : 0);
    if (powerState === 'running') await up();
  }
  assert.equal((await command('get')).record?.desiredPowerState, 'shutdown');
});
