import type { PlanRow } from './plan-row.js';

/** How far the binding covers libvirt's interface, counted from the plan. */
export interface Totals {
  readonly module: string;
  readonly kind: string;
  readonly generated: number;
  readonly byHand: number;
  readonly notYet: number;
  readonly nobody: number;
  readonly total: number;
}

const KINDS = { function: 'functions', enum: 'enum values', macro: 'string macros', callback: 'callback types' } as const;

export function totals(rows: readonly PlanRow[]): Totals[] {
  return (['libvirt', 'qemu', 'lxc'] as const).flatMap((module) =>
    (['function', 'enum', 'macro', 'callback'] as const).flatMap((kind) => {
      const group = rows.filter((row) => row.module === module && row.kind === kind);
      return group.length === 0 ? [] : [count(module, KINDS[kind], group)];
    }),
  );
}

export function count(module: string, kind: string, rows: readonly PlanRow[]): Totals {
  const notYet = rows.filter((row) => row.notYet).length;
  const by = (who: PlanRow['by']) => rows.filter((row) => row.by === who).length;
  return { module, kind, generated: by('generated'), byHand: by('hand') - notYet, notYet, nobody: by('nobody'), total: rows.length };
}

/** The functions that libvirt-python's own check of its coverage asks for. */
export interface FunctionsThatMatter {
  readonly total: number;
  readonly offered: number;
  readonly missing: readonly PlanRow[];
}

/**
 * The logic of that check: every function counts but the plumbing of a language (reference counts, frees, copies of errors,
 * helpers for typed parameters) and the accessors that answer with the parent object.
 */
export function functionsThatMatter(rows: readonly PlanRow[]): FunctionsThatMatter {
  const matter = rows.filter((row) => row.kind === 'function' && !row.plumbing && !isParentAccessor(row.name));
  const missing = matter.filter((row) => row.by === 'nobody' || row.notYet);
  return { total: matter.length, offered: matter.length - missing.length, missing };
}

/** virDomainGetConnect, virNetworkPortGetNetwork and their like, but not virNodeDeviceGetParent, which asks the driver. */
function isParentAccessor(name: string): boolean {
  return /^vir(Domain|DomainCheckpoint|DomainSnapshot|Interface|Network|NetworkPort|Secret|StoragePool|StorageVol)Get(Connect|Domain|Network)$/.test(
    name,
  );
}
