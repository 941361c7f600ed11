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

/** xorriso 1.5.4 crashes (SIGSEGV) once in a great while; the next time it does not. */
const TRIES = 3;

/** An ISO 9660 image with Joliet and Rock Ridge names. From stdout, so that the file and its mode are ours alone. */
export async function makeIso({ directory, label, files }: IsoWish, timeoutMs: number, signal?: AbortSignal): Promise<Buffer> {
  const format = ['-quiet', '-V', label, '-J', '-r', '-no-pad', '--set_all_file_dates', `=${DATE}`];
  const grafts = files.map(({ name, piece }) => `${name}=${piece}`);
  const args = ['-as', 'mkisofs', ...format, '-graft-points', ...grafts];
  const until = Date.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    const made = await run(args, directory, Math.max(1, until - Date.now()), signal);
    if (Buffer.isBuffer(made)) return made;
    signal?.throwIfAborted();
    const { error, stderr } = made;
    const crashed = error.killed !== true && (typeof error.signal === 'string' || stderr.includes('UNIX-SIGNAL'));
    if (!crashed || attempt === TRIES) throw failure(error, stderr, timeoutMs);
  }
}

interface Failed {
  readonly error: ExecFileException;
  readonly stderr: string;
}

function run(args: readonly string[], cwd: string, timeout: number, signal?: AbortSignal): Promise<Buffer | Failed> {
  const env = { HOME: '/nonexistent', PATH: process.env['PATH'], LC_ALL: 'C', SOURCE_DATE_EPOCH: DATE };
  const options = {
    ...{ cwd, timeout, env },
    killSignal: 'SIGKILL',
    maxBuffer: MAX_BYTES,
    encoding: 'buffer',
    ...(signal && { signal }),
  } as const;
  return new Promise((resolve) => {
    execFile('xorriso', args, options, (error, stdout, stderr) => resolve(error ? { error, stderr: stderr.toString('utf8') } : stdout));
  });
}

function failure(error: ExecFileException, stderr: string, timeoutMs: number): ComputeError {
  if (error.code === 'ENOENT')
    return new ComputeError('unavailable', 'seed: xorriso is not installed on this host (Debian: xorriso)', {}, { cause: error });
  if (error.killed) return new ComputeError('timeout', `seed: xorriso took longer than ${timeoutMs} ms`, {}, { cause: error });
  return new ComputeError('internal', `seed: xorriso: ${stderr.trim().slice(-500) || 'it failed and did not say why'}`);
}
