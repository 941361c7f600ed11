import { execFile, type ExecFileException } from 'node:child_process';
import { ComputeError } from '../../../common/errors.js';

export interface IsoWish {
  /** Where the pieces are. */
  readonly directory: string;
  readonly label: string;
  /** Paths on the CD, and the names of the pieces that become them: names of ours, in which nothing needs escaping. */
  readonly files: readonly { readonly name: string; readonly piece: string }[];
}

/** Twice what the largest seed has. */
const MAX_BYTES = 4 * 1024 * 1024;
/** All dates on the CD, those of the volume included, are 2000-01-01: the same files are the same bytes. */
const DATE = '946684800';

/** An ISO 9660 image with Joliet and Rock Ridge names. From stdout, so that the file and its mode are ours alone. */
export function makeIso({ directory, label, files }: IsoWish, timeoutMs: number, signal?: AbortSignal): Promise<Buffer> {
  const format = ['-quiet', '-V', label, '-J', '-r', '-no-pad', '--set_all_file_dates', `=${DATE}`];
  const grafts = files.map(({ name, piece }) => `${name}=${piece}`);
  const args = ['-as', 'mkisofs', ...format, '-graft-points', ...grafts];
  const options = {
    cwd: directory,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_BYTES,
    encoding: 'buffer',
    env: { HOME: '/nonexistent', PATH: process.env['PATH'], LC_ALL: 'C', SOURCE_DATE_EPOCH: DATE },
    ...(signal && { signal }),
  } as const;
  return new Promise((resolve, reject) => {
    execFile('xorriso', args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (signal?.aborted) reject(signal.reason as Error);
      else reject(failure(error, stderr.toString('utf8'), timeoutMs));
    });
  });
}

function failure(error: ExecFileException, stderr: string, timeoutMs: number): ComputeError {
  if (error.code === 'ENOENT')
    return new ComputeError('unavailable', 'seed: xorriso is not installed on this host (Debian: xorriso)', {}, { cause: error });
  if (error.killed) return new ComputeError('timeout', `seed: xorriso took longer than ${timeoutMs} ms`, {}, { cause: error });
  return new ComputeError('internal', `seed: xorriso: ${stderr.trim().slice(-500) || 'it failed and did not say why'}`);
}
