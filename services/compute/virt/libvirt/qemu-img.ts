import { execFile, type ExecFileException } from 'node:child_process';
import { ComputeError } from '../../../common/errors.js';

/** What a run of qemu-img over a stranger's file may use, besides its time. */
export interface QemuImgLimits {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Largest file that it may write. */
  readonly fileBytes?: number;
}

export interface QemuImgOptions {
  readonly limits?: QemuImgLimits;
  /** Hears its stdout as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Hears what `-p` says of how far it has come, in hundredths of the whole: "    (12.50/100%)". */
export const percentOf =
  (tell: (percent: number) => void) =>
  (text: string): void => {
    const percent = [...text.matchAll(/\((\d+\.\d+)\/100%\)/g)].at(-1)?.[1];
    if (percent !== undefined) tell(Number(percent));
  };

/** Runs qemu-img with these arguments, never through a shell; gives its stdout. Killed when `signal` is aborted: its reason is the error. */
export function qemuImg(
  args: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
  { limits, onOutput }: QemuImgOptions = {},
): Promise<string> {
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...(signal && { signal }),
  } as const;
  const [program, all] = limits ? ['prlimit', [...limitArguments(limits), 'qemu-img', ...args]] : ['qemu-img', args];
  return new Promise((resolve, reject) => {
    const child = execFile(program, all, options, (error, stdout, stderr) => {
      if (error && signal?.aborted) reject(signal.reason as Error);
      else if (error) reject(failure(args[0] ?? '', error, stderr, timeoutMs));
      else resolve(stdout);
    });
    if (onOutput) child.stdout?.on('data', (text: string | Buffer) => onOutput(String(text)));
  });
}

/** prlimit (util-linux) sets them and becomes qemu-img: there is one process, which we know. */
function limitArguments({ cpuSeconds, memoryBytes, fileBytes }: QemuImgLimits): string[] {
  return [`--cpu=${cpuSeconds}`, `--as=${memoryBytes}`, '--core=0', ...(fileBytes === undefined ? [] : [`--fsize=${fileBytes}`])];
}

function failure(verb: string, error: ExecFileException, stderr: string, timeoutMs: number): ComputeError {
  const missing = error.code === 'ENOENT' || /^prlimit: failed to execute/.test(stderr);
  if (missing) return new ComputeError('unavailable', 'qemu-img is not installed on this host (Debian: qemu-utils)', {}, { cause: error });
  if (error.signal === 'SIGXFSZ' || /File too large/.test(stderr))
    return new ComputeError('exhausted', `qemu-img ${verb}: the image becomes larger than it may`, {}, { cause: error });
  if (error.signal === 'SIGXCPU')
    return new ComputeError('timeout', `qemu-img ${verb} used more processor time than it may`, {}, { cause: error });
  if (error.killed) return new ComputeError('timeout', `qemu-img ${verb} took longer than ${timeoutMs} ms`, {}, { cause: error });
  const kind = /No space left|Disk quota/.test(stderr) ? 'exhausted' : 'internal';
  return new ComputeError(kind, `qemu-img ${verb}: ${stderr.trim().slice(0, 500) || error.message}`, {}, { cause: error });
}
