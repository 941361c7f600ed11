import { readFile } from 'node:fs/promises';
import type { Narrator } from './narrator.js';
import type { Supervisor } from '../private/supervisor.js';

const LINES = 15;

/** After a failure: the ends of the logs, before they go with their directory. */
export async function showLastWords(narrator: Narrator, supervisor: Supervisor): Promise<void> {
  for (const name of ['worker', 'v', 'rabbitmq']) {
    const log = await readFile(supervisor.path(`${name}.log`), 'utf8').catch(() => '');
    if (log.trim() === '') continue;
    narrator.step(`Last words of ${name === 'v' ? 'libvirtd' : name}`);
    narrator.quote(name === 'v' ? 'libvirtd' : name, log.trimEnd().split('\n').slice(-LINES).join('\n'));
  }
}
