import { format } from 'prettier';
import { z } from 'zod';
import { COMMAND_BODIES } from '../../services/common/messages/commands.js';
import { ProgressEvent } from '../../services/common/messages/progress.js';
import { InstanceStateEvent } from '../../services/common/messages/instance-event.js';
import { CommandResult } from '../../services/common/messages/results.js';
import { LOG_FIELDS } from '../../services/compute/log-fields.js';
import { instanceSpecPage } from './instance-spec-page.js';
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
  files.set('docs/schemas/progress.json', await jsonSchema('Body of every progress event, version 1', ProgressEvent));
  files.set('docs/schemas/instance.state.json', await jsonSchema('Body of the event instance.state, version 1', InstanceStateEvent));
  files.set('docs/instance-spec.md', await format(instanceSpecPage(WRITE_COMMAND), { parser: 'markdown', ...WIDTH }));
  files.set('docs/configuration.md', await format(configurationPage(), { parser: 'markdown', ...WIDTH }));
  files.set('docs/log.md', await format(logPage(), { parser: 'markdown', ...WIDTH }));
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

## When the broker is not there

A worker that does not reach its broker, or that the broker does not let in (a wrong password, a virtual host that is not there or not its user's), tries again for ever, with at
most 5 s between two attempts: the log says \`broker not reached\` and why, /readyz answers 503. It ends, with exit code 1, only when the settings are wrong, or when a
queue or exchange of its names exists with other properties: waiting mends neither. While the broker takes no messages (its memory or disk alarm), answers wait for it, and /readyz answers
503 and gives the broker's reason. SIGTERM ends the worker all the same: what is not confirmed is still the broker's, and is delivered again.

The query of \`NOVALET_AMQP_URL\` may hold \`heartbeat\` (seconds; 20 without it), \`frameMax\`, \`channelMax\` and \`locale\`; anything else there is refused. \`#\`, \`/\`, \`?\` and \`@\` in a
name or password are written \`%23\`, \`%2F\`, \`%3F\`, \`%40\`.

## Whose state directory it is

\`identity.json\` in the state directory says for which host name and machine it was made; on another one the worker refuses to start. When that is meant (the host was
renamed or installed anew, the disk carried over), see that no other worker uses its instances, remove that file, and start the worker: it adopts the directory. \`worker.lock\` keeps a second
worker out while one runs, and needs no care. \`boot-id\` remembers the boot of the host in which the guests were last brought up; without it, the next boot goes unnoticed.

## When the disk is full

Beside its database, \`worker.db\`, the worker keeps 1 MiB in \`worker.db.reserve\`. On a full disk it gives that up in slices, so that a destroy still goes through and makes room; afterwards it takes
the reserve back. Do not delete the file to make room. \`outbox.db\` holds answers that the broker has not taken yet ([why](decisions/0019-answers-wait-on-the-disk.md)), \`drained.json\` says that the host is drained, \`begun\` which commands are under way, \`answers\` what was answered last.

This page follows from services/compute/settings.ts; \`${WRITE_COMMAND}\` writes it.
`;
}

function logPage(): string {
  const rows = Object.entries(LOG_FIELDS).map(([name, means]) => `| \`${name}\` | ${means} |`);
  return `# The worker's log

JSON lines on stdout. Every line has \`level\`, \`time\` (RFC 3339), \`host\` and \`msg\`, a phrase that is always the same for the same thing. The facts are in these fields and in no other:

| field | what it holds |
| --- | --- |
${rows.join('\n')}

A line about a command has its \`messageId\` and \`requestId\`, and its \`instanceId\` when it is about an instance: \`jq 'select(.requestId == "order-4711")'\` shows the whole way of a request.

At the level \`debug\`, \`command taken\` shows the \`body\` of every command. Fields that the message's schema marks with \`"secret": true\` ([schemas](schemas)) read \`(not shown)\` there, and stand in no other line.
Messages on the dead-letter queue are as they were sent, secrets included: whoever may read that queue may read them.

This page follows from services/compute/log-fields.ts; \`${WRITE_COMMAND}\` writes it.
`;
}

function row(name: SettingName): string {
  const { means, wanted, shownDefault } = metaOf(name);
  return `| ${name} | ${means} | ${wanted} | ${shownDefault ?? JSON.stringify(SETTINGS[name].parse(undefined))?.replaceAll('"', '')} |`;
}
