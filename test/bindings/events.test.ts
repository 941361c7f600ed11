import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  open,
  VIR_DOMAIN_EVENT_ID_LIFECYCLE,
  VIR_DOMAIN_EVENT_STARTED,
  VIR_DOMAIN_EVENT_STARTED_BOOTED,
  VIR_DOMAIN_EVENT_STOPPED,
  VIR_DOMAIN_EVENT_STOPPED_DESTROYED,
  VIR_ERR_INVALID_ARG,
  type virConnect,
} from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';

/** The URIs of the test driver in this process, and behind a daemon. */
async function uris(t: TestContext): Promise<string[]> {
  return ['test:///default', (await withLibvirtd(t)).testUri];
}

/** What a callback for any domain is told of first while `act` goes on. */
async function nextEvent(conn: virConnect, act: () => Promise<unknown>): Promise<[string, number, number, string]> {
  let id = -1;
  const told = new Promise<[string, number, number, string]>((resolve) => {
    const registered = conn.domainEventRegisterAny(
      null,
      VIR_DOMAIN_EVENT_ID_LIFECYCLE,
      (_, dom, event, detail, opaque) => resolve([dom.name(), event, detail, opaque]),
      'mine',
    );
    void registered.then((given) => (id = given)).then(act);
  });
  const event = await told;
  await conn.domainEventDeregisterAny(id);
  return event;
}

test('a life-cycle event comes with connection, domain, event, detail and what the caller gave', async (t) => {
  for (const uri of await uris(t)) {
    await using conn = await open(uri);
    const domain = await conn.lookupByName('test');
    assert.deepEqual(await nextEvent(conn, () => domain.destroy()), [
      'test',
      VIR_DOMAIN_EVENT_STOPPED,
      VIR_DOMAIN_EVENT_STOPPED_DESTROYED,
      'mine',
    ]);
    assert.deepEqual(await nextEvent(conn, () => domain.create()), [
      'test',
      VIR_DOMAIN_EVENT_STARTED,
      VIR_DOMAIN_EVENT_STARTED_BOOTED,
      'mine',
    ]);
  }
});

test('several callbacks share one event, each with its own end', async (t) => {
  for (const uri of await uris(t)) {
    await using conn = await open(uri);
    const domain = await conn.lookupByName('test');
    const told: string[] = [];
    const register = (name: string, dom = null as typeof domain | null): Promise<number> =>
      conn.domainEventRegisterAny(dom, VIR_DOMAIN_EVENT_ID_LIFECYCLE, () => told.push(name));
    const [first, second, own] = await Promise.all([register('first'), register('second'), register('own', domain)]);
    assert.equal(new Set([first, second, own]).size, 3);
    await nextEvent(conn, () => domain.destroy());
    await conn.domainEventDeregisterAny(first);
    await nextEvent(conn, () => domain.create());
    assert.deepEqual(
      told.filter((name) => name !== 'own'),
      ['first', 'second', 'second'],
    );
    assert.ok(told.includes('own'));
    await assert.rejects(conn.domainEventDeregisterAny(first), { code: VIR_ERR_INVALID_ARG });
    await conn.domainEventDeregisterAny(second);
    assert.equal(await register('again'), own + 2 + 1); // nextEvent took two
  }
});

test('a callback that throws is an uncaught exception and does not silence the others', async () => {
  const worker = new Worker(new URL('./support/throwing-callback.js', import.meta.url));
  const others: unknown[] = [];
  worker.on('message', (message) => others.push(message));
  const exit = new Promise((resolve) => worker.once('exit', resolve)); // once() of node:events would reject with the error
  const [error] = (await once(worker, 'error')) as [Error];
  await exit; // what it said before is delivered by then
  assert.equal(error.message, 'thrown by a callback');
  assert.deepEqual(others, ['the other was told']);
});

test('an unknown event is refused and leaves nothing registered', async () => {
  await using conn = await open('test:///default');
  await assert.rejects(
    conn.domainEventRegisterAny(null, 999, () => {}),
    new RangeError('virConnectDomainEventRegisterAny: there is no event 999'),
  );
  await assert.rejects(
    conn.domainEventRegisterAny(null, 0, 'no function' as never),
    new TypeError('virConnectDomainEventRegisterAny: cb must be a function, not the string "no function"'),
  );
});
