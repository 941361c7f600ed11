import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  libvirtError,
  open,
  VIR_ERR_NO_DOMAIN,
  VIR_FROM_TEST,
  virGetLastError,
  virGetLastErrorCode,
  virGetLastErrorMessage,
  virResetLastError,
  type virConnect,
} from '@novalet/libvirt';

const URI = 'test:///default';

/** The error of a look-up that finds nothing. */
async function notFound(conn: virConnect): Promise<libvirtError> {
  try {
    await conn.lookupByName('nobody');
  } catch (error) {
    assert.ok(error instanceof libvirtError);
    return error;
  }
  return assert.fail('nobody was found');
}

test('a failed call rejects with all that libvirt said, by field and by libvirt-python’s getters', async () => {
  await using conn = await open(URI);
  const error = await notFound(conn);
  assert.deepEqual([error.code, error.domain, error.level], [VIR_ERR_NO_DOMAIN, VIR_FROM_TEST, 2]);
  assert.equal(error.function, 'virDomainLookupByName');
  assert.match(error.message, /Domain not found/);
  assert.equal(error.err?.length, 9);
  assert.equal(error.get_error_code(), VIR_ERR_NO_DOMAIN);
  assert.equal(error.get_error_domain(), VIR_FROM_TEST);
  assert.equal(error.get_error_level(), 2);
  assert.equal(error.get_error_message(), error.message);
  assert.equal(error.get_str1(), error.err?.[4]);
  assert.deepEqual([error.get_str2(), error.get_str3()], [null, null]);
  assert.deepEqual([error.get_int1(), error.get_int2()], [-1, -1]);
});

test('the stack of a rejection leads to the caller’s file', async () => {
  await using conn = await open(URI);
  const error = await notFound(conn);
  assert.match(error.stack ?? '', /at async notFound \(.*errors\.test\.js/);
});

test('the error of each of many failures at once is its own', async () => {
  await using conn = await open(URI);
  const names = Array.from({ length: 200 }, (_, i) => `/no/such/driver/${i}`);
  const outcomes = await Promise.allSettled(names.map((name) => conn.storageVolLookupByPath(name)));
  for (const [i, outcome] of outcomes.entries()) {
    assert.equal(outcome.status, 'rejected');
    assert.match(String(outcome.reason), new RegExp(`'/no/such/driver/${i}'`));
  }
});

test('a failed open rejects and names what was wrong', async () => {
  await assert.rejects(open('no-such-driver:///'), { name: 'libvirtError', function: 'virConnectOpen' });
});

test('the last error is that of the latest call, and goes with a success or a reset', async () => {
  await using conn = await open(URI);
  await notFound(conn);
  assert.equal(virGetLastErrorCode(), VIR_ERR_NO_DOMAIN);
  assert.match(virGetLastErrorMessage(), /Domain not found/);
  virResetLastError();
  assert.equal(virGetLastError(), null);
  await notFound(conn);
  await conn.getHostname();
  assert.equal(virGetLastErrorMessage(), 'no error');
});
