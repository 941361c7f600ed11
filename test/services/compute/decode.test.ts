import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, MAX_BODY_BYTES, type Rejection, type RejectionReason } from '../../../services/compute/decode.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { spawnBody } from '../../support/commands.js';

const now = Date.parse('2030-01-01T00:00:00Z');
const options = { now, defaultDeadlineMs: 60_000, maxDeadlineMs: 1_500_000 };
const id = '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f';

function rejected(...of: Parameters<typeof fakeDelivery>): Rejection {
  const decoded = decode(fakeDelivery(...of), options);
  return 'rejection' in decoded ? decoded.rejection : assert.fail('it became a command');
}

function deadlineOf(body: object, properties: object = {}): number {
  const decoded = decode(fakeDelivery('instance.spawn', { ...spawnBody(), ...body }, { properties }), options);
  return 'command' in decoded ? decoded.command.deadline : assert.fail(decoded.rejection.message);
}

const properties = (of: object) => ({ properties: of });
const good = spawnBody({ id });
const CASES: readonly [what: string, reason: RejectionReason, of: Parameters<typeof fakeDelivery>, words: RegExp][] = [
  ['no message id', 'no-message-id', ['instance.spawn', good, properties({ messageId: undefined })], /message_id is missing/],
  ['a message id with a line break', 'no-message-id', ['instance.spawn', good, properties({ messageId: 'a\nb' })], /printable ASCII/],
  ['no type', 'unknown-type', [undefined, good], /type is missing/],
  ['an unknown type', 'unknown-type', ['instance.explode', good], /instance\.spawn, instance\.destroy/],
  ['a type of every object', 'unknown-type', ['toString', good], /toString/],
  ['no version', 'unknown-version', ['instance.spawn', good, properties({ headers: {} })], /version is missing/],
  ['an unknown version', 'unknown-version', ['instance.spawn', good, properties({ headers: { version: 2 } })], /version is 2/],
  [
    'a version as text',
    'unknown-version',
    ['instance.spawn', good, properties({ headers: { version: '1' } })],
    /the string "1"; set it to the number 1/,
  ],
  ['another content type', 'content-type', ['instance.spawn', good, properties({ contentType: 'application/xml' })], /application\/xml/],
  ['a compressed body', 'content-encoding', ['instance.spawn', good, properties({ contentEncoding: 'gzip' })], /gzip/],
  ['an oversized body', 'too-large', ['instance.spawn', Buffer.alloc(MAX_BODY_BYTES + 1, 32)], /1048577 bytes/],
  ['half an object', 'malformed-json', ['instance.spawn', Buffer.from('{"instance":')], /not JSON/],
  ['bytes that are not UTF-8', 'malformed-json', ['instance.spawn', Buffer.from([0x7b, 0xff, 0x7d])], /UTF-8/],
  ['a nest without end', 'malformed-json', ['instance.spawn', Buffer.from('['.repeat(500_000))], /./],
  ['the key __proto__', 'schema', ['instance.spawn', Buffer.from('{"__proto__": {}}')], /the key __proto__/],
  ['the same key in escapes', 'schema', ['instance.spawn', Buffer.from('{"\\u005f_proto_\\u005F": 1}')], /the key __proto__/],
  ['no object', 'schema', ['instance.spawn', null], /an object is wanted, not null/],
  ['an unknown key', 'schema', ['instance.spawn', { ...good, colour: 'red' }], /colour/],
  [
    'a control character in a name',
    'schema',
    ['instance.spawn', spawnBody({ name: 'a\u0000b' })],
    /instance\.name: a name holds a control character/,
  ],
  ['a line break in a name', 'schema', ['instance.spawn', spawnBody({ name: 'a\nb' })], /control character/],
  [
    'a name with what is no character',
    'schema',
    ['instance.spawn', spawnBody({ name: 'a\ufffe' })],
    /instance\.name: a name holds U\+FFFE or U\+FFFF/,
  ],
  ['a name of 256 bytes', 'schema', ['instance.spawn', spawnBody({ name: 'é'.repeat(128) })], /longer than 255 bytes/],
  [
    'half a surrogate pair',
    'schema',
    ['instance.spawn', Buffer.from(JSON.stringify(spawnBody()).replace('a guest', '\\ud800'))],
    /surrogate/,
  ],
];

for (const [what, reason, of, words] of CASES) {
  test(`${what} is rejected as ${reason}`, () => {
    const rejection = rejected(...of);
    assert.equal(rejection.reason, reason);
    assert.match(rejection.message, words);
    assert.ok(rejection.message.length < 2000);
  });
}

test('a rejection names the field as a person would write it, and the instance if it can be read', () => {
  const rejection = rejected('instance.spawn', { instance: { ...good.instance, disks: [{ image: '' }] } });
  assert.equal(rejection.field, 'instance.disks[0].image');
  assert.equal(rejection.instanceId, id);
});

const wish = (of: object): object => ({ instance: { ...good.instance, ...of } });
const WORDS: readonly [body: object, message: string][] = [
  [wish({ vcpus: 1.5 }), 'instance.vcpus: a whole number is wanted'],
  [wish({ vcpus: '1' }), 'instance.vcpus: a number is wanted, not a text'],
  [wish({ vcpus: 1e300 }), 'instance.vcpus: it is at most 4096'],
  [wish({ memoryMiB: -1e300 }), 'instance.memoryMiB: it is at least 1'],
  [wish({ memoryMiB: undefined }), 'instance.memoryMiB: it is needed'],
  [wish({ metadata: { 'a b': 'c' } }), 'instance.metadata.a b: a metadata key has 1 to 255 characters of A-Z a-z 0-9 _ . : / -'],
  [wish({ metadata: 5 }), 'instance.metadata: an object is wanted, not a number'],
  [wish({ disks: [{ image: 5 }] }), 'instance.disks[0].image: a text or an object is wanted, not a number'],
  [wish({ disks: Array.from({ length: 30 }, () => ({ sizeMiB: 1 })) }), 'instance.disks: it has at most 24 entries'],
  [wish({ interfaces: [{ kind: 'x' }] }), 'instance.interfaces[0].kind: it is one of bridge, network, ovs, tap, macvtap, user, passt'],
  [wish({ machine: 'x' }), 'instance.machine: it is one of q35, pc'],
  [wish({ nope: 1 }), 'instance.nope: there is no field "nope" here'],
  [{ ...good, deadline: 'gestern' }, 'deadline: it is a time by RFC 3339, such as 2026-01-31T12:00:00Z'],
  [{ ...good, dryRun: 'yes' }, 'dryRun: true or false is wanted, not a text'],
];
test('what is wrong with a field is told in plain words, and once', () => {
  for (const [body, message] of WORDS) assert.equal(rejected('instance.spawn', body).message, message);
});

const TWICE: readonly [text: string, field: string][] = [
  [`{"instance":{"id":"${id}","name":"a","vcpus":1,"memoryMiB":16,"memoryMiB":17}}`, 'instance.memoryMiB'],
  [`{"instance":{"id":"${id}","name":"a"},"instance":{"id":"${id}"}}`, 'instance'],
  [`{"instance":{"id":"${id}","disks":[{"sizeMiB":1},{"sizeMiB" :1,"size\\u004diB"\t: 2}]}}`, 'instance.disks[1].sizeMiB'],
  [`{"instance":{"id":"${id}","metadata":{"a\\"":"x","b":"{\\"b\\":1}","b":"y"}}}`, 'instance.metadata.b'],
];
test('a key that an object has twice is refused by its name', () => {
  for (const [text, field] of TWICE) {
    const rejection = rejected('instance.spawn', Buffer.from(text));
    assert.deepEqual([rejection.reason, rejection.field, rejection.instanceId], ['schema', field, id]);
    assert.match(rejection.message, /twice/);
  }
});

test('the same key in several objects, and what looks like a key in a text, is no key twice', () => {
  const metadata = { a: '"a": 1, "a": 2', b: '\\"', c: '\\\\', instance: 'x', d: '' };
  const body = spawnBody({ metadata, disks: [{ sizeMiB: 1 }, { sizeMiB: 1 }] });
  assert.ok('command' in decode(fakeDelivery('instance.spawn', Buffer.from(JSON.stringify(body, null, '\t'))), options));
});

test('a body with the key __proto__ still tells its instance', () => {
  const body = Buffer.from(JSON.stringify(good).replace('{', '{"__proto__": {"x": 1},'));
  assert.equal(rejected('instance.spawn', body).instanceId, id);
});

test('hostile names that XML can carry are taken as they are', () => {
  for (const name of ['a"><x/>&', '😀 𝕏', 'é'.repeat(127), "' OR 1=1 --", '../../etc/passwd']) {
    const decoded = decode(fakeDelivery('instance.spawn', spawnBody({ name })), options);
    assert.ok('command' in decoded && decoded.command.type === 'instance.spawn');
    assert.equal(decoded.command.body.instance.name, name);
  }
});

test('the deadline is the sender’s, else counted from the sending, and never past the broker’s patience', () => {
  assert.equal(deadlineOf({ deadline: '2030-01-01T00:00:07Z' }), now + 7000);
  assert.equal(deadlineOf({}), now + 60_000);
  assert.equal(deadlineOf({}, { timestamp: now / 1000 - 20 }), now + 40_000);
  assert.equal(deadlineOf({}, { timestamp: now / 1000 + 9999 }), now + 60_000);
  assert.equal(deadlineOf({ deadline: '2031-01-01T00:00:00+01:00' }), now + 1_500_000);
});
