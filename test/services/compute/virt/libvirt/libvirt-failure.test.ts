import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_KINDS } from '../../../../../services/common/errors.js';
import { kindOfCode, libvirtFailed } from '../../../../../services/compute/virt/libvirt/libvirt-failure.js';

/** Numbers that virErrorNumber leaves out. */
const HOLES = new Set([41, 48, 51, 56, 60, 64]);

class libvirtError extends Error {
  override readonly name = 'libvirtError';
  readonly err: readonly unknown[];
  constructor(
    readonly code: number,
    message = 'libvirt said no',
    errno = 0,
    readonly domain = 10,
  ) {
    super(message);
    this.err = [code, domain, message, 2, null, null, null, errno, 0];
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

for (const [code, words, errno] of [
  [1, "internal error: process exited while connecting to monitor: qemu: cannot set up guest memory 'pc.ram': Cannot allocate memory\n"],
  [1, 'internal error: QEMU unexpectedly closed the monitor: qemu_thread_create: Resource temporarily unavailable'],
  [38, 'cannot fork child process: Resource temporarily unavailable', 11],
  [38, "cannot write config file '/x': No space left on device", 28],
  [38, "cannot open '/x': Zu viele offene Dateien", 24],
] as const) {
  test(`of a host whose resources are used up: ${words.slice(0, 60)}`, () => {
    assert.equal(libvirtFailed('start x', new libvirtError(code, words, errno), 'virDomainCreateWithFlags').kind, 'exhausted');
  });
}

test('a right that libvirt itself lacks is denied', () => {
  const words = 'error creating macvtap interface macvtap0@eth0 (02:00:00:00:00:01): Operation not permitted';
  assert.equal(libvirtFailed('start x', new libvirtError(38, words, 1), 'virDomainCreateWithFlags').kind, 'denied');
  assert.equal(libvirtFailed('start x', new libvirtError(1, `internal error: ${words}`), 'virDomainCreateWithFlags').kind, 'denied');
});

for (const [code, words, errno] of [
  [1, "internal error: could not open '/images/: Cannot allocate memory.img': Permission denied"],
  [38, 'Failed to terminate process 7 with SIGKILL: Device or resource busy', 16],
  [1, 'internal error: qemu: Failed to get "write" lock: Resource temporarily unavailable'],
] as const) {
  test(`of something else: ${words.slice(0, 60)}`, () => {
    assert.equal(libvirtFailed('start x', new libvirtError(code, words, errno), 'f').kind, 'internal');
  });
}

test('on a lost connection every failure is unavailable', () => {
  assert.equal(libvirtFailed('start x', new libvirtError(38), 'f', false).kind, 'unavailable');
  assert.equal(libvirtFailed('start x', new libvirtError(38), 'f', true).kind, 'internal');
});

test('a number from a newer libvirt, and a stranger, are internal', () => {
  assert.equal(libvirtFailed('x', new libvirtError(999), 'f').kind, 'internal');
  assert.equal(libvirtFailed('x', new TypeError('bug'), 'f').kind, 'internal');
});
