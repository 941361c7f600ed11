import type { ApiList } from './api-list.js';
import type { DocsMode } from './doc-text.js';
import { emitClasses } from './emit-classes.js';
import { header, type Files } from './emit-common.js';
import { emitConstants } from './emit-constants.js';
import { emitEvents } from './emit-events.js';
import { emitFunctions } from './emit-functions.js';
import { emitNative } from './emit-native.js';
import { emitParameters } from './emit-parameters.js';
import { emitRows } from './emit-rows.js';
import { makePlan, type Plan } from './plan.js';
import { CLASSES } from './type-table.js';
import { planParameters } from './typed-parameters.js';

/** Every generated file, by its path under the output folder. The same lists give the same bytes. */
export function generate(lists: readonly ApiList[], docs: DocsMode): { plan: Plan; files: ReadonlyMap<string, string> } {
  const plan = makePlan(lists);
  const files: Files = new Map();
  for (const module of ['libvirt', 'qemu', 'lxc'] as const) {
    files.set(`rows_${module}.inc`, header(plan.version) + emitRows(plan.functions.filter((fn) => fn.api.module === module)));
  }
  emitClasses(plan, docs, files);
  emitConstants(plan, docs, files);
  emitEvents(plan, files);
  emitFunctions(plan, docs, files);
  emitNative(plan, files);
  emitParameters(planParameters(lists), plan.version, docs, files);
  const siblings = [...CLASSES.map((name) => `classes/${name}`), 'constants', 'module-functions', 'typed-parameters'];
  files.set('index.ts', header(plan.version) + siblings.map((path) => `export * from './${path}.js';\n`).join(''));
  return { plan, files };
}
