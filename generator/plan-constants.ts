import type { ApiEnum, ApiList, ModuleName } from './api-list.js';
import type { PlanRow } from './plan-row.js';

export interface PlannedConstant {
  readonly row: PlanRow;
  /** A number, or a string for the name of a typed parameter. */
  readonly value: number | string;
  /** The C enum it belongs to; null for a string. */
  readonly enumType: string | null;
  readonly info: string;
  readonly file: string;
}

/** Every enum value and string macro, by module, then type, value and name. @throws Error for a value that cannot be resolved */
export function planConstants(lists: readonly ApiList[]): PlannedConstant[] {
  const raw = new Map(lists.flatMap((list) => list.enums).map((entry) => [entry.name, entry.value]));
  return lists.flatMap((list) => [...planEnums(list, raw), ...planStrings(list)]);
}

function planEnums(list: ApiList, raw: ReadonlyMap<string, string>): PlannedConstant[] {
  const byType = new Map<string, PlannedConstant[]>();
  for (const entry of list.enums) {
    const entries = byType.get(entry.type) ?? [];
    entries.push(planEnum(list.module, entry, raw));
    byType.set(entry.type, entries);
  }
  return [...byType.keys()].sort(compare).flatMap((type) => {
    const entries = (byType.get(type) ?? []).sort((a, b) => Number(a.value) - Number(b.value) || compare(a.row.name, b.row.name));
    const last = entries.at(-1);
    return entries.map((entry) => (entry === last && entry.row.name.endsWith('_LAST') ? sentinel(entry) : entry));
  });
}

function planEnum(module: ModuleName, entry: ApiEnum, raw: ReadonlyMap<string, string>): PlannedConstant {
  return {
    row: {
      kind: 'enum',
      module,
      name: entry.name,
      since: entry.since,
      by: 'generated',
      why: `a value of ${entry.type}`,
      python: entry.name,
    },
    value: resolve(entry.name, raw),
    enumType: entry.type,
    info: entry.info,
    file: entry.file,
  };
}

/** The count of an enum's values grows with every release, so nobody may rely on it. */
function sentinel(constant: PlannedConstant): PlannedConstant {
  return { ...constant, row: { ...constant.row, by: 'nobody', why: 'the number of values, which changes with releases', python: null } };
}

/** Follow names of other values until there is a number. */
function resolve(name: string, raw: ReadonlyMap<string, string>): number {
  let value = name;
  for (const seen = new Set<string>(); !seen.has(value);) {
    seen.add(value);
    const next = raw.get(value);
    if (next === undefined) break;
    if (/^-?\d+$/.test(next)) {
      const number = Number(next);
      if (Number.isSafeInteger(number)) return number;
    }
    value = next;
  }
  throw new Error(`the value of ${name} is "${value}", which is neither a number nor the name of a value of the lists`);
}

function planStrings(list: ApiList): PlannedConstant[] {
  return list.stringMacros
    .map((macro) => ({
      row: {
        kind: 'macro' as const,
        module: list.module,
        name: macro.name,
        since: macro.since,
        by: 'generated' as const,
        why: 'the name of a typed parameter',
        python: macro.name,
      },
      value: macro.string,
      enumType: null,
      info: macro.info,
      file: macro.file,
    }))
    .sort((a, b) => compare(a.row.name, b.row.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
