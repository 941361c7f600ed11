import { withoutFailure, withoutFreeAdvice } from './doc-c-remarks.js';
import { nameAndSince, pageOf, phrase, prose, type DocsMode } from './doc-text.js';
import { NOTES } from './notes.js';
import type { PlannedArgument, PlannedFunction } from './plan-function.js';
import type { CType } from './type-table.js';

/** Words that cannot name a parameter, and names that the bodies of the methods use themselves. */
const TAKEN = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function ' +
    'if implements import in instanceof interface let native new null package private protected public return static super switch this throw true ' +
    'try typeof var void while with yield handleOf settle settleObject wrapObject'
  ).split(' '),
);

/** The name of a parameter, as TypeScript can take it. */
export function parameterName(arg: PlannedArgument): string {
  return TAKEN.has(arg.api.name) ? `${arg.api.name}_` : arg.api.name;
}

/** `flags = 0`, `dname: string | null = null`, `xml: string` */
export function parameter(arg: PlannedArgument): string {
  const name = parameterName(arg);
  if (arg.defaultValue === '0' && arg.type.kind === 'number' && !arg.type.wide) return `${name} = 0`;
  const type = `${inputType(arg.type)}${arg.nullable ? ' | null' : ''}`;
  return arg.defaultValue === null ? `${name}: ${type}` : `${name}: ${type} = ${arg.defaultValue}`;
}

function inputType(type: CType): string {
  switch (type.kind) {
    case 'number':
      return type.wide ? 'number | bigint' : 'number';
    case 'string':
      return 'string';
    case 'object':
      return type.className;
    case 'void':
      throw new Error('an argument cannot be void');
  }
}

/** What a call gives, without the promise. */
export function outputType({ result, failure }: PlannedFunction): string {
  switch (result.kind) {
    case 'number':
      return result.wide ? 'Int64' : 'number';
    case 'string':
      return failure === 'Never' ? 'string | null' : 'string';
    case 'object':
      return result.className;
    case 'void':
      return 'void';
  }
}

export function returnType(fn: PlannedFunction): string {
  return fn.dispatch === 'Sync' ? outputType(fn) : `Promise<${outputType(fn)}>`;
}

/** Of results that are Int64, or have some in them: lib/by-hand says the same. */
const ROUNDED = "64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.";

/** The lines of the comment over a method or function. `parameters` are those that the caller gives. */
export function documentation(fn: PlannedFunction, parameters: readonly PlannedArgument[], mode: DocsMode): string[] {
  const note = NOTES[fn.api.name];
  const remarks = [...(note ? [note, ''] : []), ...(outputType(fn) === 'Int64' ? [ROUNDED, ''] : [])];
  if (mode === 'short') return [...remarks, `${nameAndSince(fn.api)} {@link ${pageOf(fn.api)}}`];
  const lines = [prose(withoutFreeAdvice(fn.api.info)), '', ...remarks];
  for (const arg of parameters) lines.push(`@param ${parameterName(arg)} ${phrase(arg.api.info)}`);
  const returns = phrase(withoutFailure(fn.api.returns.info, fn.failure));
  if (fn.result.kind !== 'void' && returns !== '') lines.push(`@returns ${returns}`);
  if (fn.failure !== 'Never') lines.push('@throws libvirtError');
  lines.push(`@see ${nameAndSince(fn.api)} {@link ${pageOf(fn.api)}}`);
  return lines;
}
