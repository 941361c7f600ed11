import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { hasSecrets, NOT_SHOWN, secret, withoutSecrets } from '../../../services/common/messages/secret.js';

const User = z.strictObject({ name: z.string(), password: secret(z.string().min(1)).optional() });
const Body = z.strictObject({
  instance: z.strictObject({ id: z.string(), userData: secret(z.string()).describe('What the guest reads.').optional() }),
  users: z.array(User).optional(),
  byName: z.record(z.string(), User).optional(),
  either: z.union([z.strictObject({ token: secret(z.string()) }), z.strictObject({ file: z.string() })]).optional(),
  keys: secret(z.array(z.string())).optional(),
});

test('what a schema marks as secret is not shown, wherever it stands; the rest is as it was', () => {
  const body = {
    instance: { id: 'i-1', userData: 'hush' },
    users: [{ name: 'ada', password: 'hush' }, { name: 'bob' }],
    byName: { ada: { name: 'ada', password: 'hush' } },
    either: { token: 'hush' },
    keys: ['hush'],
  };
  assert.deepEqual(withoutSecrets(Body, body), {
    instance: { id: 'i-1', userData: NOT_SHOWN },
    users: [{ name: 'ada', password: NOT_SHOWN }, { name: 'bob' }],
    byName: { ada: { name: 'ada', password: NOT_SHOWN } },
    either: { token: NOT_SHOWN },
    keys: NOT_SHOWN,
  });
  assert.equal(body.instance.userData, 'hush');
});

test('a value has secrets when one of the marked fields is there', () => {
  assert.equal(hasSecrets(Body, { instance: { id: 'i-1' }, users: [{ name: 'bob' }], either: { file: 'token' } }), false);
  for (const more of [{ users: [{ name: 'ada', password: 'hush' }] }, { either: { token: 'hush' } }, { keys: [] }])
    assert.equal(hasSecrets(Body, { instance: { id: 'i-1' }, ...more }), true, JSON.stringify(more));
});
