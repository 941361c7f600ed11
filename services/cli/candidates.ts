import type { Argument, Command, Option } from 'commander';
import { printable } from './printable.js';

/** What could stand at the cursor. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** What only a worker knows: the words for an argument of this name, such as `instance`. Gives none where it cannot be asked. */
export type AskWorker = (argument: string) => Promise<readonly Candidate[]>;

/** Words that need no quotes in any shell. Others are not offered: a name is a stranger's text. */
const PLAIN_WORD = /^[A-Za-z0-9._/:=@+,-]+$/;

/**
 * What could come next, by the commands themselves.
 * @param words those after the program's name; the last one is at the cursor, and may be empty
 */
export async function candidates(program: Command, words: readonly string[], ask: AskWorker): Promise<Candidate[]> {
  const current = words.at(-1) ?? '';
  const place = placeAfter(program, words.slice(0, -1));
  const offered = await offeredAt(place, current, ask);
  return offered
    .filter(({ word }) => word.startsWith(current) && PLAIN_WORD.test(word))
    .map(({ word, about }) => ({ word, about: printable(about) }));
}

interface Place {
  readonly command: Command;
  /** How many arguments of the command stand there already. */
  readonly given: number;
  /** The option whose value is at the cursor. */
  readonly awaiting?: Option;
}

function placeAfter(program: Command, words: readonly string[]): Place {
  let command = program;
  let given = 0;
  let awaiting: Option | undefined;
  for (const word of words) {
    if (awaiting) awaiting = undefined;
    else if (word.startsWith('-')) awaiting = takesNext(optionOf(command, word)) ? optionOf(command, word) : undefined;
    else {
      const next = given === 0 ? command.commands.find((child) => child.name() === word || child.aliases().includes(word)) : undefined;
      if (next) command = next;
      else given++;
    }
  }
  return { command, given, ...(awaiting && { awaiting }) };
}

function takesNext(option: Option | undefined): boolean {
  return option !== undefined && (option.required || option.optional) && !option.isBoolean();
}

/** Options of the commands above count everywhere below. */
function optionsOf(command: Command | null): Option[] {
  return command ? [...command.options, ...optionsOf(command.parent)] : [];
}

function optionOf(command: Command, word: string): Option | undefined {
  return optionsOf(command).find(({ long, short }) => word === long || word === short);
}

async function offeredAt({ command, given, awaiting }: Place, current: string, ask: AskWorker): Promise<readonly Candidate[]> {
  if (awaiting) return (awaiting.argChoices ?? []).map((word) => ({ word, about: '' }));
  if (current.startsWith('-')) {
    return [...optionsOf(command), HELP].flatMap(({ long, description, hidden }) =>
      long && !hidden ? [{ word: long, about: description }] : [],
    );
  }
  const children = given === 0 ? shownCommands(command) : [];
  if (children.length > 0) return children.map((child) => ({ word: child.name(), about: child.summary() || child.description() }));
  const argument = argumentAt(command, given);
  if (!argument) return [];
  return argument.argChoices?.map((word) => ({ word, about: '' })) ?? ask(argument.name());
}

const HELP = { long: '--help', description: 'display help for command', hidden: false };

function shownCommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function argumentAt(command: Command, given: number): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[given] ?? (last?.variadic ? last : undefined);
}
