import { execFile, type ExecFileException } from 'node:child_process';
import { ComputeError } from '../../../common/errors.js';

/** Runs qemu-img with these arguments, never through a shell; gives its stdout. Killed when `signal` is aborted: its reason is the error. */
export function qemuImg(args: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<string> {
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024,
    ...(signal && { signal }),
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  } as const;
  return new Promise((resolve, reject) => {
    execFile('qemu-img', args, options, (error, stdout, stderr) => {
      if (error && signal?.aborted) reject(signal.reason as Error);
      else if (error) reject(failure(args[0] ?? '', error, stderr, timeoutMs));
      else resolve(stdout);
    });
  });
}

function failure(verb: string, error: ExecFileException, stderr: string, timeoutMs: number): ComputeError {
  if (error.code === 'ENOENT')
    return new ComputeError('unavailable', 'qemu-img is not installed on this host (Debian: qemu-utils)', {}, { cause: error });
  if (error.killed) return new ComputeError('timeout', `qemu-img ${verb} took longer than ${timeoutMs} ms`, {}, { cause: error });
  const kind = /No space left|Disk quota/.test(stderr) ? 'exhausted' : 'internal';
  return new ComputeError(kind, `qemu-img ${verb}: ${stderr.trim().slice(0, 500) || error.message}`, {}, { cause: error });
}
