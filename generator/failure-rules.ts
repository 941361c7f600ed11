import type { ApiFunction } from './api-list.js';

/**
 * How the runtime tells that a call failed. bindings/src/failure.h has the same words.
 *
 * | rule          | failed when                                                       |
 * |---------------|-------------------------------------------------------------------|
 * | Never         | never: every result is an answer                                  |
 * | MinusOne      | the integer is -1                                                 |
 * | Zero          | the integer is 0                                                  |
 * | Null          | the pointer is NULL                                               |
 * | ZeroWithError | the integer is 0 and libvirt has set an error on this thread      |
 */
export type Failure = 'Never' | 'MinusOne' | 'Zero' | 'Null' | 'ZeroWithError';

/** Functions whose result says something else than its type lets expect. */
const EXCEPTIONS: Readonly<Record<string, Failure>> = {
  virDomainGetID: 'Never', // -1 says that the domain is not running
  virDomainGetMaxMemory: 'Zero',
  virNodeGetFreeMemory: 'ZeroWithError', // libvirt-python returns the 0 of a failure
  virNodeDeviceGetParent: 'Never', // NULL says that there is none; drivers also set an error then, which libvirt-python ignores too
};

/** Types that have one value which is always a failure. Of the others each function needs a row above. */
const BY_TYPE: Readonly<Record<string, Failure>> = { void: 'Never', int: 'MinusOne', long: 'MinusOne', 'long long': 'MinusOne' };

/** @throws Error when nobody has said how this function fails */
export function failureOf(fn: ApiFunction): Failure {
  const { type } = fn.returns;
  const failure = EXCEPTIONS[fn.name] ?? BY_TYPE[type] ?? (/\*$|Ptr$/.test(type) ? 'Null' : undefined);
  if (failure === undefined) {
    throw new Error(
      `${fn.name} returns "${type}", which has no value that always means failure: say how it fails in generator/failure-rules.ts`,
    );
  }
  return failure;
}
