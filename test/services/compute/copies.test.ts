import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { COMMAND_BODIES, type CommandType } from '../../../services/common/messages/commands.js';
import { DESTROY_STEPS, SPAWN_STEPS, CHANGE_STEPS } from '../../../services/compute/ports.js';
import { spawnBody } from '../../support/commands.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { valueOf } from '../../support/with-worker.js';
import { workbench } from '../../support/workbench.js';

const nic = { kind: 'user', mac: '02:00:00:00:00:07' };
const NAME = 'copies.qcow2';

/** What changes something, in an order in which each can be done. */
const LIFE: readonly (readonly [CommandType, object])[] = [
  ['instance.spawn', {}],
  ['instance.pause', {}],
  ['instance.unpause', {}],
  ['instance.setMetadata', { metadata: { owner: 'ada' } }],
  ['instance.setAdminPassword', { password: 'geheim' }],
  ['instance.quiesce', {}],
  ['instance.unquiesce', {}],
  ['instance.reboot', { mode: 'soft' }],
  ['instance.suspend', {}],
  ['instance.resume', {}],
  ['instance.attachInterface', { interface: nic }],
  ['instance.detachInterface', { interface: { mac: nic.mac } }],
  ['instance.stop', {}],
  ['instance.resize', { vcpus: 2 }],
  ['instance.attachDisk', { disk: { device: 'vdb', sizeMiB: 1 } }],
  ['instance.detachDisk', { disk: { device: 'vdb' } }],
  ['instance.snapshot', { image: { name: NAME } }],
  ['instance.rebuild', { disks: [{ device: 'vda', image: 'debian.qcow2' }] }],
  ['instance.rescue', { image: 'rescue.qcow2' }],
  ['instance.unrescue', { grace: 5 }],
  ['instance.start', {}],
  ['instance.destroy', {}],
];
const LOOKS: readonly CommandType[] = ['instance.get', 'instance.console', 'instance.consoleAddress', 'instance.diagnostics'];
const STEPS = [...SPAWN_STEPS, ...DESTROY_STEPS, ...CHANGE_STEPS];

test('every command that changes an instance is in the life that is led here', () => {
  const all = (Object.keys(COMMAND_BODIES) as CommandType[]).filter((type) => type.startsWith('instance.') && !LOOKS.includes(type));
  assert.deepEqual(LIFE.map(([type]) => type).sort(), all.sort());
});

test('every command that is sent three times at once, and once more when it is done, is done once and answered alike', async () => {
  const { tasks, results, metrics, driver } = workbench({ capacity: { work: 4, control: 4 } });
  const { instance } = spawnBody({ disks: [{ sizeMiB: 1 }] });
  driver.host.agents.add(instance.id);
  for (const [type, more] of LIFE) {
    const about = type === 'instance.spawn' ? instance : { id: instance.id };
    const properties = { messageId: randomUUID() };
    const send = (copy: boolean): void => tasks.take(fakeDelivery(type, { instance: about, ...more }, { properties, redelivered: copy }));
    const steps = async (): Promise<number[]> =>
      Promise.all(STEPS.map((step) => valueOf(metrics, 'novalet_command_step_seconds', { command: type, step, le: '+Inf' })));
    send(false);
    send(false); // by its sender, who does not know whether the first arrived
    send(true); // by the broker
    const answers = await results(3);
    const done = await steps();
    send(false);
    answers.push(...(await results(1)));
    assert.deepEqual(
      answers.map(({ outcome, error }) => [outcome, error?.message]),
      answers.map(() => ['done', undefined]),
      type,
    );
    const doneTwice = STEPS.filter((_, index) => (done[index] ?? 0) > 1);
    assert.deepEqual([doneTwice, await steps()], [[], done], type);
  }
});
