import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { CallAbandoned, open, poolStats, withDeadline } from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { startEchoGuest } from './support/echo-guest.js';
import { makePool } from './support/storage.js';
import { runScript } from './support/run-script.js';

const libvirtd = await withLibvirtd({ after });

const timedOut = { name: 'TimeoutError', code: 'ETIMEDOUT', message: /did not answer within 50 ms/ };

async function whileFrozen(act: () => Promise<void>): Promise<void> {
  await libvirtd.freeze();
  try {
    await act();
  } finally {
    await libvirtd.thaw();
  }
}

/** Everything that has nothing to do with a hung connection, done while it hangs: nothing of it may take long. */
async function lively(): Promise<void> {
  await using conn = await open('test:///default');
  const began = performance.now();
  await Promise.all([
    new Promise((resolve) => setTimeout(resolve, 1)),
    readFile(import.meta.filename),
    lookup('localhost'),
    conn.listAllDomains(),
  ]);
  assert.ok(performance.now() - began < 1000);
}

test('a result in time is the result, and an error the error', async () => {
  await using conn = await open('test:///default');
  assert.equal((await withDeadline({ timeout: 5000 }, () => conn.lookupByName('test'))).name(), 'test');
  await assert.rejects(
    withDeadline({ timeout: 5000 }, () => conn.lookupByName('nobody')),
    { name: 'libvirtError' },
  );
  assert.equal(await withDeadline({}, () => conn.lookupByName('test').then((domain) => domain.name())), 'test');
  await assert.rejects(
    withDeadline({ timeout: NaN }, () => 1),
    RangeError,
  );
});

test('with a frozen daemon calls are given up in time, counted while they last, and done with when they end', async () => {
  const conn = await open(libvirtd.testUri);
  const domain = await conn.lookupByName('test');
  await whileFrozen(async () => {
    const began = performance.now();
    const call = withDeadline({ timeout: 50 }, () => domain.info());
    await assert.rejects(call, timedOut);
    await assert.rejects(call, CallAbandoned);
    assert.ok(performance.now() - began < 1000);
    assert.equal(poolStats().abandoned, 1);
    await lively();
  });
  await waitUntil('the call to end', () => poolStats().abandoned === 0);
  assert.equal((await domain.info()).length, 5);
  assert.equal(await conn.close(), 0);
});

test('a call that had not begun at its deadline is never made', async () => {
  await using conn = await open(libvirtd.testUri);
  const domain = await conn.lookupByName('test');
  let stuck: Promise<string>[] = [];
  await whileFrozen(async () => {
    stuck = Array.from({ length: 4 }, () => conn.getHostname());
    await assert.rejects(
      withDeadline({ timeout: 50 }, () => domain.destroy()),
      timedOut,
    );
    assert.equal(poolStats().abandoned, 0);
  });
  await Promise.all(stuck);
  assert.equal((await domain.info())[0], 1); // it runs
});

test('a signal gives calls up, with its reason, and all of them', async () => {
  await using conn = await open(libvirtd.testUri);
  const controller = new AbortController();
  await whileFrozen(async () => {
    const each: Promise<string>[] = [];
    const both = withDeadline({ signal: controller.signal }, () => {
      each.push(conn.getHostname(), conn.getCapabilities());
      return Promise.all(each);
    });
    const reason = new Error('mine');
    setTimeout(() => controller.abort(reason), 20);
    const rejections = await Promise.allSettled([both, ...each]);
    for (const outcome of rejections) {
      assert.equal(outcome.status, 'rejected');
      assert.ok(outcome.reason instanceof CallAbandoned);
      assert.deepEqual([outcome.reason.name, outcome.reason.code, outcome.reason.cause], ['AbortError', 'ABORT_ERR', reason]);
    }
    await assert.rejects(
      withDeadline({ signal: AbortSignal.timeout(20) }, () => conn.getHostname()),
      { name: 'TimeoutError' },
    );
    let made = false;
    await assert.rejects(
      withDeadline({ signal: controller.signal }, () => (made = true)),
      { name: 'AbortError' },
    );
    assert.equal(made, false);
  });
  await waitUntil('the calls to end', () => poolStats().abandoned === 0);
});

test('an inner deadline ends with the outer one', async () => {
  await using conn = await open(libvirtd.testUri);
  await whileFrozen(async () => {
    const inner: Promise<string>[] = [];
    const outer = withDeadline({ timeout: 50 }, () => {
      inner.push(withDeadline({ timeout: 60_000 }, () => conn.getHostname()));
      return inner[0];
    });
    await assert.rejects(outer, timedOut);
    await assert.rejects(inner[0] as Promise<string>, timedOut);
  });
  await waitUntil('the call to end', () => poolStats().abandoned === 0);
});

test('a registration that was given up is taken back when it comes, and can be made again', async () => {
  await using conn = await open(libvirtd.testUri);
  const domain = await conn.lookupByName('test');
  await whileFrozen(async () => {
    await assert.rejects(
      withDeadline({ timeout: 50 }, () => conn.domainEventRegisterAny(null, 0, () => assert.fail('given up'))),
      timedOut,
    );
  });
  await waitUntil('the call to end', () => poolStats().abandoned === 0 && poolStats().active === 0);
  const told: number[] = [];
  await conn.domainEventRegisterAny(null, 0, (_, __, event) => told.push(event));
  await domain.destroy();
  await waitUntil('it to be told', () => told.length === 1);
  assert.equal(await conn.close(), 0);
});

test('a registration may be made again while the one that was given up hangs', async () => {
  await using conn = await open(libvirtd.testUri);
  const domain = await conn.lookupByName('test');
  const told: number[] = [];
  let again: Promise<number> | undefined;
  await whileFrozen(async () => {
    const first = withDeadline({ timeout: 50 }, () => conn.domainEventRegisterAny(null, 0, () => assert.fail('given up')));
    await assert.rejects(first, timedOut);
    again = conn.domainEventRegisterAny(null, 0, (_, __, event) => told.push(event));
  });
  assert.equal(typeof (await again), 'number');
  await ((await domain.isActive()) ? domain.destroy() : domain.create());
  await waitUntil('it to be told', () => told.length === 1);
});

test('a loop over events is left at once by its signal, and by the connection’s end, while libvirt does not answer', async () => {
  await using conn = await open(libvirtd.testUri);
  await whileFrozen(async () => {
    const controller = new AbortController();
    const reason = new Error('mine');
    const events = conn.domainEvents(null, 0, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(events, reason);
  });
  const other = await open(libvirtd.testUri);
  const events = other.domainEvents(null, 0);
  const closed = other.close();
  const outcome = await events.then(
    (queue) => queue.next(),
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof Error || (outcome as IteratorResult<unknown>).done === true);
  assert.equal(await closed, 0);
});

test('an error of the time says what did not answer, and whose, with the stack of who asked', async () => {
  await using conn = await open(libvirtd.testUri);
  const domain = await conn.lookupByName('test');
  await whileFrozen(async () => {
    async function whoAsked(): Promise<void> {
      await withDeadline({ timeout: 50 }, () => domain.info());
    }
    await assert.rejects(whoAsked(), (error: Error) => {
      assert.match(error.message, /^virDomainGetInfo \(test\) did not answer within 50 ms;/);
      assert.match(error.stack ?? '', /^TimeoutError: virDomainGetInfo.*\n(.*\n)*.*whoAsked/);
      return true;
    });
  });
  await waitUntil('the call to end', () => poolStats().abandoned === 0);
});

test('close can be given up as well, and closes when it can', async () => {
  const conn = await open(libvirtd.testUri);
  let stuck: Promise<string>[] = [];
  await whileFrozen(async () => {
    stuck = [conn.getHostname()];
    await assert.rejects(
      withDeadline({ timeout: 50 }, () => conn.close()),
      timedOut,
    );
  });
  await Promise.all(stuck);
  await waitUntil('the close to end', () => poolStats().abandoned === 0);
});

test('with a frozen QEMU the other guests answer, and the calls on it are given up', async () => {
  const conn = await open(libvirtd.qemuUri);
  const pool = await makePool(conn, libvirtd.directory);
  const [frozen, other] = [await startEchoGuest(conn, pool, 'frozen'), await startEchoGuest(conn, pool, 'other')];
  const pid = Number(await readFile(`${libvirtd.directory}/r/libvirt/qemu/run/frozen.pid`, 'utf8'));
  process.kill(pid, 'SIGSTOP');
  try {
    const calls = [0, 1].map(() => withDeadline({ timeout: 50 }, () => frozen.screenshot(conn.newStream(), 0, 0)));
    for (const call of calls) await assert.rejects(call, timedOut);
    assert.equal(poolStats().abandoned, 2);
    await lively();
    assert.equal((await withDeadline({ timeout: 5000 }, () => other.info()))[0], 1);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await waitUntil('the calls to end', () => poolStats().abandoned === 0);
  assert.equal(await conn.close(), 0);
});

test('a registration that was given up keeps no process', async (t) => {
  const own = await withLibvirtd(t);
  const script = runScript(
    `import { open, withDeadline } from '@novalet/libvirt';
     const conn = await open('${own.testUri}');
     process.kill(${own.pid}, 'SIGSTOP');
     await Promise.allSettled([withDeadline({ timeout: 50 }, () => conn.domainEventRegisterAny(null, 0, () => {}))]);
     console.log('given up');`,
  );
  assert.equal(await script.line(), 'given up');
  assert.equal(await script.ended, 0);
  await own.thaw();
});

test('calls that were given up keep no process', async (t) => {
  const own = await withLibvirtd(t);
  const script = runScript(
    `import { open, withDeadline } from '@novalet/libvirt';
     const conn = await open('${own.testUri}');
     process.kill(${own.pid}, 'SIGSTOP');
     await Promise.allSettled(Array.from({ length: 8 }, () => withDeadline({ timeout: 50 }, () => conn.getHostname())));
     console.log('given up');`,
  );
  assert.equal(await script.line(), 'given up');
  const began = performance.now();
  assert.equal(await script.ended, 0);
  assert.ok(performance.now() - began < 1000);
  await own.thaw();
});
