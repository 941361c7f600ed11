import { GUEST_UP } from '../guest/build-guest.js';
import type { CommandLine } from './command-line.js';
import type { Narrator } from './narrator.js';

/** What a person sees of the guest who types commands on the host. */
export async function showCommandLine(narrator: Narrator, novalet: CommandLine, instanceId: string): Promise<void> {
  narrator.step('The command line on the host: novalet instance list, show, console');
  const list = await novalet.run('instance', 'list');
  narrator.quote('instance list', list);
  if (!list.split('\n').some((line) => line.startsWith(instanceId) && line.includes('running'))) {
    throw new Error('novalet instance list does not show the running guest');
  }
  narrator.quote('instance show', await novalet.run('instance', 'show', instanceId));
  narrator.seen('novalet instance list shows the running guest');
  const console = await novalet.run('instance', 'console', instanceId);
  if (!console.split('\n').some((line) => GUEST_UP.test(line)))
    throw new Error('novalet instance console does not show what the guest said');
  narrator.seen('novalet instance console shows what the guest said');
}
