import type { Command } from 'commander';

export interface StartFlags {
  readonly paused?: boolean;
  readonly autodestroy?: boolean;
  readonly bypassCache?: boolean;
  readonly forceBoot?: boolean;
}

export function addStartOptions(command: Command): Command {
  return command
    .option('--paused', 'leave its processors stopped')
    .option('--autodestroy', 'end the guest with the worker')
    .option('--bypass-cache', "avoid the host's file system cache when reading saved memory")
    .option('--force-boot', 'drop saved memory and boot afresh');
}

export function startOptions({ paused = false, autodestroy = false, bypassCache = false, forceBoot = false }: StartFlags) {
  return { paused, autodestroy, bypassCache, forceBoot };
}
