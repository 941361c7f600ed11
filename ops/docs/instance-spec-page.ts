import { z } from 'zod';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';

/** As much of JSON Schema as our schemas use. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

/** Every field of a spec with what it takes and what it means, in Markdown. */
export function instanceSpecPage(howToWrite: string): string {
  const schema = z.toJSONSchema(InstanceSpec, { io: 'input' }) as Schema;
  return `# The spec of an instance

What \`instance\` holds in the body of \`instance.spawn\`. Fields in bold are needed; every other one may be left out, and means then what its row
says. A field that is not here is refused. Each empty value (\`false\`, \`0\`, \`""\`, \`[]\`, \`{}\`) means the same as leaving the field out; what is on by default is switched off with the word \`off\`.

What the host cannot give is refused before anything is made: \`unsupported\` where its hypervisor has no such thing, \`precondition\` where somebody
has to set something up first, \`denied\` where libvirt lacks a right to a network device (and what to grant); the answer names the field and what there is. What a guest was first defined with (the version of its machine, its addresses,
its firmware's variables) stays with it over all later starts; a CPU that depends on the host (\`host-model\`, \`host-passthrough\`, \`maximum\`) is the host's at each start.

Secrets are never logged or shown, and are not in the domain that libvirt keeps; where the spec is shown they read \`(not shown)\`.

| field | takes | meaning |
| --- | --- | --- |
${rows(schema, '').join('\n')}

This page follows from services/common/messages; \`${howToWrite}\` writes it.
`;
}

function rows({ properties = {}, required = [] }: Schema, above: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${above}${name}`;
    const shown = required.includes(name) ? `**${path}**` : path;
    const row = `| ${shown} | ${takes(field)} | ${cell(field.description ?? '')} |`;
    return [row, ...below(field, path)];
  });
}

function below(field: Schema, path: string): string[] {
  if (field.properties) return rows(field, `${path}.`);
  if (field.items?.properties) return rows(field.items, `${path}[].`);
  const kinds = field.items?.oneOf ?? [];
  const shared = new Set(
    kinds.flatMap((one) => Object.keys(one.properties ?? {})).filter((name) => kinds.every((one) => one.properties?.[name])),
  );
  const kindRows = kinds.flatMap((one) => {
    const kind = one.properties?.['kind']?.const ?? '';
    const own = Object.entries(one.properties ?? {}).filter(([name]) => !shared.has(name));
    const heading = `| ${path}[] **kind** \`${kind}\` | | ${cell(one.description ?? '')} |`;
    return [heading, ...rows({ ...one, properties: Object.fromEntries(own) }, `${path}[].`)];
  });
  const common = Object.entries(kinds[0]?.properties ?? {}).filter(([name]) => shared.has(name) && name !== 'kind');
  return [
    ...kindRows,
    ...(common.length > 0 ? [`| ${path}[] of every kind | | |`, ...rows({ properties: Object.fromEntries(common) }, `${path}[].`)] : []),
  ];
}

function takes(field: Schema): string {
  if (field.enum) return field.enum.map((word) => `\`${word}\``).join(', ');
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.type === 'integer') return `whole number, ${field.minimum} to ${field.maximum}`;
  if (field.type === 'boolean') return 'true or false';
  if (field.type === 'array') {
    const inner = field.items?.properties || field.items?.oneOf ? '' : ` of: ${takes(field.items ?? {})}`;
    return `list${inner}${field.maxItems === undefined ? '' : `, at most ${field.maxItems}`}`;
  }
  if (field.type === 'object') return field.properties ? 'object' : 'object of texts';
  return 'text';
}

const cell = (words: string): string => words.replaceAll('|', '\\|').replaceAll('\n', ' ');
