import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ComputeError } from '../../../services/common/errors.js';
import { COMMAND_BODIES, type CommandType } from '../../../services/common/messages/commands.js';
import { DESTROY_STEPS, SPAWN_STEPS, CHANGE_STEPS } from '../../../services/compute/ports.js';
import { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
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

test('a look that comes again while it is at work is answered as the first one is', async () => {
  const driver = new FakeDriver();
  const { tasks, results } = workbench({ driver });
  const { instance } = spawnBody();
  tasks.take(fakeDelivery('instance.spawn', { instance }));
  await results(1);
  const find = driver.find.bind(driver);
  let looks = 0;
  let fail!: () => void;
  const failing = new Promise<void>((resolve) => (fail = resolve));
  driver.find = async (...asked) => {
    if (++looks > 1) return find(...asked);
    await failing;
    throw new ComputeError('timeout', 'the deadline has passed');
  };
  const properties = { messageId: randomUUID() };
  const look = (redelivered: boolean): void =>
    tasks.take(fakeDelivery('instance.get', { instance: { id: instance.id } }, { properties, redelivered }));
  look(false);
  look(true); // the channel that brought the first is gone
  fail();
  const answers = await results(2);
  assert.deepEqual(
    answers.map(({ error }) => error?.kind),
    ['timeout', 'timeout'],
  );
});

test('what was answered when its deadline came, before its turn, is answered so again, whatever the clock says then', async (t) => {
  const { tasks, results, driver } = workbench({ capacity: { work: 1, control: 4 } });
  const hold = driver.holdNext('define');
  tasks.take(fakeDelivery('instance.spawn', spawnBody()));
  await hold.reached;
  const deadline = new Date(Date.now() + 100).toISOString();
  const pause = fakeDelivery('instance.pause', { instance: { id: randomUUID() }, deadline }); // waits for a place
  tasks.take(pause);
  const [first] = await results(1);
  hold.release();
  await results(1);
  const now = Date.now.bind(Date);
  t.mock.method(Date, 'now', () => now() - 3_600_000);
  tasks.take({ ...pause, redelivered: true });
  const [again] = await results(1);
  assert.deepEqual([first?.error?.kind, again?.error?.kind], ['timeout', 'timeout']);
});
