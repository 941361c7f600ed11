import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InstanceRegister, type RegisterChange } from '../../../../services/compute/instances/register.js';
import type { Memory, Sighting } from '../../../../services/compute/instances/sight.js';

const RUNNING: Memory = { generation: 1, committed: true, desired: { powerState: 'running', autodestroy: false } };
const seen = (id: string, powerState: Sighting['powerState'] = 'running'): Sighting => ({ id, powerState, generation: 1, memory: RUNNING });
const survey = (...sightings: Sighting[]) => ({ sightings, foreign: 0, ofOtherWorkers: 0, strays: [], orphanImages: [] });

function listened(): { register: InstanceRegister; changes: RegisterChange[] } {
  const register = new InstanceRegister();
  const changes: RegisterChange[] = [];
  register.onChange((change) => changes.push(change));
  return { register, changes };
}

test('a survey that finds everything as it was changes nothing', () => {
  const { register, changes } = listened();
  register.take(survey(seen('a')), register.revision);
  register.take(survey(seen('a')), register.revision);
  assert.equal(changes.length, 1);
});

test('what a survey does not find any more is dropped', () => {
  const { register, changes } = listened();
  register.take(survey(seen('a')), register.revision);
  register.take(survey(), register.revision);
  assert.deepEqual([register.size, changes.at(-1)?.after], [0, null]);
});

test('what was heard while a survey was under way is newer than the survey, and wants a look', () => {
  const { register } = listened();
  register.take(survey(seen('a'), seen('b')), register.revision);
  const begun = register.revision;
  register.hear('a', 'shutdown', 'destroyed');
  assert.deepEqual(register.take(survey(seen('a'), seen('b')), begun), ['a']);
  assert.equal(register.get('a')?.powerState, 'shutdown');
});

test('what was heard while a look was under way is newer than the look', () => {
  const { register } = listened();
  const begun = register.revision;
  register.hear('a', 'shutdown', 'destroyed');
  register.see('a', seen('a', 'running'), begun);
  assert.equal(register.get('a')?.powerState, 'shutdown');
});

test('a domain of which nobody knows whose it is is not an instance because something was heard of it', () => {
  const { register } = listened();
  register.hear('a', 'running', 'started');
  assert.equal(register.size, 0);
  register.remember('a', RUNNING);
  assert.equal(register.get('a')?.powerState, 'running');
});

test('every change has a higher revision than the ones before', () => {
  const { register, changes } = listened();
  register.take(survey(seen('a'), seen('b')), register.revision);
  register.hear('a', 'paused', 'paused');
  const revisions = changes.map(({ after }) => after?.revision ?? 0);
  assert.deepEqual(
    revisions,
    [...revisions].sort((a, b) => a - b),
  );
  assert.equal(new Set(revisions).size, 3);
});

test('instances are counted by state, by condition and by what they miss', () => {
  const { register } = listened();
  const orphan = { id: 'c', powerState: 'running', generation: 1, memory: null } as const;
  const halfMade = { id: 'd', powerState: 'shutdown', generation: 1, memory: { ...RUNNING, committed: false } } as const;
  register.take(survey(seen('a'), seen('b', null), orphan, halfMade), register.revision);
  assert.deepEqual(Object.fromEntries(register.states()), { running: 2, missing: 1 });
  assert.deepEqual(Object.fromEntries(register.conditions()), { whole: 1, missing: 1, 'orphan-domain': 1, 'half-made': 1 });
  assert.deepEqual(Object.fromEntries(register.mismatches()), { 'running missing': 1 });
});
