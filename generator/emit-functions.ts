import type { ModuleName } from './api-list.js';
import { docBlock, type DocsMode } from './doc-text.js';
import { emitCall, type HandleImport } from './emit-call.js';
import { classesOf } from './emit-classes.js';
import { compare, header, type Files } from './emit-common.js';
import { documentation, outputType, parameter, returnType } from './emit-signature.js';
import type { PlannedFunction } from './plan-function.js';
import type { Plan } from './plan.js';

const FILES: Readonly<Record<ModuleName, string>> = {
  libvirt: 'module-functions.ts',
  qemu: 'qemu-functions.ts',
  lxc: 'lxc-functions.ts',
};

/** The functions of each module that belong to no class. */
export function emitFunctions(plan: Plan, docs: DocsMode, files: Files): void {
  for (const module of ['libvirt', 'qemu', 'lxc'] as const) {
    const functions = plan.functions
      .filter((fn) => fn.api.module === module && fn.python.className === null)
      .sort((a, b) => compare(a.python.name, b.python.name));
    files.set(FILES[module], header(plan.version) + emitModule(functions, docs));
  }
}

function emitModule(functions: readonly PlannedFunction[], docs: DocsMode): string {
  if (functions.length === 0) return 'export {};\n';
  const uses = new Set<HandleImport>(functions.flatMap((fn) => emitCall(fn).uses));
  const classes = new Set<string>(functions.flatMap(classesOf));
  return [
    `import { native } from '../lib/native.js';\n`,
    ...(uses.size > 0 ? [`import { ${[...uses].sort(compare).join(', ')} } from '../lib/handle.js';\n`] : []),
    ...(functions.some((fn) => outputType(fn) === 'Int64') ? [`import type { Int64 } from '../lib/int64.js';\n`] : []),
    ...[...classes].sort(compare).map((name) => `import type { ${name} } from './classes/${name}.js';\n`),
    ...functions.map((fn) => `\n${emitFunction(fn, docs)}`),
  ].join('');
}

function emitFunction(fn: PlannedFunction, docs: DocsMode): string {
  return (
    docBlock(documentation(fn, fn.args, docs), '') +
    `export function ${fn.python.name}(${fn.args.map(parameter).join(', ')}): ${returnType(fn)} {\n  ${emitCall(fn).body}\n}\n`
  );
}
