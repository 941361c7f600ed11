import { docBlock, type DocsMode } from './doc-text.js';
import { emitCall, type HandleImport } from './emit-call.js';
import { compare, header, type Files } from './emit-common.js';
import { documentation, outputType, parameter, returnType } from './emit-signature.js';
import type { PlannedFunction } from './plan-function.js';
import type { Plan } from './plan.js';
import { CLASSES, type ClassName } from './type-table.js';

/** One file a class, under classes/. */
export function emitClasses(plan: Plan, docs: DocsMode, files: Files): void {
  for (const className of CLASSES) {
    const methods = plan.functions
      .filter((fn) => fn.python.className === className)
      .sort((a, b) => compare(a.python.name, b.python.name) || compare(a.api.name, b.api.name));
    refuseTwins(className, methods);
    files.set(`classes/${className}.ts`, header(plan.version) + emitClass(className, methods, docs));
  }
}

function emitClass(className: ClassName, methods: readonly PlannedFunction[], docs: DocsMode): string {
  const uses = new Set<HandleImport>(['registerClass', ...methods.flatMap((fn) => emitCall(fn).uses)]);
  const others = new Set<string>(methods.flatMap(classesOf));
  others.delete(className);
  return [
    ...(methods.length > 0 ? [`import { native } from '../../lib/native.js';\n`] : []),
    `import { ${[...uses].sort(compare).join(', ')} } from '../../lib/handle.js';\n`,
    ...(methods.some((fn) => outputType(fn) === 'Int64') ? [`import type { Int64 } from '../../lib/int64.js';\n`] : []),
    `import { ${className}ByHand } from '../../lib/by-hand/${className}.js';\n`,
    ...[...others].sort(compare).map((name) => `import type { ${name} } from './${name}.js';\n`),
    '\n',
    `export class ${className} extends ${className}ByHand {\n`,
    methods.map((fn) => emitMethod(fn, docs)).join('\n'),
    '}\n',
    '\n',
    `registerClass('${className}', ${className});\n`,
  ].join('');
}

function emitMethod(fn: PlannedFunction, docs: DocsMode): string {
  const parameters = fn.args.slice(1);
  return (
    docBlock(documentation(fn, parameters, docs), '  ') +
    `  ${fn.python.name}(${parameters.map(parameter).join(', ')}): ${returnType(fn)} {\n    ${emitCall(fn).body}\n  }\n`
  );
}

/** The classes that a signature speaks of. */
export function classesOf(fn: PlannedFunction): ClassName[] {
  const types = [fn.result, ...fn.args.slice(fn.python.className === null ? 0 : 1).map((arg) => arg.type)];
  return types.flatMap((type) => (type.kind === 'object' ? [type.className] : []));
}

function refuseTwins(className: ClassName, methods: readonly PlannedFunction[]): void {
  methods.forEach((fn, index) => {
    const next = methods[index + 1];
    if (next?.python.name === fn.python.name) {
      throw new Error(
        `${fn.api.name} and ${next.api.name} would both be ${className}.${fn.python.name}: name one in generator/python-names.ts`,
      );
    }
  });
}
