import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { functionsThatMatter, totals } from '../../generator/coverage-totals.js';
import { makePlan } from '../../generator/plan.js';
import { aFunction, aList } from './support/a-function.js';
import { planOf900 } from './support/installed-plan.js';

test('an argument of a type that nobody knows stops the build, naming function, argument, type and the way out', () => {
  const unknown = aList(aFunction('virDomainFoo', 'int', ['domain:virDomainPtr', 'bar:virFooParamsPtr']));
  assert.throws(
    () => makePlan([unknown]),
    /virDomainFoo has the argument "bar" of type "virFooParamsPtr".*generator\/type-table\.ts.*generator\/overrides\.ts/,
  );
});

test('a result of a type that nobody knows stops the build', () => {
  assert.throws(() => makePlan([aList(aFunction('virDomainFoo', 'virFooPtr', []))]), /virDomainFoo returns "virFooPtr"/);
});

test('every symbol of the installed lists has a row with a reason, and what is by hand has a file or says not yet', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  assert.equal(plan.rows.length, 516 + 6 + 4 + 1029 + 9 + 235 + 51 + 1);
  for (const row of plan.rows) {
    assert.notEqual(row.why, '');
    if (row.by === 'hand') assert.ok((row.where !== undefined) !== (row.notYet === true), row.name);
  }
});

test('what libvirt-python wraps by itself is generated, but for those with a reason', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  const plain = plan.rows.filter((row) => row.plainInPython);
  const of = (module: string) => plain.filter((row) => row.module === module).length;
  assert.deepEqual([of('libvirt'), of('qemu'), of('lxc')], [268, 1, 1]);
  assert.deepEqual(
    plain.filter((row) => row.by !== 'generated').map((row) => row.name),
    [
      'virConnResetLastError',
      'virConnectClose',
      'virConnectSetKeepAlive',
      'virEventRegisterDefaultImpl',
      'virEventRemoveHandle',
      'virEventRemoveTimeout',
      'virEventRunDefaultImpl',
      'virEventUpdateHandle',
      'virEventUpdateTimeout',
      'virGetLastErrorCode',
      'virGetLastErrorDomain',
      'virGetLastErrorMessage',
      'virResetLastError',
      'virStreamAbort',
      'virStreamEventRemoveCallback',
      'virStreamEventUpdateCallback',
      'virStreamFinish',
      'virStreamNew',
    ],
  );
});

test('all constants that libvirt-python has are generated', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  const generated = Object.fromEntries(totals(plan.rows).map((row) => [`${row.module} ${row.kind}`, row.generated]));
  assert.equal(generated['libvirt enum values'], 959);
  assert.equal(generated['libvirt string macros'], 235);
  assert.equal(generated['qemu enum values'], 9);
});

test('457 functions matter by the logic of libvirt-python’s own coverage check', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  const { total, offered, missing } = functionsThatMatter(plan.rows);
  assert.equal(total, 457);
  assert.equal(offered + missing.length, total);
});

test('what is said to be by hand is in the file that is named', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  const root = new URL('../../../', import.meta.url);
  for (const row of plan.rows) {
    if (row.kind !== 'function' || row.where === undefined) continue;
    const text = readFileSync(new URL(row.where, root), 'utf8');
    const method = `  ${row.python?.split('.').at(-1)}(`;
    assert.ok(text.includes(row.name) || text.includes(method), `${row.where} has neither ${row.name} nor ${method.trim()}`);
  }
});
