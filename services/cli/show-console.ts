import type { Command } from 'commander';
import { GetConsoleOutputResponseSchema, InstanceService } from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { ConsoleText } from './console-text.js';
import { findInstance } from './find-instance.js';
import { addLeafOptions, limitMs, onWorker } from './leaf.js';
import { wholeNumber } from './option-values.js';
import type { Surroundings } from './surroundings.js';

interface ConsoleOptions {
  readonly follow?: boolean;
  readonly bytes?: number;
  readonly raw?: boolean;
}

/** What the guest wrote on its first serial port: as it is for a pipe or a file, as harmless text for a terminal. */
export function addConsole(group: Command, surroundings: Surroundings): void {
  const command = group
    .command('console <instance>')
    .description('what the guest wrote on its serial console')
    .option('-f, --follow', 'and what it writes from now on')
    .option('--bytes <number>', 'how much of the end of it', wholeNumber(1, 2 ** 31 - 1))
    .option('--raw', 'send the terminal what the guest wrote as it is: only for guests that you trust');
  addLeafOptions(command, surroundings.env).action(
    onWorker<ConsoleOptions>(surroundings, async (call, [words], { follow = false, bytes = 0, raw = false }) => {
      const { worker, printer, options } = call;
      const name = await findInstance(call, words);
      const text = surroundings.stdout.isTTY && !raw ? new ConsoleText() : undefined;
      const pieces = worker.stream(
        InstanceService.method.getConsoleOutput,
        { name, maxBytes: bytes, follow },
        { timeoutMs: limitMs(options) },
      );
      for await (const piece of pieces) {
        if (piece.truncated) printer.note('(there is more before this; --bytes shows more of it)');
        await printer.row(GetConsoleOutputResponseSchema, piece, () => '');
        if (!printer.json) await printer.out(text ? text.write(piece.content) : piece.content);
      }
      if (text && !printer.json) await printer.out(text.end());
    }),
  );
}
