import { format } from 'prettier';
import { z } from 'zod';
import { COMMAND_BODIES } from '../../services/common/messages/commands.js';
import { CommandResult } from '../../services/common/messages/results.js';
import { metaOf, SETTINGS, type SettingName } from '../../services/compute/settings.js';

/** What brings the files of `referenceFiles` up to date. */
export const WRITE_COMMAND = 'npm run docs';

const WIDTH = { printWidth: 140, singleQuote: true };

/** The pages that follow from the code, by their path in the repository. */
export async function referenceFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [type, body] of Object.entries(COMMAND_BODIES)) {
    files.set(`docs/schemas/${type}.json`, await jsonSchema(`Body of the command ${type}, version 1`, body));
  }
  files.set('docs/schemas/command-result.json', await jsonSchema('Body of every reply and event, version 1', CommandResult));
  files.set('docs/configuration.md', await format(configurationPage(), { parser: 'markdown', ...WIDTH }));
  return files;
}

/** As a sender writes it: before defaults and normalisation. */
function jsonSchema(title: string, schema: z.ZodType): Promise<string> {
  return format(JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }), { parser: 'json', ...WIDTH });
}

function configurationPage(): string {
  const names = Object.keys(SETTINGS) as SettingName[];
  return `# Settings of the worker

\`novalet compute\` reads its settings from the environment and, with \`--config <file>\`, from a JSON file with the same names:

\`\`\`json
{ "NOVALET_HOST": "host-1", "NOVALET_CONCURRENCY": 8 }
\`\`\`

The environment wins. A variable that is empty counts as not given. All problems are told at once, a line each, and the worker does not
start; a name that begins with NOVALET_ and is no setting is a problem, too. Passwords are never shown.

| name | what it is for | wanted | default |
| --- | --- | --- | --- |
${names.map(row).join('\n')}

This page follows from services/compute/settings.ts; \`${WRITE_COMMAND}\` writes it.
`;
}

function row(name: SettingName): string {
  const { means, wanted, shownDefault } = metaOf(name);
  return `| ${name} | ${means} | ${wanted} | ${shownDefault ?? JSON.stringify(SETTINGS[name].parse(undefined))?.replaceAll('"', '')} |`;
}
