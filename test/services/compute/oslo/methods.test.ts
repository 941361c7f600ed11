import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentProblem, endpoints, findMethod, type Asked, type Method } from '../../../../services/compute/oslo/methods.js';
import { captured } from './captured.js';

const ALL = endpoints({ namespace: null, topic: 'compute', bridges: {} });
const find = (method: string, version = '6.0', namespace: string | null = null) => findMethod(ALL, { method, version, namespace });
const methodOf = (name: string): Method => (find(name) as { method: Method }).method;
const asked = (name: string, args: object): Asked =>
  (methodOf(name).act(args as Readonly<Record<string, unknown>>) as { asked: Asked }).asked;
const instance = { uuid: '7b2f4f3e-0000-4000-8000-00000000c0de' };

test('versions are taken as oslo.messaging takes them: the same major, no higher minor', () => {
  for (const good of ['5.0', '5.13', '6.0', '6.5']) assert.notEqual(find('start_instance', good), 'unsupported version', good);
  for (const bad of ['1.0', '4.0', '6.6', '7.0', '6', 'x', '6.0.1']) assert.equal(find('start_instance', bad), 'unsupported version', bad);
});

test('a method is found in its namespace alone, and private names are nobody’s', () => {
  assert.ok('method' in (find('ping', '1.1', 'baseapi') as object));
  assert.equal(find('ping', '6.0'), 'no such method');
  assert.equal(find('start_instance', '6.0', 'else'), 'unsupported version');
  for (const name of ['_log', '__proto__', 'constructor', 'toString', 'nope']) assert.equal(find(name), 'no such method', name);
  assert.ok('method' in (find('instance.get', '1.0', 'novalet') as object));
});

test('arguments that do not fit are named as Python names them', () => {
  assert.equal(
    argumentProblem('start_instance', methodOf('start_instance'), { instance, x: 1 }),
    "start_instance() got an unexpected keyword argument 'x'",
  );
  assert.match(argumentProblem('stop_instance', methodOf('stop_instance'), {}) ?? '', /missing 1 required positional argument: 'instance'/);
  assert.equal(argumentProblem('build', methodOf('build_and_run_instance'), captured('request:build_and_run_instance').message.args), null);
});

test('nova’s verbs are ours, with nova’s patience', () => {
  const id = { instance: { id: instance.uuid } };
  assert.deepEqual(asked('stop_instance', captured('request:stop_instance:to-compute').message.args).body, { ...id, grace: 60 });
  assert.deepEqual(asked('stop_instance', { instance, clean_shutdown: false }).body, { ...id, grace: 0 });
  assert.deepEqual(asked('reboot_instance', { instance, block_device_info: null, reboot_type: 'HARD' }).body, { ...id, mode: 'hard' });
  assert.deepEqual(asked('terminate_instance', captured('request:terminate_instance').message.args).body, id);
  assert.equal(asked('terminate_instance', { instance }).queue, 'control');
  assert.equal(asked('set_host_enabled', { enabled: false }).type, 'host.drain');
});

test('what builds waits among builds by this door, too', () => {
  const own = (name: string) => (find(name, '1.0', 'novalet') as { method: Method }).method.act({}) as { asked: Asked };
  for (const name of ['instance.spawn', 'image.prefetch', 'instance.snapshot', 'instance.attachDisk'])
    assert.equal(own(name).asked.queue, 'work', name);
  assert.equal(own('instance.stop').asked.queue, 'control');
});

test('of a console there are as many lines as were asked for', () => {
  const tail = (tail_length: unknown) =>
    asked('get_console_output', { instance, tail_length }).returns({ console: { text: 'a\nb\nc\n', bytes: 6, truncated: false } } as never);
  assert.deepEqual([tail(2), tail('1'), tail(null), tail(0), tail(9)], ['b\nc\n', 'c\n', 'a\nb\nc\n', '', 'a\nb\nc\n']);
});

test('diagnostics are flat, in nova’s units', () => {
  const diagnostics = {
    instanceId: instance.uuid,
    powerState: 'running',
    missing: [],
    vcpuCount: 1,
    maximumMemoryBytes: 1024 ** 2,
    vcpus: [{ number: 0, seconds: 1.5 }],
    disks: [{ device: 'vda', readBytes: 7 }],
  };
  assert.deepEqual(asked('get_diagnostics', { instance }).returns({ diagnostics } as never), {
    memory: 1024,
    cpu0_time: 1.5e9,
    vda_read: 7,
  });
});
