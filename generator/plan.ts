import type { ApiFunction, ApiList, ModuleName } from './api-list.js';
import { callbackDecision } from './callback-overrides.js';
import { planConstants, type PlannedConstant } from './plan-constants.js';
import { planFunction, type PlannedFunction } from './plan-function.js';
import { BY_HAND, BY_NOBODY, type HandGroup, type SkipGroup } from './overrides.js';
import type { PlanRow } from './plan-row.js';
import { pythonName } from './python-names.js';

export interface Plan {
  /** The libvirt release that the main list belongs to. */
  readonly version: string;
  readonly rows: readonly PlanRow[];
  readonly functions: readonly PlannedFunction[];
  readonly constants: readonly PlannedConstant[];
}

/**
 * Decide about every function, enum value, string macro and callback type of the lists.
 * @throws Error naming the function, the argument and the type, when a function is to be generated and cannot be
 */
export function makePlan(lists: readonly ApiList[]): Plan {
  const functions = lists.flatMap((list) => list.functions).sort(byModuleThenName);
  const planned: PlannedFunction[] = [];
  const rows: PlanRow[] = [];
  for (const fn of functions) {
    const skipped = SKIPPED.get(fn.name);
    const hand = HAND.get(fn.name);
    if (skipped) rows.push(skippedRow(fn, skipped));
    else if (hand) rows.push(handRow(fn, hand));
    else {
      const row = planFunction(fn);
      planned.push(row);
      rows.push({ ...about(fn), by: 'generated', why: 'plain arguments and a plain result', plainInPython: true });
    }
  }
  const constants = planConstants(lists);
  rows.push(...constants.map((constant) => constant.row));
  for (const callback of lists.flatMap((list) => list.callbacks).sort(byModuleThenName)) {
    const { by, where, why } = callbackDecision(callback.name);
    rows.push({
      kind: 'callback',
      module: callback.module,
      name: callback.name,
      since: callback.since,
      by,
      why,
      ...(where !== null ? { where } : by === 'hand' ? { notYet: true } : {}),
      python: null,
    });
  }
  return { version: lists.find((list) => list.version !== null)?.version ?? 'unknown', rows, functions: planned, constants };
}

const HAND = byFunction(BY_HAND);
const SKIPPED = byFunction(BY_NOBODY);

function byFunction<T extends { readonly functions: readonly string[] }>(groups: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const group of groups) {
    for (const name of group.functions) {
      if (map.has(name)) throw new Error(`generator/overrides.ts names ${name} twice`);
      map.set(name, group);
    }
  }
  return map;
}

function about(fn: ApiFunction): Pick<PlanRow, 'kind' | 'module' | 'name' | 'since' | 'python'> {
  const { className, name } = pythonName(fn);
  return {
    kind: 'function',
    module: fn.module,
    name: fn.name,
    since: fn.since,
    python: className === null ? name : `${className}.${name}`,
  };
}

function handRow(fn: ApiFunction, group: HandGroup): PlanRow {
  return {
    ...about(fn),
    by: 'hand',
    why: group.why,
    ...(group.where === null ? { notYet: true as const } : { where: group.where }),
    ...(group.plainInPython && { plainInPython: true as const }),
  };
}

function skippedRow(fn: ApiFunction, group: SkipGroup): PlanRow {
  return { ...about(fn), by: 'nobody', why: group.why, python: null, ...(group.plumbing && { plumbing: true as const }) };
}

interface Named {
  readonly module: ModuleName;
  readonly name: string;
}

const MODULE_ORDER: Readonly<Record<ModuleName, number>> = { libvirt: 0, qemu: 1, lxc: 2 };

function byModuleThenName(a: Named, b: Named): number {
  return MODULE_ORDER[a.module] - MODULE_ORDER[b.module] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
