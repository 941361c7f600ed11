import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, virEventAddHandle, withDeadline } from '@novalet/libvirt';

/** An object as a caller without types sees it. */
type Untyped = Record<string, (...args: unknown[]) => Promise<unknown>> & AsyncDisposable;
const untyped = (object: object): Untyped => object as Untyped;

const refused = (message: string): TypeError => new TypeError(message);

test('wrong options of a deadline are refused by name', async () => {
  const wrong = withDeadline as (...args: unknown[]) => Promise<unknown>;
  await assert.rejects(
    wrong(null, () => 1),
    refused('withDeadline: options must be an object with timeout or signal, not null'),
  );
  await assert.rejects(
    wrong({ signal: {} }, () => 1),
    refused('withDeadline: signal must be an AbortSignal, not an object'),
  );
  await assert.rejects(wrong({}, 5), refused('withDeadline: call must be a function, not 5'));
});

test('wrong arguments of events are refused by name', async () => {
  await using connection = await open('test:///default');
  const conn = untyped(connection);
  await assert.rejects(
    async () => conn.domainEvents?.(null, 0, { signal: 5 }),
    refused('domainEvents: signal must be an AbortSignal, not 5'),
  );
  await assert.rejects(
    async () => conn.storagePoolEvents?.(null, 0, null),
    refused('storagePoolEvents: options must be an object, not null'),
  );
  await assert.rejects(async () => conn.domainEventRegisterAny?.(conn, 0, () => {}), {
    name: 'TypeError',
    message: /^virConnectDomainEventRegisterAny: dom must be a virDomain or null, not a virConnect$/,
  });
  await assert.rejects(
    async () => conn.networkEventDeregisterAny?.(Symbol('x')),
    refused('virConnectNetworkEventDeregisterAny: callbackID must be a number, not a symbol'),
  );
});

test('wrong handlers of streams are refused by name, before anything is sent', async () => {
  await using connection = await open('test:///default');
  const stream = untyped(connection.newStream());
  await assert.rejects(async () => stream.sendAll?.(), refused('virStreamSendAll: handler must be a function, not undefined'));
  await assert.rejects(
    async () =>
      stream.sparseSendAll?.(
        () => null,
        () => 5,
        () => 0,
      ),
    /virStreamSparseSendAll: holeHandler must give \[whether data comes next, length\], not 5/,
  );
});

test('a Map is no dictionary of parameters, and the refusal says what makes one', async () => {
  await using conn = await open('test:///default');
  const domain = untyped(await conn.lookupByName('test'));
  await assert.rejects(async () => domain.setSchedulerParameters?.(new Map([['weight', 1]])), {
    name: 'TypeError',
    message: 'virDomainSetSchedulerParameters: params must be an object of names and values, not a Map: Object.fromEntries(map) makes one',
  });
});

test('methods taken from their object say whose they are', async () => {
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  const { connect } = domain as unknown as { connect: (this: undefined) => unknown };
  assert.throws(() => connect.call(undefined), refused('connect: this must be an object of libvirt, not undefined'));
  const { finish } = conn.newStream() as unknown as { finish: (this: unknown) => Promise<unknown> };
  await assert.rejects(finish.call({}), refused('virStreamFinish: this must be a virStream, not an object'));
});

test('a descriptor that cannot be one is refused by name', () => {
  assert.throws(() => virEventAddHandle(-1, 1, () => {}), /^libvirtError: virEventAddHandle\(\) failed: the descriptor -1 is not open/);
});
