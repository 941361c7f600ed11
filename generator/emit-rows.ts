import type { PlannedFunction } from './plan-function.js';

/**
 * One C macro call a function, for the runtime's table:
 * `ROW(cName, since, dispatch, failure, "argument names", Result, Args...)`. A `?` follows the name of a string that may be null.
 */
export function emitRows(functions: readonly PlannedFunction[]): string {
  return functions.map((fn) => `${row(fn)}\n`).join('');
}

function row({ api, dispatch, failure, result, args }: PlannedFunction): string {
  const names = args.map((arg) => `${arg.api.name}${arg.type.kind === 'string' && arg.nullable ? '?' : ''}`).join(',');
  const fields = [api.name, cString(api.since ?? ''), dispatch, failure, cString(names), result.tag, ...args.map((arg) => arg.type.tag)];
  return `ROW(${fields.join(', ')})`;
}

/** Names and versions only get here; anything else is refused rather than escaped. */
function cString(text: string): string {
  if (!/^[\w.,?]*$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a list of C names or a version`);
  return `"${text}"`;
}
