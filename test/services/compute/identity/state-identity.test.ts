import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { claimState } from '../../../../services/compute/identity/state-identity.js';
import { lockState } from '../../../../services/compute/identity/state-lock.js';

const MINE = { host: 'host-1', machineId: 'machine-1' };

function fileIn(t: TestContext, name: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-identity-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, name);
}

test('a worker finds its own state again', (t) => {
  const file = fileIn(t, 'identity.json');
  claimState(file, MINE);
  assert.doesNotThrow(() => claimState(file, MINE));
});

test('state of another host or machine is refused: with what differs, and the way out', (t) => {
  const file = fileIn(t, 'identity.json');
  claimState(file, MINE);
  for (const [mine, difference] of [
    [{ ...MINE, host: 'host-2' }, /of the host host-1, and NOVALET_HOST is host-2/],
    [{ ...MINE, machineId: 'machine-2' }, /of the machine machine-1, and this is machine-2/],
  ] as const) {
    assert.throws(() => claimState(file, mine), { kind: 'precondition', message: difference });
    assert.throws(() => claimState(file, mine), { message: /remove that file/ });
  }
});

test('state that was adopted belongs to who adopted it', (t) => {
  const file = fileIn(t, 'identity.json');
  claimState(file, MINE);
  rmSync(file);
  claimState(file, { ...MINE, host: 'host-2' });
  assert.throws(() => claimState(file, MINE), { kind: 'precondition' });
});

test('what is no identity is refused, and stays as it is', (t) => {
  const file = fileIn(t, 'identity.json');
  writeFileSync(file, '{');
  assert.throws(() => claimState(file, MINE), { kind: 'precondition', message: /cannot be read/ });
});

test('a directory that cannot be written is refused with the way out', (t) => {
  const file = join(fileIn(t, 'no such directory'), 'identity.json');
  assert.throws(() => claimState(file, MINE), { kind: 'precondition', message: /cannot be written .* the disk is not full/ });
});

test('a state directory is held by one at a time', (t) => {
  const file = fileIn(t, 'worker.lock');
  const lock = lockState(file);
  assert.throws(() => lockState(file), { kind: 'precondition', message: /another worker runs on it/ });
  lock.release();
  lockState(file).release();
});
