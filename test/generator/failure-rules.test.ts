import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../generator/failure-rules.js';
import { aFunction } from './support/a-function.js';

const failure = (name: string, returns: string) => failureOf(aFunction(name, returns, []));

test('the result’s type says how a call fails', () => {
  assert.equal(failure('virDomainCreate', 'int'), 'MinusOne');
  assert.equal(failure('virDomainGetXMLDesc', 'char *'), 'Null');
  assert.equal(failure('virDomainGetName', 'const char *'), 'Null');
  assert.equal(failure('virDomainMigrate', 'virDomainPtr'), 'Null');
  assert.equal(failure('virEventUpdateTimeout', 'void'), 'Never');
});

test('functions whose results say something else are known by name', () => {
  assert.equal(failure('virDomainGetID', 'unsigned int'), 'Never');
  assert.equal(failure('virDomainGetMaxMemory', 'unsigned long'), 'Zero');
  assert.equal(failure('virNodeGetFreeMemory', 'unsigned long long'), 'ZeroWithError');
  assert.equal(failure('virNodeDeviceGetParent', 'const char *'), 'Never');
});

test('failures that libvirt-python swallows are failures here', () => {
  assert.equal(failure('virDomainLxcEnterCGroup', 'int'), 'MinusOne');
  assert.equal(failure('virSecretGetUsageType', 'int'), 'MinusOne');
});

test('an unsigned result of a new function needs a decision', () => {
  assert.throws(
    () => failure('virDomainGetNovelty', 'unsigned long long'),
    /virDomainGetNovelty returns "unsigned long long".*failure-rules\.ts/,
  );
});
