import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_KINDS } from '../../../../../services/common/errors.js';
import { kindOfCode, libvirtFailed } from '../../../../../services/compute/virt/libvirt/libvirt-failure.js';

/** Numbers that virErrorNumber leaves out. */
const HOLES = new Set([41, 48, 51, 56, 60, 64]);

class libvirtError extends Error {
  override readonly name = 'libvirtError';
  constructor(
    readonly code: number,
    readonly domain = 10,
  ) {
    super('libvirt said no');
  }
}

test('every number of libvirt 9.0 has a kind', () => {
  const numbers = Array.from({ length: 111 }, (_, code) => code).filter((code) => !HOLES.has(code));
  assert.deepEqual(
    numbers.filter((code) => !ERROR_KINDS.includes(kindOfCode(code) ?? ('none' as never))),
    [],
  );
});

test("a failure keeps libvirt's numbers and words, and says what we were doing", () => {
  const cause = new libvirtError(42);
  const error = libvirtFailed('look up x', cause, 'virDomainLookupByUUIDString');
  const libvirt = { code: 42, domain: 10, function: 'virDomainLookupByUUIDString' };
  assert.deepEqual(
    [error.kind, error.message, error.details, error.cause],
    ['not-found', 'look up x: libvirt said no', { libvirt }, cause],
  );
});

test('on a lost connection every failure is unavailable', () => {
  assert.equal(libvirtFailed('start x', new libvirtError(38), 'f', false).kind, 'unavailable');
  assert.equal(libvirtFailed('start x', new libvirtError(38), 'f', true).kind, 'internal');
});

test('a number from a newer libvirt, and a stranger, are internal', () => {
  assert.equal(libvirtFailed('x', new libvirtError(999), 'f').kind, 'internal');
  assert.equal(libvirtFailed('x', new TypeError('bug'), 'f').kind, 'internal');
});
