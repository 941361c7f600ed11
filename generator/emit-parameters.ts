import { docBlock, nameAndSince, pageOf, prose, type DocsMode } from './doc-text.js';
import { header, quote, type Files } from './emit-common.js';
import type { ParameterType, PlannedFamily, PlannedParameter } from './typed-parameters.js';

/** The members' types: 64-bit integers follow setInt64Mode. */
const VALUE_TYPES: Readonly<Record<ParameterType, string>> = {
  int: 'number',
  uint: 'number',
  llong: 'Int64',
  ullong: 'Int64',
  double: 'number',
  boolean: 'boolean',
  string: 'string',
};

/** An interface for every family of typed parameters, and the table by which the runtime gives values their types. */
export function emitParameters(families: readonly PlannedFamily[], version: string, docs: DocsMode, files: Files): void {
  files.set(
    'typed-parameters.ts',
    [
      header(version),
      `import type { Int64 } from '../lib/int64.js';\n`,
      `import type { ParameterValue } from '../lib/typed-parameters.js';\n`,
      ...families.map((planned) => `\n${emitInterface(planned, docs)}`),
    ].join(''),
  );
  files.set(
    'typed-parameter-types.ts',
    [
      header(version),
      `import type { ParameterTypes } from '../lib/typed-parameters.js';\n`,
      ...families.filter(({ family }) => family.settable !== false).map((planned) => `\n${emitTable(planned)}`),
    ].join(''),
  );
}

function emitInterface({ family, parameters }: PlannedFamily, docs: DocsMode): string {
  return (
    docBlock([family.what], '') +
    `export interface ${family.name} {\n` +
    parameters.map((parameter) => emitMember(parameter, docs)).join('') +
    '  [name: string]: ParameterValue | undefined;\n}\n'
  );
}

function emitMember(parameter: PlannedParameter, docs: DocsMode): string {
  const origin = { name: parameter.macro, file: parameter.file, since: parameter.since };
  const link = `${nameAndSince(origin)} {@link ${pageOf(origin)}}`;
  const text = docs === 'full' && parameter.info !== '' ? [prose(parameter.info), `@see ${link}`] : [link];
  return `${docBlock(text, '  ')}  ${quote(parameter.name)}?: ${parameter.type === null ? 'ParameterValue' : VALUE_TYPES[parameter.type]};\n`;
}

function emitTable({ family, parameters }: PlannedFamily): string {
  const members = parameters.map(({ name, type }) => (type === null ? '' : `  ${quote(name)}: ${quote(type)},\n`)).join('');
  return `export const ${tableName(family.name)}: ParameterTypes = {\n${members}};\n`;
}

/** SchedulerParameters: SCHEDULER_PARAMETERS, BlockIoTune: BLOCK_IO_TUNE */
function tableName(interfaceName: string): string {
  return interfaceName.replace(/([a-z])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3_$2$4').toUpperCase();
}
