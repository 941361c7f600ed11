import type { ApiArgument, ApiFunction } from './api-list.js';
import { failureOf, type Failure } from './failure-rules.js';
import { pythonName, type PythonName } from './python-names.js';
import { SYNC_FUNCTIONS } from './sync-functions.js';
import { argumentType, resultType, type CType } from './type-table.js';

/** All that the emitters need about a function that is generated. */
export interface PlannedFunction {
  readonly api: ApiFunction;
  readonly python: PythonName;
  /** Sync answers at once from what the handle holds; Async goes to the pool and gives a promise. */
  readonly dispatch: 'Sync' | 'Async';
  readonly failure: Failure;
  readonly result: CType;
  readonly args: readonly PlannedArgument[];
}

export interface PlannedArgument {
  readonly api: ApiArgument;
  readonly type: CType;
  /** A default makes the argument optional, as in libvirt-python. */
  readonly defaultValue: '0' | 'null' | null;
  /** It may be NULL. A string that may not is refused before it reaches libvirt. */
  readonly nullable: boolean;
}

/** Arguments that libvirt-python takes as optional although their description does not begin with the word. */
const ALSO_OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  virConnectGetDomainCapabilities: ['emulatorbin', 'arch', 'machine', 'virttype'],
};

/** Strings that may be NULL, as libvirt's code and libvirt-python's callers know, although their description does not say so. */
const ALSO_NULLABLE: Readonly<Record<string, readonly string[]>> = {
  virConnectCompareHypervisorCPU: ['emulator', 'arch', 'machine', 'virttype'],
  virConnectFindStoragePoolSources: ['srcSpec'],
  virConnectGetMaxVcpus: ['type'],
  virDomainFSTrim: ['mountPoint'],
  virDomainGetMetadata: ['uri'],
  virDomainManagedSaveDefineXML: ['dxml'],
  virDomainSetMetadata: ['metadata'],
  virNodeNumOfDevices: ['cap'],
};

/** @throws Error when a type is not in the table */
export function planFunction(fn: ApiFunction): PlannedFunction {
  const result = resultType(fn.returns.type);
  if (!result) throw unknownType(fn, `returns "${fn.returns.type}"`);
  return {
    api: fn,
    python: pythonName(fn),
    dispatch: SYNC_FUNCTIONS.has(fn.name) ? 'Sync' : 'Async',
    failure: failureOf(fn),
    result,
    args: fn.args.map((arg) => planArgument(fn, arg)),
  };
}

function planArgument(fn: ApiFunction, arg: ApiArgument): PlannedArgument {
  const type = argumentType(arg.type);
  if (!type) throw unknownType(fn, `has the argument "${arg.name}" of type "${arg.type}"`);
  const optional = arg.name === 'flags' || /^\(?optional\b/i.test(arg.info) || ALSO_OPTIONAL[fn.name]?.includes(arg.name) === true;
  return {
    api: arg,
    type,
    defaultValue: !optional ? null : type.kind === 'number' ? '0' : 'null',
    nullable: type.kind !== 'number' && (optional || /\bNULL\b/.test(arg.info) || ALSO_NULLABLE[fn.name]?.includes(arg.name) === true),
  };
}

function unknownType(fn: ApiFunction, what: string): Error {
  return new Error(
    `${fn.name} ${what}, which the generator does not know: ` +
      'add the type to generator/type-table.ts, or the function to generator/overrides.ts with the reason',
  );
}
