import { CommanderError, InvalidArgumentError, type Command } from 'commander';
import { DONE, EXIT_CODE, INTERRUPTED } from './exit-codes.js';
import { invalid } from './failure.js';
import type { LeafOptions } from './leaf.js';
import type { Surroundings } from './surroundings.js';
import { asFailure, failureJson, failureWords } from './tell-failure.js';

/** Has the program throw instead of leaving, and write where it is told. Before its commands are added: they take it over from it. */
export function prepared(program: Command, { stdout, stderr }: Surroundings): Command {
  return program.exitOverride().configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
    ...(stdout.columns !== undefined && { getOutHelpWidth: () => stdout.columns ?? 80 }),
  });
}

/**
 * Runs a command line to its end.
 * @param words those after the program's name
 * @returns the exit code
 */
export async function runProgram(program: Command, words: readonly string[], { stderr, env, interrupted }: Surroundings): Promise<number> {
  let json = false;
  program.hook('preAction', (_program, command) => {
    json = command.opts<Partial<LeafOptions>>().output === 'json';
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return DONE;
  } catch (thrown) {
    // What commander says itself it throws as a plain CommanderError: this one comes from a command at work, and nobody has said it.
    const error = thrown instanceof InvalidArgumentError ? invalid(thrown.message) : thrown;
    if (error instanceof CommanderError && error.code === 'commander.unknownOption' && words[0]?.startsWith('-'))
      stderr.write('Options stand behind the command, such as novalet instance list --address ADDRESS.\n');
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : EXIT_CODE.invalid; // it has spoken already
    if (isClosedPipe(error)) return DONE; // whoever read has enough
    if (env['NOVALET_CLI_DEBUG'] === '1') stderr.write(`${(error as Error).stack}\n`);
    const failure = asFailure(error);
    if (interrupted.aborted && failure.report.kind === 'cancelled' && failure.exitCode !== INTERRUPTED) return INTERRUPTED; // who did it knows
    stderr.write(json ? failureJson(failure.report) : failureWords(failure.report));
    return failure.exitCode;
  }
}

function isClosedPipe(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'EPIPE';
}
