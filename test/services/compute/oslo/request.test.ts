import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEnvelope, sealed } from '../../../../services/compute/oslo/envelope.js';
import { tooDeep } from '../../../../services/compute/oslo/nesting.js';
import { readRequest, type OsloRequest } from '../../../../services/compute/oslo/request.js';
import { captured, onTheWire } from './captured.js';

function read(content: Buffer): OsloRequest | string {
  const opened = openEnvelope(content);
  const request = 'problem' in opened ? opened : readRequest(opened.message, content);
  return 'problem' in request ? request.problem : request;
}

test('a captured call is read: its method, its version, and who waits for the answer', () => {
  const request = read(onTheWire('request:get_host_uptime:call')) as OsloRequest;
  const { message } = captured('request:get_host_uptime:call');
  assert.deepEqual([request.method, request.version, request.namespace], ['get_host_uptime', '6.0', null]);
  assert.deepEqual(request.caller, { messageId: message['_msg_id'], queue: message['_reply_q'], monitorSeconds: null });
  assert.equal(request.uniqueId, message['_unique_id']);
});

test('a captured cast has nobody to answer to, and a monitored call says how often it wants to hear', () => {
  assert.equal((read(onTheWire('request:terminate_instance')) as OsloRequest).caller, null);
  assert.equal((read(onTheWire('request:slow:call:call_monitor:ttl30000')) as OsloRequest).caller?.monitorSeconds, 4);
});

test('nothing secret of the context is kept', () => {
  assert.ok(onTheWire('request:stop_instance:to-compute').includes('TOKEN-SECRET'));
  assert.ok(!JSON.stringify(read(onTheWire('request:stop_instance:to-compute'))).includes('TOKEN-SECRET'));
});

test('a message without an envelope is one of version 1, and envelopes of another version are refused', () => {
  assert.equal((read(Buffer.from('{"method":"m","args":{}}')) as OsloRequest).version, '1.0');
  assert.match(read(Buffer.from('{"oslo.version":"3.0","oslo.message":"{}"}')) as string, /2\.x is spoken/);
});

test('a publication without an id is known by its content', () => {
  const content = sealed({ method: 'm', args: {} });
  assert.equal((read(content) as OsloRequest).uniqueId, (read(Buffer.from(content)) as OsloRequest).uniqueId);
});

test('what is no request is told from one, however it is built', () => {
  for (const [content, words] of [
    ['', /not JSON/],
    ['[]', /no JSON object/],
    ['{"oslo.version":"2.0"}', /no oslo.message/],
    ['{"args":{}}', /no method/],
    ['{"method":"m","args":[]}', /args/],
    ['['.repeat(100_000), /too deeply/],
    [JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': '{"a":'.repeat(1000) }), /too deeply/],
    ['x'.repeat(1024 * 1024 + 1), /at most/],
  ] as const)
    assert.match(read(Buffer.from(content)) as string, words);
});

test('brackets within strings are not nesting, whatever is escaped in them', () => {
  assert.equal(tooDeep(JSON.stringify({ text: `${'['.repeat(500)}\\"${'{'.repeat(500)}\\\\` })), false);
  assert.equal(tooDeep('[[[]]]', 2), true);
  assert.equal(tooDeep('["[[[', 2), false, 'a string that nothing closes');
});
