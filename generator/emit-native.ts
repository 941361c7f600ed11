import { compare, header, type Files } from './emit-common.js';
import { outputType, parameterName } from './emit-signature.js';
import type { PlannedArgument, PlannedFunction } from './plan-function.js';
import type { Plan } from './plan.js';

/** The typed declaration of what the addon exports: handles where the classes have objects. */
export function emitNative(plan: Plan, files: Files): void {
  const functions = [...plan.functions].sort((a, b) => compare(a.api.name, b.api.name));
  files.set(
    'native-functions.ts',
    [
      header(plan.version),
      `import type { NativeHandle } from '../lib/handle.js';\n`,
      ...(functions.some((fn) => outputType(fn) === 'Int64') ? [`import type { Int64 } from '../lib/int64.js';\n`] : []),
      '\n/** One function a row of rows_*.inc, under its C name. */\nexport interface NativeFunctions {\n',
      ...functions.map((fn) => `  ${fn.api.name}(${fn.args.map(nativeParameter).join(', ')}): ${nativeResult(fn)};\n`),
      '}\n',
    ].join(''),
  );
}

function nativeParameter(arg: PlannedArgument): string {
  return `${parameterName(arg)}: ${nativeInput(arg)}`;
}

function nativeInput({ type }: PlannedArgument): string {
  if (type.kind === 'object') return 'NativeHandle | null';
  if (type.kind === 'string') return 'string | null';
  return type.kind === 'number' && type.wide ? 'number | bigint' : 'number';
}

function nativeResult(fn: PlannedFunction): string {
  const value = fn.result.kind === 'object' ? 'NativeHandle' : outputType(fn);
  return fn.dispatch === 'Sync' ? value : `Promise<${value}>`;
}
