import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFunction, type PlannedFunction } from '../../generator/plan-function.js';
import { aFunction } from './support/a-function.js';
import { planOf900 } from './support/installed-plan.js';

/** `migrateToURI(dconnuri, flags = 0)` without the object and what has no default. */
function defaultsOf(fn: PlannedFunction): string {
  const given = fn.args.flatMap((arg) => (arg.defaultValue === null ? [] : [`${arg.api.name}=${arg.defaultValue}`]));
  return `${fn.python.name}: ${given.join(' ')}`;
}

test('flags and what the description calls optional have a default', () => {
  const fn = planFunction(
    aFunction('virDomainFoo', 'int', [
      'domain:virDomainPtr',
      'xml:const char *:XML, NULL for none',
      'dname:const char *:(optional) a name',
      'bandwidth:unsigned long:optional bandwidth',
      'limit:int:not optional',
      'flags:unsigned int:bits',
    ]),
  );
  assert.equal(defaultsOf(fn), 'foo: dname=null bandwidth=0 flags=0');
});

test('the defaults other than flags are those of libvirt-python, all of them', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  const found = plan.functions.filter((fn) => fn.args.some((arg) => arg.defaultValue !== null && arg.api.name !== 'flags')).map(defaultsOf);
  assert.deepEqual(found.sort(), [
    'blockCommit: bandwidth=0 flags=0',
    'blockPull: bandwidth=0 flags=0',
    'blockRebase: bandwidth=0 flags=0',
    'getDomainCapabilities: emulatorbin=null arch=null machine=null virttype=null flags=0',
    'migrate2: dxml=null flags=0 dname=null uri=null bandwidth=0',
    'migrate: flags=0 dname=null uri=null bandwidth=0',
    'migrateToURI2: dconnuri=null miguri=null dxml=null flags=0 dname=null bandwidth=0',
    'migrateToURI: flags=0 dname=null bandwidth=0',
    'open: name=null',
    'openReadOnly: name=null',
    'restoreFlags: dxml=null flags=0',
    'saveFlags: dxml=null flags=0',
  ]);
});
