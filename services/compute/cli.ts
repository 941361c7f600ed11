#!/usr/bin/env node
import { Command } from 'commander';
import { keepYoungHeapSmall } from './small-young-heap.js';
import { version } from './version.js';

const program = new Command('novalet')
  .description('A compute service for libvirt hosts: from a message on a queue to a running guest, and nothing lost on the way.')
  .version(version())
  .showHelpAfterError('(novalet --help shows what there is)');

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
    const { main } = await import('./main.js'); // not needed for --help
    await main({ env: process.env, file: config });
  });

await program.parseAsync();
