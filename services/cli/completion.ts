import { Argument, type Command } from 'commander';
import { candidates, type Candidate } from './candidates.js';
import { COMPLETE, COMPLETION_SCRIPTS, SHELLS, type Shell } from './completion-scripts.js';
import type { Instance } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { allInstances } from './find-instance.js';
import { stateWord } from './instance-words.js';
import { defaultAddress, withEnvironment, type Call } from './leaf.js';
import { metadataOf } from './await-operation.js';
import { listed } from './operation-commands.js';
import { Printer } from './printer.js';
import { lastPart } from './resource-names.js';
import type { Surroundings } from './surroundings.js';
import { WorkerClient } from './worker-client.js';

/** A shell that waits for longer is a nuisance. */
const ASK_SECONDS = 1;
const MOST = 200;

export function addCompletion(program: Command, surroundings: Surroundings): void {
  program
    .command('completion')
    .description('what a shell needs to complete the words of novalet')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      '\nbash, in ~/.bashrc:  source <(novalet completion bash)\nzsh, in ~/.zshrc:    source <(novalet completion zsh)\nfish:                novalet completion fish > ~/.config/fish/completions/novalet.fish',
    )
    .action((shell: Shell) => void surroundings.stdout.write(COMPLETION_SCRIPTS[shell]));
  program.command(`${COMPLETE} [words...]`, { hidden: true }).action(async (words: string[]) => {
    const found = await candidates(program, words, (argument) => ask(argument, words, surroundings));
    surroundings.stdout.write(found.map(({ word, about }) => `${word}\t${about}\n`).join(''));
  });
}

/** Nothing is said when nothing is found out: whoever presses a key wants no error for it. */
async function ask(argument: string, words: readonly string[], surroundings: Surroundings): Promise<readonly Candidate[]> {
  if (argument !== 'instance' && argument !== 'operation') return [];
  const [, given] = /^--address[=\n](.+)$/m.exec(words.join('\n')) ?? [];
  const address = given ?? defaultAddress(surroundings.env);
  const options = { address, output: 'table', timeout: ASK_SECONDS } as const;
  let worker: WorkerClient | undefined;
  try {
    worker = new WorkerClient(withEnvironment(options, surroundings.env), surroundings.interrupted);
    const call: Call = { worker, surroundings, options, printer: new Printer(surroundings, 'table', true) };
    return argument === 'instance' ? await instances(call) : await operations(call);
  } catch {
    return [];
  } finally {
    worker?.close();
  }
}

/** By the name where it tells which one is meant, else by the id. */
async function instances(call: Call): Promise<Candidate[]> {
  const all: Instance[] = [];
  for await (const instance of allInstances(call)) if (all.push(instance) === MOST) break;
  return all.map(({ name, displayName, state }) => {
    const alone = displayName !== '' && all.filter((other) => other.displayName === displayName).length === 1;
    return alone && /^[\w.-]+$/.test(displayName)
      ? { word: displayName, about: stateWord(state) }
      : { word: lastPart(name), about: `${displayName}, ${stateWord(state)}` };
  });
}

async function operations(call: Call): Promise<Candidate[]> {
  const all = await listed(call, '', MOST);
  return all.map((operation) => ({ word: lastPart(operation.name), about: metadataOf(operation)?.verb ?? '' }));
}
