import type { Command } from 'commander';
import { addCompletion } from './completion.js';
import { addCreateInstance } from './create-instance.js';
import { addHostCommands } from './host-commands.js';
import { addInstanceVerbs } from './instance-verbs.js';
import { addLooks } from './look-at-instances.js';
import { addOperationCommands } from './operation-commands.js';
import { addConsole } from './show-console.js';
import type { Surroundings } from './surroundings.js';
import { addWatch } from './watch-instances.js';

const EXIT_CODES = '\nExit codes, by what went wrong, and the JSON of every command: docs/cli.md.';

/** The commands for whoever works with one host, over its API. */
export function addClientCommands(program: Command, surroundings: Surroundings): void {
  const group = (name: string, about: string): Command => program.command(name).description(about).addHelpText('after', EXIT_CODES);
  const instance = group('instance', 'make instances of this host, look at them, change them, take them away');
  addCreateInstance(instance, surroundings);
  addLooks(instance, surroundings);
  addWatch(instance, surroundings);
  addConsole(instance, surroundings);
  addInstanceVerbs(instance, surroundings);
  addHostCommands(group('host', 'look at this host, and have it take new instances or not'), surroundings);
  addOperationCommands(group('operation', 'look at changes that are under way or over, wait for them, call them off'), surroundings);
  addCompletion(program, surroundings);
}
