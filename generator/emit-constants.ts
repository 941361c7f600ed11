import type { ModuleName } from './api-list.js';
import { docBlock, nameAndSince, pageOf, prose, type DocsMode } from './doc-text.js';
import { header, quote, type Files } from './emit-common.js';
import type { PlannedConstant } from './plan-constants.js';
import type { Plan } from './plan.js';

/** Flat constants, and for every C enum a type that is the union of its values. */
export function emitConstants(plan: Plan, docs: DocsMode, files: Files): void {
  const text = (module: ModuleName) => {
    const constants = plan.constants.filter(({ row }) => row.module === module && row.by === 'generated');
    return header(plan.version) + emitAll(constants, docs);
  };
  files.set('constants.ts', text('libvirt'));
  files.set('qemu-constants.ts', text('qemu'));
}

function emitAll(constants: readonly PlannedConstant[], docs: DocsMode): string {
  const byType = new Map<string | null, PlannedConstant[]>();
  for (const constant of constants) {
    const members = byType.get(constant.enumType) ?? [];
    members.push(constant);
    byType.set(constant.enumType, members);
  }
  if (byType.size === 0) return 'export {};\n';
  return [...byType]
    .map(
      ([type, members]) => members.map((member) => emitConstant(member, docs)).join('') + (type === null ? '' : emitUnion(type, members)),
    )
    .join('\n');
}

function emitConstant({ row, value, info, file }: PlannedConstant, docs: DocsMode): string {
  const text = docs === 'full' && info !== '' ? [prose(info)] : [];
  const origin = { name: row.name, file, since: row.since };
  const since = row.since === null ? [] : [`@since libvirt ${row.since}`];
  const lines = docs === 'full' ? [...text, ...since] : [`${nameAndSince(origin)} {@link ${pageOf(origin)}}`];
  const literal = typeof value === 'number' ? String(value) : quote(value);
  return `${lines.length > 0 ? docBlock(lines, '') : ''}export const ${row.name} = ${literal};\n`;
}

function emitUnion(type: string, members: readonly PlannedConstant[]): string {
  return `export type ${type} =\n${members.map(({ row }) => `  | typeof ${row.name}`).join('\n')};\n`;
}
