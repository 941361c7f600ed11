import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../../../../../ops/private/wait-until.js';
import { Link } from '../../../../../services/compute/virt/libvirt/link.js';
import { PretendedLibvirt } from './pretended-libvirt.js';

function workbench(t: TestContext, callTimeoutMs = 1000) {
  const libvirt = new PretendedLibvirt();
  const states: boolean[] = [];
  const observed: string[] = [];
  const metrics = {
    observe: (fn: string, _seconds: number, outcome: string) => void observed.push(`${fn} ${outcome}`),
    connectionState: (_role: string, up: boolean) => void states.push(up),
  };
  const link = new Link({ role: 'test', open: libvirt.open, callTimeoutMs, metrics });
  t.after(() => link.close());
  const ping = (deadline?: number) => link.call('ping', 'ping', (connection) => connection.numOfDomains(), deadline);
  return { libvirt, link, ping, states, observed };
}

test('a connection is opened once, by whoever comes first', async (t) => {
  const { libvirt, ping, observed } = workbench(t);
  await Promise.all([ping(), ping(), ping()]);
  assert.equal(libvirt.opened, 1);
  assert.deepEqual(observed, ['open ok', 'ping ok', 'ping ok', 'ping ok']);
});

test('after a call that never answers the next one has a new connection', async (t) => {
  const { libvirt, ping, observed } = workbench(t, 50);
  libvirt.next('ping', 'hang');
  await assert.rejects(ping(), { kind: 'unavailable', message: /did not answer ping within 50 ms/ });
  await ping();
  assert.deepEqual([libvirt.opened, observed.includes('ping abandoned')], [2, true]);
});

test('what others have under way ends on the connection of a call that never answers', async (t) => {
  const { libvirt, link, ping } = workbench(t, 50);
  const id = '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f';
  libvirt.defineForeign(id);
  const domain = await link.call('lookup', 'lookup', (connection) => connection.lookupByUUIDString(id));
  libvirt.next('ping', 'hang');
  await assert.rejects(ping(), { kind: 'unavailable' });
  assert.deepEqual(await link.call('state', 'state', () => domain.state(0)), [5, 0]);
});

test('a deadline that passes in a call is a timeout', async (t) => {
  const { libvirt, ping } = workbench(t);
  libvirt.next('ping', 'hang');
  await assert.rejects(ping(Date.now() + 50), { kind: 'timeout' });
  await assert.rejects(ping(Date.now() - 1), { kind: 'timeout' });
});

test('a call whose connection broke is unavailable, whatever number libvirt gave', async (t) => {
  const { libvirt, ping } = workbench(t);
  libvirt.next('ping', 'lost');
  await assert.rejects(ping(), { kind: 'unavailable', details: { libvirt: { code: 1, domain: 10, function: 'ping' } } });
  await ping();
  assert.equal(libvirt.opened, 2);
});

test('while libvirt is away calls fail at once, and it is not knocked at by each of them', async (t) => {
  const { libvirt, ping, states } = workbench(t);
  await ping();
  libvirt.stop();
  for (let i = 0; i < 100; i++) await assert.rejects(ping(), { kind: 'unavailable' });
  assert.ok(libvirt.calls.filter((call) => call === 'open').length < 20);
  assert.equal(states.at(-1), false);
  libvirt.start();
  await waitUntil('the next connection', () => ping().then(() => true), { timeoutMs: 5000 });
});

test('a closed link opens nothing', async (t) => {
  const { libvirt, link, ping } = workbench(t);
  await link.close();
  await assert.rejects(ping(), { kind: 'unavailable', message: /closed/ });
  assert.equal(libvirt.opened, 0);
});

test('opening the connection counts against the limit of the call that waits for it', async (t) => {
  const libvirt = new PretendedLibvirt();
  const slowly = async () => (await delay(700), libvirt.open());
  const metrics = { observe: () => {}, connectionState: () => {} };
  const link = new Link({ role: 'test', open: slowly, callTimeoutMs: 1000, metrics });
  t.after(() => link.close());
  libvirt.next('ping', 'hang');
  const from = performance.now();
  await assert.rejects(
    link.call('ping', 'ping', (connection) => connection.numOfDomains()),
    { kind: 'unavailable' },
  );
  assert.ok(performance.now() - from < 1500, 'one limit for both');
});
