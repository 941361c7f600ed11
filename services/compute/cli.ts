#!/usr/bin/env node
import { Command } from 'commander';
import { keepYoungHeapSmall, spareMemory } from './sparing-memory.js';
import { version } from './version.js';

const words = process.argv.slice(2);
const program = new Command('novalet')
  .description('A compute service for libvirt hosts: from a message to a running guest, and nothing lost on the way.')
  .version(version())
  .showHelpAfterError('(--help shows what there is)');

if (words[0] === 'compute') {
  addCompute();
  await program.parseAsync();
} else {
  // The worker has no need of these, nor they of it.
  const { ownSurroundings } = await import('../cli/own-surroundings.js');
  const { prepared, runProgram } = await import('../cli/run.js');
  const { addClientCommands } = await import('../cli/program.js');
  process.noDeprecation = true; // of the libraries below: nothing that whoever types a command can do something about
  const surroundings = ownSurroundings();
  prepared(program, surroundings);
  addCompute();
  addClientCommands(program, surroundings);
  process.exitCode = await runProgram(program, words, surroundings);
}

function addCompute(): void {
  program
    .command('compute')
    .description('run the worker of this host: take commands from RabbitMQ and drive libvirt')
    .option('--config <file>', 'JSON file with settings; the environment (NOVALET_…) wins over it')
    .addHelpText(
      'after',
      '\nSettings: docs/configuration.md. SIGTERM ends the worker when its commands are done; a second one ends it at once.',
    )
    .action(async ({ config }: { config?: string }) => {
      keepYoungHeapSmall();
      spareMemory(true); // most of what is loaded is garbage at once; over with the first command (IdleMemory)
      const { main } = await import('./main.js'); // not needed for --help
      await main({ env: process.env, file: config });
    });
}
