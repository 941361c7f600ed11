import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planParameters, typeInText } from '../../generator/typed-parameters.js';
import { readApiLists } from '../../generator/locate-lists.js';

test('the type of a parameter is read from libvirt’s descriptions', () => {
  const texts: [string, string | null][] = [
    ['cpu shares, as a ullong.', 'ullong'],
    ['quota, as an llong', 'llong'],
    ['numatune mode, as an int containing a value', 'int'],
    ['cert chain, as VIR_TYPED_PARAMS_STRING', 'string'],
    ['as VIR_TYPED_PARAM_BOOLEAN and more', 'boolean'],
    ['as omitting this', null],
    ['has the value 5', null],
  ];
  for (const [text, type] of texts) assert.equal(typeInText(text), type, text);
});

test('every parameter of the installed libvirt that can be set has a type', () => {
  const families = planParameters(readApiLists());
  const unknown = families.flatMap(({ family, parameters }) =>
    family.settable === false ? [] : parameters.filter(({ type }) => type === null),
  );
  assert.deepEqual(unknown, []);
  const types = Object.fromEntries(
    families.flatMap(({ family, parameters }) => parameters.map(({ name, type }) => [`${family.name}.${name}`, type])),
  );
  // Both from texts and from the families' own data, as libvirt's drivers have them.
  assert.deepEqual(
    [
      types['SchedulerParameters.weight'],
      types['SchedulerParameters.vcpu_quota'],
      types['MemoryParameters.hard_limit'],
      types['InterfaceParameters.inbound.peak'],
      types['BlockIoTune.group_name'],
      types['BlockCopyParameters.granularity'],
      types['BlockCopyParameters.buf-size'],
      types['MigrateParameters.migrate_disks'],
      types['MigrateParameters.disks_port'],
      types['PerfEvents.cmt'],
      types['IOThreadParameters.poll_grow'],
      types['IdentityParameters.process-id'],
      types['NodeMemoryParameters.shm_pages_to_scan'],
    ],
    ['uint', 'llong', 'ullong', 'uint', 'string', 'uint', 'ullong', 'string', 'int', 'boolean', 'uint', 'llong', 'uint'],
  );
});
