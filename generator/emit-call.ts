import { quote } from './emit-common.js';
import { parameterName } from './emit-signature.js';
import type { PlannedArgument, PlannedFunction } from './plan-function.js';
import type { ClassName } from './type-table.js';

/** The names of lib/handle.ts that a body uses. */
export type HandleImport = 'handleOf' | 'settle' | 'settleObject' | 'wrapObject' | 'registerClass';

export interface Call {
  readonly body: string;
  readonly uses: readonly HandleImport[];
}

/**
 * The statement that calls the addon. A method's first argument is the object itself.
 * A promise is settled in an async function of the runtime, so that the caller's stack is on the error.
 */
export function emitCall(fn: PlannedFunction): Call {
  const owner = fn.python.className;
  const uses = new Set<HandleImport>();
  const values = fn.args.map((arg, index) => {
    const value = owner !== null && index === 0 ? 'this' : parameterName(arg);
    if (arg.type.kind !== 'object') return value;
    uses.add('handleOf');
    return `handleOf(${value})`;
  });
  let expression = `native.${fn.api.name}(${values.join(', ')})`;
  if (fn.result.kind === 'object') {
    const wrapper = fn.dispatch === 'Sync' ? 'wrapObject' : 'settleObject';
    uses.add(wrapper);
    expression = `${wrapper}(${quote(fn.result.className)}, ${parentOf(fn, fn.result.className)}, ${expression})`;
  } else if (fn.dispatch === 'Async') {
    uses.add('settle');
    expression = `settle(${expression})`;
  }
  return { body: fn.result.kind === 'void' && fn.dispatch === 'Sync' ? `${expression};` : `return ${expression};`, uses: [...uses] };
}

/** The parents of classes that do not belong to a connection directly: the class, and how its own objects reach the parent. */
const PARENTS: Readonly<Partial<Record<ClassName, readonly [ClassName, string]>>> = {
  virDomainCheckpoint: ['virDomain', 'this.domain()'],
  virDomainSnapshot: ['virDomain', 'this.domain()'],
  virNetworkPort: ['virNetwork', 'this.network()'],
};

/** The object that a new one belongs to, as an expression. A migrated domain belongs to the connection it was sent to. */
function parentOf(fn: PlannedFunction, made: ClassName): string {
  if (made === 'virConnect') return 'null';
  const owner = fn.python.className;
  const [parentClass, way] = PARENTS[made] ?? (['virConnect', 'this.connect()'] as const);
  const given = fn.args.slice(owner === null ? 0 : 1).find((arg: PlannedArgument) => isA(arg, parentClass));
  if (given) return parameterName(given);
  if (owner === parentClass) return 'this';
  if (owner === null) throw new Error(`${fn.api.name} makes a ${made} and is given no ${parentClass}: add it to generator/overrides.ts`);
  return way;
}

function isA(arg: PlannedArgument, className: ClassName): boolean {
  return arg.type.kind === 'object' && arg.type.className === className;
}
